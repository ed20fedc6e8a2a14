"""Feedback pages in one archive, in the shape in which a platform hands them out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.exchange.grades import StudentGrade
from autograder.exchange.worksheets import Platform, one_line
from autograder.files import plain_files

LONGEST_NAME = 50  # of a folder: archives are unpacked below other folders, and paths have an end


@dataclass(frozen=True)
class Pages:
    """The pages of some people, by their names in the archive.

    `missing` have none, those of `outdated` show other marks than the gradebook has now or an earlier
    grading, and those of `unplaced` the platform could not hand out.
    """

    files: Mapping[str, Path]
    missing: tuple[str, ...]
    outdated: tuple[str, ...]
    unplaced: tuple[str, ...]


def find_pages(
    course: Course,
    assignment: str,
    platform: Platform,
    known: Sequence[StudentGrade],
    attachments: Mapping[str, int],
) -> Pages:
    """The pages of those people who have points.

    attachments has the platform's number of a file that each of them handed in: Canvas hangs pages on it.
    """
    files: dict[str, Path] = {}
    missing, outdated, unplaced = [], [], []
    taken: set[str] = set()
    for grade in known:
        student = grade.person.student
        if grade.total is None:
            continue
        folder = course.feedback / student / assignment
        pages = [path for path in plain_files(folder, depth=0) if path.suffix == ".html"]
        if folder / "index.html" not in pages:
            missing.append(student)
            continue
        if _state(folder) != grade.state or _is_newer(course.record(assignment, student), folder):
            outdated.append(student)
        if platform is Platform.CANVAS and not attachments.get(student):
            unplaced.append(student)
            continue
        prefix = _prefix(platform, grade, attachments.get(student, 0), taken)
        files |= {prefix + _page_name(platform, path.name): path for path in pages}
    return Pages(files, tuple(missing), tuple(outdated), tuple(unplaced))


def _state(folder: Path) -> str:
    """What marks the pages in a folder show."""
    with (folder / "index.html").open(encoding="utf-8", errors="replace") as file:
        found = re.search(r'<meta name="state" content="(\w*)">', file.read(2000))
    return found[1] if found else ""


def _is_newer(record: Path, folder: Path) -> bool:
    """Whether it was graded again since the pages in a folder were written."""
    return record.is_file() and record.stat().st_mtime_ns > (folder / "index.html").stat().st_mtime_ns


def _prefix(platform: Platform, grade: StudentGrade, attachment: int, taken: set[str]) -> str:
    """What the names of a person's pages begin with."""
    person = grade.person
    if platform is Platform.MOODLE:  # it takes the name apart at its underscores
        return f"{_safe(person.name or person.student, '')}_{person.platform_id}_assignsubmission_file_/"
    if platform is Platform.CANVAS:  # the same, and takes its first two numbers
        plain = unicodedata.normalize("NFKD", f"{person.last_name}{person.first_name}" or person.student)
        letters = "".join(letter for letter in plain if letter.isascii() and letter.isalpha()).lower()
        return f"{letters[:LONGEST_NAME] or 'student'}_{person.platform_id}_{attachment}_"
    name = wanted = _safe(person.student, "_")
    count = 1
    while name.casefold() in taken:
        count += 1
        name = f"{wanted} ({count})"
    taken.add(name.casefold())
    return f"{name}/"


def _page_name(platform: Platform, name: str) -> str:
    return name.replace("_", "-") if platform is Platform.CANVAS else name


def _safe(name: str, also: str) -> str:
    """A name that every system takes for one folder's."""
    allowed = f" -'(),.{also}"
    letters = unicodedata.normalize("NFC", one_line(name))
    kept = "".join(letter if letter.isalnum() or letter in allowed else "-" for letter in letters)
    kept = kept[:LONGEST_NAME].strip(" .")
    return (
        f"{kept} -" if not kept or re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", kept) else kept
    )
