"""Workers that last from test to test: to start one, with its sandbox, takes longer than most notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager

from autograder.running.workers import Workers


class KeptWorkers:
    """Stands where a module has `Workers`; not for tests of workers that end, or of what they inherit."""

    def __init__(self) -> None:
        self._entered: dict[tuple[int, bool], Workers] = {}

    @contextmanager
    def __call__(self, count: int = 1, sandboxed: bool = True) -> Iterator[Workers]:
        kind = count, sandboxed
        if kind not in self._entered:
            self._entered[kind] = Workers(count, sandboxed).__enter__()
        try:
            yield self._entered[kind]
        except BrokenExecutor:
            self._entered.pop(kind).__exit__()
            raise

    def end(self) -> None:
        """End them all."""
        for workers in self._entered.values():
            workers.__exit__()
        self._entered.clear()
