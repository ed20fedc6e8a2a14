"""The people of a course: read from whatever list a platform gives, kept in grading/roster.csv."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from autograder.course import Course
from autograder.errors import ContentError
from autograder.exchange.columns import Ask, choose_columns, read_table
from autograder.files import write_whole
from autograder.lateness.collected import Collected

NO_PEOPLE = re.compile(r"\W*(points possible|student,? test|test,? student|manual posting)\W*", re.I)
# "Participant 107", as Moodle writes it in its languages, some without a space.
PARTICIPANT = re.compile(r"\D+ \D*?(\d+)\D*|(?i:partici|teilnehm|parteci|deelnem|deltag|uczest)\D*?(\d+)\D*")
MAX_NAME = 100  # characters of a student's folder; grading takes 120
FORBIDDEN = {**dict.fromkeys(map(ord, '/\\*?"<>|:'), "-"), ord("["): "(", ord("]"): ")"}


@dataclass(frozen=True)
class Person:
    """Somebody on the roster. `student` is the name of their folder in grading/submitted/."""

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
        """First and last name, as far as they are known."""
        return f"{self.first_name} {self.last_name}".strip()


def roster_file(course: Course) -> Path:
    return course.grading / "roster.csv"


def columns_file(course: Course) -> Path:
    """Where it is remembered which column of the roster holds what."""
    return course.grading / "roster-columns.toml"


def read_roster(course: Course) -> tuple[Person, ...]:
    """The people of a course; none when no roster was imported. Raises ContentError when it is damaged."""
    path = roster_file(course)
    if not path.exists():
        return ()
    names = [field.name for field in fields(Person)]
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows, columns = list(reader), set(reader.fieldnames or ())
    except (OSError, ValueError, csv.Error):
        raise ContentError(f"{path} cannot be read: give the list again with --roster.") from None
    if set(names) - columns:
        raise ContentError(f"{path} lacks columns: give the list again with --roster.")
    people = tuple(Person(**{name: row[name] or "" for name in names}) for row in rows)
    for person in people:
        if unicodedata.normalize("NFC", person.student) != as_student(person.student):
            raise ContentError(f"{path}: {person.student!r} is no name of a folder; write another one there.")
    if len({person.student for person in people}) < len(people):
        raise ContentError(f"{path} has two people with one folder: write another name for one of them.")
    return people


def import_roster(
    course: Course,
    path: Path,
    ask: Ask | None = None,
    collected: Iterable[Collected] = (),
    dry_run: bool = False,
) -> tuple[Person, ...]:
    """Read a platform's list of people, and keep it in grading/roster.csv.

    Whoever had a folder keeps it: by the roster there was, or by what was `collected`. `ask` is asked
    for columns that are not known. A dry run keeps nothing. Raises ContentError.
    """
    table = read_table(path)
    chosen = choose_columns(table, columns_file(course), None if dry_run else ask)
    found = [_person({field: row.get(column, "") for field, column in chosen.items()}) for row in table.rows]
    people = _named(_merged(one for one in found if one), read_roster(course), collected)
    if not people:
        raise ContentError(f"{path} names nobody.")
    if not dry_run:
        write_roster(course, people)
    return people


def write_roster(course: Course, people: Iterable[Person]) -> None:
    """Keep the people of a course, in one step."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Person)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(asdict, people))
    write_whole(roster_file(course), text.getvalue())


def _person(said: Mapping[str, str]) -> Person | None:
    """One row; None for a row that is no person. `student` is what the list says, or empty."""
    if not any(said.values()) or NO_PEOPLE.fullmatch(said.get("name", "")):
        return None
    first, last = said.get("first_name", ""), said.get("last_name", "")
    if not first and not last:
        first, last = _split(said.get("name", ""))
    number = said.get("platform_id", "")
    if found := PARTICIPANT.fullmatch(number):
        number = found[1] or found[2]
    rest = [said.get(field, "") for field in ("email", "section", "group")]
    return Person(said.get("student", ""), number, said.get("login", ""), first, last, *rest)


def _split(name: str) -> tuple[str, str]:
    """First and last name of a whole one: "Doe, Jane", or "Jane Doe" with the last word as last name."""
    if "," in name:
        last, _, first = name.partition(",")
        return first.strip(), last.strip()
    first, _, last = name.rpartition(" ")
    return first.strip(), last.strip()


def _merged(found: Iterable[Person]) -> list[Person]:
    """One person a platform's id or login, also who is listed once for each section."""
    people: dict[tuple[str, ...], Person] = {}
    for number, person in enumerate(found):
        key = (person.platform_id, person.login.casefold(), person.email.casefold())
        if not any(key):
            key = (str(number), "by place", "")
        before = people.setdefault(key, person)
        if person.section not in before.section.split(" and "):
            people[key] = replace(before, section=f"{before.section} and {person.section}".strip())
    return list(people.values())


def _named(
    found: list[Person], before: tuple[Person, ...], collected: Iterable[Collected]
) -> tuple[Person, ...]:
    """Give each a folder: the one they have, or one of the list, the login, the e-mail or the name."""
    # Moodle's numbers are others in each assignment, and no user's.
    ids = (one for one in collected if one.platform_id and one.platform == "canvas")
    had = {("platform_id", one.platform_id): one.student for one in ids}
    had |= {key: person.student for person in before for key in keys_of(person)}
    taken: set[str] = set()
    kept = []
    for person in found:
        name = next((had[key] for key in keys_of(person) if key in had), "")
        if name in taken or person.student:
            name = ""
        taken |= {name} - {""}
        kept.append(name)
    people = []
    for person, name in zip(found, kept, strict=True):
        if not name:
            base = person.student or person.login or person.email.partition("@")[0] or person.name
            name = free_name(base or person.platform_id, person.platform_id or person.email, taken)
            taken.add(name)
        people.append(replace(person, student=name))
    return tuple(people)


def keys_of(person: Person) -> list[tuple[str, str]]:
    """What tells somebody apart, the strongest first."""
    said = [("platform_id", person.platform_id), ("login", person.login), ("email", person.email)]
    return [(field, value.casefold()) for field, value in said if value]


# ------------------------------------------------------------------ names of folders


def as_student(name: str) -> str:
    """A safe name of a folder for whatever somebody is called; the same for composed and other accents.

    It has no separator, no leading dot, nothing that does not print, and is short enough to be graded.
    """
    text = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode()).translate(FORBIDDEN)
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    text = " ".join(text.split()).lstrip(".- ")[:MAX_NAME].rstrip(". ")
    while len(text.encode()) > MAX_NAME * 2:
        text = text[:-1]
    return text.strip() or "nameless"


def free_name(name: str, platform_id: str, taken: Iterable[str]) -> str:
    """A folder's name that nobody has yet: the platform's id is added, and a number if it must be."""
    others = {one.casefold() for one in taken}
    base = as_student(name)
    if base.casefold() not in others:
        return base
    with_id = as_student(f"{base[: MAX_NAME - 30]}-{as_student(platform_id)[:20]}") if platform_id else base
    tries = (with_id, *(f"{with_id[: MAX_NAME - 8]}-{number}" for number in range(2, len(others) + 3)))
    return next(one for one in tries if one.casefold() not in others)
