"""Enter a graded submission into nbgrader's database: in one transaction, and in few statements."""

from __future__ import annotations

from autograder.course import Course
from autograder.grading import cells
from autograder.grading.gradebook import Row, opened
from autograder.grading.submission import NotebookGrade, SubmissionGrade
from autograder.lateness.penalties import Penalties
from autograder.running.outputs import Status


def enter(
    course: Course,
    graded: SubmissionGrade,
    timestamp: str | None = None,
    rewritten: frozenset[str] = frozenset(),
) -> None:
    """Enter one graded submission: all of it, or nothing.

    timestamp is the moment it was handed in, as nbgrader writes it in timestamp.txt. rewritten names
    the notebooks whose free cells changed since last time: what a person marked there is looked at again.
    """
    with opened(course) as gradebook:
        assignment = gradebook.find_assignment(graded.assignment)
        notebooks, issued_cells = (
            assignment.notebooks,
            cells.cells_of(gradebook, assignment),
        )  # held from here on
        submission = _submission(gradebook, assignment, graded.student, timestamp)
        by_name = {notebook.name: notebook for notebook in submission.notebooks}
        for issued in notebooks:
            if issued.name not in by_name:  # a first grading, or it joined the problem set after that
                by_name[issued.name] = cells.blank_entry(submission, issued, issued_cells)
                gradebook.db.add(by_name[issued.name])
        gradebook.db.flush()
        for notebook in graded.notebooks:
            _enter(by_name[notebook.notebook], notebook, notebook.notebook in rewritten)
        gradebook.db.flush()
        _read_scores(gradebook, submission)
        Penalties(course, graded.assignment).mirror(submission)
        gradebook.db.commit()


def _submission(gradebook: Row, assignment: Row, student: str, timestamp: str | None) -> Row:
    """A student's submission with all its rows; a new one without any, where there is none."""
    from nbgrader.api import Student, SubmittedAssignment, SubmittedNotebook
    from nbgrader.utils import parse_utc
    from sqlalchemy.orm import selectinload

    entries = selectinload(SubmittedAssignment.notebooks)
    found = (
        gradebook.db.query(SubmittedAssignment)
        .filter(SubmittedAssignment.assignment_id == assignment.id, SubmittedAssignment.student_id == student)
        .options(entries.selectinload(SubmittedNotebook.grades))
        .one_or_none()
    )
    if found is None:
        person = gradebook.db.get(Student, student) or Student(id=student)
        found = SubmittedAssignment(assignment=assignment, student=person)
        gradebook.db.add(found)
    if timestamp:
        found.timestamp = parse_utc(timestamp)
    return found


def _enter(entry: Row, notebook: NotebookGrade, rewritten: bool) -> None:
    scores = {cell.grade_id: cell.score for cell in notebook.cells}
    for grade in entry.grades:
        if grade.name in scores:
            grade.auto_score = scores[grade.name]
            grade.needs_manual_grade = grade.manual_score is not None
        else:  # a task, marked by hand
            missing = notebook.status is Status.MISSING
            grade.auto_score = 0.0 if missing else None
            if grade.manual_score is None:
                grade.needs_manual_grade = not missing
            elif missing or rewritten:
                grade.needs_manual_grade = True


def _read_scores(gradebook: Row, submission: Row) -> None:
    """Read what all notebooks of a submission are worth now."""
    from nbgrader.api import SubmittedNotebook
    from sqlalchemy.orm import undefer

    entries = gradebook.db.query(SubmittedNotebook).options(undefer(SubmittedNotebook.score))
    entries.filter(SubmittedNotebook.assignment_id == submission.id).populate_existing().all()
