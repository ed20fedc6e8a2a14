"""Submissions graded beside this process: who is under way, whose process died, who is run once more."""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, replace

from autograder import stopping
from autograder.course import Course
from autograder.errors import NO_DISK, DiskError, sentence
from autograder.grading import dispatch
from autograder.grading.cluster import Cluster
from autograder.grading.submission import SubmissionGrade, grade_again, grade_submission
from autograder.running.workers import LOOK_SECONDS, Workers


@dataclass(frozen=True)
class Grader:
    """Grades submissions somewhere else: in workers of its own, or by what it was given."""

    course: Course
    assignment: str
    workers: int
    sandboxed: bool
    executor: Executor | None
    cluster: Cluster | None = None

    def grade(self, names: list[str]) -> Iterator[tuple[str, SubmissionGrade | BaseException]]:
        """(student, grade or what went wrong), as they come."""
        if not names:
            return
        if self.cluster is not None:
            yield from dispatch.grade(self.cluster, self.course, self.assignment, names)
        elif self.executor is not None:
            elsewhere = self.executor
            yield from _as_they_come(
                lambda name: elsewhere.submit(
                    _grade_apart, self.sandboxed, self.course, self.assignment, name
                ),
                names,
            )
        else:
            count = min(self.workers, len(names))
            with Workers(count, self.sandboxed) as workers:
                yield from _as_they_come(
                    lambda name: workers.submit(grade_submission, self.course, self.assignment, name),
                    names,
                    at_once=count + 1,  # one is ready when a worker is
                    look_after=workers.look_after,
                )

    def grade_again(
        self, limited: list[SubmissionGrade]
    ) -> Iterator[tuple[str, SubmissionGrade | BaseException]]:
        """One submission after the other, its notebooks that ran into a limit run once more.

        All in one worker, which is warm then, until it is lost.
        """
        if self.cluster is not None:
            yield from dispatch.grade_again(self.cluster, self.course, limited)
            return
        to_come = list(limited)
        while to_come and not stopping.asked():
            with Workers(1, self.sandboxed) as workers, contextlib.suppress(BrokenExecutor):
                new = True
                while to_come and not stopping.asked():
                    future = workers.finished(workers.submit(grade_again, self.course, to_come[0]))
                    error = future.exception()
                    if isinstance(error, BrokenExecutor) and not new:
                        break  # it may have ended before: with another one
                    yield to_come.pop(0).student, future.result() if error is None else error
                    new = False


def _grade_apart(sandboxed: bool, course: Course, assignment: str, student: str) -> SubmissionGrade:
    """Grade one submission from a process or thread that is not ours to fork."""
    with Workers(1, sandboxed) as worker:
        return worker.submit(grade_submission, course, assignment, student).result()


def _as_they_come(
    submit: Callable[[str], Future[SubmissionGrade]],
    names: list[str],
    at_once: int | None = None,
    look_after: Callable[[], None] = lambda: None,
) -> Iterator[tuple[str, SubmissionGrade | BaseException]]:
    """Once whatever grades is broken, or Ctrl-C was pressed, nobody else is handed to it."""
    waiting: dict[Future[SubmissionGrade], str] = {}
    coming, broken = iter(names), False
    try:
        while True:
            with contextlib.suppress(BrokenExecutor):  # those under way will say so
                room = at_once and at_once - len(waiting)
                for name in () if broken or stopping.asked() else itertools.islice(coming, room):
                    waiting[submit(name)] = name
            if stopping.asked():
                waiting = {future: name for future, name in waiting.items() if not future.cancel()}
            if not waiting:
                return
            done = wait(waiting, LOOK_SECONDS, FIRST_COMPLETED).done
            if not done:
                look_after()
            for future in done:
                error = future.exception()
                broken = broken or isinstance(error, BrokenExecutor)
                yield waiting.pop(future), error if error is not None else future.result()
    finally:
        for future in waiting:
            future.cancel()


def run(grader: Grader, names: list[str]) -> Iterator[tuple[str, SubmissionGrade | None, str]]:
    """(student, grade, "") as they come; (student, None, why) where grading itself failed.

    When a worker dies, nobody can say whose submission killed it. Those that were under way are
    graded one by one at the end, each in a worker of its own. Then, alone too, notebooks that ran into
    a limit are run once more: a machine that is busy with others has no part in that. After Ctrl-C
    only those under way come, of all whose last notebook that was.
    """
    suspects, to_come, limited = [], list(names), []
    while to_come and not stopping.asked():
        said = set()
        for name, outcome in grader.grade(to_come):
            said.add(
                name
            )  # and not the outcome, which has executed notebooks: memory would grow with the class
            if isinstance(outcome, stopping.Stopped):
                continue
            if isinstance(outcome, BrokenExecutor):
                suspects.append(name)
            elif isinstance(outcome, SubmissionGrade) and outcome.limited:
                limited.append(outcome)
            else:
                yield _judged(name, outcome)
        to_come = [name for name in to_come if name not in said]
        grader = replace(grader, executor=None)
    alone = replace(grader, workers=1, executor=None)
    for suspect in suspects:
        for name, outcome in alone.grade([] if stopping.asked() else [suspect]):
            if isinstance(outcome, stopping.Stopped):
                continue
            if isinstance(outcome, SubmissionGrade) and outcome.limited:
                limited.append(outcome)
            else:
                yield _judged(name, outcome)
    for name, outcome in alone.grade_again(limited):
        if not isinstance(outcome, stopping.Stopped):
            yield _judged(name, outcome)


def _judged(name: str, outcome: SubmissionGrade | BaseException) -> tuple[str, SubmissionGrade | None, str]:
    if isinstance(outcome, SubmissionGrade):
        return name, outcome, ""
    if isinstance(outcome, OSError) and outcome.errno in NO_DISK:  # ours: a student's process has its own
        place = outcome.filename or os.path.join(tempfile.gettempdir(), "course")
        raise DiskError(sentence(OSError(outcome.errno, outcome.strerror, place))) from outcome
    if isinstance(outcome, BrokenExecutor):
        return name, None, "The process that graded this submission was ended. Run `course grade` again."
    return name, None, sentence(outcome)
