"""Call a student's function once, quietly, and write down what happened."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Answer:
    """What one call gave: a value, or the error it raised; and the arguments it altered."""

    value: object = None
    error: BaseException | None = None
    changed: tuple[str, ...] = ()


class _Discard(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)


@contextlib.contextmanager
def quietly():
    """Drop what is printed and warned: neither is an answer, and stderr would cost points."""
    with (
        np.errstate(all="ignore"),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(_Discard()),
        contextlib.redirect_stderr(_Discard()),
    ):
        warnings.simplefilter("ignore")
        yield


def ask(function: Callable, arguments: Mapping[str, object]) -> Answer:
    """Call function on copies of the arguments, by position.

    Every exception becomes part of the answer, except KeyboardInterrupt: that is the
    kernel's way to end a cell that takes too long.
    """
    given = {name: copied(value) for name, value in arguments.items()}
    try:
        with quietly():
            value = function(*given.values())
    except (Exception, SystemExit) as error:
        return Answer(error=error, changed=_changed(given, arguments))
    return Answer(value=value, changed=_changed(given, arguments))


def copied(value: object) -> object:
    """A copy of an array; any other argument as it is."""
    return value.copy() if isinstance(value, np.ndarray) else value


def _changed(given: Mapping[str, object], before: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(name for name in given if not np.array_equal(given[name], before[name], equal_nan=True))
