"""What all processes of one student use together: memory, threads, and time.

Measured by the keeper, from /proc. The student's time is processor time: what a machine busy with
other things keeps from it is not counted, and nor is what the kernel is waiting for on its behalf.
Sleep is told apart, since somebody has to end a deadlock: each look that finds every thread of the
student's asleep counts for the time between two looks.
"""

from __future__ import annotations

import contextlib
import os
import resource
import socket
from dataclasses import dataclass
from pathlib import Path

PAGE = resource.getpagesize()
TICKS = os.sysconf("SC_CLK_TCK")  # a second
STATE, PARENT, USER, SYSTEM, THREADS, STARTED, STACK = 0, 1, 11, 12, 17, 19, 25  # in /proc/<process>/stat
ASLEEP = "SZXT"  # waiting for something, ended, or stopped; not R (ready) nor D (the kernel works for it)
OUT_OF_MEMORY, TOO_MANY_PROCESSES = "memory", "processes"


@dataclass(frozen=True)
class Time:
    """Seconds so far: of the processor, and asleep. None where they cannot be told."""

    busy: float | None
    asleep: float


class Usage:
    """Looks at every process below this one. Made before the first of them is forked."""

    def __init__(self) -> None:
        self._busy: dict[tuple[int, str], int] = {}  # ticks of each process, those that have ended too
        self._asleep = 0.0
        self._stats: dict[int, list[str]] = {}  # of the processes below this one
        one, other = socket.socketpair()
        with one, other:  # what a socket can hold: what is written into the other and not yet read
            self._socket = one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        try:
            self._me = int(os.readlink("/proc/self"))
            self.address_space, self._own, self._mapped = _sizes("self")
            self._stack = _stat("self")[STACK]
        except OSError:
            self._me, self.address_space, self._own, self._mapped, self._stack = 0, 0, 0, 0, ""

    def look(self, seconds: float) -> None:
        """Look again, so many seconds after the last time."""
        stats = {}
        for entry in filter(str.isdigit, os.listdir("/proc")) if self._me else ():
            with contextlib.suppress(OSError):  # it may just have ended
                stats[int(entry)] = _stat(entry)
        parents = {process: int(stat[PARENT]) for process, stat in stats.items()}
        self._stats = {p: stat for p, stat in stats.items() if self._is_below_me(p, parents)}
        before = sum(self._busy.values())
        for process, stat in self._stats.items():
            self._busy[process, stat[STARTED]] = int(stat[USER]) + int(stat[SYSTEM])
        if sum(self._busy.values()) == before and all(map(_is_asleep, self._stats.items())):
            self._asleep += seconds

    def time(self) -> Time:
        """As of the last look."""
        return Time(sum(self._busy.values()) / TICKS if self._me else None, self._asleep)

    def too_much(self, memory_bytes: int, processes: int) -> str:
        """Which limit is passed. Threads count; so does what sockets can hold.

        A fork's memory is charged in full, as if it had written to all of it, which nothing says
        without waiting for a lock that is held while it forks: a fork bomb would win. Only the first,
        the student, has what it started with free, and every fork the libraries that it shares.
        """
        if sum(int(stat[THREADS]) for stat in self._stats.values()) > processes:
            return TOO_MANY_PROCESSES
        memory = _sockets() * self._socket - self._own
        for process, stat in self._stats.items():
            with contextlib.suppress(OSError):
                _, own, mapped = _sizes(str(process))
                forked = stat[STACK] == self._stack  # another program has another stack
                memory += own + max(0, mapped - self._mapped * forked)
        return OUT_OF_MEMORY if memory > memory_bytes else ""

    def _is_below_me(self, process: int, parents: dict[int, int]) -> bool:
        while process in parents:
            process = parents[process]
            if process == self._me:
                return True
        return False


def _sizes(process: str) -> tuple[int, int, int]:
    """Bytes of address space, of memory of its own, and of files that it has in memory."""
    size, resident, mapped, *_ = Path(f"/proc/{process}/statm").read_text().split()
    return int(size) * PAGE, (int(resident) - int(mapped)) * PAGE, int(mapped) * PAGE


def _sockets() -> int:
    """How many there are in this network namespace, which is the student's, held by whomever."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/net/sockstat").read_text().split()[2])
    return 0


def _stat(process: str) -> list[str]:
    """What the kernel says of a process, from its state on: its name may hold anything."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


def _is_asleep(process: tuple[int, list[str]]) -> bool:
    number, stat = process
    if int(stat[THREADS]) == 1:
        return stat[STATE] in ASLEEP
    try:
        return all(
            _stat(f"{number}/task/{thread}")[STATE] in ASLEEP for thread in os.listdir(f"/proc/{number}/task")
        )
    except OSError:  # it has just ended
        return False
