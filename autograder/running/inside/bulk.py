"""Calls of one function that are asked for in one message, and answered as far as all is plain.

Between two of them the examiner would look at an answer, and might not ask on, or ask something else. So
what it could stop at ends the row here: whatever is more than a finite number is held until it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from time import monotonic
from typing import cast

import numpy as np

BULK_SECONDS = 0.05  # after which a row is answered as far as it has come

Reply = tuple[object, dict[int | str, object]]  # a value, and the arguments that changed


class Bulk:
    """Makes rows of calls. `call` makes one; what it raises is part of the answer, but for `not_answered`."""

    def __init__(self, call: Callable[..., Reply], not_answered: tuple[type[BaseException], ...]):
        self._call, self._not_answered = call, not_answered
        self._held: tuple[object, BaseException | None] = (None, None)

    def calls(self, handle: object, rows: list[object]) -> tuple[list[object], bool]:
        """Call a function with one list of arguments after the other: what the first calls gave.

        True says that an answer to one more is held. Nothing is called after that, nor after `BULK_SECONDS`.
        """
        values: list[object] = []
        until = monotonic() + BULK_SECONDS
        for args in rows:
            try:
                value, changed = reply = self._call(handle, args, {})
            except self._not_answered:
                raise
            except BaseException as error:
                self._held = (None, error)
                return values, True
            if changed or not is_finite_number(value):
                self._held = (reply, None)
                return values, True
            values.append(value)
            if monotonic() > until:
                break
        return values, False

    def held(self) -> object:
        """The answer that is held, or the error in its place, as after a call alone."""
        (reply, error), self._held = self._held, (None, None)
        if error is not None:
            raise error
        return reply


def is_finite_number(value: object) -> bool:
    """Whether an answer is one that the harness goes on after, whatever the test."""
    plain = type(value) in (float, np.float64, np.float32)
    plain = plain or (
        type(value) is np.ndarray and value.ndim == 0 and value.dtype in (np.float64, np.float32)
    )
    return plain and isfinite(cast("float", value))
