"""Processes that run notebooks: spawned, so that their forks inherit no other thread's lock."""

from __future__ import annotations

import atexit
import functools
import itertools
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.queues import SimpleQueue
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar

from autograder import startup, stopping
from autograder.errors import CourseError
from autograder.running.examiner import Executed
from autograder.running.inside.warm import die_with_parent
from autograder.running.run import Job, Runner
from autograder.startup import start_worker

P = ParamSpec("P")
T = TypeVar("T")

LOOK_SECONDS = 2.0  # between two looks at workers that give nothing

_runner: Runner | None = None  # of this process, when it is a worker; its sandbox ends with it


class Workers:
    """Some processes, each with a `Runner` of its own; they end with the `with` block.

    They start when there is something to do. On Linux they also end with the thread that first gave
    them something: use them from one that lasts.
    """

    def __init__(self, count: int = 1, sandboxed: bool = True):
        self.count, self.sandboxed = count, sandboxed

    def __enter__(self) -> Self:
        context = multiprocessing.get_context("spawn")
        start_tracker()
        cores: SimpleQueue[int | None] = context.SimpleQueue()
        for core in _cores(self.count):
            cores.put(core)
        self._pool = ProcessPoolExecutor(
            self.count,
            mp_context=context,
            initializer=start_worker,  # this module is too heavy to come first
            initargs=(cores, stopping.line_to_workers(), functools.partial(die_with_parent, os.getpid())),
        )
        return self

    def __exit__(self, error: object = None, *rest: object) -> None:
        if error is not None:  # nobody waits for what they are at
            self._kill()
        self._pool.shutdown(cancel_futures=True)

    def _kill(self) -> None:
        """End all of them, and let whoever reads results see that no more is to come.

        Of a result that was half-way, the pool would wait for the rest: its own end of the pipe is open.
        """
        for process in list((self._pool._processes or {}).values()):
            process.kill()
        results: Any = self._pool._result_queue
        if results is not None:
            results._writer.close()

    def finished(self, future: Future[T]) -> Future[T]:
        """The same, once it is done."""
        while not wait([future], LOOK_SECONDS).done:
            self.look_after()
        return future

    def look_after(self) -> None:
        """Where a worker has ended by itself, end the others: they share a pipe that it may have blocked.

        For whoever has waited `LOOK_SECONDS` for a result: the pool itself notices in all other cases.
        """
        if any(not process.is_alive() for process in list((self._pool._processes or {}).values())):
            self._kill()

    def submit(
        self, work: Callable[Concatenate[Runner, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Let a worker call `work` with its runner and these arguments."""
        with stopping.unheard(), stopping.whole():  # a worker that is half started would not end with us
            return self._pool.submit(_Work(work, self.sandboxed), *args, **kwargs)

    def run(self, job: Job) -> Executed:
        """Run one notebook in a worker. Raises CourseError when its process has ended."""
        try:
            return self.finished(self.submit(Runner.run, job)).result()
        except BrokenExecutor:
            self.__exit__()
            self.__enter__()
            raise CourseError(
                "The process that runs notebooks has ended. Run the command again; a script of your own "
                "needs `if __name__ == '__main__':` above what it calls."
            ) from None


def start_tracker() -> None:
    """Start the process that removes what a command leaves behind that ends at once.

    It would remark on that, to whoever pressed Ctrl-C.
    """
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = "ignore:resource_tracker"
    try:
        resource_tracker.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before


def _cores(count: int) -> list[int | None]:
    """A core for the student code of each worker, in turn; none for a worker without a neighbour."""
    if count == 1 or not hasattr(os, "sched_getaffinity"):
        return [None] * count
    return list(itertools.islice(itertools.cycle(sorted(os.sched_getaffinity(0))), count))


@dataclass(frozen=True)
class _Work(Generic[P, T]):
    """A function as a worker calls it: with the runner of that process, which the first call makes."""

    function: Callable[Concatenate[Runner, P], T]
    sandboxed: bool

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        global _runner
        if _runner is None:
            _runner = Runner(self.sandboxed, startup.core).__enter__()
            atexit.register(_runner.__exit__)
        return self.function(_runner, *args, **kwargs)
