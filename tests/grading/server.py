"""A PostgreSQL server for tests: a real one, of Debian's packages, on a socket in a folder of its own."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from pathlib import Path

PROGRAMS = max(
    Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None
)
OWNER = "postgres"  # whom the packages make; the server refuses root


class Server:
    """One database server, which may be killed and started again."""

    def __init__(self, folder: Path):
        self.folder, self.process = folder, None
        if os.geteuid() == 0:
            owner = pwd.getpwnam(OWNER)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            folder.chmod(0o755)
            self.user = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
        else:
            self.user = []
        self.run(
            "initdb", "-D", str(folder / "data"), "-U", "course", "-A", "trust", "-E", "UTF8", "--no-sync"
        )

    def run(self, program: str, *arguments: str, check: bool = True) -> int:
        command = [*self.user, PROGRAMS / program, *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        assert not check or done.returncode == 0, done.stderr
        return done.returncode

    def start(self) -> None:
        options = ("-D", str(self.folder / "data"), "-k", str(self.folder), "-c", "listen_addresses=")
        self.process = subprocess.Popen(
            [*self.user, PROGRAMS / "postgres", *options],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while self.run("pg_isready", "-q", "-h", str(self.folder), check=False):
            assert self.process.poll() is None and time.monotonic() < deadline, "The server does not start."
            time.sleep(0.1)

    def end(self, number: int = signal.SIGINT) -> None:
        self.process.send_signal(number)
        self.process.wait()

    def new_database(self) -> str:
        """The URL of an empty one, with a password that nobody is to see."""
        name = f"gradebook_{time.monotonic_ns()}"
        self.run("createdb", "-h", str(self.folder), "-U", "course", name)
        return f"postgresql+psycopg://course:not-to-be-shown@/{name}?host={self.folder}"
