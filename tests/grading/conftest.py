"""A class that is graded once, and a copy of it for every test that wants to change something."""

from __future__ import annotations

import shutil

import pytest

from autograder.course import Course, find_course
from autograder.grading.classroom import ClassGrades, grade_class
from tests.grading.helpers import hand_in_four, trust_timestamps
from tests.helpers import FIRST, copy_course


@pytest.fixture(scope="session")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, ClassGrades]:
    """The class of four, never to be changed: grading takes seconds, a copy does not."""
    root = copy_course(tmp_path_factory.mktemp("course"), f"{FIRST}.ipynb")
    trust_timestamps(root)
    small = find_course(root)
    hand_in_four(small)
    return small, grade_class(small, "ps1", workers=2)


@pytest.fixture
def class_of_four(
    graded_once: tuple[Course, ClassGrades], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Course, ClassGrades]:
    """A copy of the graded class, with its gradebook and records, that one test may change as it likes."""
    small, grades = graded_once
    copied = tmp_path_factory.mktemp("class") / "course"
    shutil.copytree(small.root, copied, symlinks=True)
    return find_course(copied), grades
