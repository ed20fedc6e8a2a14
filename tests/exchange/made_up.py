"""A class whose grades are made up: entered as grading enters them, without a notebook being run."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path

from autograder.course import Course
from autograder.exam.examine import Outcome
from autograder.exchange.roster import Person
from autograder.grading import records
from autograder.grading.entering import enter
from autograder.grading.gradebook import enter_assignment
from autograder.grading.points import CellGrade
from autograder.grading.submission import NotebookGrade, SubmissionGrade, fingerprint
from autograder.problem_sets.notebooks import ProblemSet, grade_id, points, read_problem_set
from autograder.running.outputs import Status


def person(student, platform_id="", first="", last="", email="", login="", section="", group=""):
    return Person(student, platform_id, login, first, last, email, section, group)


PEOPLE = (
    person("ann", "101", "Ann", 'O\'Hara, "Annie\\"', "ann@example.org", "ann1", "A, morning"),
    person("Ünal, José (2)", "102", "José", "Ünal", "jose@example.org", "jose", "B"),
    person("mallory", "103", "=cmd|' /C calc'!A0", "+1", "=1+1@example.org", "@login", "-B"),
    person("lines", "104", "First\nline\r\nsecond", "\u202eknil\u202c\t", "l@example.org"),
    person("pointsposs", "105", "Points Possible", "", "p@example.org"),
    person("dora", "106", "Dora", "Nothing", "dora@example.org", "dora"),
)
NAMES = [person.student for person in PEOPLE if person.student != "dora"]


def write_roster(course: Course, people=PEOPLE) -> None:
    names = [field.name for field in fields(Person)]
    with (course.grading / "roster.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([getattr(person, name) for name in names] for person in people)


def made_up(
    course: Course, problem_set: ProblemSet, student: str, share: float, status: Status = Status.GRADED
) -> SubmissionGrade:
    """A submission that earns a share of each test's points."""
    folder = course.submitted / student / problem_set.name
    notebooks = tuple(
        NotebookGrade(
            exercise.name,
            status,
            tuple(
                CellGrade(
                    str(grade_id(cell)),
                    0.0 if status is Status.MISSING else share * points(cell),
                    points(cell),
                    "",
                    Outcome.PASSED,
                )
                for cell in exercise.automatic_cells
            ),
        )
        for exercise in problem_set.exercises
    )
    return SubmissionGrade(
        student, problem_set.name, fingerprint(course, problem_set, folder), notebooks, content=student
    )


def enter_class(course: Course, shares: Mapping[str, float]) -> None:
    """Hand in something for each student, and enter a share of the points, and a mark for each task."""
    problem_set = read_problem_set(course.source, "ps1")
    enter_assignment(course, problem_set)
    for student, share in shares.items():
        hand_in(course, student)
        enter_made_up(course, made_up(course, problem_set, student, share))
    with opened(course) as book:
        for number, task in enumerate(tasks(book)):
            task.manual_score, task.needs_manual_grade = number % 3 / 2, False


def hand_in(course: Course, student: str) -> None:
    folder = course.submitted / student / "ps1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "01_squared_norm.ipynb").write_text("{}")


def enter_made_up(course: Course, graded: SubmissionGrade) -> None:
    enter(course, graded)
    records.save(course, graded)


@contextlib.contextmanager
def opened(course: Course) -> Iterator:
    """nbgrader's own gradebook, as the formgrader uses it."""
    from nbgrader.api import Gradebook

    book = Gradebook(course.db_url, "matrix-calculus")
    try:
        yield book
        book.db.commit()
    finally:
        book.close()
        book.engine.dispose()


def tasks(book) -> list:
    rows = [
        grade
        for submission in book.find_assignment("ps1").submissions
        for notebook in submission.notebooks
        for grade in notebook.grades
        if grade.cell.type == "TaskCell"
    ]
    return sorted(rows, key=lambda grade: (grade.student.id, grade.notebook.name, grade.name))


def totals(course: Course) -> dict[str, float]:
    """What nbgrader itself makes of each submission."""
    with opened(course) as book:
        return {
            s.student_id: s.score - s.late_submission_penalty for s in book.find_assignment("ps1").submissions
        }


def read_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))
