"""A class of attackers and honest neighbours, and what is watched while it is graded."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from autograder.course import Course, find_course
from autograder.grading.classroom import ClassGrades
from autograder.problem_sets.notebooks import ProblemSet, to_text
from autograder.releasing.build import solved_submission
from tests.helpers import copy_course
from tests.redteam.attack import CANARY

NEIGHBOURS = ("honest-1", "honest-2", "honest-3", "zz-honest-last")
ATTACKED = "0[14]_*.ipynb"
LARGE = 60_000_000  # bytes of a file
SHORT = {"seconds_per_cell": 2, "seconds_per_call": 1, "seconds_per_notebook": 10}


@dataclass(frozen=True)
class Graded:
    """The class after grading, and what was seen on the way."""

    course: Course
    grades: ClassGrades
    processes: frozenset[psutil.Process]
    touched: tuple[str, ...]

    def of(self, student: str):
        return next(grade for grade in self.grades.graded if grade.student == student)


def hostile_course(folder: Path, notebooks: str = ATTACKED, problem_set: str = "ps1") -> Course:
    """A copy of the course with the notebooks under attack and short limits."""
    copy_course(folder, notebooks, problem_set)
    path = folder / "course_config.py"
    text = path.read_text()
    for name, value in SHORT.items():
        text, count = re.subn(rf"(?m)^c\.Limits\.{name} = \d+", f"c.Limits.{name} = {value}", text)
        assert count == 1
    path.write_text(text)
    return find_course(folder)


def hand_in_solutions(course: Course, problem_set: ProblemSet, students: tuple[str, ...]) -> None:
    solved = solved_submission(course, problem_set)
    for student in students:
        folder = course.submitted / student / problem_set.name
        folder.mkdir(parents=True)
        for name, notebook in solved.items():
            notebook.cells[0].source += f"\n\n{CANARY}"
            (folder / f"{name}.ipynb").write_text(to_text(notebook), encoding="utf-8")


@contextmanager
def listener() -> Iterator[int]:
    """A service on this machine that tells everyone its secret; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(CANARY.encode())

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@contextmanager
def watched_processes() -> Iterator[set[psutil.Process]]:
    """Every process that this one started in the meantime, however far down."""
    before = set(psutil.Process().children(recursive=True))  # of a fixture that lasts, say
    seen: set[psutil.Process] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            seen.update(set(psutil.Process().children(recursive=True)) - before)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def digest(folder: Path, without: Path | None = None) -> dict[str, str]:
    """What every file in a folder holds, links not followed."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if without is not None and path.is_relative_to(without):
            continue
        if path.is_symlink():
            found[str(path)] = os.readlink(path)
        elif path.is_file() and "__pycache__" not in path.parts:
            said = path.stat()
            whole = said.st_size < LARGE  # others hold nothing: a terabyte is not read
            found[str(path)] = (
                hashlib.sha256(path.read_bytes()).hexdigest()
                if whole
                else str((said.st_size, said.st_mtime_ns))
            )
    return found
