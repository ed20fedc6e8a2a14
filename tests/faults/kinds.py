"""Who is killed, and how it is started again."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from tests.grading.server import PROGRAMS, Server
from tests.helpers import REPOSITORY

DASK = (str(Path(sys.executable).with_name("dask")),)
QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
START_SECONDS = 60.0


class Kind:
    """One kind of process. Used as a context, in which all that it takes is running."""

    options: tuple[str, ...] = ("--workers", "2")  # of `course grade`
    ends_the_run = False
    settings = ""  # a line of course_config.py

    def why_not(self) -> str:
        """Why this machine cannot play it."""
        return ""

    def __enter__(self) -> Kind:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def forget(self) -> None:
        """Empty the gradebook, where it is no file."""

    def kill(self, run: subprocess.Popen[str], chance: random.Random) -> bool:
        """Kill one, and say whether there was one."""
        raise NotImplementedError

    def restart(self) -> None:
        """What was killed runs again; called after each kill, or after the run where that ends it."""


class Course(Kind):
    """`course` itself; its workers end with it."""

    ends_the_run = True

    def kill(self, run, chance):
        run.kill()
        return True


class PoolWorker(Kind):
    """A process of the pool beside `course`."""

    def kill(self, run, chance):
        return kill_one(psutil.Process(run.pid).children, "--multiprocessing-fork", chance)


class DaskWorker(Kind):
    """A worker of a cluster that was started by hand. Its nanny starts another."""

    def __init__(self, workers: int = 2) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        self.options = ("--cluster", self.address)
        self.count = str(workers)
        self.scheduler = self.workers = None
        self.folder = tempfile.TemporaryDirectory()

    def __enter__(self):
        self.start_scheduler()
        self.start_workers()
        return self

    def start_scheduler(self) -> None:
        port = self.address.rpartition(":")[2]
        self.scheduler = self.dask("scheduler", "--host", "127.0.0.1", "--port", port)

    def start_workers(self) -> None:
        self.workers = self.dask("worker", self.address, "--nworkers", self.count, "--nthreads", "1")

    def dask(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [*DASK, *arguments, "--no-dashboard"]
        return subprocess.Popen(command, cwd=self.folder.name, env=environment(), **QUIET)

    def end(self, process: subprocess.Popen[bytes]) -> None:
        below = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.kill()
        process.wait()
        psutil.wait_procs(below, timeout=10)  # each ends with its parent

    def __exit__(self, *error):
        self.end(self.workers)
        self.end(self.scheduler)
        self.folder.cleanup()

    def kill(self, run, chance):
        return kill_one(
            lambda: psutil.Process(self.workers.pid).children(recursive=True), "spawn_main", chance
        )

    def restart(self):
        """A nanny ends with a worker that is killed while it starts, and the command with its nannies."""
        if self.workers.poll() is not None:
            self.start_workers()


class DaskScheduler(DaskWorker):
    """The scheduler. Its workers end then, or are started again with it."""

    ends_the_run = True

    def kill(self, run, chance):
        self.scheduler.kill()
        return True

    def restart(self):
        if self.scheduler.poll() is None and self.workers.poll() is None:
            return
        self.end(self.workers)
        self.end(self.scheduler)
        self.start_scheduler()
        self.start_workers()


class PostgreSQL(Kind):
    """The server that holds the gradebook."""

    ends_the_run = True

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="pg-")
        self.server = Server(Path(self.folder.name))
        self.server.start()
        self.name = "gradebook"
        self.server.run("createdb", "-h", self.folder.name, "-U", "course", self.name)
        url = f"postgresql+psycopg://course:none@/{self.name}?host={self.folder.name}"
        self.settings = f'c.CourseDirectory.db_url = "{url}"'
        return self

    def __exit__(self, *error):
        self.server.end()
        self.folder.cleanup()

    def why_not(self):
        return "" if PROGRAMS else "There is no PostgreSQL in /usr/lib/postgresql: apt-get install postgresql"

    def forget(self):
        for program in ("dropdb", "createdb"):
            self.server.run(program, "-h", self.folder.name, "-U", "course", self.name)

    def kill(self, run, chance):
        self.server.end(signal.SIGKILL)
        return True

    def restart(self):
        if self.server.process.poll() is None:
            return
        deadline = time.monotonic() + START_SECONDS
        while True:  # what the one before started may have to end first
            try:
                self.server.start()
                return
            except AssertionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)


KINDS: dict[str, Callable[[], Kind]] = {
    "course": Course,
    "pool-worker": PoolWorker,
    "dask-worker": DaskWorker,
    "dask-scheduler": DaskScheduler,
    "postgresql": PostgreSQL,
}


def environment() -> dict[str, str]:
    """With modules as this process finds them; programs that import jsonschema save two seconds."""
    startup = str(REPOSITORY / "tests" / "startup")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([*filter(None, sys.path), startup])}


def kill_one(processes: Callable[[], list[psutil.Process]], named: str, chance: random.Random) -> bool:
    """kill -9 one of those processes with that word in their command."""
    with contextlib.suppress(psutil.Error):
        if found := list(_named(processes(), named)):
            chance.choice(found).kill()
            return True
    return False


def _named(processes: list[psutil.Process], word: str) -> Iterator[psutil.Process]:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            if word in " ".join(process.cmdline()):
                yield process
