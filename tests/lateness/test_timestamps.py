"""When something was handed in, and who says so."""

import os
import re

import pytest

from autograder.course import find_course
from autograder.lateness.timestamps import read_timestamp
from tests.grading.helpers import trust_timestamps
from tests.helpers import REPOSITORY


@pytest.fixture
def course(tmp_path):
    (tmp_path / "course_config.py").write_text((REPOSITORY / "course_config.py").read_text())
    trust_timestamps(tmp_path)
    return find_course(tmp_path)


MOMENTS = ("2026-11-20 10:00:00 UTC", "2026-11-20 10:00:00.123456 CET", "2026-11-20T10:00:00+01:00")


@pytest.mark.parametrize("text", (*MOMENTS, "2026-11-20 10:00:00"))
def test_what_nbgrader_writes_counts(course, tmp_path, text):
    (tmp_path / "timestamp.txt").write_text(text + "\n")
    assert read_timestamp(course, tmp_path) == text


NONSENSE = (
    "",
    "1999-01-01 00:00:00 UTC",
    "2099-01-01 00:00:00",
    "2026-13-40 00:00",
    "7",
    "today",
    "2026",
    "x" * 500,
)


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_does_not(course, tmp_path, text):
    (tmp_path / "timestamp.txt").write_text(text)
    assert read_timestamp(course, tmp_path) is None


def test_what_is_no_plain_file_does_not(course, tmp_path):
    path = tmp_path / "timestamp.txt"
    for plant in (lambda: path.mkdir(), lambda: os.mkfifo(path), lambda: path.symlink_to("/etc/hostname")):
        plant()
        assert read_timestamp(course, tmp_path) is None
        path.rmdir() if path.is_dir() else path.unlink()
    path.write_bytes(b"\xff\xfe")
    assert read_timestamp(course, tmp_path) is None


def test_a_students_own_file_does_not(tmp_path):
    config = (REPOSITORY / "course_config.py").read_text()
    (tmp_path / "timestamp.txt").write_text(MOMENTS[0])
    for told in (config, re.sub(r"(?m)^c\.Submissions.*\n", "", config)):
        (tmp_path / "course_config.py").write_text(told)
        assert read_timestamp(find_course(tmp_path), tmp_path) is None
