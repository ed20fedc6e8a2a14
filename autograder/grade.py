"""One submission in, one graded submission out. Touches no database.

Notebooks are executed by `execute` and nowhere else.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import shutil
import sys
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder import execution, handed_in, sandbox
from autograder.assignment import (
    AssignmentError,
    Exercise,
    ProblemSet,
    grade_id,
    is_automatic,
    plain_text,
    points,
    read_problem_set,
    repair,
    to_text,
)
from autograder.course import CONFIG_NAME, PACKAGE, Course
from autograder.exam import MARKS_MIME
from autograder.examiner import Executed
from autograder.outputs import TIMEOUT_ERROR, error_output

MAX_EXTRA_BYTES = 50_000_000  # of files a student handed in beside the notebooks
RUNS_IT = ("numpy", "matplotlib", "ipython", "ipykernel")  # another version may give another grade


@dataclass(frozen=True)
class CellGrade:
    """The points of one automatically graded cell; `finding` says what was wrong, if anything.

    At full points it may hold a remark, such as that a formula was asked for.
    """

    grade_id: str
    score: float
    max_score: float
    finding: str


@dataclass(frozen=True)
class NotebookGrade:
    """One notebook of one student. `status` is graded, timed-out, crashed, unreadable or missing.

    `executed` is the file text of the executed notebook, empty when there is none.
    """

    notebook: str
    status: str
    cells: tuple[CellGrade, ...]
    repairs: tuple[str, ...] = ()
    problem: str = ""
    executed: str = ""

    @property
    def score(self) -> float:
        return sum(cell.score for cell in self.cells)

    @property
    def max_score(self) -> float:
        return sum(cell.max_score for cell in self.cells)


@dataclass(frozen=True)
class SubmissionGrade:
    """All notebooks of one student's submission; `fingerprint` changes when its input does.

    `sandboxed` is False when student code ran unconfined, which every report then says.
    """

    student: str
    assignment: str
    fingerprint: str
    notebooks: tuple[NotebookGrade, ...]
    sandboxed: bool = True

    @property
    def score(self) -> float:
        return sum(notebook.score for notebook in self.notebooks)

    @property
    def max_score(self) -> float:
        return sum(notebook.max_score for notebook in self.notebooks)


def grade_submission(
    course: Course, assignment: str, student: str, sandboxed: bool = True
) -> SubmissionGrade:
    """Grade every notebook of one submission. What student code does wrong is in the record."""
    problem_set = read_problem_set(course.source, assignment)
    folder = course.submitted / student / assignment
    return SubmissionGrade(
        student,
        assignment,
        fingerprint(course, problem_set, folder),
        tuple(
            grade_file(course, problem_set, exercise, folder, sandboxed) for exercise in problem_set.exercises
        ),
        sandboxed,
    )


def grade_file(
    course: Course, problem_set: ProblemSet, exercise: Exercise, folder: Path, sandboxed: bool = True
) -> NotebookGrade:
    """Grade the notebook file of one exercise in a submission's folder."""
    try:
        found = handed_in.find(problem_set, exercise, folder, course.release / problem_set.name)
    except handed_in.Missing as problem:
        return ungraded(exercise, "missing", str(problem))
    except AssignmentError as problem:
        return ungraded(exercise, "unreadable", str(problem))
    beside = found.path.parent
    graded = grade_notebook(course, problem_set, exercise, found.notebook, beside, sandboxed)
    return replace(graded, repairs=(found.remark,) * bool(found.remark) + graded.repairs)


def grade_notebook(
    course: Course,
    problem_set: ProblemSet,
    exercise: Exercise,
    submitted: NotebookNode,
    folder: Path | None = None,
    sandboxed: bool = True,
) -> NotebookGrade:
    """Grade one submitted notebook; `folder` holds the files a student handed in beside it."""
    repaired = repair(submitted, exercise.notebook)
    executed = execute(course, problem_set, exercise, repaired.notebook, folder, sandboxed)
    cells = tuple(cell_grade(cell) for cell in executed.notebook.cells if is_automatic(cell))
    return NotebookGrade(
        exercise.name,
        executed.status,
        cells,
        repaired.repairs,
        executed.problem,
        plain_text(to_text(executed.notebook)),
    )


def ungraded(exercise: Exercise, status: str, problem: str) -> NotebookGrade:
    """No points for a notebook that could not be run; unless it is missing, a page that says why."""
    cells = tuple(
        CellGrade(str(grade_id(cell)), 0.0, points(cell), problem) for cell in exercise.automatic_cells
    )
    if status == "missing":
        return NotebookGrade(exercise.name, status, cells, problem=problem)
    notebook = repair(nbformat.v4.new_notebook(), exercise.notebook).notebook
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"**Not graded.** {problem}"))
    for cell in notebook.cells:
        if is_automatic(cell):
            cell.outputs = [error_output("NotRun", problem)]
    return NotebookGrade(exercise.name, status, cells, problem=problem, executed=to_text(notebook))


# ------------------------------------------------------------------ execution


def execute(
    course: Course,
    problem_set: ProblemSet,
    exercise: Exercise,
    notebook: NotebookNode,
    folder: Path | None = None,
    sandboxed: bool = True,
) -> Executed:
    """Run a notebook's cells and tests; its locked cells must be those of the exercise.

    folder holds the files a student handed in beside it. sandboxed is False for code that is the
    course's own, or when the instructor insists. Raises CourseError when there is no sandbox here.
    """
    files = working_files(problem_set, folder)
    for attempt in (1, 2):
        try:
            return execution.run_notebook(
                sandbox.warm_one(sandboxed), course.limits, copy.deepcopy(notebook), exercise.notebook, files
            )
        except execution.ProcessLost as error:
            sandbox.discard(sandboxed)
            if attempt == 2:
                return _lost(notebook, str(error))
    raise AssertionError("unreachable")


def _lost(notebook: NotebookNode, problem: str) -> Executed:
    """Twice the processes around this notebook were ended: by its size, or from outside."""
    lost = copy.deepcopy(notebook)
    for cell in lost.cells:
        if cell.cell_type == "code":
            cell.outputs = [error_output("NotRun", problem)]
    return Executed(lost, "crashed", problem)


def working_files(problem_set: ProblemSet, folder: Path | None = None) -> dict[str, bytes]:
    """What a notebook finds beside it: a student's own plain files, under those the course issued."""
    files: dict[str, bytes] = {}
    if folder is not None:
        reserved = {Path(extra.parts[0]).stem for extra in problem_set.extra_files}
        room = MAX_EXTRA_BYTES
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.is_symlink() or not path.is_file() or path.suffix == ".ipynb":
                continue
            if Path(name.parts[0]).stem in reserved:  # it would be imported in place of ours
                continue
            room -= path.stat().st_size
            if room >= 0 and path.resolve().is_relative_to(folder.resolve()):
                files[str(name)] = path.read_bytes()
    for extra in problem_set.extra_files:
        files[str(extra)] = (problem_set.directory / extra).read_bytes()
    return files


def copy_file(path: Path, target: Path) -> None:
    """Copy one file's content, making the folders it needs."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


# ------------------------------------------------------------------ reading the points off


def cell_grade(cell: NotebookNode) -> CellGrade:
    """What an executed test cell earned, and what it says went wrong."""
    name, full = str(grade_id(cell)), points(cell)
    if cell.execution_count is None and not cell.outputs:  # never ran: stock nbgrader gives full points
        return CellGrade(name, 0.0, full, "This test was not reached.")
    score = read_score(cell)
    return CellGrade(name, score, full, _remark(cell) if score >= full else _finding(cell))


def read_score(cell: NotebookNode) -> float:
    """A test cell's points as nbgrader reads them from its outputs, without importing nbgrader.

    An error gives none, so does anything on stderr; a number as result is that many; else all.
    The examiner has made an error of numbers that are no points of this cell.
    """
    full = points(cell)
    for output in cell.outputs:
        if output.output_type == "error" or output.get("name") == "stderr":
            return 0.0
        if output.output_type == "execute_result":
            with contextlib.suppress(KeyError, ValueError, TypeError):
                return float(output["data"]["text/plain"])
    return full


def _finding(cell: NotebookNode) -> str:
    """What a test cell says went wrong, in a student's words."""
    for output in cell.outputs:
        marks = output.get("data", {}).get(MARKS_MIME)
        if isinstance(marks, dict):
            return _marks_sentence(marks)
        if output.output_type == "error":
            return _error_sentence(output.get("ename", ""), output.get("evalue", ""))
    return "This test printed a warning or an error."


def _remark(cell: NotebookNode) -> str:
    """What a test cell says about an answer that earned everything."""
    marks = next((m for output in cell.outputs if (m := output.get("data", {}).get(MARKS_MIME))), None)
    return _marks_sentence(marks) if isinstance(marks, dict) else ""


def _marks_sentence(marks: dict) -> str:
    seen = [str(f.get("seen", "")) for f in marks.get("findings", []) if not f.get("passed")]
    return " ".join(part for part in (*seen[:1], marks.get("hint") or "") if part)


def _error_sentence(name: str, value: str) -> str:
    first = value.strip().splitlines()[0][:500] if value.strip() else ""
    if name in (TIMEOUT_ERROR, "KeyboardInterrupt"):  # the second is how a kernel is interrupted
        return "This test ran too long and was stopped. Is there a loop that never ends?"
    if name == "NotImplementedError":
        return "Not written yet."
    if name in ("AssertionError", "NotRun") and first:
        return first
    if name == "NameError" and first:
        return f"{first[0].upper()}{first[1:]}. Did the cell that defines it run without an error?"
    return f"{name}: {first}" if first else name


# ------------------------------------------------------------------ what has changed


def fingerprint(course: Course, problem_set: ProblemSet, folder: Path) -> str:
    """A digest of all that a submission's grade depends on.

    Code, answer keys, settings, the problem set and its release, the hand-in, and what runs it.
    """
    issued = [exercise.path for exercise in problem_set.exercises]
    issued += [problem_set.directory / extra for extra in problem_set.extra_files]
    release = course.release / problem_set.name  # tells a notebook that holds no work
    digest = hashlib.sha256(json.dumps([sys.version, *map(metadata.version, RUNS_IT)]).encode())
    for base, paths in (
        (PACKAGE, PACKAGE.rglob("*.py")),
        (course.root, [course.root / CONFIG_NAME]),
        (problem_set.directory, issued),
        (release, _plain_files(release)),
        (folder, _plain_files(folder)),
    ):
        for path in sorted(paths):
            size = path.stat().st_size
            digest.update(json.dumps([str(path.relative_to(base)), size]).encode())
            if size <= MAX_EXTRA_BYTES:  # larger ones are not used, so their size will do
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _plain_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
