"""Run a notebook's cells as IPython does, and answer calls. This is the student's process.

It runs inside the sandbox and knows nothing of tests or answer keys: it is sent cells, names and
arguments, and sends back outputs, values and errors. Nothing it sends is believed without a check.

The shell is ipykernel's own, without a kernel around it: see shell.py. What it publishes goes out as events.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import sys
import tempfile
import types
from pathlib import Path
from typing import Any

import numpy as np

from .bulk import Bulk
from .figures import draw_once
from .protocol import Closed, Peer
from .shell import Shell, Stream, make_shell, refuse_input
from .values import ProtocolError, ValueTooLarge

DIRECT_BYTES = 1_000_000  # of what programs and C code print between two other outputs


class StudentProcess:
    """Serves one notebook: each method named serve_<what> answers the examiner's ask for <what>."""

    def __init__(self, shell: Shell, connection: socket.socket, output_bytes: int):
        self.shell = shell
        services = {
            name.removeprefix("serve_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("serve_")
        }
        bulk = Bulk(self.serve_call, Peer.not_answered)
        self.peer = Peer(connection, {**services, "calls": bulk.calls, "held": bulk.held})
        shell.connect(self._publish)
        self._streams = [Stream(name, self._publish, output_bytes) for name in ("stdout", "stderr")]
        sys.stdout, sys.stderr = self._streams
        refuse_input()
        self._direct = tempfile.TemporaryFile()  # noqa: SIM115  lives as long as the process
        for descriptor in (1, 2):  # what subprocesses and C code print
            os.dup2(self._direct.fileno(), descriptor)
        self._read = 0

    def _publish(self, kind: str, content: dict[str, Any]) -> None:
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

    def serve_look(self, name: str) -> tuple[bool, object]:
        """(True, value) of a name the notebook defines, else (False, None)."""
        names = self.shell.user_ns
        return (True, names[name]) if name in names else (False, None)

    def serve_assign(self, values: dict[str, object]) -> None:
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

    def serve_call(self, *call: object) -> tuple[object, dict[int | str, object]]:
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
    assert shell.display_formatter is not None
    draw_once(shell.display_formatter)
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
