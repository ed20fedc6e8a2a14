"""A course that is large enough to collect for."""

import shutil

import pytest

from autograder.course import Course, find_course
from tests.helpers import REPOSITORY


@pytest.fixture
def bare_course(tmp_path) -> Course:
    """The settings of the course, one notebook of ps1 with its harness, and a folder for ps0."""
    root = tmp_path / "course"
    for name in ("source/ps1/01_squared_norm.ipynb", "source/ps1/gradcheck.py", "course_config.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / name, root / name)
    (root / "source" / "ps0").mkdir()
    return find_course(root)
