"""What a person looked at and found to be fine to release: `accepted.toml`, beside course_config.py.

An entry names a thing and its SHA-256: what has changed since has to be looked at again.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import write_whole
from autograder.problem_sets.notebooks import read_problem_set
from autograder.searching.contents import Contents, Opaque, Text, read_contents

FILE_NAME = "accepted.toml"
HEAD = """\
# What a person looked at before it was released, and found to be fine. Written by
# course check PS --accept FILE --because "…"; an entry may be taken out by hand.
"""


@dataclass(frozen=True)
class Accepted:
    """One thing that was looked at: of which problem set, its name, as it was then, and why it is fine."""

    problem_set: str
    file: str
    sha256: str
    because: str


def read_accepted(course: Course) -> tuple[Accepted, ...]:
    """What was accepted so far. Raises CourseError when the file is damaged."""
    path = course.root / FILE_NAME
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")).get("accepted", [])
        return tuple(
            Accepted(*(str(entry[name]) for name in ("problem_set", "file", "sha256", "because")))
            for entry in found
        )
    except FileNotFoundError:
        return ()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(
            f"{path} is damaged ({error}); repair it by hand, or restore it from version control."
        ) from None


def accepted_in(course: Course, name: str) -> set[tuple[str, str]]:
    """The names and SHA-256 of what was accepted in a problem set. Raises CourseError."""
    return {(one.file, one.sha256) for one in read_accepted(course) if one.problem_set == name}


def accept(course: Course, name: str, files: Sequence[str], because: str) -> tuple[Accepted, ...]:
    """Write down that these things of a release were looked at; what was accepted before under a name goes.

    Raises UnknownProblemSet, and CourseError when there is no such thing in the release.
    """
    read_problem_set(course.source, name)
    contents = read_contents(course.release / name, f"release/{name}")
    known = _by_name(contents)
    fresh: list[Accepted] = []
    for file in files:
        short = file.removeprefix("./")
        for folder in (course.release.name, course.source.name):
            short = short.removeprefix(f"{folder}/{name}/")
        if short not in known:
            waiting = sorted({one.name for one in contents.opaque})
            there = f"there is: {', '.join(waiting)}" if waiting else "nothing in it has to be looked at"
            raise CourseError(f"release/{name} holds no {file}; {there}. Run `course build` first.")
        fresh += [Accepted(name, short, sha256, because) for sha256 in sorted(known[short])]
    names = {one.file for one in fresh}
    kept = [one for one in read_accepted(course) if one.problem_set != name or one.file not in names]
    _write(course.root / FILE_NAME, [*kept, *fresh])
    return tuple(fresh)


def _by_name(contents: Contents) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    things: list[Opaque | Text] = [*contents.opaque, *contents.texts]
    for one in things:
        found.setdefault(one.name, set()).add(one.sha256)
    return found


def _write(path: Path, entries: Sequence[Accepted]) -> None:
    blocks = [
        "\n".join(
            ["[[accepted]]"]
            + [
                f"{name} = {json.dumps(getattr(one, name), ensure_ascii=False)}".replace("\x7f", "\\u007f")
                for name in ("problem_set", "file", "sha256", "because")
            ]
        )
        for one in sorted(entries, key=lambda one: (one.problem_set, one.file, one.sha256))
    ]
    write_whole(path, "\n\n".join([HEAD.rstrip(), *blocks]) + "\n")
