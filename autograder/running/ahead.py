"""Ask a student's function at many points in one message, where that is the same as one after the other.

In a visible test, the numerical derivative asks the student's own function at hundreds of points, and
knows most of them before the first answer. The harness says so by `ask_ahead`; see `gradcheck._slopes`.
The student's process then answers in the same order, and stops after anything that could make the harness
go another way: an error, changed arguments, whatever is no finite number. What comes after that is asked one
by one, until another derivative is begun. So the function is called as often, and with the same, as it would
be one by one; a test's own function around it is called more often. Hidden tests ask one by one.

A test asks through a function of its own: `lambda W: loss(W, X.copy())`. What that would ask is recorded
first. Where it does more than hand on the one answer, it is called one by one.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from autograder import gradcheck
from autograder.running.inside.values import is_plain

MOST_CALLS, MOST_BYTES = 128, 1_000_000  # of one message
MEASURE = ("gradient_check", "numerical_gradient")  # of the harness: their first argument is asked ahead


@dataclass(frozen=True)
class Call:
    """A call of a student's function that has not been made."""

    handle: int
    args: tuple[object, ...]
    kwargs: dict[str, object]


class Asking(Protocol):
    """Who puts questions to the student's process."""

    asks_ahead: bool

    def recorded(self, work: Callable[[], object]) -> Call | None:
        """The call that `work` would make, when it makes one and hands on its answer; none is made."""

    def call_many(self, calls: list[Call]) -> tuple[list[object], bool]:
        """Calls of one function: what the first of them gave, and whether the answer to the next is held."""

    def held(self, call: Call) -> object:
        """What that one gave."""


class Unanswered:
    """Stands for the answer to a call that was only recorded. Whatever is done with it is an error."""

    __array_ufunc__ = None

    def _look(self, *args: object, **kwargs: object) -> Any:
        raise TypeError("There is no answer yet.")

    __getattr__ = __bool__ = __eq__ = __repr__ = __format__ = _look
    __array__ = __array_function__ = _look
    __hash__ = None  # type: ignore[assignment]  # as Python spells that there is none


class AskedAhead:
    """A function of an array, told ahead at which points it will be called."""

    def __init__(self, function: Callable[[np.ndarray], object], peer: Asking):
        self._function, self._peer = function, peer
        self._points: Iterator[np.ndarray] = iter(())
        self._coming: deque[np.ndarray] = deque()
        self._answers: deque[Callable[[], object]] = deque()  # to the first of those

    def ask_ahead(self, points: Iterable[np.ndarray]) -> None:
        """From now on, it is probably called at these points in this order."""
        self._points = iter(points)
        self._coming.clear()
        self._answers.clear()

    def __call__(self, point: np.ndarray) -> object:
        __tracebackhide__ = True
        if not self._answers and self._comes_next(point):
            self._ask()
        if self._answers and np.array_equal(self._coming.popleft(), point):
            return self._answers.popleft()()
        self._answers.clear()  # it goes another way than it said
        return self._function(point)

    def _comes_next(self, point: np.ndarray) -> bool:
        """Whether a point was announced; the one before is left out where its partner has no value."""
        self._coming += islice(self._points, MOST_CALLS - len(self._coming))
        for skipped, expected in enumerate(islice(self._coming, 2)):
            if np.array_equal(expected, point):
                if skipped:
                    self._coming.popleft()
                return True
        return False

    def _ask(self) -> None:
        """Ask for the answers to the first of the points that are to come, where they can be asked for."""
        calls: list[Call] = []
        size = 0
        for point in self._coming:
            call = self._peer.recorded(functools.partial(self._function, point.copy()))
            if call is None or call.kwargs or not is_plain(call.args):
                break
            size += sum(arg.nbytes for arg in call.args if isinstance(arg, np.ndarray))
            if calls and (call.handle != calls[0].handle or size > MOST_BYTES):
                break
            calls.append(call)
        if not calls:
            self.ask_ahead(())  # one by one
            return
        values, held = self._peer.call_many(calls)
        self._answers += (functools.partial(_given, value) for value in values)
        if held:  # the harness may go another way after that: the rest is asked for one by one
            self._answers.append(functools.partial(self._peer.held, calls[len(values)]))
            self._points = iter(())
            self._coming = deque(islice(self._coming, len(self._answers)))


def _given(value: object) -> object:
    return value


def harness_of(peer: Asking) -> ModuleType:
    """The harness as test cells import it: what it measures, it asks ahead."""
    harness = ModuleType(gradcheck.__name__.rpartition(".")[2], gradcheck.__doc__)
    vars(harness).update({name: thing for name, thing in vars(gradcheck).items() if name[:2] != "__"})
    vars(harness).update({name: _asking_ahead(getattr(gradcheck, name), peer) for name in MEASURE})
    return harness


def _asking_ahead(measure: Callable[..., object], peer: Asking) -> Callable[..., object]:
    @functools.wraps(measure)
    def asking(f: Callable[[np.ndarray], object], *args: object, **kwargs: object) -> object:
        __tracebackhide__ = True
        return measure(AskedAhead(f, peer) if peer.asks_ahead else f, *args, **kwargs)

    return asking
