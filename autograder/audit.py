"""The release gate: everything that must hold before students get a problem set.

Guards run in three groups, cheap ones first; a group with problems ends the check, because what
follows would only repeat them. Each problem names the file and the cell.
"""

from __future__ import annotations

import inspect
import io
import re
import tokenize
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from autograder import examiner, grade, release
from autograder.assignment import (
    AssignmentError,
    Exercise,
    ProblemSet,
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
from autograder.course import Course, CourseError
from autograder.exercises import AnswerKey

MIN_TELLING = 9  # characters without spaces: shorter lines give nothing away
MIN_TELLING_INSIDE = 16  # characters: a line this long is looked for inside other lines too


@dataclass(frozen=True)
class Problem:
    """One thing that is off: where, and what to do about it."""

    where: str
    what: str


@dataclass(frozen=True)
class Audit:
    """The outcome of the gate; `passed` lists the guards that found nothing."""

    problem_set: str
    passed: tuple[str, ...]
    problems: tuple[Problem, ...]


def check(course: Course, name: str, progress: Callable[[str], None] = lambda guard: None) -> Audit:
    """Run every guard on a problem set. Raises AssignmentError when it cannot be read at all."""
    problem_set = read_problem_set(course.source, name)
    passed: list[str] = []
    for group in GUARDS:
        problems: list[Problem] = []
        for guard in group:
            title = str(inspect.getdoc(guard)).splitlines()[0].rstrip(".")
            progress(title)
            found = list(guard(course, problem_set))
            problems += found
            if not found:
                passed.append(title)
        if problems:
            return Audit(name, tuple(passed), tuple(problems))
    return Audit(name, tuple(passed), ())


def _at(exercise: Exercise, cell: NotebookNode | None = None) -> str:
    return exercise.path.name + (f", cell {cell.id}" if cell is not None else "")


# ------------------------------------------------------------------ the source


def source_is_canonical(course: Course, problem_set: ProblemSet) -> Iterator[Problem]:
    """Source notebooks are canonical: no outputs, no stray metadata, one-space indent."""
    for exercise in problem_set.exercises:
        if exercise.path.read_text(encoding="utf-8") == to_text(canonical(exercise.notebook)):
            continue
        clean = canonical(exercise.notebook).cells
        changed = [cell for cell, fine in zip(exercise.notebook.cells, clean, strict=True) if cell != fine]
        for cell in changed or [None]:
            yield Problem(
                _at(exercise, cell), "is not in canonical form; run `course build`, which rewrites it."
            )


def ids_are_unique(course: Course, problem_set: ProblemSet) -> Iterator[Problem]:
    """Cell ids are unique, say what the cell is, and equal nbgrader's."""
    for exercise in problem_set.exercises:
        counts = Counter(
            name for cell in exercise.notebook.cells for name in {cell.id, grade_id(cell) or cell.id}
        )
        for cell in exercise.notebook.cells:
            if grade_id(cell) and grade_id(cell) != cell.id:
                yield Problem(
                    _at(exercise, cell), f"has nbgrader's id {grade_id(cell)}; the two must be equal."
                )
            elif counts[cell.id] > 1:
                yield Problem(_at(exercise, cell), "has an id that another cell has too.")
            elif not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", cell.id) or re.fullmatch(
                r"[0-9a-f]{8}", cell.id
            ):
                yield Problem(
                    _at(exercise, cell), "has an id that says nothing; use lower-case words and hyphens."
                )


def regions_are_in_place(course: Course, problem_set: ProblemSet) -> Iterator[Problem]:
    """Solutions, hidden tests and marking schemes stand in cells of their kind, properly closed."""
    allowed = {"SOLUTION": is_solution, "HIDDEN TESTS": is_automatic, "MARK SCHEME": is_task}
    for exercise in problem_set.exercises:
        for cell in exercise.notebook.cells:
            for region, fits in allowed.items():
                begins, ends = (cell.source.count(f"{edge} {region}") for edge in ("BEGIN", "END"))
                if begins != ends:
                    yield Problem(
                        _at(exercise, cell), f"opens or closes a {region} region without its partner."
                    )
                elif begins and not fits(cell):
                    yield Problem(_at(exercise, cell), f"holds a {region} region but is no cell for it.")
            if is_solution(cell) and "BEGIN SOLUTION" not in cell.source:
                yield Problem(_at(exercise, cell), "is a solution cell without a SOLUTION region.")
        if not any(is_task(cell) and "BEGIN MARK SCHEME" in cell.source for cell in exercise.notebook.cells):
            yield Problem(_at(exercise), "has no task marked by hand with a marking scheme.")


def answer_key_fits(course: Course, problem_set: ProblemSet) -> Iterator[Problem]:
    """Every notebook has an answer key, and the functions of the two are the same."""
    for exercise in problem_set.exercises:
        try:
            asked = set(exercise.key.questions)
        except AssignmentError as error:
            yield Problem(_at(exercise), str(error))
            continue
        for name in sorted(asked ^ examiner.defined_functions(exercise)):
            side = (
                "is in the answer key but no solution cell defines it"
                if name in asked
                else "has no answer key"
            )
            yield Problem(_at(exercise), f"the function {name} {side}.")


def points_add_up(course: Course, problem_set: ProblemSet) -> Iterator[Problem]:
    """Points sum as the answer key declares, and hidden tests give what their cell is worth."""
    for exercise in problem_set.exercises:
        try:
            key = exercise.key
        except AssignmentError:
            continue  # said by another guard
        automatic, by_hand = automatic_points(exercise.notebook), hand_points(exercise.notebook)
        if (automatic + by_hand, by_hand) != (key.points, key.points_by_hand):
            yield Problem(
                _at(exercise),
                f"has {automatic:g} automatic points and {by_hand:g} by hand; the answer key declares "
                f"{key.points - key.points_by_hand:g} and {key.points_by_hand:g}.",
            )
        for cell in exercise.automatic_cells:
            given = re.search(r"\bexamine\(.*\bpoints=([\d.]+)", cell.source, re.DOTALL)
            if given and float(given[1]) != points(cell):
                yield Problem(
                    _at(exercise, cell), f"is worth {points(cell):g} points but its test gives {given[1]}."
                )


# ------------------------------------------------------------------ what was generated


def release_is_current(course: Course, problem_set: ProblemSet) -> Iterator[Problem]:
    """The committed release is byte for byte what the source produces."""
    folder = course.release / problem_set.name
    wanted = release.release_files(course, problem_set)
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    for name in sorted(present - set(wanted)):
        if ".ipynb_checkpoints" not in name and "__pycache__" not in name:
            yield Problem(
                f"release/{problem_set.name}/{name}", "is not made by the source; run `course build`."
            )
    for name, content in wanted.items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            yield Problem(f"release/{problem_set.name}/{name}", "is missing; run `course build`.")
        elif path.read_bytes() != content:
            cell = _first_difference(path, content)
            yield Problem(
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


def nothing_leaks(course: Course, problem_set: ProblemSet) -> Iterator[Problem]:
    """No line of a solution, hidden test, marking scheme or answer key stands in the release."""
    folder = course.release / problem_set.name
    files = {path: _lines_of(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    for origin, secrets in _secrets(problem_set):
        for path, lines in files.items():
            text = "\n".join(lines)
            for secret in sorted(secret for secret in secrets if secret in text):
                for line, where in lines.items():
                    if line == secret or (len(secret) >= MIN_TELLING_INSIDE and secret in line):
                        place = f"release/{problem_set.name}/{path.relative_to(folder)}{where}"
                        yield Problem(place, f"shows a line of {origin}: {secret}")
    for path, lines in files.items():
        for line, where in lines.items():
            if re.search(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)", line):
                yield Problem(
                    f"release/{problem_set.name}/{path.relative_to(folder)}{where}", "shows a marker."
                )


def _secrets(problem_set: ProblemSet) -> Iterator[tuple[str, set[str]]]:
    for exercise in problem_set.exercises:
        for cell in exercise.notebook.cells:
            for region in release.REGIONS:
                lines = _telling(release.region_lines(cell.source, region))
                if lines:
                    yield f"the {region.lower()} of {_at(exercise, cell)}", lines
        try:
            module = inspect.getmodule(exercise.key.loss)
        except AssignmentError:
            continue
        yield f"the answer key {module.__name__}", _telling(_code_lines(inspect.getsource(module)))


def _telling(lines: Iterable[str]) -> set[str]:
    """The lines that would give something away, in one spacing."""
    plain = re.compile(
        r"[\w.]+[,:()\[\]{}]*$|import |from \S+ import |def |class |@"
        r"|(else|try|finally):|(for|while|if|elif|with|except)\b.*:$"
    )
    stripped = {_squeeze(line) for line in lines}
    return {line for line in stripped if len(line.replace(" ", "")) >= MIN_TELLING and not plain.match(line)}


def _code_lines(source: str) -> list[str]:
    """Lines of a module that do something or tell something: no names' definitions."""
    comments = {
        t.start[0]
        for t in tokenize.generate_tokens(io.StringIO(source).readline)
        if t.type == tokenize.COMMENT
    }
    return [line for number, line in enumerate(source.splitlines(), start=1) if number not in comments]


def _squeeze(line: str) -> str:
    return " ".join(line.split())


def _lines_of(path: Path) -> dict[str, str]:
    """Every line a file shows, with where: for a notebook, each cell's text and outputs."""
    if path.suffix != ".ipynb":
        return {
            _squeeze(line): "" for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
        }
    try:
        notebook = read_notebook(path)
    except AssignmentError:
        return {}
    shown: dict[str, str] = {}
    for cell in notebook.cells:
        text = "\n".join([cell.source, *_strings(cell.metadata), *_strings(cell.get("outputs", []))])
        shown |= {_squeeze(line): f", cell {cell.id}" for line in text.splitlines()}
    return shown | {
        _squeeze(line): ", metadata" for text in _strings(notebook.metadata) for line in text.splitlines()
    }


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def solutions_are_current(course: Course, problem_set: ProblemSet) -> Iterator[Problem]:
    """The committed solutions are what the source produces, but for pixels and last digits."""
    folder = course.solutions / problem_set.name
    for exercise in problem_set.exercises:
        place = f"solutions/{problem_set.name}/{exercise.path.name}"
        try:
            committed = read_notebook(folder / exercise.path.name)
        except AssignmentError:
            yield Problem(place, "is missing or damaged; run `course build`.")
            continue
        try:
            made = release.worked_solution(course, problem_set, exercise.notebook)
        except CourseError as error:
            yield Problem(_at(exercise), str(error))
            continue
        if not release.same_solution(committed, made):
            yield Problem(place, "is not what the source produces; run `course build`.")


# ------------------------------------------------------------------ the tests are fair


def catalogue_is_marked_right(course: Course, problem_set: ProblemSet) -> Iterator[Problem]:
    """Every catalogued mistake loses points, and every right variant loses none."""
    for exercise in problem_set.exercises:
        key, namespace = exercise.key, examiner.reference_namespace(exercise)
        lost = [
            outcome
            for outcome in examiner.run_tests(exercise, namespace)
            if outcome.score < outcome.max_score
        ]
        for outcome in lost:
            said = f"the reference solution earns {outcome.score:g} of {outcome.max_score:g}. {outcome.error}"
            yield Problem(f"{_at(exercise)}, cell {outcome.grade_id}", said.strip())
        if lost:
            continue  # every right answer to another question would lose the same points
        for entry in key.mistakes:
            if all(
                o.score >= o.max_score
                for o in examiner.score_with(exercise, namespace, entry.function, entry.answer)
            ):
                yield Problem(_at(exercise), f"the mistake {entry.name} ({entry.function}) loses no point.")
        for entry in key.variants:
            for outcome in examiner.score_with(exercise, namespace, entry.function, entry.answer):
                if outcome.score < outcome.max_score:
                    said = f"the right answer {entry.name} ({entry.function}) loses points. {outcome.error}"
                    yield Problem(f"{_at(exercise)}, cell {outcome.grade_id}", said.strip())
        yield from _unknown_functions(exercise, key)


def _unknown_functions(exercise: Exercise, key: AnswerKey) -> Iterator[Problem]:
    for entry in key.mistakes + key.variants:
        if entry.function not in key.questions:
            yield Problem(_at(exercise), f"{entry.name} answers {entry.function}, which nobody asks for.")


def reference_earns_everything(course: Course, problem_set: ProblemSet) -> Iterator[Problem]:
    """The reference solution, run as a submission, earns every automatic point."""
    for exercise, notebook in zip(
        problem_set.exercises, release.solved_submission(course, problem_set).values(), strict=True
    ):
        graded = grade.grade_notebook(course, problem_set, exercise, notebook)
        for cell in graded.cells:
            if cell.score < cell.max_score:
                yield Problem(
                    f"{_at(exercise)}, cell {cell.grade_id}",
                    f"the reference solution earns {cell.score:g} of {cell.max_score:g}: {cell.finding}",
                )


def blank_earns_nothing(course: Course, problem_set: ProblemSet) -> Iterator[Problem]:
    """The blank release, run as a submission, earns no automatic point."""
    for exercise in problem_set.exercises:
        blank = release.released(course, exercise.notebook)
        for cell in grade.grade_notebook(course, problem_set, exercise, blank).cells:
            if cell.score > 0:
                yield Problem(
                    f"{_at(exercise)}, cell {cell.grade_id}", f"the blank notebook earns {cell.score:g}."
                )


GUARDS = (
    (source_is_canonical, ids_are_unique, regions_are_in_place, answer_key_fits, points_add_up),
    (release_is_current, nothing_leaks, catalogue_is_marked_right),
    (solutions_are_current, reference_earns_everything, blank_earns_nothing),
)
