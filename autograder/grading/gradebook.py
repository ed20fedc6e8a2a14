"""The only writer of nbgrader's database.

The schema, and what its columns mean, are nbgrader's. Marks and comments that a person gave are
never touched.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import sqlite3
import tempfile
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode

from autograder import hosts, stopping
from autograder.course import Course
from autograder.errors import CourseError, not_written, sentence
from autograder.files import name_new_file, writing
from autograder.grading import cells
from autograder.grading.cells import HandMark
from autograder.grading.submission import SubmissionGrade
from autograder.lateness.penalties import OURS, Penalties
from autograder.problem_sets.notebooks import ProblemSet, SourceNotebook, grade_id, metadata, points

Entered = Mapping[str, Mapping[tuple[str, str], float | None]]  # points: by student, by notebook and test
Row = Any  # of nbgrader's database, or the Gradebook that gives them: a package without types


@dataclass(frozen=True)
class NotebookMarks:
    """What the gradebook holds of one notebook.

    `scores` has each test's and task's points, a person's if there are any, extra credit included;
    None where a task still waits. `comments` are what people wrote, by cell. `penalty` is for lateness,
    of this moment. `outdated` are the tasks whose text changed after a person marked it. `automatic` has the
    test's own points where a person gave others; `extra` is the extra credit in the scores.
    """

    scores: Mapping[str, float | None]
    comments: Mapping[str, str]
    penalty: float
    outdated: frozenset[str] = frozenset()
    automatic: Mapping[str, float] = field(default_factory=dict)
    extra: Mapping[str, float] = field(default_factory=dict)


_kept: ContextVar[dict[str, Row] | None] = ContextVar("kept", default=None)  # opened gradebooks, by address


@contextlib.contextmanager
def kept_open() -> Iterator[None]:
    """Open a gradebook once for all that is entered meanwhile: nbgrader looks at every table each time.

    Nothing of it is held between two uses: no connection, no lock, no row.
    """
    before = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(before)


@contextlib.contextmanager
def opened(course: Course) -> Iterator[Row]:
    """nbgrader's gradebook, made where there is none.

    Raises CourseError when it is damaged, locked or otherwise no use; DiskError when it cannot be written.
    """
    from nbgrader.api import InvalidEntry, MissingEntry  # takes seconds
    from sqlalchemy.exc import SQLAlchemyError

    with _unlogged():
        kept = _kept.get()
        gradebook = (kept or {}).pop(course.db_url, None)
        if gradebook is None or not is_there(course):  # somebody may have moved it meanwhile
            gradebook = _open(course)
        try:
            with warnings.catch_warnings():  # nbgrader builds its rows in an order SQLAlchemy remarks on
                warnings.filterwarnings("ignore", "Object of type .* not in session")
                gradebook.db.info[OURS] = True
                yield gradebook
            if kept is not None:  # after an error, it is opened anew
                kept[course.db_url] = gradebook
        except (SQLAlchemyError, InvalidEntry, MissingEntry) as error:
            raise _unusable(course, error) from error
        finally:
            gradebook.close()


def _open(course: Course) -> Row:
    from nbgrader.api import Gradebook

    course_id = course.config.CourseDirectory.get("course_id", "")
    try:
        database = course.database
        if database is not None and not database.exists():
            _make(database, course_id)
        return Gradebook(course.db_url, course_id)
    except CourseError:
        raise
    except Exception as error:
        raise _unusable(course, error) from error


@contextlib.contextmanager
def _unlogged() -> Iterator[None]:
    """nbgrader logs what it then raises."""
    log = logging.getLogger("tornado.application")
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


def _make(database: Path, course_id: str) -> None:
    """Make the file of a new gradebook, which is whole before it gets its name.

    nbgrader makes tables, then starts a program to ask for the schema's version, then enters that.
    """
    from nbgrader.api import Gradebook

    with writing(database), stopping.whole(), stopping.unheard():
        database.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".gradebook-", dir=database.parent) as beside:
            fresh = Path(beside) / database.name
            Gradebook(f"sqlite:///{fresh}", course_id).close()
            with contextlib.suppress(FileExistsError):  # somebody else was faster
                name_new_file(fresh, database)


def _unusable(course: Course, error: Exception) -> CourseError:
    """A sentence for what nbgrader or SQLAlchemy raised, which may hide what SQLite said."""
    known: BaseException | None = error
    while known is not None:
        cause = getattr(known, "orig", None) or known
        if course.database and isinstance(cause, sqlite3.Error | OSError):
            told = not_written(course.database, cause)
            if told is not None:
                return told
        known = known.__cause__ or known.__context__
    said = sentence(getattr(error, "orig", None) or error)
    what = "If it is damaged, `course restore` lists its snapshots: marks given by hand are nowhere else."
    if course.database is None:
        what = "See that its server runs, and that its driver is installed: see `c.CourseDirectory.db_url`."
    return CourseError(f"The gradebook {course.gradebook} cannot be used. {said}. {what}")


def is_there(course: Course) -> bool:
    """Whether there is a gradebook: to open one that is not there makes it."""
    return course.database is None or course.database.is_file()


def enter_assignment(
    course: Course, problem_set: ProblemSet, letting_go: bool = False
) -> tuple[HandMark, ...]:
    """Enter the problem set's cells as `nbgrader generate_assignment` does, also under work entered before.

    Cells may have come or gone since; marks and comments given by hand stay with theirs. With letting_go,
    those of cells that are gone are taken out, kept in a file and returned. Raises CourseError when there
    are any and they may not go, and when a notebook was removed that work was entered for.
    """
    from nbgrader.api import InvalidEntry
    from sqlalchemy.exc import SQLAlchemyError

    with opened(course) as gradebook:
        entered = gradebook.update_or_create_assignment(problem_set.name)
        for name in {n.name for n in entered.notebooks} - {n.name for n in problem_set.notebooks}:
            if entered.submissions:
                raise CourseError(
                    f"{problem_set.name} no longer has {name}, but the gradebook holds work on it. "
                    "Put the notebook back, or start a new gradebook."
                )
            gradebook.remove_notebook(name, problem_set.name)
        removed = cells.fit(course, gradebook, problem_set, letting_go)
        gradebook.db.commit()
    for exercise in problem_set.exercises:
        notebook = copy.deepcopy(exercise.notebook)
        resources = {
            "nbgrader": {"notebook": exercise.name, "assignment": problem_set.name, "db_url": course.db_url}
        }
        for step in hosts.entering_chain():
            try:
                notebook, resources = hosts.preprocess(step, course.config, notebook, resources)
            except RuntimeError as error:
                raise CourseError(
                    f"{exercise.path.name}: {error}. Grade with the version you released, "
                    "or start a new gradebook."
                ) from error
            except (SQLAlchemyError, InvalidEntry) as error:
                raise _unusable(course, error) from error
    return removed


def look_again(course: Course, assignment: str, cells: Collection[tuple[str, str]]) -> None:
    """Let marks given by hand wait for a second look, where they are in these (notebook, cell)."""
    with opened(course) as gradebook:
        for submission in gradebook.find_assignment(assignment).submissions:
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    if grade.manual_score is not None and (notebook.name, grade.name) in cells:
                        grade.needs_manual_grade = True
        gradebook.db.commit()


def as_entered(course: Course, problem_set: ProblemSet, source: SourceNotebook) -> NotebookNode:
    """The source notebook with its cells as they stand in the gradebook."""
    notebook = copy.deepcopy(source.notebook)
    with opened(course) as gradebook:
        entered = gradebook.find_notebook(source.name, problem_set.name)
        sources = {cell.name: cell.source for cell in entered.source_cells}
        worth = {cell.name: cell.max_score for cell in (*entered.grade_cells, *entered.task_cells)}
    for cell in notebook.cells:
        name = grade_id(cell)
        if name in sources:
            cell.source = sources[name]
        if name in worth:
            cell.metadata.nbgrader.points = worth[name]
    return notebook


def is_assignment_entered(course: Course, problem_set: ProblemSet) -> bool:
    """True when the gradebook holds these notebooks with these very cells."""
    with opened(course) as gradebook:
        from nbgrader.api import MissingEntry

        try:
            known = gradebook.find_assignment(problem_set.name).notebooks
            if not {n.name for n in known} <= {n.name for n in problem_set.notebooks}:
                return False
            for exercise in problem_set.exercises:
                entered = gradebook.find_notebook(exercise.name, problem_set.name)
                issued = {cell.id: cell for cell in exercise.notebook.cells}
                locked = [cell for cell in entered.source_cells if cell.locked]
                if any(cell.name not in issued or cell.source != issued[cell.name].source for cell in locked):
                    return False
                if cells.entered_parts(entered).keys() != cells.parts(exercise.notebook):
                    return False
                worth = {cell.name: cell.max_score for cell in (*entered.grade_cells, *entered.task_cells)}
                if worth != {
                    name: points(cell) for name, cell in issued.items() if "points" in metadata(cell)
                }:
                    return False
        except MissingEntry:
            return False
    return True


def is_entered(graded: SubmissionGrade, entered: Entered) -> bool:
    """True when the gradebook holds this submission with these automatic points."""
    own = entered.get(graded.student)
    return own is not None and all(
        own.get((notebook.notebook, cell.grade_id)) == cell.score
        for notebook in graded.notebooks
        for cell in notebook.cells
    )


def read_entered(course: Course, assignment: str, student: str | None = None) -> Entered:
    """The automatic points that the gradebook holds of a class, or of one student in it."""
    if not is_there(course):
        return {}
    from nbgrader.api import Assignment, BaseCell, Grade, Notebook, SubmittedAssignment, SubmittedNotebook

    with opened(course) as gradebook:
        rows = (
            gradebook.db.query(SubmittedAssignment.student_id, Notebook.name, BaseCell.name, Grade.auto_score)
            .select_from(Grade)
            .join(BaseCell, Grade.cell_id == BaseCell.id)
            .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
            .join(Notebook, SubmittedNotebook.notebook_id == Notebook.id)
            .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
            .join(Assignment, SubmittedAssignment.assignment_id == Assignment.id)
            .filter(Assignment.name == assignment)
        )
        if student is not None:
            rows = rows.filter(SubmittedAssignment.student_id == student)
        entered: dict[str, dict[tuple[str, str], float | None]] = {}
        for owner, notebook, cell, score in rows:
            entered.setdefault(owner, {})[notebook, cell] = score
        return entered


@dataclass(frozen=True)
class ClassMarks:
    """The gradebook's students, with their names, and what it holds of their submissions."""

    roster: Mapping[str, str]
    marks: Mapping[str, Mapping[str, NotebookMarks]]


def read_class(course: Course, assignment: str, student: str | None = None) -> ClassMarks:
    """What the gradebook holds of a whole class, or of one student in it, read at once."""
    from nbgrader.api import MissingEntry, SubmittedAssignment, SubmittedNotebook
    from sqlalchemy.orm import selectinload

    with opened(course) as gradebook:
        roster = {s.id: " ".join(filter(None, (s.first_name, s.last_name))) for s in gradebook.students}
        try:
            entered = gradebook.find_assignment(assignment).id
        except MissingEntry:
            entered = None
        at_once = selectinload(SubmittedAssignment.notebooks)  # a row at a time is thousands of queries
        submissions = (
            gradebook.db.query(SubmittedAssignment)
            .filter(SubmittedAssignment.assignment_id == entered)
            .options(at_once.selectinload(SubmittedNotebook.grades))
            .options(at_once.selectinload(SubmittedNotebook.comments))
        )
        if student is not None:
            submissions = submissions.filter(SubmittedAssignment.student_id == student)
        penalties = Penalties(course, assignment)
        marks = {s.student_id: _marks_of(s, penalties) for s in submissions}
    return ClassMarks(dict(sorted(roster.items())), marks)


def read_marks(course: Course, assignment: str, student: str) -> Mapping[str, NotebookMarks]:
    """What the gradebook holds of a submission, by notebook; empty when there is none."""
    return read_class(course, assignment, student).marks.get(student, {})


@dataclass(frozen=True)
class Enrolled:
    """What the gradebook knows of a student, as `nbgrader db student` entered it; empty where nothing."""

    first_name: str
    last_name: str
    email: str
    platform_id: str


def read_enrolled(course: Course) -> dict[str, Enrolled]:
    """The gradebook's students."""
    with opened(course) as gradebook:
        return {
            s.id: Enrolled(s.first_name or "", s.last_name or "", s.email or "", s.lms_user_id or "")
            for s in gradebook.students
        }


def _marks_of(submission: Row, penalties: Penalties) -> dict[str, NotebookMarks]:
    return {
        notebook.name: _notebook_marks(notebook, penalties.of(submission, notebook) or 0.0)
        for notebook in submission.notebooks
    }


def _notebook_marks(notebook: Row, penalty: float) -> NotebookMarks:
    waiting = {g.name for g in notebook.grades if g.manual_score is None and g.auto_score is None}
    scores = {g.name: None if g.name in waiting else float(g.score) for g in notebook.grades}
    comments = {comment.name: comment.comment for comment in notebook.comments if comment.comment}
    tasks = {cell.name for cell in notebook.notebook.task_cells}
    outdated = {
        g.name
        for g in notebook.grades
        if g.name in tasks and g.needs_manual_grade and g.manual_score is not None
    }
    return NotebookMarks(
        scores, comments, penalty, frozenset(outdated), _automatic(notebook), _extra(notebook)
    )


def _automatic(notebook: Row) -> dict[str, float]:
    """The tests' own points of those that a person marked in their place."""
    by_hand = {cell.name for cell in (*notebook.notebook.task_cells, *notebook.notebook.solution_cells)}
    given = (g for g in notebook.grades if g.manual_score is not None and g.name not in by_hand)
    return {g.name: float(g.auto_score or 0.0) for g in given}


def _extra(notebook: Row) -> dict[str, float]:
    marked = (g for g in notebook.grades if g.manual_score is not None or g.auto_score is not None)
    return {g.name: float(g.extra_credit) for g in marked if g.extra_credit}
