"""Run notebooks: for each an examiner is forked, a student's process made, and the answer taken.

The examiner's process has an empty folder of its own and nothing of the student's on its import
path: a submitted `numpy.py` or `gradcheck.py` means nothing to it.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import os
import select
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder import derivation, stopping
from autograder.course import Course, Limits
from autograder.errors import CourseError
from autograder.files import plain_files
from autograder.problem_sets.key import drawn_from
from autograder.problem_sets.notebooks import ProblemSet, SourceNotebook, is_locked
from autograder.problem_sets.waivers import Waiver, waiving
from autograder.running.ahead import harness_of
from autograder.running.clock import CAP
from autograder.running.examiner import Examiner, Executed
from autograder.running.inside.shell import IMPORTED_LATE
from autograder.running.inside.warm import die_with_parent, limit_memory, limit_time
from autograder.running.names import import_modules, modules_imported
from autograder.running.outputs import NOT_RUN, Status, error_output
from autograder.running.sandbox import Sandbox, Student

HARNESS = ("gradcheck", "derivation")  # the names by which notebooks import what travels with them
MAX_EXTRA_BYTES = 50_000_000  # of files a student handed in beside the notebooks
TOO_LONG_TO_JUDGE = "Looking at what the notebook gave back took too long, so no cell of it counts."
TOO_LARGE_TO_JUDGE = "What the notebook gave back was too large to look at, so no cell of it counts."
SLACK_SECONDS = 30.0  # for the examiner itself, before it is taken for hung


@dataclass(frozen=True)
class Job:
    """One notebook to run, with all that its run depends on.

    The locked cells of `notebook` are those of `source`. `files`, by relative name, are what the
    student's process finds in its folder. Hidden tests draw their inputs from `seed`, and the student's
    random numbers start from another one made of it, so that running the same hand-in again gives the same.
    Hidden tests count the checks of `waivers` as passed.
    """

    notebook: NotebookNode
    source: NotebookNode
    files: Mapping[str, bytes]
    limits: Limits
    seed: int = 0
    waivers: tuple[Waiver, ...] = ()


def make_job(
    course: Course,
    problem_set: ProblemSet,
    source: SourceNotebook,
    notebook: NotebookNode,
    folder: Path | None = None,
    seed: int = 0,
) -> Job:
    """The job of running a notebook made from `source`; folder holds what was handed in beside it."""
    files = working_files(problem_set, folder)
    return Job(notebook, source.notebook, files, course.limits, seed, source.waivers)


def _student_seed(seed: int) -> int:
    """Where a student's random numbers start: whoever reads them learns nothing of the job's seed."""
    digest = hashlib.sha256(f"a student's random numbers, {seed}".encode()).digest()
    return int.from_bytes(digest[:4])


class Runs(Protocol):
    """Whatever runs a job: a `Runner` in this process, or `Workers` elsewhere."""

    sandboxed: bool

    def run(self, job: Job) -> Executed:
        """The notebook after its run."""


class ProcessLost(Exception):
    """A process of the grader's own ended in the middle of a notebook; the text completes a sentence."""


class Runner:
    """Runs notebooks one after the other, in a warm sandbox that it owns.

    It forks, and a fork beside other threads may inherit a lock that nobody opens again: so it works
    in a process that has none, as `Workers` make them. sandboxed is False for code that is the
    course's own, or when the instructor insists; core is the one that student code may use.
    """

    def __init__(self, sandboxed: bool = True, core: int | None = None):
        self.sandboxed, self.core = sandboxed, core
        self._sandbox: Sandbox | None = None

    def __enter__(self) -> Self:
        self._sandbox = Sandbox(self.sandboxed, self.core)  # warms up while the first notebook is read
        return self

    def __exit__(self, *error: object) -> None:
        self._discard()

    def run(self, job: Job) -> Executed:
        """Run every cell and test of a notebook; once more when a process of ours was ended.

        Raises CourseError when no sandbox starts here, or a process of ours was ended twice: that is no
        grade. Raises Stopped when no notebook is to be begun any more.
        """
        if stopping.asked():
            raise stopping.Stopped("Stopped before this notebook.")
        try:
            return _run_once(self._warm(), job)
        except ProcessLost:
            self._discard()
        try:
            return _run_once(self._warm(), job)
        except ProcessLost as error:
            said = self._sandbox.said if self._sandbox else ""
            self._discard()
            raise CourseError(f"The notebook could not be run, twice: {said or error}") from error

    def _warm(self) -> Sandbox:
        """The sandbox; a new one when it has ended."""
        if self._sandbox is None or not self._sandbox.alive:
            self._discard()
            self._sandbox = Sandbox(self.sandboxed, self.core)
        return self._sandbox

    def _discard(self) -> None:
        if self._sandbox is not None:
            self._sandbox.close()
        self._sandbox = None


def _run_once(sandbox: Sandbox, job: Job) -> Executed:
    """Raises ProcessLost when the warm parent, or the examiner itself, was ended from outside."""
    if threading.active_count() > 1:
        raise RuntimeError("Notebooks are run where no other threads are: see running/workers.py.")
    trusted = (cell.source for cell in job.source.cells if is_locked(cell))
    needed = modules_imported(trusted) - set(HARNESS)
    import_modules({*needed, *IMPORTED_LATE})  # examiners are forked from here
    try:
        student = sandbox.student(job.limits, _student_seed(job.seed))
    except OSError as error:
        raise ProcessLost("the sandbox has ended.") from error
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as folder:
        said, exit_code = _examined(Path(folder), student, job)
    if exit_code == -signal.SIGXCPU:
        return _nothing(job.notebook, Status.TIMED_OUT, TOO_LONG_TO_JUDGE)
    try:
        answer = json.loads(said)
        result: NotebookNode = nbformat.from_dict(answer["notebook"])
        executed = Executed(result, Status(answer["status"]), answer["problem"], answer["limited"])
    except (ValueError, KeyError, TypeError) as error:
        raise ProcessLost(f"the examiner has ended ({exit_code}).") from error
    if executed.status is Status.LOST:
        raise ProcessLost("the sandbox has ended.")
    return executed


def _examined(folder: Path, student: Student, job: Job) -> tuple[bytes, int]:
    """What an examiner's process says, and how it ended."""
    sys.stdout.flush()
    sys.stderr.flush()
    reader, writer = os.pipe()
    here = os.getpid()
    with student, os.fdopen(reader, "rb", buffering=0) as said:
        try:
            examiner = os.fork()
        except OSError as error:
            os.close(writer)
            raise ProcessLost(f"no process for an examiner: {error.strerror}.") from error
        if examiner == 0:
            said.close()
            _examine(folder, student, job, writer, here)
        os.close(writer)
        student.close()
        try:
            answer = _read_all(said.fileno(), time.monotonic() + longest(job.limits))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(examiner, signal.SIGKILL)
            status = os.waitpid(examiner, 0)[1]
    return answer, os.waitstatus_to_exitcode(status)


def longest(limits: Limits) -> float:
    """Seconds on the wall after which a notebook's run is ended, whatever it is at."""
    return CAP * limits.seconds_per_notebook + SLACK_SECONDS


def _read_all(descriptor: int, deadline: float) -> bytes:
    parts = [b""]
    while select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
        parts.append(os.read(descriptor, 1 << 20))
        if not parts[-1]:
            break
    return b"".join(parts)


def _examine(folder: Path, student: Student, job: Job, writer: int, parent: int) -> None:
    """The whole life of an examiner's process."""
    try:
        die_with_parent(parent)
        limit_memory(job.limits.memory_megabytes * 1_000_000)  # what an answer may make of itself here
        limit_time(round(job.limits.seconds_per_notebook + SLACK_SECONDS))
        os.chdir(folder)
        sys.path[:] = [str(folder), *(entry for entry in sys.path if entry not in ("", "."))]
        examiner = Examiner(student, job.limits, job.source)
        sys.modules |= dict(zip(HARNESS, (harness_of(examiner.peer), derivation), strict=True))
        try:
            with drawn_from(job.seed), waiving(job.waivers):
                executed = examiner.run(copy.deepcopy(job.notebook), job.files)
            text = json.dumps(vars(executed))
        except MemoryError:  # by what the student's code gave
            text = json.dumps(vars(_nothing(job.notebook, Status.CRASHED, TOO_LARGE_TO_JUDGE)))
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(text.encode("utf-8", "replace"))
    finally:
        os._exit(0)


def _nothing(notebook: NotebookNode, status: Status, problem: str) -> Executed:
    """What is left of a notebook whose answers were too much for its examiner."""
    lost = copy.deepcopy(notebook)
    for cell in lost.cells:
        if cell.cell_type == "code":
            cell.outputs = [error_output(NOT_RUN, problem)]
    return Executed(lost, status, problem, limited=True)


def working_files(problem_set: ProblemSet, folder: Path | None = None) -> dict[str, bytes]:
    """What a notebook finds beside it: a student's own plain files, under those the course issued."""
    files: dict[str, bytes] = {}
    if folder is not None:
        reserved = {Path(extra.parts[0]).stem for extra in problem_set.extra_files}
        room = MAX_EXTRA_BYTES
        for path in plain_files(folder):
            name = path.relative_to(folder)
            if path.suffix == ".ipynb":
                continue
            if Path(name.parts[0]).stem in reserved:  # it would be imported in place of ours
                continue
            size = path.stat().st_size
            if size <= room and path.resolve().is_relative_to(folder.resolve()):
                room -= size
                files[str(name)] = path.read_bytes()
    for extra in problem_set.extra_files:
        files[str(extra)] = (problem_set.directory / extra).read_bytes()
    return files
