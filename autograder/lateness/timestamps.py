"""When a submission was handed in: what collecting wrote counts, never a file of the student's own.

nbgrader's collect leaves timestamp.txt in the submission's folder. A file of that name which a student
packed into an archive lands in the same place, and nothing in it says whose it is: so the course's
settings say whether submissions are collected by nbgrader.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.course import Course

NAME = "timestamp.txt"
WHOSE = "submission_secret.txt"  # by which nbgrader hands feedback to nobody else
MAX_BYTES = 200
FORM = re.compile(
    r"20\d\d-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?( ?[A-Z]{3,5}|[+-]\d\d:?\d\d| [+-]\d{1,4})?"
)


def are_collected(course: Course) -> bool:
    """Whether nbgrader's collect put the submissions where they are."""
    return course.config.Submissions.get("timestamps", False) is True


def left_by_collect(course: Course, folder: Path) -> dict[str, str]:
    """What nbgrader's collect left in a submission's folder, by file: `release_feedback` asks for it.

    Empty unless both of them are there, and nbgrader collects.
    """
    moment, secret = read_timestamp(course, folder), folder / WHOSE
    if moment is None or secret.is_symlink() or not secret.is_file() or secret.stat().st_size > MAX_BYTES:
        return {}
    return {NAME: moment, WHOSE: secret.read_text(encoding="utf-8", errors="replace")}


def read_timestamp(course: Course, folder: Path) -> str | None:
    """The moment in a folder's timestamp.txt, as it stands there.

    None where there is none, where it is no moment of this century before tomorrow, or where
    nobody but the student can have written it.
    """
    from nbgrader.utils import parse_utc

    path = folder / NAME
    if (
        not are_collected(course)
        or path.is_symlink()
        or not path.is_file()
        or path.stat().st_size > MAX_BYTES
    ):
        return None
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    if not FORM.fullmatch(text):
        return None
    try:
        moment = parse_utc(text)
    except (ValueError, OverflowError):
        return None
    tomorrow = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
    return text if moment < tomorrow else None
