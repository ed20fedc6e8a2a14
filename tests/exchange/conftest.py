"""A class with strange names, entered once, and a copy of its grading folder for every test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.course import Course, find_course
from tests.exchange.helpers import NAMES, enter_class, opened, write_roster
from tests.helpers import copy_course


@pytest.fixture(scope="session")
def entered_once(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Never to be changed."""
    course = find_course(copy_course(tmp_path_factory.mktemp("exchange"), "0[12]_*.ipynb"))
    enter_class(course, {name: number / 4 for number, name in enumerate(NAMES)})
    write_roster(course)
    with opened(course) as book:
        book.update_or_create_student("eve", first_name="Eve", last_name="Unlisted", email="eve@example.org")
    return course


@pytest.fixture
def a_class(entered_once: Course, tmp_path: Path) -> Course:
    """The same class in a grading folder of its own."""
    shutil.copytree(entered_once.grading, tmp_path / "grading")
    return entered_once.with_grading(tmp_path / "grading")
