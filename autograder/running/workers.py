"""Processes that run notebooks: spawned, so that their forks inherit no other thread's lock."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import Concatenate, Generic, ParamSpec, Self, TypeVar

from autograder.errors import CourseError
from autograder.running.examiner import Executed
from autograder.running.inside.warm import die_with_parent
from autograder.running.run import Job, Runner

P = ParamSpec("P")
T = TypeVar("T")

_runner: Runner  # of this process, when it is a worker


class Workers:
    """Some processes, each with a `Runner` of its own; they end with the `with` block, or with us.

    They start when there is something to do.
    """

    def __init__(self, count: int = 1, sandboxed: bool = True):
        self.count, self.sandboxed = count, sandboxed

    def __enter__(self) -> Self:
        self._pool = ProcessPoolExecutor(
            self.count,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_be_worker,
            initargs=(self.sandboxed,),
        )
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def submit(
        self, work: Callable[Concatenate[Runner, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Let a worker call `work` with its runner and these arguments."""
        return self._pool.submit(_Work(work), *args, **kwargs)

    def run(self, job: Job) -> Executed:
        """Run one notebook in a worker. Raises CourseError when its process was ended from outside."""
        try:
            return self.submit(Runner.run, job).result()
        except BrokenExecutor:
            self.__exit__()
            self.__enter__()
            raise CourseError(
                "The process that runs notebooks was ended from outside. Run the command again."
            ) from None


def _be_worker(sandboxed: bool) -> None:
    global _runner
    die_with_parent()
    _runner = Runner(sandboxed).__enter__()  # its sandbox ends with this process


@dataclass(frozen=True)
class _Work(Generic[P, T]):
    """A function as a worker calls it: with the runner of that process."""

    function: Callable[Concatenate[Runner, P], T]

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.function(_runner, *args, **kwargs)
