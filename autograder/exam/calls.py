"""Call a student's function once, quietly, and write down what happened.

An argument may itself be a function: the student's code then calls back, and the calls are counted.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.gradcheck import CheckError
from autograder.problem_sets.key import Answer


@dataclass(frozen=True)
class Reply:
    """What one call gave: a value, or the error it raised; and the arguments it altered.

    calls says, of each argument that is a function, how often it was called.
    """

    value: object = None
    error: BaseException | None = None
    changed: tuple[str, ...] = ()
    calls: Mapping[str, int] = field(default_factory=dict)


class _Counted:
    """A function that counts its calls, under its own name."""

    def __init__(self, function: Answer, name: str):
        self.function, self.calls = function, 0
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args: object, **kwargs: object) -> object:
        self.calls += 1
        return self.function(*args, **kwargs)


class _Discard(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Drop what is printed and warned: neither is an answer, and stderr would cost points."""
    with (
        np.errstate(all="ignore"),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(_Discard()),
        contextlib.redirect_stderr(_Discard()),
    ):
        warnings.simplefilter("ignore")
        yield


def ask(function: Answer, arguments: Mapping[str, object]) -> Reply:
    """Call function on copies of the arguments, by position.

    Every exception becomes part of the answer, except KeyboardInterrupt: that is the
    kernel's way to end a cell that takes too long.
    """
    given = {name: _given(name, value) for name, value in arguments.items()}
    value, problem = None, None
    try:
        with quietly():
            value = function(*given.values())
    except (Exception, SystemExit) as error:
        problem = error
    calls = {name: thing.calls for name, thing in given.items() if isinstance(thing, _Counted)}
    return Reply(value, problem, _changed(given, arguments), calls)


def identical(one: object, other: object) -> bool:
    """Whether two values are the same to the last digit."""
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(identical, one, other))
    return np.array_equal(np.asarray(one), np.asarray(other))


def digest(replies: Sequence[Reply]) -> str:
    """The same text for replies that give the same numbers, to five digits; empty where all are errors."""
    if all(reply.error is not None for reply in replies):
        return ""
    made = hashlib.sha256()
    for reply in replies:
        shown = type(reply.error).__name__ if reply.error is not None else _in_digits(reply.value)
        made.update(repr(shown).encode("utf-8", "replace"))
    return made.hexdigest()[:16]


def _in_digits(value: object) -> object:
    """A value as far as five digits of its largest number tell it from others."""
    if isinstance(value, tuple):
        return tuple(map(_in_digits, value))
    try:
        array = np.asarray(value)
    except ValueError:  # a ragged list
        return type(value).__name__
    if array.dtype.kind not in "iufc":
        return (array.dtype.kind, array.shape, array.tobytes() if array.dtype.kind == "b" else b"")
    finite = abs(array[np.isfinite(array)])
    size = float(finite.max()) if finite.size else 0.0
    digits = np.round(array / size, 5) + 0.0 if size else np.zeros(array.shape)  # no minus in front of a zero
    return (array.shape, f"{size:.4e}", np.asarray(digits, dtype=complex).tobytes())


def _given(name: str, value: object) -> object:
    return _Counted(value, name) if callable(value) else copied(value)


def copied(value: object) -> object:
    """A copy of an array; any other argument as it is."""
    return value.copy() if isinstance(value, np.ndarray) else value


def _changed(given: Mapping[str, Any], before: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        name
        for name, value in given.items()
        if not isinstance(value, _Counted) and not np.array_equal(value, before[name], equal_nan=True)
    )


def compare_calls(function: str, calls: int, due: int) -> None:
    """Raise CheckError when a function called f another number of times than is due."""
    if calls != due:
        wanted = "1 is" if due == 1 else f"{due} are"
        raise CheckError(f"{function} calls f {calls} times here, and {wanted} due.")


def compare_verdict(function: str, value: object, right: bool) -> None:
    """Raise CheckError when a function gave another verdict, or none."""
    if not isinstance(value, (bool, np.bool_)):
        kind = "None" if value is None else f"a value of type {type(value).__name__}"
        raise CheckError(f"{function} must return True or False. It returned {kind}.")
    if value != right:
        raise CheckError(f"{function} says {bool(value)} where {right} is right.")
