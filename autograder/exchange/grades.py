"""What each person of a class gets for a problem set, from the roster, the gradebook and the records."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from autograder.course import Course
from autograder.errors import CourseError
from autograder.exchange.roster import Person, read_roster
from autograder.grading import gradebook, records
from autograder.grading.classroom import students
from autograder.grading.gradebook import Enrolled, NotebookMarks
from autograder.grading.submission import SubmissionGrade, fingerprint, shared_parts
from autograder.problem_sets.notebooks import (
    Exercise,
    ProblemSet,
    grade_id,
    plain_text,
    points,
    read_problem_set,
)
from autograder.running.outputs import Status

NOBODY = Enrolled("", "", "", "")


class Standing(StrEnum):
    """How far a person's grade has come."""

    GRADED = "graded"
    OPEN = "marking is open"
    CHANGED = "changed since it was graded"
    NOT_GRADED = "not graded"
    NOTHING = "nothing handed in"


@dataclass(frozen=True)
class NotebookPoints:
    """One notebook's points, as the gradebook has them.

    automatic are those of tests, also where a person changed them; by_hand those of tasks that are
    marked. Neither holds extra_credit. penalty is for lateness. waiting counts tasks without a mark,
    outdated those whose text changed after they were marked.
    """

    notebook: str
    status: Status
    automatic: float
    by_hand: float
    extra_credit: float
    penalty: float
    waiting: int
    outdated: int

    @property
    def total(self) -> float:
        return math.fsum((self.automatic, self.by_hand, self.extra_credit, -self.penalty))


@dataclass(frozen=True)
class StudentGrade:
    """One person's points; no notebooks where nothing was handed in, or nothing of it is graded.

    `state` is what feedback pages have to show: see `records.state`.
    """

    person: Person
    on_roster: bool
    notebooks: tuple[NotebookPoints, ...]
    standing: Standing
    state: str = ""

    @property
    def total(self) -> float | None:
        """The points so far, penalties taken off; None where there is nothing to count."""
        return math.fsum(notebook.total for notebook in self.notebooks) if self.notebooks else None

    @property
    def waiting(self) -> int:
        return sum(notebook.waiting for notebook in self.notebooks)

    @property
    def outdated(self) -> int:
        return sum(notebook.outdated for notebook in self.notebooks)


@dataclass(frozen=True)
class Grades:
    """A problem set's grades: those on the roster in its order, then the others by name.

    `worth` has each notebook's full points, without extra credit.
    """

    assignment: str
    worth: Mapping[str, float]
    students: tuple[StudentGrade, ...]

    @property
    def max_score(self) -> float:
        return math.fsum(self.worth.values())


def read_grades(course: Course, assignment: str) -> Grades:
    """Everybody who is on the roster, in the gradebook, or has handed in this problem set.

    Raises CourseError for an unknown problem set, and when there is nobody.
    """
    problem_set = read_problem_set(course.source, assignment)
    handed_in = {plain_text(name): name for name in students(course, assignment)}
    marks = gradebook.read_class(course, assignment).marks
    enrolled = gradebook.read_enrolled(course)
    roster = {person.student: person for person in read_roster(course)}
    others = sorted((enrolled.keys() | marks.keys() | handed_in.keys()) - roster.keys())
    if not (marks or handed_in):
        raise CourseError(f"Nothing of {assignment} is graded yet. Run `course grade {assignment}` first.")
    reader = _Reader(course, problem_set, marks, shared_parts(course, problem_set), handed_in)
    return Grades(
        assignment,
        {exercise.name: _worth(exercise) for exercise in problem_set.exercises},
        tuple(
            reader.grade(_person(name, roster.get(name), enrolled.get(name, NOBODY)), name in roster)
            for name in (*roster, *others)
        ),
    )


def _worth(exercise: Exercise) -> float:
    return math.fsum(points(cell) for cell in exercise.notebook.cells)


def _person(student: str, listed: Person | None, known: Enrolled) -> Person:
    """What the roster says of a person, and the gradebook where the roster says nothing."""
    person = listed or Person(student, "", "", "", "", "", "", "")
    if not person.name:
        person = replace(person, first_name=known.first_name, last_name=known.last_name)
    return replace(
        person,
        email=person.email or known.email,
        platform_id=person.platform_id or known.platform_id,
    )


@dataclass(frozen=True)
class _Reader:
    course: Course
    problem_set: ProblemSet
    marks: Mapping[str, Mapping[str, NotebookMarks]]
    shared: Mapping[str, str]
    handed_in: Mapping[str, str]  # folders, by how their names are written

    def grade(self, person: Person, on_roster: bool) -> StudentGrade:
        marks = self.marks.get(person.student)
        if marks is None:
            left = Standing.NOT_GRADED if person.student in self.handed_in else Standing.NOTHING
            return StudentGrade(person, on_roster, (), left)
        record = records.load(self.course, self.problem_set.name, person.student)
        notebooks = tuple(
            self._points(exercise, person.student, marks[exercise.name], record)
            for exercise in self.problem_set.exercises
            if exercise.name in marks
        )
        if all(notebook.status is Status.MISSING and not notebook.total for notebook in notebooks):
            return StudentGrade(person, on_roster, (), Standing.NOTHING)
        standing = Standing.GRADED
        if self._has_changed(person.student, record):
            standing = Standing.CHANGED
        elif any(notebook.waiting or notebook.outdated for notebook in notebooks):
            standing = Standing.OPEN
        return StudentGrade(person, on_roster, notebooks, standing, records.state(marks))

    def _points(
        self, exercise: Exercise, student: str, marks: NotebookMarks, record: SubmissionGrade | None
    ) -> NotebookPoints:
        automatic = {grade_id(cell) for cell in exercise.automatic_cells}
        extra = marks.extra
        given = {
            name: score - extra.get(name, 0.0) for name, score in marks.scores.items() if score is not None
        }
        status = {n.notebook: n.status for n in record.notebooks} if record else {}
        return NotebookPoints(
            exercise.name,
            status.get(exercise.name, Status.GRADED),  # by stock nbgrader, where there is no record
            math.fsum(score for name, score in given.items() if name in automatic),
            math.fsum(score for name, score in given.items() if name not in automatic),
            math.fsum(extra.values()),
            marks.penalty,
            sum(score is None for score in marks.scores.values()),
            len(marks.outdated),
        )

    def _has_changed(self, student: str, record: SubmissionGrade | None) -> bool:
        """Whether `course grade` would grade it again."""
        folder = self.course.submitted / self.handed_in.get(student, student) / self.problem_set.name
        if record is None or student not in self.handed_in:
            return False
        try:
            return record.fingerprint != fingerprint(self.course, self.problem_set, folder, self.shared)
        except OSError:  # it cannot be read as it could when it was graded
            return True
