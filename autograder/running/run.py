"""Run one notebook: fork an examiner for it, give it a student's process, take its answer.

The examiner's process has an empty folder of its own and nothing of the student's on its import
path: a submitted `numpy.py` or `gradcheck.py` means nothing to it.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import select
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder import gradcheck
from autograder.course import Course, Limits
from autograder.problem_sets.notebooks import Exercise, ProblemSet, is_locked
from autograder.running import sandbox
from autograder.running.examiner import Examiner, Executed
from autograder.running.inside.warm import die_with_parent, limit_memory
from autograder.running.names import import_modules, modules_imported
from autograder.running.outputs import error_output
from autograder.running.sandbox import Sandbox, Student

HARNESS = "gradcheck"  # the name by which notebooks import autograder/gradcheck.py
MAX_EXTRA_BYTES = 50_000_000  # of files a student handed in beside the notebooks
SLACK_SECONDS = 30.0  # for the examiner itself, before it is taken for hung


class ProcessLost(Exception):
    """A process of the grader's own ended in the middle of a notebook."""


def run_notebook(
    sandbox: Sandbox, limits: Limits, notebook: NotebookNode, source: NotebookNode, files: Mapping[str, bytes]
) -> Executed:
    """Run every cell of `notebook`, whose locked cells are those of `source`.

    files, by relative name, are what the student's process finds in its folder. Raises ProcessLost
    when the warm parent, or the examiner itself, was ended from outside.
    """
    trusted = (cell.source for cell in source.cells if is_locked(cell))
    import_modules(modules_imported(trusted) - {HARNESS})  # examiners are forked from here
    try:
        student = sandbox.student(limits)
    except OSError as error:
        raise ProcessLost("The sandbox has ended.") from error
    reader, writer = os.pipe()
    with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as folder:
        sys.stdout.flush()
        sys.stderr.flush()
        examiner = os.fork()
        if examiner == 0:
            os.close(reader)
            _examine(Path(folder), student, limits, notebook, source, files, writer)
        os.close(writer)
        student.close()
        try:
            said = _read_all(reader, time.monotonic() + limits.seconds_per_notebook + SLACK_SECONDS)
        finally:
            os.close(reader)
            with contextlib.suppress(ProcessLookupError):
                os.kill(examiner, signal.SIGKILL)
            os.waitpid(examiner, 0)
    try:
        answer = json.loads(said)
        result = nbformat.from_dict(answer["notebook"])
    except (ValueError, KeyError, TypeError) as error:
        raise ProcessLost("The examiner has ended.") from error
    if answer["status"] == "lost":
        raise ProcessLost("The sandbox has ended.")
    return Executed(result, answer["status"], answer["problem"])


def _read_all(descriptor: int, deadline: float) -> bytes:
    parts = [b""]
    while select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
        parts.append(os.read(descriptor, 1 << 20))
        if not parts[-1]:
            break
    return b"".join(parts)


def _examine(
    folder: Path,
    student: Student,
    limits: Limits,
    notebook: NotebookNode,
    source: NotebookNode,
    files: Mapping[str, bytes],
    writer: int,
) -> None:
    """The whole life of an examiner's process."""
    try:
        die_with_parent()
        limit_memory(limits.memory_megabytes * 1_000_000)  # what an answer may make of itself here
        os.chdir(folder)
        sys.path[:] = [str(folder), *(entry for entry in sys.path if entry not in ("", "."))]
        sys.modules[HARNESS] = gradcheck
        executed = Examiner(student, limits, source).run(notebook, files)
        text = json.dumps(
            {"status": executed.status, "problem": executed.problem, "notebook": executed.notebook}
        )
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(text.encode("utf-8", "replace"))
    finally:
        os._exit(0)


def execute(
    course: Course,
    problem_set: ProblemSet,
    exercise: Exercise,
    notebook: NotebookNode,
    folder: Path | None = None,
    sandboxed: bool = True,
) -> Executed:
    """Run a notebook's cells and tests; its locked cells must be those of the exercise.

    folder holds the files a student handed in beside it. sandboxed is False for code that is the
    course's own, or when the instructor insists. Raises CourseError when there is no sandbox here.
    """
    files = working_files(problem_set, folder)
    for attempt in (1, 2):
        try:
            return run_notebook(
                sandbox.warm_one(sandboxed), course.limits, copy.deepcopy(notebook), exercise.notebook, files
            )
        except ProcessLost as error:
            sandbox.discard(sandboxed)
            if attempt == 2:
                return _lost(notebook, str(error))
    raise AssertionError("unreachable")


def _lost(notebook: NotebookNode, problem: str) -> Executed:
    """Twice the processes around this notebook were ended: by its size, or from outside."""
    lost = copy.deepcopy(notebook)
    for cell in lost.cells:
        if cell.cell_type == "code":
            cell.outputs = [error_output("NotRun", problem)]
    return Executed(lost, "crashed", problem)


def working_files(problem_set: ProblemSet, folder: Path | None = None) -> dict[str, bytes]:
    """What a notebook finds beside it: a student's own plain files, under those the course issued."""
    files: dict[str, bytes] = {}
    if folder is not None:
        reserved = {Path(extra.parts[0]).stem for extra in problem_set.extra_files}
        room = MAX_EXTRA_BYTES
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.is_symlink() or not path.is_file() or path.suffix == ".ipynb":
                continue
            if Path(name.parts[0]).stem in reserved:  # it would be imported in place of ours
                continue
            room -= path.stat().st_size
            if room >= 0 and path.resolve().is_relative_to(folder.resolve()):
                files[str(name)] = path.read_bytes()
    for extra in problem_set.extra_files:
        files[str(extra)] = (problem_set.directory / extra).read_bytes()
    return files
