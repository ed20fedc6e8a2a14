"""The time a student's notebook has used, which is what limits are about.

It runs while a student's processes compute. It stands still while the machine does other things, so
that a busy neighbour, a slow disk or a suspended laptop costs nobody a point; and while the
examiner thinks. Asleep it runs slowly: a student may wait, but not for ever.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from autograder.running.inside.usage import Time

SLEEP = 5.0  # seconds asleep that count as one
CAP = 20.0  # times a limit, on the wall: the end of what neither computes nor sleeps
READ_SECONDS = 0.25  # a reading is good for so long


class Measured(Protocol):
    """Whose time it is: a `Student`."""

    def time(self) -> Time | None:
        """What its processes have used until now; None when nobody answers."""


@dataclass(frozen=True)
class Allowance:
    """Until when something may go on: in the student's time, and on the wall (time.monotonic())."""

    ends: float = math.inf
    cap: float = math.inf

    def within(self, other: Allowance) -> Allowance:
        return Allowance(min(self.ends, other.ends), min(self.cap, other.cap))


class Clock:
    """Tells a student's time, in seconds. A reading is a question to another process, so it is rare."""

    def __init__(self, student: Measured):
        self._student = student
        self._began = self._read_at = time.monotonic()
        self._value = 0.0
        self._theirs = 0.0  # on the wall, so far: when it was the student's turn
        self._turn_began: float | None = None

    @contextlib.contextmanager
    def their_turn(self) -> Iterator[None]:
        """While the examiner waits for the student. Turns within a turn are the same turn."""
        if self._turn_began is not None:
            yield
            return
        self._turn_began = time.monotonic()
        try:
            yield
        finally:
            self._theirs += time.monotonic() - self._turn_began
            self._turn_began = None

    def read(self) -> float:
        """The student's time now."""
        used = self._student.time()
        self._read_at = now = time.monotonic()
        theirs = self._theirs + (0.0 if self._turn_began is None else now - self._turn_began)
        if used is not None and used.busy is None:  # nobody can tell: not on this machine
            self._value = theirs
        elif used is not None and used.busy is not None:
            ours = now - self._began - theirs  # the student slept then, and had to
            self._value = max(self._value, used.busy + max(0.0, used.asleep - ours) / SLEEP)
        return self._value

    def allow(self, seconds: float) -> Allowance:
        """So many seconds from now, of the student's time, and `CAP` times as many on the wall."""
        now = time.monotonic()
        if now > self._read_at + READ_SECONDS:
            self.read()
            now = time.monotonic()
        latest = self._value + now - self._read_at  # on one core it runs no faster than the wall's
        return Allowance(latest + seconds, now + CAP * seconds)

    def earliest(self, allowance: Allowance) -> float:
        """When, on the wall, an allowance can be over at the earliest, as far as was read."""
        return min(allowance.cap, self._read_at + allowance.ends - self._value)

    def is_over(self, allowance: Allowance) -> bool:
        """Whether an allowance is used up; asks only when it can be."""
        if time.monotonic() < self.earliest(allowance):
            return False
        return time.monotonic() >= allowance.cap or self.read() >= allowance.ends
