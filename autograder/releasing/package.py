"""One archive for students: `dist/<ps>-<version>.zip`, and the record of what was released.

The version stands in the folder's name, in START-HERE.txt and in each notebook's metadata. It is put in
here, so that `release/` stays what stock nbgrader writes. Whoever packs the same problem set gets the same
bytes: names in order, one date, one mode, nothing compressed, since zlib's builds differ.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.course import Course
from autograder.errors import ContentError, CourseError
from autograder.files import write_whole, zipped
from autograder.problem_sets.key import FORMULA
from autograder.problem_sets.key_text import judging_sources
from autograder.problem_sets.notebooks import (
    Exercise,
    ProblemSet,
    SourceNotebook,
    automatic_points,
    grade_id,
    hand_points,
    is_automatic,
    is_solution,
    is_task,
    points,
    to_text,
)
from autograder.problem_sets.outline import outline, sections
from autograder.problem_sets.regions import markers, region_lines
from autograder.releasing.build import release_files, released

NEEDED = ("ipykernel", "jupyterlab", "matplotlib", "numpy")  # by who opens a notebook and runs its cells
PYTHON = "3.11"  # the oldest that runs them
START = "START-HERE.txt"
REQUIREMENTS = "requirements.txt"


@dataclass(frozen=True)
class CellRecord:
    """A cell as it was released. `shown` and `hidden` are digests of what students see, and do not.

    `about` is the function that it asks for or tests, if any; `section` the heading above it.
    """

    id: str
    kind: str  # "text", "code", "locked", "solution", "test", "hidden test" or "task"
    section: str
    about: str
    points: float
    shown: str
    hidden: str


@dataclass(frozen=True)
class NotebookRecord:
    """A notebook as it was released; `key` is a digest of what its answer key judges by, if it has one."""

    name: str
    key: str
    cells: tuple[CellRecord, ...]


@dataclass(frozen=True)
class Version:
    """One release of a problem set.

    `archive` is the SHA-256 of its archive, `files` those of the files beside the notebooks. `changes` says
    what became different, for students. Of older versions, `files` and `notebooks` are not kept.
    """

    number: int
    archive: str
    due: str
    changes: tuple[str, ...]
    files: dict[str, str]
    notebooks: tuple[NotebookRecord, ...]


@dataclass(frozen=True)
class Package:
    """An archive that could be released: its bytes, and what is to be kept of it."""

    problem_set: str
    version: Version
    archive: bytes

    @property
    def name(self) -> str:
        return f"{self.problem_set}-{self.version.number}"


# ------------------------------------------------------------------ the record


def record_path(course: Course, name: str) -> Path:
    """Where it stands what was released of a problem set. It is committed."""
    return course.root / "releases" / f"{name}.json"


def archive_path(course: Course, package: Package) -> Path:
    return course.root / "dist" / f"{package.name}.zip"


def read_releases(course: Course, name: str) -> tuple[Version, ...]:
    """The versions of a problem set, the oldest first. Raises CourseError when the record is damaged."""
    path = record_path(course, name)
    try:
        found = msgspec.json.decode(path.read_bytes(), type=tuple[Version, ...])
    except FileNotFoundError:
        return ()
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} is damaged ({error}); take it from the repository again.") from error
    if [version.number for version in found] != list(range(1, len(found) + 1)):
        raise CourseError(f"{path} misses a version; take it from the repository again.")
    return found


def write_package(course: Course, package: Package) -> Path:
    """Write the archive, its checksum, and last the record; where the archive is.

    Raises CourseError when the record is damaged, OSError when a file cannot be written.
    """
    known = read_releases(course, package.problem_set)
    older = (replace(v, files={}, notebooks=()) for v in known if v.number < package.version.number)
    record = msgspec.json.format(msgspec.json.encode((*older, package.version)), indent=1).decode()
    path = archive_path(course, package)
    write_whole(path, package.archive)
    write_whole(path.with_name(f"{path.name}.sha256"), f"{package.version.archive}  {path.name}\n")
    write_whole(record_path(course, package.problem_set), record + "\n")
    return path


# ------------------------------------------------------------------ the archive


def pack(
    course: Course,
    problem_set: ProblemSet,
    number: int = 1,
    due: str = "",
    changes: tuple[str, ...] = (),
) -> Package:
    """The archive of a problem set under a version number, and its record.

    due is the moment it is due, in words; changes what became different since the version before.
    Raises ContentError when there is no exercise, when a notebook cannot be released, or when
    requirements.lock lacks what is needed.
    """
    if not problem_set.exercises:
        raise ContentError(
            f"{problem_set.name} has no exercise to hand in; add one with `course new-exercise "
            f"{problem_set.name} NAME`."
        )
    notebooks = {source.path.name: released(course, source.notebook) for source in problem_set.notebooks}
    beside = {REQUIREMENTS: requirements(course).encode()}
    beside |= {
        name: content for name, content in release_files(course, problem_set).items() if name not in notebooks
    }
    files = {START: _start_here(problem_set, number, due, changes, sorted(beside)).encode()} | beside
    for name, notebook in notebooks.items():
        stamp = {"problem_set": problem_set.name, "version": str(number)}
        notebook.metadata["course"] = nbformat.from_dict(stamp)
        files[name] = to_text(notebook).encode()
    folder = f"{problem_set.name}-{number}"
    archive = zipped((f"{folder}/{name}", content) for name, content in sorted(files.items()))
    version = Version(
        number,
        hashlib.sha256(archive).hexdigest(),
        due,
        changes,
        {name: _digest(content) for name, content in sorted(beside.items())},
        tuple(_recorded(source, notebooks[source.path.name]) for source in problem_set.notebooks),
    )
    return Package(problem_set.name, version, archive)


def requirements(course: Course) -> str:
    """What students install, at the versions that grade them. Raises ContentError when the lock lacks one."""
    lock = course.root / "requirements.lock"
    try:
        text = lock.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ContentError(f"{lock} is missing: students' {REQUIREMENTS} is made of it.") from None
    lines = ["# python -m pip install -r requirements.txt"]
    for name in NEEDED:
        found = re.findall(rf"^({name}==[^\s;]+(?: ; [^\\\n]*[^\\\s])?)", text, re.MULTILINE)
        if not found:
            raise ContentError(f"{lock} has no line for {name}, which students need; run `make lock`.")
        lines += found
    return "\n".join(lines) + "\n"


def _recorded(source: SourceNotebook, issued: NotebookNode) -> NotebookRecord:
    """The cells of a source notebook beside those that students get."""
    key = ""
    about: dict[str, str] = {}
    if isinstance(source, Exercise):
        key = _digest(json.dumps(judging_sources(source.key.name)).encode())
        for question in outline(source).questions:
            about |= dict.fromkeys((question.id, *question.tests), question.title)
    placed = sections(source.notebook)
    return NotebookRecord(
        source.name,
        key,
        tuple(
            CellRecord(
                cell.id,
                _kind(cell),
                placed[cell.id],
                about.get(cell.id, ""),
                points(cell),
                _digest(json.dumps([seen.cell_type, seen.source, seen.get("attachments")]).encode()),
                _digest("\n".join(_kept_back(cell.source)).encode()),
            )
            for cell, seen in zip(source.notebook.cells, issued.cells, strict=True)
        ),
    )


def _kept_back(source: str) -> list[str]:
    return [line.rstrip() for name in ("HIDDEN TESTS", "MARK SCHEME") for line in region_lines(source, name)]


def _kind(cell: NotebookNode) -> str:
    if is_task(cell) or (is_solution(cell) and points(cell)):
        return "task"  # marked by hand, where it stands or below
    if is_solution(cell):
        return "solution"
    if is_automatic(cell):
        return "hidden test" if markers(cell.source, "HIDDEN TESTS") else "test"
    if grade_id(cell):
        return "locked"
    return "code" if cell.cell_type == "code" else "text"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


# ------------------------------------------------------------------ what students read first


def _start_here(
    problem_set: ProblemSet, number: int, due: str, changes: tuple[str, ...], beside: list[str]
) -> str:
    """Open, run, hand in, what counts: for somebody who is tired."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=jinja2.select_autoescape(),  # of pages; this is a text
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    exercises = problem_set.exercises
    automatic = math.fsum(automatic_points(exercise.notebook) for exercise in exercises)
    by_hand = math.fsum(hand_points(exercise.notebook) for exercise in exercises)
    width = max(len(exercise.path.name) for exercise in exercises)
    return environment.get_template("start_here.txt").render(
        name=problem_set.name,
        number=number,
        python=PYTHON,
        together=" and ".join(name for name in beside if name != REQUIREMENTS),
        materials=[material.path.name for material in problem_set.materials],
        files=[
            (f"{e.path.name:{width}}", f"{automatic_points(e.notebook) + hand_points(e.notebook):g}")
            for e in exercises
        ],
        due=due,
        all_points=f"{automatic + by_hand:g}",
        automatic=f"{automatic:g}",
        by_hand=f"{by_hand:g}",
        formulas=_wants_formulas(problem_set),
        changes=changes,
    )


def _wants_formulas(problem_set: ProblemSet) -> bool:
    return any(
        check.name == FORMULA
        for exercise in problem_set.exercises
        for question in exercise.key.questions.values()
        for check in question.checks
    )
