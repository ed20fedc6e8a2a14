"""Who is in the class: grading/roster.csv."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields

from autograder.course import Course


@dataclass(frozen=True)
class Person:
    """One person of the class. `student` is the folder's name in grading/submitted/."""

    student: str
    platform_id: str
    login: str
    first_name: str
    last_name: str
    email: str
    section: str
    group: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def read_roster(course: Course) -> tuple[Person, ...]:
    """The people on the roster, in its order; none when there is no roster."""
    path = course.grading / "roster.csv"
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Person(**{field.name: row.get(field.name) or "" for field in fields(Person)})
            for row in csv.DictReader(file)
        )
