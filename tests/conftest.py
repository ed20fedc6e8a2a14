"""The course itself, and a small copy of it to break."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import Course, find_course
from autograder.problem_sets.notebooks import ProblemSet, read_problem_set
from autograder.running import sandbox
from autograder.running.workers import Workers
from tests.helpers import FIRST, REPOSITORY, copy_course


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


@pytest.fixture
def small_course(tmp_path: Path) -> Course:
    """A copy of the course with its first notebook only."""
    return find_course(copy_course(tmp_path, f"{FIRST}.ipynb"))


@pytest.fixture
def machine_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which bwrap is refused, as where user namespaces are forbidden."""
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(sandbox, "bwrap_program", lambda: str(program))
    sandbox._machine_cannot.cache_clear()
    yield
    sandbox._machine_cannot.cache_clear()
