"""What lies among the submissions and is none: nobody's work may be passed over in silence."""

from __future__ import annotations

import contextlib
import filecmp
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from autograder.course import Course
from autograder.files import ARCHIVES, COMPRESSED, letters_of, plain_files

DEPTH = 4  # folders that are looked into, below a student's
OURS = (".ds_store", "thumbs.db", "desktop.ini")  # left by machines


class Why(StrEnum):
    """Why something is not graded."""

    LOOSE = "loose"  # a file in no student's folder
    LINK = "link"  # a link, which may lead anywhere
    TURNED = "turned"  # a problem set's folder that holds students, and not the other way round
    HIDDEN = "hidden"  # a student whose folder has a name that begins with a dot
    ELSEWHERE = "elsewhere"  # work of a student in another folder than the problem set's
    PACKED = "packed"  # archives that nobody opened, where notebooks are missing


@dataclass(frozen=True)
class Ignored:
    """One file or folder that grading passes over, and why."""

    path: Path
    why: Why


def find_ignored(
    course: Course, assignment: str, issued: Iterable[str], student: str | None = None
) -> list[Ignored]:
    """What grading an assignment passes over in grading/submitted/, or in one student's folder there.

    `issued` are the names of the assignment's notebooks. Work for other problem sets is not meant, nor are
    empty folders, nor is what cannot be looked into: grading says what is wrong with it.
    """
    if not course.submitted.is_dir():
        return []
    others = {path.name for path in course.source.glob("[!.]*") if path.is_dir()} - {assignment}
    look = _Look(assignment, frozenset(name.casefold() for name in issued), frozenset(others))
    found: list[Ignored] = []
    for path in sorted(course.submitted.iterdir()):
        if student in (None, path.name):
            with contextlib.suppress(OSError):
                found += look.at(path)
    return found


@dataclass(frozen=True)
class _Look:
    assignment: str
    issued: frozenset[str]
    others: frozenset[str]

    def at(self, path: Path) -> Iterator[Ignored]:
        if path.is_symlink():
            yield Ignored(path, Why.LINK)
        elif path.is_file():
            if path.name.casefold() not in OURS and not path.name.startswith("."):
                yield Ignored(path, Why.LOOSE)
        elif path.name.startswith("."):
            if _work(path / self.assignment):
                yield Ignored(path, Why.HIDDEN)
        elif path.is_dir():
            yield from self._in_folder(path)

    def _in_folder(self, student: Path) -> Iterator[Ignored]:
        own = student / self.assignment
        if _alike(student.name, self.assignment) and not own.is_dir():
            if _work(student):
                yield Ignored(student, Why.TURNED)
            return
        if own.is_symlink():
            yield Ignored(own, Why.LINK)
        elif own.is_dir() and self._lacks_what_is_packed(plain_files(own, DEPTH)):
            yield Ignored(own, Why.PACKED)
        if student.name in self.others:
            return
        has_work = own.is_dir()
        if any(_is_work(path) and not _is_copy(path, own / path.name) for path in _files(student)):
            yield Ignored(student, Why.ELSEWHERE)
        for folder in sorted(student.iterdir()):
            if folder.name.startswith(".") or folder.name in self.others or folder == own:
                continue
            if folder.is_symlink() or not folder.is_dir():
                continue
            found = _work(folder)
            known = {path.name.casefold() for path in found} & self.issued
            if found and (
                known or _alike(folder.name, self.assignment) or not (has_work or self._other(student))
            ):
                yield Ignored(folder, Why.ELSEWHERE)

    def _lacks_what_is_packed(self, files: list[Path]) -> bool:
        names = {path.name.casefold() for path in _notebooks(files)}
        return bool(_archives(files)) and not self.issued <= names

    def _other(self, student: Path) -> bool:
        return any((student / other).is_dir() for other in self.others)


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]


def _work(folder: Path) -> list[Path]:
    """Notebooks and archives below a folder that are not hidden."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    found = [path for path in plain_files(folder, DEPTH) if _is_work(path)]
    return [
        path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def _is_copy(path: Path, other: Path) -> bool:
    """Whether it lies where it belongs too."""
    return other.is_file() and filecmp.cmp(path, other, shallow=False)


def _is_work(path: Path) -> bool:
    return bool(_notebooks([path]) or _archives([path]))


def _notebooks(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if path.suffix.casefold() == ".ipynb"]


def _archives(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if path.name.casefold().endswith((*ARCHIVES, *COMPRESSED))]


def _alike(one: str, other: str) -> bool:
    """Whether two names differ in case, blanks and signs only."""
    return letters_of(one) == letters_of(other)
