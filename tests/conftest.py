"""The course itself, and a small copy of it to break."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import Course, find_course
from autograder.problem_sets.notebooks import ProblemSet, read_problem_set
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
