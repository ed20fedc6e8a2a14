"""Stock nbgrader, nbgrader with our preprocessors, the formgrader's button and `course grade` agree."""

import json
import shutil
from pathlib import Path

import nbgrader
import pytest

from autograder import demo
from autograder.course import find_course
from autograder.exam.examine import MARKS_MIME
from autograder.grading.classroom import grade_class
from autograder.problem_sets.notebooks import read_notebook, read_problem_set
from tests.helpers import REPOSITORY, copy_course, run_in

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("workers_are_kept")]
SAMPLE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
HONEST = ["right-style-2", "wrong-gradients", "wrong-everywhere", "blank", "syntax-error"]
STOCK_CONFIG = 'load_subconfig("course_config.py")\ndel get_config()["Autograde"], c["OverwriteCells"]\n'
BUTTON = """
import asyncio, sys
from autograder.course import find_course
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from pathlib import Path

config = find_course(Path()).config
api = NbGraderAPI(CourseDirectory(config=config), config=config)

async def handler():  # the formgrader's handlers run in the server's loop
    return [api.autograde("ps1", student) for student in sys.argv[1:]]

for said in asyncio.run(handler()):
    assert said["success"], said
"""


def entered(db_url):
    """Every row of grades of a gradebook, a cell each."""
    from nbgrader.api import Gradebook

    book = Gradebook(db_url, "matrix-calculus")
    try:
        return {
            (s.student_id, n.name, g.name): (g.auto_score, g.max_score, g.cell_type)
            for s in book.find_assignment("ps1").submissions
            for n in s.notebooks
            for g in n.grades
            if g.cell_type == "code"
        }
    finally:
        book.close()
        book.engine.dispose()


def graded(grades):
    return {
        (g.student, n.notebook, c.grade_id): (c.score, c.max_score, "code")
        for g in grades.graded
        for n in g.notebooks
        for c in n.cells
    }


@pytest.fixture(scope="module")
def graded_by_course(tmp_path_factory):
    """A notebook of the demo class's honest members, graded by `course grade`; never changed."""
    root = copy_course(tmp_path_factory.mktemp("honest"), "04_*.ipynb")
    course = find_course(root)
    demo.make_class(course, read_problem_set(course.source, "ps1"))
    for student in HONEST:
        shutil.copytree(root / "demo" / "submitted" / student, course.submitted / student)
    grades = graded(grade_class(course, "ps1"))
    assert len({key[0] for key in grades}) == len(HONEST) and entered(course.db_url) == grades
    return course, grades


@pytest.fixture
def honest(graded_by_course, tmp_path):
    """The same hand-ins and an empty gradebook, with what `course grade` gave them."""
    graded_course, grades = graded_by_course
    shutil.copytree(graded_course.root, tmp_path / "course", symlinks=True)
    course = find_course(tmp_path / "course")
    (course.grading / "gradebook.db").unlink()
    shutil.rmtree(course.autograded)
    run_in(course.root, "nbgrader", "generate_assignment", "ps1", "--force")
    return course, grades


def findings(course, student):
    """What each hidden test said of a student's functions, numbers included."""
    (path,) = (course.autograded / student / "ps1").glob("*.ipynb")
    return [
        output["data"][MARKS_MIME]["verdicts"]
        for cell in read_notebook(path).cells
        for output in cell.get("outputs", [])
        if MARKS_MIME in output.get("data", {})
    ]


def test_the_formgraders_button_gives_the_same(honest, graded_by_course):
    course, grades = honest
    shutil.rmtree(course.records)  # so that the inputs are drawn from the secret, not from the record
    done = run_in(course.root, "python", "-c", BUTTON, *HONEST[:3])
    assert "Traceback" not in done.stderr
    assert entered(course.db_url) == {key: row for key, row in grades.items() if key[0] in HONEST[:3]}
    assert findings(course, "wrong-gradients") == findings(graded_by_course[0], "wrong-gradients") != []


def test_stock_nbgrader_gives_the_same(honest):
    course, grades = honest
    (course.root / "nbgrader_config.py").write_text(STOCK_CONFIG)
    done = run_in(course.root, "nbgrader", "autograde", "ps1")
    assert "ExecuteConfined" not in done.stderr
    assert entered(course.db_url) == grades


def _deep(content):
    return json.dumps(content)[:-1] + ', "x": ' + "[" * 10_000 + "]" * 10_000 + "}"


def _of_the_future(content):
    for cell in content["cells"]:
        cell["metadata"].get("nbgrader", {})["schema_version"] = 99
    return json.dumps(content)


STRANGE = {
    "a-damaged": lambda content: "{",
    "b-deep": _deep,
    "c-bomb": lambda content: json.dumps({**content, "x": [{}] * 1_500_000}),
    "d-of-the-future": _of_the_future,
    "e-many-cells": lambda content: json.dumps({**content, "cells": content["cells"] * 200}),
}


def test_one_strange_hand_in_does_not_stop_stock_autograde_for_the_next(honest):
    """Names in alphabetical order: each comes before the honest ones, which keep their grades."""
    course, grades = honest
    issued = course.release / "ps1" / "04_ridge_descent.ipynb"
    for student, strange in STRANGE.items():
        folder = course.submitted / student / "ps1"
        folder.mkdir(parents=True)
        (folder / issued.name).write_text(strange(json.loads(issued.read_text())))
    for number, text in enumerate(("nonsense", "1999-01-01 00:00:00 UTC", "2026-99-99", "\x00")):
        folder = course.submitted / f"f-timestamp-{number}" / "ps1"
        folder.mkdir(parents=True)
        shutil.copy(issued, folder)
        shutil.copy(issued, folder / "another.ipynb")
        (folder / "timestamp.txt").write_text(text)
    done = run_in(course.root, "nbgrader", "autograde", "ps1", check=False)
    rows = entered(course.db_url)
    assert {key: row for key, row in rows.items() if key[0] in HONEST} == grades
    assert {key[0] for key in rows} >= {"d-of-the-future", *(f"f-timestamp-{number}" for number in range(4))}
    assert "holds too much to be read. Clear its outputs" in done.stderr
    again = run_in(course.root, "nbgrader", "autograde", "ps1", check=False)  # it looks at timestamps anew
    assert "Invalid timestamp" not in again.stderr and entered(course.db_url) == rows


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """nbgrader's own sample course with its sample submissions, graded by stock nbgrader."""
    parent = tmp_path_factory.mktemp("sample")
    run_in(parent, "nbgrader", "quickstart", "stock")
    stock = parent / "stock"
    shutil.copytree(SAMPLE / "submitted", stock / "submitted")
    run_in(stock, "nbgrader", "generate_assignment", "ps1")
    run_in(stock, "nbgrader", "autograde", "ps1")
    rows = entered(f"sqlite:///{stock / 'gradebook.db'}")
    assert rows
    return stock, rows


def test_nbgraders_own_sample_course_gets_the_same_grades(sample, tmp_path):
    stock, rows = sample
    for name in ("course_config.py", "nbgrader_config.py"):
        shutil.copy(REPOSITORY / name, tmp_path)
    shutil.copytree(stock / "source", tmp_path / "source")
    shutil.copytree(stock / "submitted", tmp_path / "grading" / "submitted")
    course = find_course(tmp_path)
    grades = graded(grade_class(course, "ps1"))
    by_hand = {key for key in rows if key[2] == "sum_of_squares_application"}
    assert grades == {key: row for key, row in rows.items() if key not in by_hand}
    ours = entered(course.db_url)
    assert {key: row for key, row in ours.items() if key not in by_hand} == grades
