"""Run a notebook's cells as IPython does, and answer calls. This is the student's process.

It runs inside the sandbox and knows nothing of tests or answer keys: it is sent cells, names and
arguments, and sends back outputs, values and errors. Nothing it sends is believed without a check.

The shell is ipykernel's own, without a kernel around it: what it would publish goes out as events.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import json
import os
import random
import signal
import socket
import sys
import tempfile
import time
import types
from collections.abc import Callable
from pathlib import Path

import numpy as np
from ipykernel.compiler import XCachingCompiler
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.session import Session
from traitlets.config import Config

from .protocol import Closed, Peer
from .values import ProtocolError, ValueTooLarge

Publish = Callable[[str, dict], None]
FLUSH_CHARACTERS, FLUSH_SECONDS = 20_000, 0.2
DIRECT_BYTES = 1_000_000  # of what programs and C code print between two other outputs
NO_INPUT = "input() gets no answer while your notebook is graded. Write the value into the cell instead."


class _Outbox(Session):
    """What ipykernel takes for its connection: hands messages on instead of sending them."""

    publish: Publish = staticmethod(lambda kind, content: None)

    def send(self, stream, msg_or_type, content=None, *args, **kwargs):
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
        for publisher in (self.displayhook, self.display_pub):
            publisher.session, publisher.pub_socket = outbox, "nowhere"

    def enable_gui(self, gui: object = None) -> None:
        """There is no event loop to join."""

    def _get_exc_info(self, exc_tuple: tuple | None = None) -> tuple:
        """The error to show, without our own line at its end."""
        found = super()._get_exc_info(exc_tuple)
        step = found[2]
        while step is not None and step.tb_next is not None:
            if step.tb_next.tb_frame.f_code is _no_input.__code__:
                step.tb_next = None
            step = step.tb_next
        return found

    def ask_exit(self) -> None:
        """exit() ends the cell no more than any other line: later cells still run."""


Shell.__name__ = ZMQInteractiveShell.__name__  # programs look at it to know that this is a notebook


def make_shell(names: dict | None = None) -> Shell:
    """The one shell of this process, its cells running in `names`."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.cache_size = 1000
    return Shell.instance(config=config, user_ns=names, compiler_class=XCachingCompiler)


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


class StudentProcess:
    """Serves one notebook: each method named serve_<what> answers the examiner's ask for <what>."""

    def __init__(self, shell: Shell, connection: socket.socket, output_bytes: int):
        self.shell = shell
        services = {
            name.removeprefix("serve_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("serve_")
        }
        self.peer = Peer(connection, services)
        shell.connect(self._publish)
        self._streams = [Stream(name, self._publish, output_bytes) for name in ("stdout", "stderr")]
        sys.stdout, sys.stderr = self._streams
        builtins.input = _no_input
        self._direct = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the process
        for descriptor in (1, 2):  # what subprocesses and C code print
            os.dup2(self._direct.fileno(), descriptor)
        self._read = 0

    def _publish(self, kind: str, content: dict) -> None:
        if kind != "stream":  # what was printed before comes first
            self._flush()
        with contextlib.suppress(ValueTooLarge):
            self.peer.event(json.dumps([kind, content], default=str))

    def serve_forever(self) -> None:
        """Answer until the examiner hangs up. An interrupt ends only what is under way."""
        while True:
            try:
                return self.peer.serve()
            except KeyboardInterrupt:
                continue

    def serve_run(self, source: str, count: int) -> None:
        """Run one cell as In[count]."""
        self.shell.execution_count = count
        for stream in self._streams:
            stream.next_cell()
        try:
            self.shell.run_cell(source, store_history=True)
        finally:
            self._flush()

    def serve_look(self, name: str) -> tuple:
        """(True, value) of a name the notebook defines, else (False, None)."""
        names = self.shell.user_ns
        return (True, names[name]) if name in names else (False, None)

    def serve_assign(self, values: dict) -> None:
        """Define names in the notebook."""
        self.shell.user_ns.update(values)

    def serve_delete(self, name: str) -> None:
        """Remove a name from the notebook."""
        del self.shell.user_ns[name]

    def serve_file(self, name: str, content: np.ndarray) -> None:
        """Put a file into the working folder."""
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.tobytes())

    def serve_call(self, *call: object) -> object:
        """Call a function; what it prints goes out before its answer."""
        try:
            return self.peer.serve_call(*call)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()

    def _flush(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        printed = os.pread(self._direct.fileno(), DIRECT_BYTES, self._read)  # moves no position
        self._read = os.fstat(self._direct.fileno()).st_size
        if printed:
            self._publish("stream", {"name": "stdout", "text": printed.decode("utf-8", "replace")})


def _no_input(prompt: object = "") -> str:
    raise RuntimeError(NO_INPUT)


def warm_up() -> Shell:
    """Import and run once what every notebook needs, so that its process starts with it."""
    import matplotlib.pyplot as plt
    from IPython.core.interactiveshell import InteractiveShell

    shell = make_shell()
    shell.connect(lambda kind, content: None)
    for line in ("1", "from matplotlib import pyplot", "pyplot.plot([1, 2], label='$x_1$').__len__()"):
        shell.run_cell(line, store_history=False, silent=True)
    fig, ax = plt.subplots(layout="constrained")
    ax.set(xlabel=r"$\lambda$", title=r"$c^{\top}x$")
    filled = ax.contourf(np.outer([1, 2], [1, 3]))
    fig.colorbar(filled, ax=ax)
    shell.display_formatter.format(fig)
    plt.close("all")
    shell.reset(new_session=True)
    InteractiveShell.instance().execution_count = 1
    return shell


def be_student(shell: Shell, connection: socket.socket, files: Path, output_bytes: int, seed: int) -> None:
    """The whole life of a student's process: get the files, then serve until told no more."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    random.seed(seed)
    np.random.seed(seed)
    os.chdir(files)
    sys.path.insert(0, "")
    sys.modules["__main__"] = shell.user_module or types.ModuleType("__main__")
    ours = str(__package__)
    for name in [name for name in sys.modules if name == ours or name.startswith(f"{ours}.")]:
        del sys.modules[name]
    process = StudentProcess(shell, connection, output_bytes)
    with contextlib.suppress(Closed, ProtocolError):
        process.serve_forever()
    os._exit(0)
