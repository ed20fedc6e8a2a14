"""One submission in, one graded submission out. Touches no database.

Notebooks are executed by `execute` and nowhere else: at present in a stock kernel, through
nbgrader's own Execute preprocessor.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.assignment import (
    AssignmentError,
    Exercise,
    ProblemSet,
    grade_id,
    is_automatic,
    plain_text,
    points,
    read_notebook,
    read_problem_set,
    repair,
    to_text,
)
from autograder.course import CONFIG_NAME, Course
from autograder.exam import MARKS_MIME

TIMEOUT_ERROR = "CellTimeoutError"
MAX_EXTRA_BYTES = 50_000_000  # of files a student handed in beside the notebooks
MAX_OUTPUTS, MAX_OUTPUT_CHARACTERS, MAX_ERROR_CHARACTERS = 200, 500_000, 10_000  # of one cell


@dataclass(frozen=True)
class CellGrade:
    """The points of one automatically graded cell; `finding` says what was wrong, or nothing."""

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
    """All notebooks of one student's submission; `fingerprint` changes when its input does."""

    student: str
    assignment: str
    fingerprint: str
    notebooks: tuple[NotebookGrade, ...]

    @property
    def score(self) -> float:
        return sum(notebook.score for notebook in self.notebooks)

    @property
    def max_score(self) -> float:
        return sum(notebook.max_score for notebook in self.notebooks)


def grade_submission(course: Course, assignment: str, student: str) -> SubmissionGrade:
    """Grade every notebook of one submission. What student code does wrong is in the record."""
    problem_set = read_problem_set(course.source, assignment)
    folder = course.submitted / student / assignment
    return SubmissionGrade(
        student,
        assignment,
        fingerprint(course, problem_set, folder),
        tuple(grade_file(course, problem_set, exercise, folder) for exercise in problem_set.exercises),
    )


def grade_file(course: Course, problem_set: ProblemSet, exercise: Exercise, folder: Path) -> NotebookGrade:
    """Grade the notebook file of one exercise in a submission's folder."""
    path = folder / exercise.path.name
    if not path.exists() and not path.is_symlink():
        return ungraded(exercise, "missing", f"{path.name} was not handed in.")
    try:
        if path.is_symlink() or not path.is_file():
            raise AssignmentError(f"{path.name} is not a plain file.")
        submitted = read_notebook(path)
    except AssignmentError as problem:
        return ungraded(exercise, "unreadable", str(problem))
    return grade_notebook(course, problem_set, exercise, submitted, folder)


def grade_notebook(
    course: Course,
    problem_set: ProblemSet,
    exercise: Exercise,
    submitted: NotebookNode,
    folder: Path | None = None,
) -> NotebookGrade:
    """Grade one submitted notebook; `folder` holds the files a student handed in beside it."""
    repaired = repair(submitted, exercise.notebook)
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as working:
        lay_out(problem_set, Path(working), folder)
        executed = execute(course, repaired.notebook, Path(working))
    cells = tuple(_cell_grade(cell) for cell in executed.notebook.cells if is_automatic(cell))
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
            cell.outputs = [_error_output("NotRun", problem)]
    return NotebookGrade(exercise.name, status, cells, problem=problem, executed=to_text(notebook))


# ------------------------------------------------------------------ execution


@dataclass(frozen=True)
class Executed:
    """A notebook after its run, and how the run ended."""

    notebook: NotebookNode
    status: str
    problem: str = ""


class _OutOfTime(Exception):
    pass


def execute(course: Course, notebook: NotebookNode, working: Path) -> Executed:
    """Run the notebook's cells in `working`; cells that were not reached say so as an error."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError  # these imports take seconds
    from nbgrader.preprocessors import Execute

    deadline = time.monotonic() + course.seconds_per_notebook

    class BoundedExecute(Execute):
        def on_cell_start(self, **kwargs: object) -> None:
            if time.monotonic() > deadline:
                raise _OutOfTime

    status, problem = "graded", ""
    resources = {"metadata": {"path": str(working)}}
    try:
        BoundedExecute(config=course.config).preprocess(notebook, resources)
    except (_OutOfTime, CellTimeoutError):  # the second when a cell will not even be interrupted
        status = "timed-out"
        problem = "The notebook ran too long and was stopped, so nothing after that cell ran."
    except DeadKernelError:
        status, problem = (
            "crashed",
            "Running the notebook ended Python itself, so nothing after that cell ran.",
        )
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        _merge_streams(cell)
        _limit_outputs(cell)
        if status == "graded" and any(output.get("ename") == TIMEOUT_ERROR for output in cell.outputs):
            status, problem = "timed-out", "A cell ran too long and was stopped."
        if status != "graded" and cell.execution_count is None and not cell.outputs and cell.source.strip():
            cell.outputs = [_error_output("NotRun", "This cell was not reached.")]
    return Executed(notebook, status, problem)


def _merge_streams(cell: NotebookNode) -> None:
    """Join what was printed in a row: where a kernel cuts it is a matter of timing."""
    merged: list[NotebookNode] = []
    for output in cell.outputs:
        before = merged[-1] if merged else None
        if before and before.output_type == output.output_type == "stream" and before.name == output.name:
            before.text += output.text
        else:
            merged.append(output)
    cell.outputs = merged


def _limit_outputs(cell: NotebookNode) -> None:
    """Cut what a cell printed or drew, so that no notebook grows too large to be opened again.

    Errors and results stay: points are read from them.
    """
    room, kept = MAX_OUTPUT_CHARACTERS, []
    for output in cell.outputs:
        decides = output.output_type in ("error", "execute_result")
        if output.output_type == "stream" and len(output.text) > room:
            output.text = output.text[:room] + "\n… the rest of the output is left out."
        elif output.output_type == "error":
            output.evalue = output.evalue[:MAX_ERROR_CHARACTERS]
            output.traceback = [line[:MAX_ERROR_CHARACTERS] for line in output.traceback[:100]]
        elif len(json.dumps(output)) > MAX_OUTPUT_CHARACTERS and not is_automatic(cell):
            output = nbformat.v4.new_output("stream", text="… an output too large to keep is left out.")
        if output.output_type == "stream":
            room = max(room - len(output.text), 0)
        if decides or len(kept) < MAX_OUTPUTS:
            kept.append(output)
    cell.outputs = kept


def _error_output(name: str, sentence: str) -> NotebookNode:
    return nbformat.v4.new_output("error", ename=name, evalue=sentence, traceback=[f"{name}: {sentence}"])


def lay_out(problem_set: ProblemSet, working: Path, folder: Path | None = None) -> None:
    """Fill a working folder: a student's own plain files first, then those the course issued."""
    if folder is not None:
        reserved = {"autograder"} | {Path(extra.parts[0]).stem for extra in problem_set.extra_files}
        room = MAX_EXTRA_BYTES
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.is_symlink() or not path.is_file() or path.suffix == ".ipynb":
                continue
            if Path(name.parts[0]).stem in reserved:  # it would be imported in place of ours
                continue
            room -= path.stat().st_size
            if room >= 0 and path.resolve().is_relative_to(folder.resolve()):
                copy_file(path, working / name)
    for extra in problem_set.extra_files:
        target = working / extra
        copy_file(problem_set.directory / extra, target)


def copy_file(path: Path, target: Path) -> None:
    """Copy one file's content, making the folders it needs."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


# ------------------------------------------------------------------ reading the points off


def _cell_grade(cell: NotebookNode) -> CellGrade:
    from nbgrader.utils import determine_grade

    name, full = str(grade_id(cell)), points(cell)
    if cell.execution_count is None and not cell.outputs:  # never ran: stock nbgrader gives full points
        return CellGrade(name, 0.0, full, "This test was not reached.")
    try:
        score, _ = determine_grade(cell)
    except ValueError:  # more points than the cell has
        return CellGrade(name, 0.0, full, "This test gave more points than it has.")
    score = float(score or 0.0)
    return CellGrade(name, score, full, "" if score >= full else _finding(cell))


def _finding(cell: NotebookNode) -> str:
    """What a test cell says went wrong, in a student's words."""
    for output in cell.outputs:
        marks = output.get("data", {}).get(MARKS_MIME)
        if isinstance(marks, dict):
            return _marks_sentence(marks)
        if output.output_type == "error":
            return _error_sentence(output.get("ename", ""), output.get("evalue", ""))
    return "This test printed a warning or an error."


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
    """A digest of all that a submission's grade depends on: code, settings, problem set, hand-in."""
    package = Path(__file__).parent
    issued = [exercise.path for exercise in problem_set.exercises]
    issued += [problem_set.directory / extra for extra in problem_set.extra_files]
    handed_in = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    digest = hashlib.sha256()
    for base, paths in (
        (package, package.rglob("*.py")),
        (course.root, [course.root / CONFIG_NAME]),
        (problem_set.directory, issued),
        (folder, handed_in),
    ):
        for path in sorted(paths):
            size = path.stat().st_size
            digest.update(json.dumps([str(path.relative_to(base)), size]).encode())
            if size <= MAX_EXTRA_BYTES:  # larger ones are not used, so their size will do
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
