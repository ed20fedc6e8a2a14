"""Which worker of a cluster grades which submission, and what becomes of those whose worker is lost."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any

from autograder import stopping
from autograder.course import Course
from autograder.errors import ContentError
from autograder.grading import remote
from autograder.grading.cluster import Cluster, Worker
from autograder.grading.parcels import pack, pack_issued, read_grades
from autograder.grading.submission import NotebookGrade, SubmissionGrade, shared_parts, ungraded_submission
from autograder.problem_sets.notebooks import Exercise, read_problem_set
from autograder.running.run import longest

START_SECONDS = 60.0  # for a child, before its first notebook
ATTEMPTS = 3  # to grade one submission: machines fail
FAULTS = 3  # submissions in a row that a worker could not grade and another could; it gets no more
GENEROUS = 2  # times as long as a job can take: one more may be before it, and a machine be slow
LOST = "Each worker that was to grade it was lost."

Outcome = tuple[str, SubmissionGrade | BaseException]


@dataclass(eq=False)
class _Job:
    """A submission. `make` gives its parcel, with what is known of it before; `read` what came back.

    It takes so many `seconds` on the wall at most. `failed` says who failed at it, and why.
    """

    student: str
    make: Callable[[], tuple[SubmissionGrade, bytes]]
    read: Callable[[bytes], tuple[NotebookGrade, ...]]  # raises ValueError
    seconds: float = math.inf
    tried: list[Worker] = field(default_factory=list)
    failed: dict[Worker, str] = field(default_factory=dict)


def grade(cluster: Cluster, course: Course, assignment: str, names: list[str]) -> Iterator[Outcome]:
    """(student, grade or what went wrong), as they come; Stopped for what Ctrl-C ended.

    Raises CourseError when there is no cluster, or nobody in it to grade.
    """
    problem_set = read_problem_set(course.source, assignment)
    issued, shared = pack_issued(course, problem_set), shared_parts(course, problem_set)

    def maker(name: str) -> Callable[[], tuple[SubmissionGrade, bytes]]:
        def make() -> tuple[SubmissionGrade, bytes]:
            given = ungraded_submission(course, problem_set, name, shared)
            return given, pack(course, problem_set, issued, given)

        return make

    read = partial(read_grades, asked=problem_set.exercises)
    seconds = _longest(course, problem_set.exercises)
    return _Round(cluster, [_Job(name, maker(name), read, seconds) for name in names]).outcomes()


def grade_again(cluster: Cluster, course: Course, limited: list[SubmissionGrade]) -> Iterator[Outcome]:
    """The same submissions, their notebooks that ran into a limit run once more: one a machine at a time."""
    if not limited:
        return iter(())
    problem_set = read_problem_set(course.source, limited[0].assignment)
    issued = pack_issued(course, problem_set)

    def job(before: SubmissionGrade) -> _Job:
        only = before.limited_notebooks
        asked = [exercise for exercise in problem_set.exercises if exercise.name in only]
        return _Job(
            before.student,
            lambda: (before, pack(course, problem_set, issued, before, only)),
            partial(read_grades, asked=asked),
            _longest(course, asked),
        )

    return _Round(cluster, [job(one) for one in limited], alone=True).outcomes()


def _longest(course: Course, asked: Sequence[Exercise]) -> float:
    return START_SECONDS + len(asked) * longest(course.limits)


class _Round:
    """Submissions, each given to a worker until one has graded it."""

    def __init__(self, cluster: Cluster, jobs: list[_Job], alone: bool = False):
        self.cluster, self.alone = cluster, alone
        self.to_come, self.again = deque(jobs), deque[_Job]()
        self.under_way: dict[Any, tuple[_Job, Worker, SubmissionGrade, float]] = {}  # by futures; until when
        self.ready: list[Outcome] = []

    def outcomes(self) -> Iterator[Outcome]:
        self.cluster.connect()
        try:
            while self.under_way or not (stopping.asked() or self._all_given()):
                self.cluster.look()
                self._take_back()
                if stopping.asked():
                    self.cluster.stop()
                else:
                    self._give()
                if said := self.cluster.next_done():
                    self._hear(*said)
                yield from self.ready
                self.ready.clear()
        finally:
            self.cluster.give_up(self.under_way)

    def _all_given(self) -> bool:
        return not self.to_come and not self.again

    def _take_back(self) -> None:
        """What lost or refused workers had; a worker that gives no answer in time is one of them."""
        now = monotonic()
        for job, worker, _, until in list(self.under_way.values()):
            if now > until and self.cluster.workers.get(worker.address) is worker:
                minutes = GENEROUS * job.seconds / 60
                self.cluster.refuse(worker.address, f"it gave no answer within {minutes:.0f} minutes.")
        for future, (job, worker, *_) in list(self.under_way.items()):
            if self.cluster.workers.get(worker.address) is not worker:
                del self.under_way[future]
                self.cluster.give_up([future])
                self._try_again(job, worker, LOST)

    def _give(self) -> None:
        workers = list(self.cluster.workers.values())
        if self.alone:
            workers = list({worker.machine: worker for worker in workers}.values())
        # While there are plenty, one more is there when a thread is ready. The last ones wait for no other.
        waits = int(len(self.to_come) > sum(worker.threads for worker in workers))
        for worker in sorted(workers, key=lambda worker: worker.has / worker.threads):
            room = 1 if self.alone else worker.threads + waits
            while worker.has < room and (job := self._next_for(worker, workers)):
                self._send(job, worker)

    def _next_for(self, worker: Worker, workers: list[Worker]) -> _Job | None:
        """Those first that were tried elsewhere; by this one again only when there is no other."""
        for job in self.again:
            if worker not in job.tried or all(other in job.tried for other in workers):
                self.again.remove(job)
                return job
        return self.to_come.popleft() if self.to_come else None

    def _send(self, job: _Job, worker: Worker) -> None:
        try:
            given, parcel = job.make()
        except Exception as error:  # one student's files must not stop the class
            self.ready.append((job.student, error))
            return
        future = self.cluster.send(worker.address, remote.grade, self.cluster.run, parcel, job.seconds)
        self.under_way[future] = job, worker, given, monotonic() + GENEROUS * job.seconds
        worker.has += 1

    def _hear(self, future: Any, answer: bytes) -> None:
        if future not in self.under_way:  # taken back meanwhile
            return
        job, worker, given, _ = self.under_way.pop(future)
        worker.has -= 1
        kind, body = answer[:1], answer[1:]
        if kind == remote.DONE:
            try:
                notebooks = job.read(body)
            except ValueError as error:
                why = f"The answer of worker {worker.address} is no grade of it: {error}."
                self.cluster.tell(why)
                return self._failed(job, worker, why)
            worker.failed = 0
            self._blame(job, worker)
            self.ready.append((job.student, given.with_notebooks(notebooks)))
        elif kind == remote.STOPPED and stopping.asked():
            self.ready.append((job.student, stopping.Stopped("Stopped before this notebook.")))
        elif kind == remote.STOPPED:  # its process was another run's too
            self._try_again(job, worker, remote.ENDED_BY_OTHERS)
        else:
            said = body.decode("utf-8", "replace") if kind == remote.FAILED else remote.WAS_ENDED
            self._failed(job, worker, said)

    def _failed(self, job: _Job, worker: Worker, why: str) -> None:
        """A failure of ours, of the worker's machine, or of the hand-in: of which, another worker tells."""
        job.failed[worker] = why
        self._try_again(job, worker, why)

    def _blame(self, job: _Job, grader: Worker) -> None:
        """Count it against those who failed at what can be graded: what nobody can grade costs no worker."""
        for worker, why in job.failed.items():
            worker.failed += worker is not grader
            if worker.failed >= FAULTS and self.cluster.workers.get(worker.address) is worker:
                self.cluster.refuse(worker.address, f"it failed {FAULTS} times in a row: {why}")

    def _try_again(self, job: _Job, worker: Worker, why: str) -> None:
        job.tried.append(worker)
        if len(job.tried) < ATTEMPTS:
            self.again.append(job)
        else:
            self.ready.append((job.student, ContentError(f"{why} Run `course grade` again.")))
