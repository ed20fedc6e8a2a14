"""What a student reads afterwards: one page a submission, in one file, without a network.

A page shows marks, each test with what was found, and the student's own cells. It never shows
the text or the traceback of a test cell, nor a marking scheme. Everything a student wrote is
text here, never markup.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from autograder import gradebook, records
from autograder.assignment import (
    AssignmentError,
    Exercise,
    grade_id,
    is_automatic,
    is_locked,
    is_task,
    points,
    read_notebook,
    read_problem_set,
)
from autograder.course import Course, CourseError
from autograder.exam import MARKS_MIME
from autograder.grade import NotebookGrade, SubmissionGrade
from autograder.gradebook import NotebookMarks
from autograder.leaks import squeeze, staff_lines

MAX_TEXT = 4000  # characters of one output that a page shows
MAX_IMAGE = 2_000_000  # bytes of one figure
NO_MARKS = NotebookMarks({}, {}, 0.0)


@dataclass(frozen=True)
class CheckShown:
    """One check of a hidden test: a label, and whether it passed."""

    label: str
    passed: bool


@dataclass(frozen=True)
class TestShown:
    """One test with its points; `finding` is empty when all were earned."""

    title: str
    score: float
    max_score: float
    finding: str
    checks: tuple[CheckShown, ...]

    @property
    def passed(self) -> bool:
        return self.score >= self.max_score


@dataclass(frozen=True)
class HandShown:
    """One task marked by a person; score is None while it waits."""

    title: str
    score: float | None
    max_score: float
    comment: str


@dataclass(frozen=True)
class CellShown:
    """One of the student's own cells: code or answer, printed text, figures with their alt text."""

    kind: str
    source: str
    texts: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    comment: str = ""


@dataclass(frozen=True)
class NotebookShown:
    """One notebook of a page; its points are what the tests and tasks gave, less the penalty."""

    title: str
    status: str
    problem: str
    repairs: tuple[str, ...]
    tests: tuple[TestShown, ...]
    by_hand: tuple[HandShown, ...]
    cells: tuple[CellShown, ...]
    penalty: float

    @property
    def score(self) -> float:
        earned = sum(test.score for test in self.tests) + sum(task.score or 0.0 for task in self.by_hand)
        return earned - self.penalty

    @property
    def max_score(self) -> float:
        return sum(part.max_score for part in (*self.tests, *self.by_hand))


@dataclass(frozen=True)
class Page:
    """A submission's feedback."""

    student: str
    assignment: str
    notebooks: tuple[NotebookShown, ...]

    @property
    def score(self) -> float:
        return sum(notebook.score for notebook in self.notebooks)

    @property
    def max_score(self) -> float:
        return sum(notebook.max_score for notebook in self.notebooks)

    @property
    def waiting(self) -> bool:
        return any(task.score is None for notebook in self.notebooks for task in notebook.by_hand)


def write_feedback(course: Course, assignment: str) -> list[Path]:
    """Write a page for every graded submission; returns their paths. Raises CourseError if none."""
    graded = records.load_all(course, assignment)
    if not graded:
        raise CourseError(f"Nothing of {assignment} is graded yet. Run `course grade {assignment}` first.")
    try:
        problem_set = read_problem_set(course.source, assignment)
    except AssignmentError as error:
        raise CourseError(str(error)) from error
    by_name = {exercise.name: exercise for exercise in problem_set.exercises}
    paths = []
    for submission in graded:
        path = course.feedback / submission.student / assignment / "index.html"
        records.write_whole(path, render(page(course, by_name, submission)))
        paths.append(path)
    return paths


def page(course: Course, exercises: dict[str, Exercise], submission: SubmissionGrade) -> Page:
    """Everything one page shows."""
    marks = gradebook.read_marks(course, submission.assignment, submission.student)
    folder = course.autograded / submission.student / submission.assignment
    return Page(
        submission.student,
        submission.assignment,
        tuple(
            _notebook(exercises[graded.notebook], graded, marks.get(graded.notebook, NO_MARKS), folder)
            for graded in submission.notebooks
            if graded.notebook in exercises
        ),
    )


def _notebook(exercise: Exercise, graded: NotebookGrade, marks: NotebookMarks, folder: Path) -> NotebookShown:
    cells: list[NotebookNode] = []
    if graded.status not in ("missing", "unreadable"):
        try:
            cells = read_notebook(folder / exercise.path.name).cells
        except AssignmentError:
            cells = []
    executed = {grade_id(cell): cell for cell in cells}
    tests = tuple(
        TestShown(
            _title(cell.grade_id),
            _either(marks.scores.get(cell.grade_id), cell.score),
            cell.max_score,
            "" if cell.finding == graded.problem else cell.finding,  # said once, above the tests
            tuple(_checks(executed.get(cell.grade_id))),
        )
        for cell in graded.cells
    )
    by_hand = tuple(
        HandShown(_title(cell.id), marks.scores.get(cell.id), points(cell), marks.comments.get(cell.id, ""))
        for cell in exercise.notebook.cells
        if is_task(cell)
    )
    own = tuple(_own_cells(cells, exercise, marks))
    title = _heading(exercise)
    return NotebookShown(
        title, graded.status, graded.problem, graded.repairs, tests, by_hand, own, marks.penalty
    )


def _either(given: float | None, automatic: float) -> float:
    return automatic if given is None else given


def _heading(exercise: Exercise) -> str:
    first = exercise.notebook.cells[0].source.strip().splitlines()[0]
    return first.lstrip("# ").strip() or exercise.name


def _title(name: str) -> str:
    """squared-norm-gradient-hidden → squared norm gradient · hidden test."""
    words, _, kind = name.rpartition("-")
    if kind in ("test", "hidden"):
        return f"{words.replace('-', ' ')} · {'test in the notebook' if kind == 'test' else 'hidden test'}"
    return name.replace("-", " ")


def _checks(cell: NotebookNode | None) -> Iterator[CheckShown]:
    for output in cell.outputs if cell is not None else ():
        marks = output.get("data", {}).get(MARKS_MIME)
        findings = marks.get("findings") if isinstance(marks, dict) else None
        for finding in findings if isinstance(findings, list) else ():
            if isinstance(finding, dict):
                yield CheckShown(str(finding.get("check")), bool(finding.get("passed")))


def _own_cells(cells: list[NotebookNode], exercise: Exercise, marks: NotebookMarks) -> Iterator[CellShown]:
    """What the student wrote and what it drew, in order: solutions, answers, free cells, figures."""
    issued = {cell.id: cell.source for cell in exercise.notebook.cells}
    secrets = staff_lines(exercise)
    for cell in cells:
        if is_automatic(cell) or is_locked(cell):
            continue
        outputs = cell.get("outputs", [])
        figures = tuple(figure for output in outputs if (figure := _figure(output)))
        if not grade_id(cell) and issued.get(cell.id) == cell.source:  # as issued: only what it drew
            if figures:
                yield CellShown(cell.cell_type, "", (), figures)
        elif cell.source.strip():
            texts = tuple(_clip(_without(secrets, text)) for output in outputs if (text := _plain(output)))
            comment = marks.comments.get(grade_id(cell) or "", "")
            source = _clip(_without(secrets, cell.source), 20 * MAX_TEXT)
            yield CellShown(cell.cell_type, source, texts, figures, comment)


def _without(secrets: set[str], text: str) -> str:
    """text, unless it shows a line of a hidden test or marking scheme: code can print its tests."""
    squeezed = squeeze(text)
    hidden = any(secret in squeezed for secret in secrets)
    return "This text showed a line of a test and is left out." if hidden else text


def _plain(output: NotebookNode) -> str:
    if output.output_type == "error":
        return f"{output.get('ename', '')}: {output.get('evalue', '')}"
    if output.output_type == "stream":
        return output.get("text", "")
    return "" if "image/png" in output.get("data", {}) else str(output.get("data", {}).get("text/plain", ""))


def _figure(output: NotebookNode) -> tuple[str, str] | None:
    """A PNG as (base64, alternative text), if it is one and not too large."""
    data = output.get("data", {}).get("image/png")
    if not isinstance(data, str) or len(data) > MAX_IMAGE:
        return None
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if not content.startswith(b"\x89PNG"):
        return None
    meta = output.get("metadata", {}).get("image/png", {})
    alt = meta.get("alt") if isinstance(meta, dict) else None
    return base64.b64encode(content).decode(), str(alt or "A figure drawn by this cell.")


def _clip(text: str, limit: int = MAX_TEXT) -> str:
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return text if len(text) <= limit else text[:limit] + "\n… the rest is left out."


def render(shown: Page) -> str:
    """A page as one HTML file."""
    import jinja2

    template_folder = Path(__file__).parent / "templates"
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_folder), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["num"] = lambda number: f"{round(number, 2):g}"
    return environment.get_template("feedback.html").render(page=shown)
