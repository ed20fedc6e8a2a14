"""Grades as files: what Canvas and Moodle import as it stands, and a table with everything.

How the platforms read them is in docs/instructors.md. Both find people by an id, so a name is for people to
read: it is kept on one line, and no spreadsheet takes it for a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from autograder.exchange.grades import Grades, NotebookPoints, Standing, StudentGrade
from autograder.exchange.roster import Person
from autograder.problem_sets.notebooks import plain_text
from autograder.tables import harmless


class Platform(StrEnum):
    """Whom a file is for."""

    CANVAS = "canvas"
    MOODLE = "moodle"
    CSV = "csv"


POINTS_POSSIBLE = "Points Possible"  # in the first column it makes a row the assignments' own
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
# Without "Feedback comments": Moodle would put what stands there, also nothing, in place of each comment.
MOODLE = (
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum Grade",
    "Grade can be changed",
    "Last modified (submission)",
    "Last modified (grade)",
)
PERSON = ("student", "first_name", "last_name", "email", "login", "platform_id", "section", "group")
SUMS = ("automatic", "by_hand", "extra_credit", "penalty")


def cell(grade: StudentGrade, zeros: bool) -> str:
    """A person's total as a platform reads it; empty where there is none.

    With zeros, who handed in nothing has 0. Work that is not graded never has.
    """
    if grade.total is None:
        return "0" if zeros and grade.standing is Standing.NOTHING else ""
    return number(grade.total)


def known_to(platform: Platform, person: Person) -> bool:
    """Whether the platform can tell who this is.

    Both know people by a number. Canvas also finds them by the login.
    """
    if platform is Platform.CSV or is_id(person.platform_id):
        return True
    login = person.login
    return platform is Platform.CANVAS and bool(login) and login == one_line(login) == harmless(login)


def is_id(text: str) -> bool:
    """Whether this can be a platform's number for a person."""
    return text.isascii() and text.isdecimal()


def canvas(grades: Grades, known: Sequence[StudentGrade], zeros: bool, column: str) -> str:
    """The file for Canvas's "Import grades": one column, named as the assignment is there."""
    rows = [
        (*CANVAS, column),
        (f"    {POINTS_POSSIBLE}", "", "", "", "", number(grades.max_score)),
    ]
    for grade in known:
        person = grade.person
        name = one_line(", ".join(filter(None, (person.last_name, person.first_name))) or person.student)
        rows.append(
            (
                "" if POINTS_POSSIBLE in name else harmless(name),
                person.platform_id if is_id(person.platform_id) else "",
                "",
                harmless(one_line(person.login)),  # as it is, where Canvas finds a person by it: see known_to
                harmless(one_line(person.section)),
                cell(grade, zeros),
            )
        )
    return as_csv(rows)


def moodle(grades: Grades, known: Sequence[StudentGrade], zeros: bool) -> str:
    """The file for Moodle's "Upload grading worksheet", of an assignment."""
    rows: list[tuple[str, ...]] = [MOODLE]
    for grade in known:
        person = grade.person
        # PHP would let a backslash take the meaning from the quote that ends a cell.
        name = one_line(person.name or person.student).replace("\\", "/")
        rows.append(
            (
                f"Participant {person.platform_id}",
                harmless(name),
                harmless(one_line(person.email).replace("\\", "/")),
                "No submission" if grade.standing is Standing.NOTHING else "Submitted for grading",
                cell(grade, zeros),
                number(grades.max_score),
                "Yes",
                "-",
                "-",
            )
        )
    return as_csv(rows)


def table(grades: Grades, zeros: bool) -> str:
    """Everything, a line a person: who it is, each notebook's points, the sums, how far it has come."""
    head = [*PERSON]
    for name in grades.worth:
        head += [f"{name} {part}" for part in ("status", *SUMS, "max")]
    rows: list[list[str]] = [[*head, *SUMS, "total", "max", "waiting", "status"]]
    for grade in grades.students:
        by_name = {notebook.notebook: notebook for notebook in grade.notebooks}
        row = [harmless(getattr(grade.person, field)) for field in PERSON]
        for name, worth in grades.worth.items():
            row += [*_parts(by_name.get(name)), number(worth)]
        row += [_sum(grade.notebooks, part) for part in SUMS]
        waiting = grade.waiting + grade.outdated
        rows.append([*row, cell(grade, zeros), number(grades.max_score), str(waiting), str(grade.standing)])
    return as_csv(rows)


def _parts(points: NotebookPoints | None) -> Iterator[str]:
    yield "" if points is None else str(points.status)
    for part in SUMS:
        yield "" if points is None else number(getattr(points, part))


def _sum(notebooks: Sequence[NotebookPoints], part: str) -> str:
    return number(sum(getattr(notebook, part) for notebook in notebooks)) if notebooks else ""


def twice(known: Sequence[StudentGrade]) -> Mapping[str, list[StudentGrade]]:
    """Whom a platform would take for one person, by the number or login that they share."""
    found_by: dict[str, list[StudentGrade]] = {}
    for grade in known:
        number, login = grade.person.platform_id, grade.person.login
        found_by.setdefault(number.lstrip("0") if is_id(number) else login.casefold(), []).append(grade)
    return {key: grades for key, grades in found_by.items() if len(grades) > 1}


# ------------------------------------------------------------------ cells


def one_line(text: str) -> str:
    """A name to be read by people: on one line, without what does not print or turns text around."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def number(value: float) -> str:
    """Points with a decimal point, four decimals at most: 7.5, 10, 0."""
    return f"{round(value, 4) + 0.0:.4f}".rstrip("0").rstrip(".")


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """A CSV file's text: commas, quotes where they are needed, UTF-8 when it is written."""
    file = io.StringIO()
    csv.writer(file).writerows(rows)  # lines end in \r\n: with \n alone, a \r in a cell would get no quotes
    return plain_text(file.getvalue())
