"""The release gate: everything that must hold before students get a problem set.

Guards run in three groups, cheap ones first; a group with problems ends the check, because what
follows would only repeat them. Each problem names the file and the cell.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.errors import ContentError
from autograder.grading.submission import grade_notebook
from autograder.problem_sets.checks import unknown_waivers
from autograder.problem_sets.key import AnswerKey, key_names
from autograder.problem_sets.notebooks import (
    AssignmentError,
    Exercise,
    ProblemSet,
    UnknownProblemSet,
    automatic_points,
    canonical,
    grade_id,
    hand_points,
    is_automatic,
    is_solution,
    is_task,
    points,
    read_notebook,
    read_problem_set,
    to_text,
)
from autograder.problem_sets.regions import markers, without_region
from autograder.problem_sets.waivers import NAME, waiving
from autograder.releasing import rehearsal
from autograder.releasing.build import (
    release_files,
    released,
    same_solution,
    solved_submission,
    worked_solution,
)
from autograder.releasing.leaks import (
    Fault,
    at,
    derivations_are_blank,
    everything_was_looked_at,
    nothing_computes_an_answer,
    nothing_leaks,
)
from autograder.releasing.proven import Proven
from autograder.releasing.scaffold import nothing_is_left_to_write
from autograder.running.run import Runs
from autograder.running.workers import Workers


@dataclass(frozen=True)
class Audit:
    """The outcome of the gate; `passed` lists the guards that found nothing."""

    problem_set: str
    passed: tuple[str, ...]
    problems: tuple[Fault, ...]


def check(
    course: Course,
    name: str,
    progress: Callable[[str], None] = lambda guard: None,
    noted: Path | None = None,
    proofs: bool = True,
) -> Audit:
    """Run every guard on a problem set. Raises UnknownProblemSet when there is none of that name.

    In the folder `noted` it is written down what was proven, which is not proven again before something
    changes. proofs=False leaves out the guards that take minutes: they try the tests, and run notebooks.
    """
    try:
        problem_set = read_problem_set(course.source, name)
    except UnknownProblemSet:
        raise
    except AssignmentError as error:
        return Audit(name, (), (Fault(f"source/{name}", str(error)),))
    passed: list[str] = []
    proven = Proven(course, problem_set, noted)
    with Workers(sandboxed=False) as runner:
        for group in GUARDS:
            faults: list[Fault] = []
            for guard in group:
                title = str(inspect.getdoc(guard)).splitlines()[0].rstrip(".")
                if guard in PROOFS and (not proofs or proven.is_known(guard.__name__)):
                    passed += [title] if proofs else []
                    continue
                progress(title)
                runs = (runner,) if guard in RUN_NOTEBOOKS else ()
                found = list(guard(course, problem_set, *runs))
                faults += found
                if not found:
                    passed.append(title)
                    if guard in PROOFS:
                        proven.note(guard.__name__)
            if faults:
                return Audit(name, tuple(passed), tuple(faults))
    return Audit(name, tuple(passed), ())


# ------------------------------------------------------------------ the source


def source_is_canonical(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """Source notebooks are canonical: no outputs, no stray metadata, one-space indent."""
    for source in problem_set.notebooks:
        if source.path.read_text(encoding="utf-8") == to_text(canonical(source.notebook)):
            continue
        clean = canonical(source.notebook).cells
        changed = [cell for cell, fine in zip(source.notebook.cells, clean, strict=True) if cell != fine]
        for cell in changed or [None]:
            yield Fault(at(source, cell), "is not in canonical form; run `course build`, which rewrites it.")


def ids_are_unique(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """Cell ids are unique, say what the cell is, and equal nbgrader's."""
    for source in problem_set.notebooks:
        counts = Counter(
            name for cell in source.notebook.cells for name in {cell.id, grade_id(cell) or cell.id}
        )
        for cell in source.notebook.cells:
            if grade_id(cell) and grade_id(cell) != cell.id:
                yield Fault(at(source, cell), f"has nbgrader's id {grade_id(cell)}; the two must be equal.")
            elif counts[cell.id] > 1:
                yield Fault(at(source, cell), "has an id that another cell has too.")
            elif not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", cell.id) or re.fullmatch(
                r"[0-9a-f]{8}", cell.id
            ):
                yield Fault(
                    at(source, cell), "has an id that says nothing; use lower-case words and hyphens."
                )


def regions_are_in_place(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """Solutions, hidden tests and marking schemes stand in cells of their kind, properly closed."""
    allowed = {"SOLUTION": is_solution, "HIDDEN TESTS": is_automatic, "MARK SCHEME": is_task}
    for source in problem_set.notebooks:
        for cell in source.notebook.cells:
            shown = cell.source
            for region, fits in allowed.items():
                marks = markers(cell.source, region)
                if marks != ["BEGIN", "END"] * (len(marks) // 2):
                    yield Fault(at(source, cell), f"opens or closes a {region} region without its partner.")
                elif marks and not fits(cell):
                    yield Fault(at(source, cell), f"holds a {region} region but is no cell for it.")
                shown = without_region(shown, region)
            if re.search(r"#\s*(BEGIN|END)\b", shown, re.IGNORECASE):
                yield Fault(at(source, cell), "holds a marker that nbgrader does not know.")
            if re.search(r"\bautograder\b|\bexamine\(", shown):
                yield Fault(at(source, cell), "calls the exam outside a HIDDEN TESTS region.")
            if is_solution(cell) and not markers(cell.source, "SOLUTION"):
                yield Fault(at(source, cell), "is a solution cell without a SOLUTION region.")
            if is_task(cell) and not markers(cell.source, "MARK SCHEME"):
                yield Fault(at(source, cell), "is a task without a MARK SCHEME region.")
        if isinstance(source, Exercise) and not any(map(is_task, source.notebook.cells)):
            yield Fault(at(source), "has no task marked by hand with a marking scheme.")


def cells_are_plain_python(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """Set-up, solution and test cells are plain Python: they run outside Jupyter too."""
    for source in problem_set.notebooks:
        for cell in source.notebook.cells:
            if cell.cell_type != "code" or not grade_id(cell):
                continue
            try:
                ast.parse(cell.source)
            except SyntaxError as error:
                yield Fault(at(source, cell), f"is not Python: {error.msg}, line {error.lineno}.")


def files_are_plain(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """Beside the notebooks stand plain files only: nbgrader would release the others too."""
    for path in sorted(problem_set.directory.rglob("*")):
        name = path.relative_to(problem_set.directory)
        if path.is_dir() or "__pycache__" in name.parts or ".ipynb_checkpoints" in name.parts:
            continue
        if (path.suffix == ".ipynb" and len(name.parts) > 1) or any(
            part.startswith(".") for part in name.parts
        ):
            yield Fault(f"source/{problem_set.name}/{name}", "is hidden or nested; move or remove it.")


def answer_key_fits(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """Every notebook has an answer key, and the functions of the two are the same."""
    for exercise in problem_set.exercises:
        try:
            asked = set(exercise.key.questions)
        except AssignmentError as error:
            yield Fault(at(exercise), str(error))
            continue
        for name in sorted(asked ^ defined_functions(exercise)):
            side = (
                "is in the answer key but no solution cell defines it"
                if name in asked
                else "has no answer key"
            )
            yield Fault(at(exercise), f"the function {name} {side}.")
        for waiver in unknown_waivers(exercise):
            what = f"waives {waiver.function}/{waiver.check} of {waiver.notebook}, which no test asks."
            yield Fault(f"source/{NAME}", what)
    for material in problem_set.materials:
        if material.subject in key_names():
            yield Fault(at(material), "has an answer key, but no cell to solve or to mark.")


def defined_functions(exercise: Exercise) -> set[str]:
    """The functions that the solution cells of an exercise define, as far as those parse."""
    defined: set[str] = set()
    for cell in exercise.notebook.cells:
        if is_solution(cell) and cell.cell_type == "code":
            try:
                body = ast.parse(cell.source).body
            except SyntaxError:
                continue  # said by another guard
            defined |= {node.name for node in body if isinstance(node, ast.FunctionDef)}
    return defined


def points_add_up(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """Points sum as the answer key declares; hidden tests give what their cell is worth, and others none."""
    for exercise in problem_set.exercises:
        try:
            key = exercise.key
        except AssignmentError:
            continue  # said by another guard
        automatic, by_hand = automatic_points(exercise.notebook), hand_points(exercise.notebook)
        if (automatic + by_hand, by_hand) != (key.points, key.points_by_hand):
            yield Fault(
                at(exercise),
                f"has {automatic:g} automatic points and {by_hand:g} by hand; the answer key declares "
                f"{key.points - key.points_by_hand:g} and {key.points_by_hand:g}.",
            )
        for cell in exercise.automatic_cells:
            if points(cell) and without_region(cell.source, "HIDDEN TESTS") == cell.source:
                yield Fault(at(exercise, cell), "is a visible test with points. It advises: give it none.")
            given = re.search(r"\bexamine\(.*\bpoints=([\d.]+)", cell.source, re.DOTALL)
            if given and float(given[1]) != points(cell):
                yield Fault(
                    at(exercise, cell), f"is worth {points(cell):g} points but its test gives {given[1]}."
                )


# ------------------------------------------------------------------ what was generated


def release_is_current(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """The committed release is byte for byte what the source produces."""
    folder = course.release / problem_set.name
    try:
        wanted = release_files(course, problem_set)
    except ContentError as error:
        yield Fault(f"source/{problem_set.name}", str(error))
        return
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    for name in sorted(present - set(wanted)):
        yield Fault(f"release/{problem_set.name}/{name}", "is not made by the source; run `course build`.")
    for name, content in wanted.items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            yield Fault(f"release/{problem_set.name}/{name}", "is missing; run `course build`.")
        elif path.read_bytes() != content:
            cell = _first_difference(path, content)
            yield Fault(
                f"release/{problem_set.name}/{name}{cell}", "differs from the source; run `course build`."
            )


def _first_difference(path: Path, content: bytes) -> str:
    if path.suffix != ".ipynb":
        return ""
    try:
        old = {cell.id: cell for cell in read_notebook(path).cells}
    except AssignmentError:
        return ""
    import nbformat

    changed = [cell.id for cell in nbformat.reads(content.decode(), 4).cells if old.get(cell.id) != cell]
    return f", cell {changed[0]}" if changed else ""


def solutions_are_current(course: Course, problem_set: ProblemSet, runner: Runs) -> Iterator[Fault]:
    """The committed solutions are what the source produces, but for pixels and last digits."""
    folder = course.solutions / problem_set.name
    for source in problem_set.notebooks:
        place = f"solutions/{problem_set.name}/{source.path.name}"
        try:
            committed = read_notebook(folder / source.path.name)
        except AssignmentError:
            yield Fault(place, "is missing or damaged; run `course build`.")
            continue
        try:
            made = worked_solution(runner, course, problem_set, source)
        except ContentError as error:
            yield Fault(at(source), str(error))
            continue
        if not same_solution(committed, made):
            yield Fault(place, "is not what the source produces; run `course build`.")


# ------------------------------------------------------------------ the tests are fair


def catalogue_is_marked_right(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """Every catalogued mistake loses points, and every right variant loses none."""
    for exercise in problem_set.exercises:
        try:
            key, namespace = exercise.key, rehearsal.reference_namespace(exercise)
        except Exception as error:
            yield Fault(
                at(exercise), f"its set-up and solutions do not run: {type(error).__name__}: {error}."
            )
            continue
        with waiving(exercise.waivers):
            lost = [outcome for outcome in rehearsal.run_tests(exercise, namespace) if outcome.lost]
        for outcome in lost:
            said = f"the reference solution earns {outcome.score:g} of {outcome.max_score:g}. {outcome.error}"
            yield Fault(f"{at(exercise)}, cell {outcome.grade_id}", said.strip())
        if lost:
            continue  # every right answer to another question would lose the same points
        for entry in key.mistakes + key.shortcuts:
            tried = rehearsal.score_with(exercise, namespace, entry.function, entry.answer)  # nothing waived
            if not any(outcome.score < outcome.max_score for outcome in tried):
                yield Fault(at(exercise), f"the mistake {entry.name} ({entry.function}) loses no point.")
        for entry in key.variants:
            for outcome in rehearsal.score_with(
                exercise, namespace, entry.function, entry.answer, exercise.waivers
            ):
                if outcome.lost:
                    what = "loses points" if outcome.max_score else "does not pass"
                    said = f"the right answer {entry.name} ({entry.function}) {what}. {outcome.error}"
                    yield Fault(f"{at(exercise)}, cell {outcome.grade_id}", said.strip())
        yield from _unknown_functions(exercise, key)


def _unknown_functions(exercise: Exercise, key: AnswerKey) -> Iterator[Fault]:
    for entry in key.mistakes + key.shortcuts + key.variants:
        if entry.function not in key.questions:
            yield Fault(at(exercise), f"{entry.name} answers {entry.function}, which nobody asks for.")


def reference_earns_everything(course: Course, problem_set: ProblemSet, runner: Runs) -> Iterator[Fault]:
    """The reference solution, run as a submission, earns every automatic point."""
    for exercise, notebook in zip(
        problem_set.exercises, solved_submission(course, problem_set).values(), strict=True
    ):
        graded = grade_notebook(runner, course, problem_set, exercise, notebook)
        for cell in graded.cells:
            if cell.score < cell.max_score or (not cell.max_score and cell.finding):
                yield Fault(
                    f"{at(exercise)}, cell {cell.grade_id}",
                    f"the reference solution earns {cell.score:g} of {cell.max_score:g}: {cell.finding}",
                )


def blank_earns_nothing(course: Course, problem_set: ProblemSet, runner: Runs) -> Iterator[Fault]:
    """The blank release, run as a submission, earns no automatic point, and passes no test that advises."""
    for exercise in problem_set.exercises:
        blank = released(course, exercise.notebook)
        for cell in grade_notebook(runner, course, problem_set, exercise, blank).cells:
            if cell.score > 0 or not cell.finding:
                earned = f"earns {cell.score:g}" if cell.score else "passes"
                yield Fault(f"{at(exercise)}, cell {cell.grade_id}", f"the blank notebook {earned}.")


RUN_NOTEBOOKS = (solutions_are_current, reference_earns_everything, blank_earns_nothing)
PROOFS = (catalogue_is_marked_right, *RUN_NOTEBOOKS)  # which take minutes
GUARDS = (
    (
        source_is_canonical,
        files_are_plain,
        ids_are_unique,
        cells_are_plain_python,
        regions_are_in_place,
        answer_key_fits,
        points_add_up,
        nothing_is_left_to_write,
    ),
    (
        release_is_current,
        nothing_leaks,
        nothing_computes_an_answer,
        derivations_are_blank,
        everything_was_looked_at,
        catalogue_is_marked_right,
    ),
    RUN_NOTEBOOKS,
)
