"""ipykernel's shell without a kernel around it: what it would publish goes to a function.

This is the only place that knows ipykernel's internals. Nobody promises them:
tests/running/inside/test_ipykernel.py lists what is relied on, and asks the installed version for it.
"""

from __future__ import annotations

import builtins
import io
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from ipykernel.compiler import XCachingCompiler
from ipykernel.displayhook import ZMQShellDisplayHook
from ipykernel.zmqshell import ZMQDisplayPublisher, ZMQInteractiveShell
from jupyter_client.session import Session
from traitlets.config import Config

Publish = Callable[[str, dict[str, Any]], None]  # of a message's type and content
ErrorShown = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]

# What IPython imports as late as a shell is made and runs its first cell: whoever forks imports it before.
IMPORTED_LATE = ("IPython.core.application", "IPython.core.completerlib", "IPython.core.logger")

FLUSH_CHARACTERS, FLUSH_SECONDS = 20_000, 0.2
NO_INPUT = "input() gets no answer while your notebook is graded. Write the value into the cell instead."


class _Outbox(Session):
    """What ipykernel takes for its connection: hands messages on instead of sending them."""

    publish: Publish = staticmethod(lambda kind, content: None)

    def send(
        self,
        stream: object,
        msg_or_type: dict[str, Any] | str,
        content: Any = None,  # a student's code may send whatever it likes
        *args: object,
        **kwargs: object,
    ) -> None:
        """Publish a whole message, or one of a type and its content."""
        if isinstance(msg_or_type, dict):
            self.publish(msg_or_type["header"]["msg_type"], msg_or_type["content"])
        else:
            self.publish(msg_or_type, content)


class Shell(ZMQInteractiveShell):
    """IPython as a kernel runs it, publishing to a function."""

    def connect(self, publish: Publish) -> None:
        """Publish from now on by calling publish(message type, content)."""
        outbox = _Outbox()
        outbox.publish = publish
        hook, publisher = self.displayhook, self.display_pub
        assert isinstance(hook, ZMQShellDisplayHook) and isinstance(publisher, ZMQDisplayPublisher)
        hook.session = publisher.session = outbox
        hook.pub_socket = publisher.pub_socket = "nowhere"

    def name_errors_only(self) -> None:
        """Publish an error without its traceback, which takes long to make."""
        vars(self.InteractiveTB)["structured_traceback"] = lambda *error, **options: []

    def enable_gui(self, gui: object = None) -> None:
        """There is no event loop to join."""

    def _get_exc_info(self, exc_tuple: ErrorShown | None = None) -> ErrorShown:
        """The error to show, without our own line at its end."""
        found: ErrorShown = super()._get_exc_info(exc_tuple)  # type: ignore[no-untyped-call]  # IPython's own
        step = found[2]
        while step is not None and step.tb_next is not None:
            if step.tb_next.tb_frame.f_code is _no_input.__code__:
                step.tb_next = None
            step = step.tb_next
        return found

    def ask_exit(self) -> None:
        """exit() ends the cell no more than any other line: later cells still run."""


Shell.__name__ = ZMQInteractiveShell.__name__  # programs look at it to know that this is a notebook


def make_shell(names: dict[str, Any] | None = None) -> Shell:
    """The one shell of this process, its cells running in `names`."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.cache_size = 1000
    return Shell.instance(config=config, user_ns=names, compiler_class=XCachingCompiler)


def refuse_input() -> None:
    """Let input() raise an error that says what to do: there is nobody to answer."""
    builtins.input = _no_input


def _no_input(prompt: object = "") -> str:
    raise RuntimeError(NO_INPUT)


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the cells: text goes out in pieces of a sensible size."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, name: str, publish: Publish, per_cell: int):
        self.name, self._publish, self._per_cell, self._room = name, publish, per_cell, per_cell
        self._parts: list[str] = []
        self._size, self._since = 0, time.monotonic()

    def next_cell(self) -> None:
        """From here on there is room for a cell's text again."""
        self._room = self._per_cell

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self._room <= 0:
            return len(text)
        self._parts.append(text[: self._room])
        self._room -= len(text)
        self._size += len(text)
        if self._size > FLUSH_CHARACTERS or time.monotonic() - self._since > FLUSH_SECONDS:
            self.flush()
        if self._room <= 0:
            self._parts.append("\n… the rest of the output is left out.")
            self.flush()
        return len(text)

    def flush(self) -> None:
        if self._parts:
            text = "".join(self._parts).encode("utf-8", "replace").decode()
            self._parts, self._size = [], 0
            self._publish("stream", {"name": self.name, "text": text})
        self._since = time.monotonic()

    def writable(self) -> bool:
        return True
