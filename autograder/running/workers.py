"""Processes that run notebooks: spawned, so that their forks inherit no other thread's lock."""

from __future__ import annotations

import atexit
import multiprocessing
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import Concatenate, Generic, ParamSpec, Self, TypeVar

from autograder.errors import CourseError
from autograder.running.examiner import Executed
from autograder.running.inside.warm import die_with_parent
from autograder.running.run import Job, Runner
from autograder.startup import start_worker

P = ParamSpec("P")
T = TypeVar("T")

_runner: Runner | None = None  # of this process, when it is a worker; its sandbox ends with it


class Workers:
    """Some processes, each with a `Runner` of its own; they end with the `with` block.

    They start when there is something to do. On Linux they also end with the thread that first gave
    them something: use them from one that lasts.
    """

    def __init__(self, count: int = 1, sandboxed: bool = True):
        self.count, self.sandboxed = count, sandboxed

    def __enter__(self) -> Self:
        self._pool = ProcessPoolExecutor(
            self.count,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=start_worker,  # this module is too heavy to come first
            initargs=(die_with_parent,),
        )
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def submit(
        self, work: Callable[Concatenate[Runner, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Let a worker call `work` with its runner and these arguments."""
        return self._pool.submit(_Work(work, self.sandboxed), *args, **kwargs)

    def run(self, job: Job) -> Executed:
        """Run one notebook in a worker. Raises CourseError when its process has ended."""
        try:
            return self.submit(Runner.run, job).result()
        except BrokenExecutor:
            self.__exit__()
            self.__enter__()
            raise CourseError(
                "The process that runs notebooks has ended. Run the command again; a script of your own "
                "needs `if __name__ == '__main__':` above what it calls."
            ) from None


@dataclass(frozen=True)
class _Work(Generic[P, T]):
    """A function as a worker calls it: with the runner of that process, which the first call makes."""

    function: Callable[Concatenate[Runner, P], T]
    sandboxed: bool

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        global _runner
        if _runner is None:
            _runner = Runner(self.sandboxed).__enter__()
            atexit.register(_runner.__exit__)
        return self.function(_runner, *args, **kwargs)
