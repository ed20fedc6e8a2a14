"""What a worker of a Dask cluster does for `course grade`: it proves itself, and it grades parcels.

A Dask worker is a process with threads, where no notebook may be run. So each of its threads that grades
has a child, a process with a warm sandbox, which ends with that thread however that ends:

    Dask worker ── thread ──▶ child ── forks ──▶ examiner ⇄ student

An answer is a byte that says of which kind it is, and what belongs to it. A Dask scheduler imports this
module too, and so do threads that answer others meanwhile: what takes long is imported in the child.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import TYPE_CHECKING

from autograder import startup, stopping
from autograder.errors import sentence

if TYPE_CHECKING:
    from autograder.running.run import Runner

PARCEL, PROOF = b"p", b"?"  # what a child is asked for
DONE, FAILED, STOPPED, ENDED = b"d", b"f", b"s", b"e"  # kinds of answers: grades or a proof; a sentence; ...
WAS_ENDED = "The process that graded this submission was ended."
ENDED_BY_OTHERS = "The process that graded this submission was stopped by another run."
START = "import sys; from autograder.grading.remote import serve; serve(*map(int, sys.argv[1:]))"
TRIAL = """
import os, socket
def refused(attempt):
    try:
        attempt()
    except OSError:
        return True
    return False
print(refused(lambda: os.listdir({package!r})) and refused(lambda: socket.socket().bind(("127.0.0.1", 0))))
"""
SECONDS = 60.0  # for the trial
PROOF_SECONDS = 300.0  # on the wall, for all of a proof

_own = threading.local()  # `child`, of this thread
_at_work: dict[Child, str] = {}  # and for which run
_stopped: set[str] = set()  # runs whose Ctrl-C was pressed
_lock = threading.Lock()  # of both


@dataclass(frozen=True)
class Proof:
    """What a worker grades with, by name; `problem` says why it cannot confine student code, if it cannot."""

    has: dict[str, str]
    problem: str = ""


def what_is_here() -> dict[str, str]:
    """What has to be the same where submissions are graded: this course's code, and what runs notebooks."""
    from importlib import metadata

    from autograder.grading.submission import RUNS_IT, package_parts

    versions = {name: ".".join(metadata.version(name).split(".")[:2]) for name in RUNS_IT}
    python = ".".join(map(str, sys.version_info[:2]))
    return {**package_parts(), "Python": python, **versions, "distributed": metadata.version("distributed")}


# ------------------------------------------------------------------ in a thread of a Dask worker


def prove() -> bytes:
    """An answer with this worker's proof, in JSON."""
    return _ask("", PROOF, PROOF_SECONDS)


def grade(run: str, parcel: bytes, seconds: float) -> bytes:
    """An answer with what a parcel of that run came to within so many seconds on the wall.

    Whatever is in the parcel, nothing is raised.
    """
    return _ask(run, PARCEL + parcel, seconds)


async def stop(run: str) -> None:
    """Begin no further notebook of that run; in the Dask worker's own thread, while others grade."""
    with _lock:
        _stopped.add(run)
        for child in [child for child, asking in _at_work.items() if asking == run]:
            child.stop()


def _ask(run: str, message: bytes, seconds: float) -> bytes:
    child: Child | None = getattr(_own, "child", None)
    if child is None or not child.usable:
        if child is not None:
            child.close()
        child = _own.child = Child()
    with _lock:
        if run in _stopped:
            return STOPPED
        _at_work[child] = run
    try:
        return child.ask(message, seconds)
    except (EOFError, OSError):
        child.usable = False
        return ENDED
    finally:
        with _lock:
            del _at_work[child]


class Child:
    """A process for one message of its thread after the other; when `usable` no more, another is needed."""

    def __init__(self) -> None:
        self.usable = True
        self._line, theirs = Pipe()
        told, self._tell = Pipe(duplex=False)
        with theirs, told:
            numbers = os.getpid(), theirs.fileno(), told.fileno()
            self._process = subprocess.Popen(  # noqa: S603  our own program
                [sys.executable, "-P", "-c", START, *map(str, numbers)],
                pass_fds=numbers[1:],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=os.environ
                | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}
                | _temporary(),
                cwd="/",
                start_new_session=True,  # Ctrl-C in the worker's terminal is the worker's
            )

    def ask(self, message: bytes, seconds: float) -> bytes:
        """Raises EOFError or OSError when it has ended, as it does after so many seconds."""
        end = threading.Timer(seconds, self._process.kill)  # it may hang before it has read the message
        end.daemon = True
        end.start()
        try:
            self._line.send_bytes(message)
            return self._line.recv_bytes()
        finally:
            end.cancel()

    def stop(self) -> None:
        """Have it begin no further notebook, of nobody."""
        self.usable = False
        with contextlib.suppress(OSError):
            self._tell.send_bytes(b"x")

    def __del__(self) -> None:  # with its thread
        self.close()

    def close(self) -> None:
        """End it, and all that it started."""
        self._line.close()
        self._tell.close()
        self._process.kill()
        self._process.wait()


def _temporary() -> dict[str, str]:
    """Where hand-ins lie meanwhile: in the Dask worker's own folder, which Dask removes whoever is killed."""
    from distributed import get_worker

    try:
        return {"TMPDIR": str(get_worker().local_directory)}
    except ValueError:  # called by somebody else
        return {}


# ------------------------------------------------------------------ in the child


def serve(parent: int, line: int, told: int) -> None:
    """The whole life of a child: an answer to each message, until the line is closed."""
    from autograder.running.inside.warm import die_with_parent

    die_with_parent(parent)
    startup.leave_out_iri_formats()
    stopping.be_worker(Connection(told, writable=False))
    from autograder.grading.parcels import Unpacked
    from autograder.running.run import Runner

    with Connection(line) as asked, contextlib.closing(Unpacked()) as unpacked, Runner() as runner:
        while True:
            try:
                message = asked.recv_bytes()
            except EOFError:
                return
            try:
                if message[:1] == PARCEL:
                    answer = DONE + unpacked.grade(runner, message[1:])
                else:
                    answer = DONE + json.dumps(asdict(_proof(runner))).encode()
            except stopping.Stopped:
                answer = STOPPED
            except Exception as error:  # ours, or of this machine: another may do better
                answer = FAILED + sentence(error).encode("utf-8", "replace")
            asked.send_bytes(answer)


def _proof(runner: Runner) -> Proof:
    """Also has a cell try to leave the sandbox, which is warm then."""
    from nbformat.v4 import new_code_cell, new_notebook

    from autograder.course import PACKAGE, Limits
    from autograder.running import sandbox
    from autograder.running.run import Job

    problem = sandbox.why_not(Path(tempfile.gettempdir()))
    if not problem:
        trial = new_notebook(cells=[new_code_cell(TRIAL.format(package=str(PACKAGE)))])
        limits = Limits(seconds_per_cell=SECONDS, seconds_per_notebook=SECONDS)
        cell = runner.run(Job(trial, trial, {}, limits)).notebook.cells[0]
        if [output.get("text") for output in cell.outputs] != ["True\n"]:
            problem = "Student code can leave the sandbox there, or nothing runs in it."
    return Proof(what_is_here(), problem)
