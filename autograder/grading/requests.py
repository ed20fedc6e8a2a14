"""Regrade requests: a student's note on a submission, open until staff close it with an answer.

They stand in one CSV file, `grading/requests.csv`, which a spreadsheet may open and save. What a student
asked is shown on their pages and in the report until it is closed; then the answer is, on their pages.
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import fcntl
import io
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

from autograder.course import Course
from autograder.errors import ContentError, CourseError
from autograder.files import write_whole
from autograder.problem_sets.notebooks import as_label, plain_text
from autograder.tables import as_written, harmless

NAME = "requests.csv"
MAX_TEXT = 1000  # characters of what is asked, and of an answer: both stand on a page
MAX_BYTES = 20_000_000


@dataclass(frozen=True)
class Request:
    """One request on a student's submission of a problem set. Days are in UTC; `closed` has none yet."""

    student: str
    problem_set: str
    asked: str
    text: str
    closed: str = ""
    answer: str = ""

    @property
    def is_open(self) -> bool:
        return not self.closed


def read_requests(course: Course, assignment: str) -> tuple[Request, ...]:
    """The requests on a problem set, in their order. Raises ContentError when the file is no use."""
    return tuple(request for request in _read(course) if request.problem_set == assignment)


def ask(course: Course, assignment: str, student: str, text: str) -> None:
    """Note a request. Raises CourseError when it says nothing, or one of the same words is open."""
    said = _line(text, "The request")
    with _alone(course):
        known = _read(course)
        if any(
            (r.student, r.problem_set, r.text) == (student, assignment, said) and r.is_open for r in known
        ):
            raise CourseError(f"This request of {as_label(student)} on {assignment} is open already.")
        _write(course, [*known, Request(student, assignment, _today(), said)])


def close(course: Course, assignment: str, student: str, answer: str) -> int:
    """Close a student's open requests on a problem set with an answer; how many there were.

    Raises CourseError when there is none, or no answer.
    """
    said = _line(answer, "The answer")
    with _alone(course):
        known = _read(course)
        mine = [r for r in known if (r.student, r.problem_set) == (student, assignment) and r.is_open]
        if not mine:
            raise CourseError(f"{as_label(student)} has no open request on {assignment}.")
        done = {id(request) for request in mine}
        _write(course, [replace(r, closed=_today(), answer=said) if id(r) in done else r for r in known])
    return len(mine)


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def _line(text: str, what: str) -> str:
    said = " ".join(text.split())
    if not said or len(said) > MAX_TEXT:
        raise CourseError(f"{what} is to have 1 to {MAX_TEXT} characters; this has {len(said)}.")
    return as_label(said)


@contextlib.contextmanager
def _alone(course: Course) -> Iterator[None]:
    """Let nobody else read and write the file meanwhile."""
    course.grading.mkdir(parents=True, exist_ok=True)
    with (course.grading / f".{NAME}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(course: Course) -> list[Request]:
    path = course.grading / NAME
    names = [field.name for field in fields(Request)]
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ContentError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB. Take old requests out.")
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError:
        raise ContentError(f"{path} is not UTF-8. Save it as CSV in UTF-8.") from None
    head = text.partition("\n")[0]
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if ";" in head else ","))
    except csv.Error as error:
        raise ContentError(f"{path} is no CSV file: {error}.") from None
    if rows and not set(names) <= set(rows[0]):
        raise ContentError(f"{path} needs the columns {', '.join(names)}.")
    return [_request({name: row[name] or "" for name in names}) for row in rows]


def _request(row: dict[str, str]) -> Request:
    said = {name: as_written(text) for name, text in row.items()}
    shown = ("asked", "text", "closed", "answer")
    return Request(**said | {name: as_label(" ".join(said[name].split()))[:MAX_TEXT] for name in shown})


def _write(course: Course, requests: list[Request]) -> None:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    names = [field.name for field in fields(Request)]
    writer.writerow(names)
    for request in requests:
        texts = (plain_text(getattr(request, name)) for name in names)
        writer.writerow(map(harmless, texts))
    write_whole(course.grading / NAME, file.getvalue())
