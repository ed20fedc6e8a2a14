"""Ctrl-C, and the other signals that end a command.

The first Ctrl-C lets grading finish the notebooks under way. The second ends the command at once, and so does
the first where there is nothing to finish, the end of a terminal, and a polite kill. A thread waits for
the signals: nothing is ever raised in the middle of an import or of somebody else's code, so there is no
traceback, and no wait for whatever the command is at.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from autograder.errors import ContentError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

SOON = "Stopping after the notebooks under way; run again to go on."
AT_ONCE = "Stopped. Run the command again."
ENDED = ContentError.exit_code  # what shells expect of a signal, 130, is none of our exit codes
WHOLE_SECONDS = 2.0  # to wait for a file that is being written; what is not whole then is left behind
WRITE_SECONDS = 0.5
CLEAR_THE_LINE, SHOW_THE_CURSOR = b"\r\x1b[2K", b"\x1b[?25h"


class Stopped(ContentError):
    """Something was not begun, or not gone on with, since Ctrl-C was pressed."""


class _State:
    """Of this process."""

    def __init__(self) -> None:
        self.asked = False
        self.finishing = 0  # how many who look at `asked` are at work
        self.whole = threading.RLock()  # held while something is written that must not stay half-written
        self.pipe: tuple[int, int] | None = None  # its end is readable once `asked`
        self.told: Connection | None = None  # the same pipe, in a worker


_state = _State()


def watch() -> None:
    """Let a thread wait for signals from now on; not for those that this process was started to ignore."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    _state.pipe = os.pipe()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup, and a shell's background jobs
            signal.signal(number, lambda signum, frame: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_listen, args=(reader,), name="signals", daemon=True).start()


def _listen(reader: int) -> None:
    while True:
        for number in os.read(reader, 1):
            if number == signal.SIGINT and _state.finishing and not _state.asked:
                _state.asked = True
                assert _state.pipe is not None  # `watch` made it
                os.write(_state.pipe[1], b"x")
                _say(SOON)
            elif number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                _end()


def _say(text: str, *, last: bool = False) -> None:
    """Write a line to the terminal, over a bar that may be there; by no stream that a thread may hold.

    A terminal that takes nothing, as after Ctrl-S, is not waited for.
    """
    line = text.encode() + b"\n"
    with contextlib.suppress(OSError, ValueError):
        if os.isatty(2):
            line = CLEAR_THE_LINE + line + (SHOW_THE_CURSOR if last else b"")
        if select.select([], [2], [], WRITE_SECONDS)[1]:
            os.write(2, line)


def _end() -> None:
    """End this process, and the workers that it started: their sandboxes end with them."""
    _state.whole.acquire(timeout=WHOLE_SECONDS)
    with contextlib.suppress(Exception):  # whatever state it is in
        processes = sys.modules.get("multiprocessing")
        for child in processes.active_children() if processes else ():
            child.kill()
    _say(AT_ONCE, last=True)
    os._exit(ENDED)


@contextlib.contextmanager
def finishing() -> Iterator[None]:
    """Whoever is at work inside looks at `asked`: the first Ctrl-C does no more than ask."""
    _state.finishing += 1
    try:
        yield
    finally:
        _state.finishing -= 1


def asked() -> bool:
    """Whether no further notebook is to be begun, in a worker too."""
    return _state.asked or (_state.told is not None and _state.told.poll())


@contextlib.contextmanager
def whole() -> Iterator[None]:
    """What is written inside is written whole, if it does not take long, before a signal ends the command."""
    with _state.whole:
        yield


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """Processes that are started inside do not hear Ctrl-C, which a terminal gives to all of them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def line_to_workers() -> Connection | None:
    """What tells a worker that it is to stop, or that this process has ended; None where nobody watches."""
    if _state.pipe is None:
        return None
    from multiprocessing.connection import Connection  # takes its time

    return Connection(os.dup(_state.pipe[0]), writable=False)


def be_worker(told: Connection | None) -> None:
    """In a worker: Ctrl-C is for the process in front, which tells this one, or ends it."""
    _state.told = told
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # blocked since it was started
