"""A gradebook in PostgreSQL: the same grades, the same marks, and nothing lost when its server is killed.

The server is a real one, of Debian's packages, on a socket in a folder of its own.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from autograder.course import find_course
from autograder.errors import CourseError
from autograder.grading import gradebook
from autograder.grading.classroom import grade_class
from tests.grading.helpers import NAMES, SCORES
from tests.grading.server import PROGRAMS, Server
from tests.helpers import FIRST, run_course, run_in

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("workers_are_kept")]


@pytest.fixture(scope="module")
def running():
    if PROGRAMS is None:
        pytest.skip("There is no PostgreSQL in /usr/lib/postgresql: apt-get install postgresql")
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        server = Server(Path(folder))
        server.start()
        yield server
        server.end()


@pytest.fixture
def server(running):
    yield running
    if running.process.poll() is not None:
        running.start()


def moved(small, server):
    """The course, with its gradebook on a server from now on."""
    config = small.root / "course_config.py"
    config.write_text(config.read_text() + f'\nc.CourseDirectory.db_url = "{server.new_database()}"\n')
    return find_course(small.root)


@contextlib.contextmanager
def opened(small):
    from nbgrader.api import Gradebook

    book = Gradebook(small.db_url, "matrix-calculus")
    try:
        yield book
    finally:
        book.close()
        book.engine.dispose()


def test_grades_and_marks_are_those_of_sqlite(class_of_four, server):
    small, _ = class_of_four
    before = gradebook.read_class(small, "ps1")
    small = moved(small, server)
    again = grade_class(small, "ps1", workers=2)
    assert {one.student: one.score for one in again.graded} == SCORES
    assert gradebook.read_class(small, "ps1") == before
    assert len(grade_class(small, "ps1", workers=2).skipped) == len(NAMES)
    with opened(small) as book:
        grade = book.find_grade("derivation", FIRST, "ps1", "right")
        grade.manual_score, grade.needs_manual_grade = 2.0, False
        book.db.commit()
    grade_class(small, "ps1", student="right", force=True)
    assert gradebook.read_marks(small, "ps1", "right")[FIRST].scores["derivation"] == 2.0


def test_commands_of_nbgrader_work_there(class_of_four, server):
    small, _ = class_of_four
    small = moved(small, server)
    run_course(small.root, "grade", "ps1")
    before = gradebook.read_class(small, "ps1")
    run_in(small.root, "nbgrader", "autograde", "ps1", "--force", "--student", "wrong")
    assert gradebook.read_class(small, "ps1") == before
    listed = run_in(small.root, "nbgrader", "db", "student", "list")
    assert "wrong" in listed.stdout + listed.stderr
    for command in (("feedback", "ps1"), ("report", "ps1"), ("export", "ps1", "--for", "csv", "--partial")):
        assert "not-to-be-shown" not in run_course(small.root, *command).stdout


def test_a_server_that_is_killed_costs_nobody_a_grade(class_of_four, server):
    small, _ = class_of_four
    small = moved(small, server)
    command = [sys.executable, "-m", "autograder", "grade", "ps1", "--workers", "1"]
    shutil.rmtree(small.records)
    run = subprocess.Popen(command, cwd=small.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while run.poll() is None and not list(small.records.glob("ps1/*.json")):
        time.sleep(0.02)
    server.end(signal.SIGKILL)
    said = "".join(run.communicate())
    assert run.returncode in (1, 2) and "Traceback" not in said and "not-to-be-shown" not in said, said
    done = run_course(small.root, "report", "ps1", check=False)
    assert done.returncode == 2 and "See that its server runs" in done.stderr
    assert "Traceback" not in done.stderr and "not-to-be-shown" not in done.stderr
    server.start()
    again = grade_class(small, "ps1", workers=2)
    assert {one.student: one.score for one in again.graded} == SCORES and again.failed == ()
    assert set(gradebook.read_class(small, "ps1").marks) == set(NAMES) and len(again.skipped) >= 1


def test_a_driver_that_is_missing_is_said(class_of_four, server, monkeypatch):
    small, _ = class_of_four
    small = moved(small, server)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(CourseError, match="See that its server runs, and that its driver is installed"):
        gradebook.read_class(small, "ps1")


def test_there_are_no_snapshots_of_it(class_of_four, server):
    small, _ = class_of_four
    small = moved(small, server)
    assert "Keep it by the means of its own server" in run_course(small.root, "restore").stdout
    done = run_course(small.root, "restore", "any", check=False)
    assert done.returncode == 2 and "not-to-be-shown" not in done.stderr
