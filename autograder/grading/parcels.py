"""All that grading a submission needs, as bytes, for a machine that shares no disk with this one.

A parcel says nothing of whose the hand-in is, and holds no secret of the course's but the seed that was drawn
for it. Neither parcels nor grades are pickled: they are msgpack, read back as the types they are said to be.
"""

from __future__ import annotations

import errno
import os
import tempfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import msgspec
from traitlets.config import Config

from autograder.course import Course, Limits
from autograder.files import plain_files
from autograder.grading.submission import NotebookGrade, SubmissionGrade, grade_notebooks
from autograder.problem_sets.handed_in import other_notebooks
from autograder.problem_sets.notebooks import (
    MAX_NOTEBOOK_BYTES,
    Exercise,
    ProblemSet,
    grade_id,
    points,
    read_problem_set,
)
from autograder.problem_sets.waivers import path_of
from autograder.running.run import Runs, working_files

T = TypeVar("T")

MAX_EMPTY_BYTES = 1 << 40  # of a file that is sent without its content
NO_NAMES_HERE = (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL)
MAX_PARCEL_BYTES = 1_000_000_000
MAX_ANSWER_BYTES = 100_000_000  # of one notebook: what it may hold and print is far less
NOWHERE = "nowhere"  # what a link leads to, on the other side


@dataclass(frozen=True)
class Sent:
    """One file of a hand-in, by its name below the folder. Of what nobody reads, only the size is sent."""

    name: bytes  # as the file system has it: it may be no text
    size: int
    content: bytes | None


@dataclass(frozen=True)
class Parcel:
    """A hand-in to grade: all its exercises, or `only` some, with inputs drawn from `seed`.

    `issued` is the problem set, see `pack_issued`. `links` are issued names that are no plain files,
    and `.` when the folder itself is a link.
    """

    assignment: str
    issued: bytes
    limits: Limits
    seed: bytes  # more than 64 bits
    files: tuple[Sent, ...]
    links: tuple[str, ...]
    only: tuple[str, ...] | None


# ------------------------------------------------------------------ on the side that asks


def pack_issued(course: Course, problem_set: ProblemSet) -> bytes:
    """The problem set, what students got of it, and what is waived: the same for a whole class."""
    released = course.release / problem_set.name
    waivers = path_of(course.source)
    paths = {f"source/{waivers.name}": waivers}
    for name in (*(one.path.name for one in problem_set.notebooks), *map(str, problem_set.extra_files)):
        paths[f"source/{problem_set.name}/{name}"] = problem_set.directory / name
        paths[f"release/{problem_set.name}/{name}"] = released / name
    return _packed({name: path.read_bytes() for name, path in paths.items() if path.is_file()})


def pack(
    course: Course,
    problem_set: ProblemSet,
    issued: bytes,
    given: SubmissionGrade,
    only: Collection[str] | None = None,
) -> bytes:
    """The parcel of a submission, which is `given` without its grades. Raises OSError."""
    folder = course.submitted / given.student / given.assignment
    return _packed(
        Parcel(
            given.assignment,
            issued,
            course.limits,
            given.seed.to_bytes(32),
            tuple(_files(problem_set, folder)),
            tuple(_links(problem_set, folder)),
            None if only is None else tuple(only),
        )
    )


def _files(problem_set: ProblemSet, folder: Path) -> Iterator[Sent]:
    """Everything in the folder, the content of what may be read of it."""
    notebooks = set(other_notebooks(problem_set, folder))
    read: dict[Path, bytes] = {}
    for place in {folder, *(path.parent for path in notebooks)}:
        read |= {place / name: content for name, content in working_files(problem_set, place).items()}
    notebooks |= {folder / exercise.path.name for exercise in problem_set.exercises}
    for path in plain_files(folder):
        name, size = os.fsencode(path.relative_to(folder)), path.stat().st_size
        if path in notebooks and size <= MAX_NOTEBOOK_BYTES:
            read[path] = path.read_bytes()
        content = read.get(path)
        yield Sent(name, size if content is None else len(content), content)


def _links(problem_set: ProblemSet, folder: Path) -> Iterator[str]:
    if folder.is_symlink():
        yield "."
    for exercise in problem_set.exercises:
        path = folder / exercise.path.name
        if path.is_symlink() or (path.exists() and not path.is_file()):
            yield exercise.path.name


def read_grades(packed: bytes, asked: Sequence[Exercise]) -> tuple[NotebookGrade, ...]:
    """The grades of these exercises that came back. Raises ValueError when these bytes are none of them.

    Names become paths and scores marks, so they have to be what a grade of these exercises can hold.
    """
    grades = _unpacked(packed, tuple[NotebookGrade, ...], MAX_ANSWER_BYTES * len(asked))
    if [grade.notebook for grade in grades] != [exercise.name for exercise in asked]:
        raise ValueError("these are not the notebooks that were asked for")
    for grade, exercise in zip(grades, asked, strict=True):
        cells = [(str(grade_id(cell)), points(cell)) for cell in exercise.automatic_cells]
        if [(cell.grade_id, cell.max_score) for cell in grade.cells] != cells:
            raise ValueError(f"{exercise.name} has other tests, or other points for them")
        if not all(0 <= cell.score <= cell.max_score for cell in grade.cells):  # nor is NaN
            raise ValueError(f"{exercise.name} has a score that is no part of its points")
    return grades


# ------------------------------------------------------------------ on the side that grades


class Unpacked:
    """A problem set on the disk of a machine that grades; the next one takes its place."""

    def __init__(self) -> None:
        self._issued = b""
        self._place: tempfile.TemporaryDirectory[str] | None = None

    def grade(self, runner: Runs, parcel: bytes) -> bytes:
        """The packed grades of a parcel. Raises Stopped, OSError, CourseError; ValueError when it is none."""
        asked = _unpacked(parcel, Parcel)
        course, problem_set = self._problem_set(asked)
        with tempfile.TemporaryDirectory(prefix="course-") as top:
            folder = Path(top) / asked.assignment
            _write(asked, folder)
            seed = int.from_bytes(asked.seed)
            notebooks = grade_notebooks(runner, course, problem_set, folder, seed, asked.only)
        return _packed(notebooks)

    def _problem_set(self, asked: Parcel) -> tuple[Course, ProblemSet]:
        if self._place is None or self._issued != asked.issued:
            self.close()
            self._place = tempfile.TemporaryDirectory(prefix="course-")
            root = Path(self._place.name)
            for name, content in _unpacked(asked.issued, dict[str, bytes]).items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            self._issued, self._course = asked.issued, _course_in(root)
            self._read = read_problem_set(self._course.source, asked.assignment)
        return replace(self._course, limits=asked.limits), self._read

    def close(self) -> None:
        if self._place is not None:
            self._place.cleanup()
        self._place = None


def _course_in(root: Path) -> Course:
    folders = {name: root / name for name in ("source", "release", "solutions", "grading")}
    handed = {name: root / "grading" / name for name in ("submitted", "autograded", "feedback")}
    return Course(root, **folders, **handed, db_url="", limits=Limits(), config=Config())


def _write(asked: Parcel, folder: Path) -> None:
    """The hand-in as it was: large where it was too large to be read, odd where it was odd."""
    if "." in asked.links:
        folder.symlink_to(NOWHERE)
        return
    folder.mkdir()
    for sent in asked.files:
        try:
            path = folder / os.fsdecode(sent.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(sent.content or b"")
            if sent.content is None:
                os.truncate(path, min(sent.size, MAX_EMPTY_BYTES))
        except OSError as error:  # a name that this disk cannot have, below a longer path than at home
            if sent.content is not None or error.errno not in NO_NAMES_HERE:
                raise
    for name in asked.links:
        (folder / name).symlink_to(NOWHERE)


def _packed(value: object) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(value), 1)


def _unpacked(packed: bytes, kind: type[T], most: int = MAX_PARCEL_BYTES) -> T:
    """Raises ValueError when these bytes hold something else, or more than so many bytes."""
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(packed, most)
        if not unpacking.eof:
            problem = "they are cut off" if len(content) < most else f"it has more than {most} bytes"
            raise ValueError(f"these bytes hold no {kind.__name__}: {problem}")
        return msgspec.msgpack.decode(content, type=kind)
    except (zlib.error, msgspec.MsgspecError) as error:
        raise ValueError(f"these bytes hold no {kind.__name__}: {error}") from error
