"""What the platform said of each hand-in when it was collected: who, when, and whether late.

One JSON file a problem set, beside the submissions and never among them. Only collecting writes it, from
what the platform says: nothing that a student packed gets in here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from autograder.course import Course
from autograder.errors import ContentError
from autograder.files import write_whole


class Collected(msgspec.Struct, frozen=True):
    """One student's hand-in, as the platform gave it.

    `student` is the folder's name in grading/submitted/. `handed_in` is a moment with its time zone, UTC;
    None where the platform gives none. `late` is what the platform says; None where it says nothing.
    `files` are the names in the student's folder. `order` is larger for a later hand-in of the same
    platform; 0 where it does not tell. `digest` is of what was handed in, whatever was done to it since.
    """

    student: str
    handed_in: datetime | None
    late: bool | None
    platform: str
    platform_id: str
    files: tuple[str, ...]
    order: int = 0
    digest: str = ""


def collected_file(course: Course, assignment: str) -> Path:
    """Where the record of a problem set is kept."""
    return course.grading / "collected" / f"{assignment}.json"


def read_collected(course: Course, assignment: str) -> dict[str, Collected]:
    """The record by student; empty when nothing was collected.

    Raises ContentError when it is damaged: to lose it would be to forget who was late.
    """
    path = collected_file(course, assignment)
    try:
        found = msgspec.json.decode(path.read_bytes(), type=tuple[Collected, ...])
    except FileNotFoundError:
        return {}
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ContentError(
            f"{path} is damaged. Put the one from a backup there, or delete it and collect again."
        ) from None
    if any(one.handed_in is not None and one.handed_in.tzinfo is None for one in found):
        raise ContentError(f"{path} has a time without a time zone. Delete it and collect again.")
    return {one.student: one for one in found}


def write_collected(course: Course, assignment: str, mapping: Mapping[str, Collected]) -> None:
    """Write the record of a problem set, in one step. Raises OSError."""
    rows = [mapping[student] for student in sorted(mapping)]
    text = msgspec.json.format(msgspec.json.encode(rows), indent=1).decode()
    write_whole(collected_file(course, assignment), text + "\n")
