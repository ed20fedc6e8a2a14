"""Copies of the course to break, and small helpers to break them with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode

from autograder.course import Course, find_course
from autograder.problem_sets.notebooks import ProblemSet, read_problem_set, to_text
from autograder.running.workers import Workers

REPOSITORY = Path(__file__).resolve().parent.parent
FIRST = "01_squared_norm"


@pytest.fixture(scope="session")
def course() -> Course:
    return find_course(REPOSITORY)


@pytest.fixture(scope="session")
def problem_set(course: Course) -> ProblemSet:
    return read_problem_set(course.source, "ps1")


@pytest.fixture(scope="session")
def runner() -> Iterator[Workers]:
    """A process that runs notebooks, confined."""
    with Workers() as workers:
        yield workers


def copy_course(target: Path, notebooks: str = "*", problem_set: str = "ps1") -> Path:
    """A copy of the course in `target`, with those notebooks of one problem set whose names match."""
    for name in ("course_config.py", "nbgrader_config.py", "requirements.lock"):
        shutil.copy(REPOSITORY / name, target / name)
    for name in ("autograder", "source", "release", "solutions"):
        ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(REPOSITORY / name, target / name, symlinks=True, ignore=ignore)
    for name in ("source", "release", "solutions"):
        for path in (target / name).glob("*/*"):
            if path.parent.name != problem_set or (path.suffix == ".ipynb" and not path.match(notebooks)):
                path.unlink()
        for folder in (target / name).iterdir():
            if not any(folder.iterdir()):
                folder.rmdir()
    return target


@pytest.fixture
def small_course(tmp_path: Path) -> Course:
    """A copy of the course with its first notebook only."""
    return find_course(copy_course(tmp_path, f"{FIRST}.ipynb"))


def edit(path: Path, change: Callable[[NotebookNode], None]) -> None:
    """Change a notebook file, and write it back in the course's form."""
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    path.write_text(to_text(notebook), encoding="utf-8")


def cell_of(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def run_in(directory: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment in `directory`, with the autograder package found there."""
    scripts = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(directory),
    }
    program = scripts / command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=directory, env=environment, capture_output=True, text=True, timeout=570
    )
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done


def run_course(directory: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return run_in(directory, "python", "-W", "error", "-m", "autograder", *arguments, check=check)
