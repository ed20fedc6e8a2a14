"""One submission in, one graded submission out. Touches no database."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from importlib import metadata
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.course import CONFIG_NAME, PACKAGE, Course
from autograder.exam.examine import Outcome
from autograder.files import MAX_HASHED_BYTES, hash_files, plain_files
from autograder.grading.points import CellGrade, cell_grade
from autograder.grading.seed import drawn_for
from autograder.problem_sets import handed_in
from autograder.problem_sets.notebooks import (
    AssignmentError,
    Exercise,
    ProblemSet,
    grade_id,
    is_automatic,
    is_locked,
    plain_text,
    points,
    read_problem_set,
    to_text,
)
from autograder.problem_sets.repair import repair
from autograder.problem_sets.waivers import path_of
from autograder.running.outputs import NOT_REACHED, Status, error_output
from autograder.running.run import Runs, make_job

SETS_A_LIMIT = "c.Limits."  # in a line of the settings
OF_DEADLINES = (  # worked out when they are read
    "c.Deadlines.",
    "c.LatePolicy.",
    "c.AssignLatePenalties.",
)
RUNS_IT = ("numpy", "matplotlib", "ipython", "ipykernel")  # another version may give another grade


class Part(StrEnum):
    """What a grade depends on, in the words in which people are told what has changed."""

    HAND_IN = "hand-in"
    TEST = "test"  # the notebooks of the problem set, and the files beside them
    ANSWER_KEY = "answer key"
    WAIVER = "waiver"
    SETTING = "setting"
    LIMITS = "limits"  # on student code, which are settings too
    RELEASE = "release"
    GRADER = "grader"  # the code of the course itself
    VERSIONS = "versions"  # of Python, and of the packages that run notebooks


@dataclass(frozen=True)
class NotebookGrade:
    """One notebook of one student, and how it fared.

    `executed` is the file text of the executed notebook, empty when there is none. `limited` says that
    a limit ended its run, or whoever killed it. `texts` is the same as long as the texts in it are that are
    not locked; empty when there is none, and in records of before.
    """

    notebook: str
    status: Status
    cells: tuple[CellGrade, ...]
    repairs: tuple[str, ...] = ()
    problem: str = ""
    executed: str = ""
    limited: bool = False
    texts: str = ""

    @property
    def score(self) -> float:
        return math.fsum(cell.score for cell in self.cells)

    @property
    def max_score(self) -> float:
        return math.fsum(cell.max_score for cell in self.cells)


@dataclass(frozen=True)
class SubmissionGrade:
    """All notebooks of one student's submission; `fingerprint` changes when its input does.

    `sandboxed` is False when student code ran unconfined, which every report then says. The inputs of
    hidden tests were drawn from `seed`, which belongs to a hand-in with this digest of its `content`.
    `parts` are what the fingerprint is made of, see `fingerprint_parts`; empty in records of before.
    """

    student: str
    assignment: str
    fingerprint: str
    notebooks: tuple[NotebookGrade, ...]
    sandboxed: bool = True
    content: str = ""
    seed: int = 0
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def limited(self) -> bool:
        """Whether a limit ended the run of a notebook, or whoever killed it."""
        return bool(self.limited_notebooks)

    @property
    def limited_notebooks(self) -> tuple[str, ...]:
        return tuple(notebook.notebook for notebook in self.notebooks if notebook.limited)

    def with_notebooks(self, graded: Iterable[NotebookGrade]) -> SubmissionGrade:
        """The same with these, in the place of those of their names."""
        notebooks = {notebook.notebook: notebook for notebook in (*self.notebooks, *graded)}
        return replace(self, notebooks=tuple(notebooks.values()))

    def slim(self) -> SubmissionGrade:
        """The same without executed notebooks, which are a hundred times as large."""
        return replace(self, notebooks=tuple(replace(n, executed="", limited=False) for n in self.notebooks))

    @property
    def score(self) -> float:
        return math.fsum(notebook.score for notebook in self.notebooks)

    @property
    def max_score(self) -> float:
        return math.fsum(notebook.max_score for notebook in self.notebooks)


def grade_submission(runner: Runs, course: Course, assignment: str, student: str) -> SubmissionGrade:
    """Grade every notebook of one submission. What student code does wrong is in the record."""
    issued = read_issued(course, assignment)
    given = ungraded_submission(course, issued.problem_set, student, issued.parts)
    folder = course.submitted / student / assignment
    notebooks = grade_notebooks(runner, course, issued.problem_set, folder, given.seed)
    return replace(given, notebooks=notebooks, sandboxed=runner.sandboxed)


def ungraded_submission(
    course: Course, problem_set: ProblemSet, student: str, shared: Mapping[str, str] | None = None
) -> SubmissionGrade:
    """What is known of a submission before its notebooks are run; `shared` is what all have in common."""
    folder = course.submitted / student / problem_set.name
    drawn = drawn_for(course, problem_set.name, student)
    parts = fingerprint_parts(course, problem_set, folder, shared)
    return SubmissionGrade(
        student, problem_set.name, digest_of(parts), (), True, drawn.content, drawn.seed, parts
    )


def grade_notebooks(
    runner: Runs,
    course: Course,
    problem_set: ProblemSet,
    folder: Path,
    seed: int,
    only: Collection[str] | None = None,
) -> tuple[NotebookGrade, ...]:
    """Grade the notebooks in a submission's folder: all, or only those exercises."""
    files = handed_in.Files(problem_set, folder)
    return tuple(
        grade_file(runner, course, problem_set, exercise, folder, seed, files)
        for exercise in problem_set.exercises
        if only is None or exercise.name in only
    )


def grade_again(runner: Runs, course: Course, graded: SubmissionGrade) -> SubmissionGrade:
    """The same submission, with those notebooks run once more that ran into a limit: that run counts."""
    problem_set = read_issued(course, graded.assignment).problem_set
    folder = course.submitted / graded.student / graded.assignment
    again = grade_notebooks(runner, course, problem_set, folder, graded.seed, graded.limited_notebooks)
    return graded.with_notebooks(again)


def grade_file(
    runner: Runs,
    course: Course,
    problem_set: ProblemSet,
    exercise: Exercise,
    folder: Path,
    seed: int = 0,
    files: handed_in.Files | None = None,
) -> NotebookGrade:
    """Grade the notebook file of one exercise in a submission's folder.

    Its hidden tests draw from seed; `files` are the folder's own.
    """
    try:
        found = handed_in.find(problem_set, exercise, folder, course.release / problem_set.name, files)
    except handed_in.Missing as problem:
        return ungraded(exercise, Status.MISSING, str(problem))
    except AssignmentError as problem:
        return ungraded(exercise, Status.UNREADABLE, str(problem))
    graded = grade_notebook(runner, course, problem_set, exercise, found.notebook, found.path.parent, seed)
    return replace(graded, repairs=(found.remark,) * bool(found.remark) + graded.repairs)


def grade_notebook(
    runner: Runs,
    course: Course,
    problem_set: ProblemSet,
    exercise: Exercise,
    submitted: NotebookNode,
    folder: Path | None = None,
    seed: int = 0,
) -> NotebookGrade:
    """Grade one submitted notebook; `folder` holds the files a student handed in beside it.

    Hidden tests draw their inputs from seed: 0 where no student is concerned.
    """
    with contextlib.suppress(AssignmentError):  # its tests will say so
        _ = exercise.key  # read here, so that examiners, which are forked from here, have it
    repaired = repair(submitted, exercise.notebook)
    executed = runner.run(make_job(course, problem_set, exercise, repaired.notebook, folder, seed))
    cells = tuple(cell_grade(cell) for cell in executed.notebook.cells if is_automatic(cell))
    return NotebookGrade(
        exercise.name,
        executed.status,
        cells,
        repaired.repairs,
        executed.problem,
        plain_text(to_text(executed.notebook)),
        executed.limited,
        digest_of_texts(executed.notebook),
    )


def ungraded(exercise: Exercise, status: Status, problem: str) -> NotebookGrade:
    """No points for a notebook that could not be run; unless it is missing, a page that says why."""
    cells = tuple(
        CellGrade(str(grade_id(cell)), 0.0, points(cell), problem, Outcome.NOT_REACHED)
        for cell in exercise.automatic_cells
    )
    if status is Status.MISSING:
        return NotebookGrade(exercise.name, status, cells, problem=problem)
    notebook = repair(nbformat.v4.new_notebook(), exercise.notebook).notebook
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"**Not graded.** {problem}"))
    for cell in notebook.cells:
        if is_automatic(cell):
            cell.outputs = [error_output(NOT_REACHED, problem)]
    return NotebookGrade(
        exercise.name,
        status,
        cells,
        problem=problem,
        executed=to_text(notebook),
        texts=digest_of_texts(notebook),
    )


def digest_of_texts(notebook: NotebookNode) -> str:
    """The same for the same free texts, with what is pasted into them: derivations are among them."""
    texts = (cell for cell in notebook.cells if cell.cell_type == "markdown" and not is_locked(cell))
    return _digest([(cell.source, cell.get("attachments")) for cell in texts])


# ------------------------------------------------------------------ what has changed


def fingerprint(
    course: Course, problem_set: ProblemSet, folder: Path, shared: Mapping[str, str] | None = None
) -> str:
    """A digest of all that a submission's grade depends on. `shared` is what all have in common, if known."""
    return digest_of(fingerprint_parts(course, problem_set, folder, shared))


def digest_of(parts: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(parts.items())).encode()).hexdigest()


def fingerprint_parts(
    course: Course, problem_set: ProblemSet, folder: Path, shared: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Digests of the hand-in, and of whatever else its grade depends on: by these names, in `Part`."""
    digest = hashlib.sha256()
    hash_files(digest, folder, plain_files(folder))
    common = shared_parts(course, problem_set) if shared is None else shared
    return {**common, Part.HAND_IN: digest.hexdigest()}


@dataclass(frozen=True)
class Issued:
    """A problem set, and the digests of what the grades of all its submissions depend on."""

    problem_set: ProblemSet
    parts: Mapping[str, str]


_last: dict[tuple[Path, Path, str], tuple[object, Issued]] = {}  # what was read here, and how it looked


def read_issued(course: Course, assignment: str) -> Issued:
    """A problem set as it stands: one process grades many submissions, and reads again what has changed."""
    looks = [
        (path, said.st_mtime_ns, said.st_size, said.st_ino)
        for path in _depends_on(course, assignment)
        if (said := path.stat())
    ]
    where = (course.root, course.source, assignment)
    before, issued = _last.get(where, (None, None))
    if issued is None or before != looks:
        problem_set = read_problem_set(course.source, assignment)
        issued = Issued(problem_set, shared_parts(course, problem_set))
        _last.clear()
        _last[where] = looks, issued
    return issued


def _depends_on(course: Course, assignment: str) -> list[Path]:
    """All files that are read for it."""
    folders = (course.source / assignment, course.release / assignment)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    settings = [path for path in (course.root / CONFIG_NAME, path_of(course.source)) if path.is_file()]
    return sorted([*files, *settings, *PACKAGE.rglob("*.py")])


def shared_parts(course: Course, problem_set: ProblemSet) -> dict[str, str]:
    """Those of all but the hand-in."""
    issued = [exercise.path for exercise in problem_set.exercises]
    issued += [problem_set.directory / extra for extra in problem_set.extra_files]
    release = course.release / problem_set.name  # tells a notebook that holds no work
    waivers = [asdict(waiver) for exercise in problem_set.exercises for waiver in exercise.waivers]
    room, parts = MAX_HASHED_BYTES, package_parts()
    for part, base, paths in (
        (Part.TEST, problem_set.directory, issued),
        (Part.RELEASE, release, plain_files(release)),
    ):
        digest = hashlib.sha256()
        room = hash_files(digest, base, paths, room)
        parts[str(part)] = digest.hexdigest()
    limits, settings = _settings(course.root / CONFIG_NAME)
    parts[Part.LIMITS], parts[Part.SETTING] = _digest(limits), _digest(settings)
    parts[Part.WAIVER] = _digest(waivers)
    parts[Part.VERSIONS] = _digest([sys.version, *map(metadata.version, RUNS_IT)])
    return parts


def package_parts() -> dict[str, str]:
    """Those of the code of the course itself: the same on every machine that can grade for another."""
    keys = PACKAGE / "answer_keys"
    ours = set(PACKAGE.rglob("*.py"))
    parts = {}
    for part, paths in (
        (Part.ANSWER_KEY, {path for path in ours if path.is_relative_to(keys)}),
        (Part.GRADER, {path for path in ours if not path.is_relative_to(keys)}),
    ):
        digest = hashlib.sha256()
        hash_files(digest, PACKAGE, paths)
        parts[str(part)] = digest.hexdigest()
    return parts


def _settings(path: Path) -> tuple[list[str], list[str]]:
    """The lines of the course's settings that set limits on student code, and all the others."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    lines = [line for line in lines if line.strip() and not line.startswith(("#", *OF_DEADLINES))]
    return [line for line in lines if SETS_A_LIMIT in line], [
        line for line in lines if SETS_A_LIMIT not in line
    ]


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
