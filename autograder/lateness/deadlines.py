"""When work is due, and for whom later: read from the settings and from grading/extensions.csv.

Nothing here knows what lateness costs: that is the policy's, a late-submission plug-in of nbgrader.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder.course import CONFIG_NAME, Course
from autograder.errors import CourseError

EXTENSIONS = "extensions.csv"  # in grading/
COLUMNS = ("student", "problem set", "until", "why")  # the last for people alone
MAX_BYTES = 5_000_000


@dataclass(frozen=True)
class Extension:
    """One student's own due date. `line` is where it stands in the file."""

    student: str
    problem_set: str
    until: datetime
    line: int


@dataclass(frozen=True)
class Deadlines:
    """Due dates by problem set, and extensions by (problem set, student). Moments are in UTC.

    A problem set that has None is never due; one that is not there is due when nbgrader's gradebook says.
    `extensions` is None where there is no file of them: then those in the gradebook stay.
    """

    due: Mapping[str, datetime | None]
    extensions: Mapping[tuple[str, str], Extension] | None

    def extension(self, problem_set: str, student: str) -> Extension | None:
        return (self.extensions or {}).get((problem_set, student))


def read_deadlines(course: Course) -> Deadlines:
    """What the course says. Raises CourseError that names the setting or the line which is no date."""
    settings = dict(course.config.Deadlines)
    if unknown := set(settings) - {"due", "timezone"}:
        raise CourseError(f"{course.root / CONFIG_NAME}: there is no setting c.Deadlines.{min(unknown)}.")
    zone = _zone(course, settings.get("timezone", "UTC"))
    due = settings.get("due", {})
    if not isinstance(due, dict):
        raise CourseError(
            f'{course.root / CONFIG_NAME}: c.Deadlines.due is {{"ps1": "2026-03-06 23:59"}}, or {{}}.'
        )
    moments = {
        str(name): None
        if said is None
        else _moment(str(said), zone, f"{course.root / CONFIG_NAME}, due date of {name}")
        for name, said in due.items()
    }
    path = course.grading / EXTENSIONS
    if not path.is_file():
        return Deadlines(moments, None)
    extensions: dict[tuple[str, str], Extension] = {}
    for extension in _read_extensions(path, zone):
        known = extensions.get((extension.problem_set, extension.student))
        if known is None or known.until < extension.until:
            extensions[extension.problem_set, extension.student] = extension
    return Deadlines(moments, extensions)


def due_in_words(course: Course, problem_set: str) -> str:
    """When a problem set is due, as students read it: "2026-03-06 23:59 (Europe/Zurich)"; empty if never.

    Raises CourseError as `read_deadlines` does.
    """
    due = read_deadlines(course).due.get(problem_set)
    if due is None:
        return ""
    zone = _zone(course, course.config.Deadlines.get("timezone", "UTC"))
    return f"{due.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"


def _zone(course: Course, name: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CourseError(
            f"{course.root / CONFIG_NAME}: this machine knows no time zone {name!r}, c.Deadlines.timezone. "
            'Write one like "Europe/Zurich"; `pip install tzdata` brings them where they are missing.'
        ) from None


def _moment(text: str, zone: ZoneInfo, where: str) -> datetime:
    """A date, to the end of that day, or a date and time; in the course's zone unless it has its own."""
    text = text.strip()
    try:
        if len(text) <= len("2026-03-06"):
            local = datetime.combine(date.fromisoformat(text), time(23, 59, 59))
        else:
            local = datetime.fromisoformat(text)
        moment = local if local.tzinfo else local.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CourseError(f"{where}: {text!r} is no date. Write 2026-03-06 23:59, or 2026-03-06.") from None


def _rows(path: Path, text: str, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(text.splitlines(), delimiter=delimiter))
    except csv.Error as error:
        raise CourseError(f"{path} is no table: {error}.") from None


def _read_extensions(path: Path, zone: ZoneInfo) -> Iterator[Extension]:
    """Lines of student, problem set, until, why: separated by commas or semicolons, with a head line."""
    if path.stat().st_size > MAX_BYTES:
        raise CourseError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CourseError(f"{path} is not in UTF-8. Save it as CSV UTF-8.") from None
    head = text.partition("\n")[0]
    for number, row in enumerate(
        _rows(path, text, ";" if head.count(";") > head.count(",") else ","), start=1
    ):
        cells = [cell.strip() for cell in row] + [""] * (len(COLUMNS) - len(row))
        if not any(cells):
            continue
        if number == 1:
            if [cell.lower().replace("_", " ") for cell in cells[:3]] != list(COLUMNS[:3]):
                raise CourseError(f"{path}, line 1: the columns are {', '.join(COLUMNS)}, in this order.")
            continue
        student, problem_set, until = cells[:3]
        if not (student and problem_set):
            raise CourseError(f"{path}, line {number}: names no student or no problem set.")
        moment = _moment(until, zone, f"{path}, line {number}")
        yield Extension(student, problem_set, moment, number)
