"""Every stock nbgrader command works in the course, and gives the marks that `course` gives."""

import csv
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from autograder.analysis import report
from autograder.course import find_course
from autograder.demo import answer_source, solution_cell
from autograder.grading import records
from autograder.grading.classroom import grade_class
from autograder.pages.feedback_page import write_feedback
from autograder.problem_sets.notebooks import read_problem_set, to_text
from autograder.releasing.build import solved_submission
from tests.helpers import REPOSITORY, copy_course, run_in

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("workers_are_kept")]
STUDENTS = ("right", "wrong")
SOME = "0[015]_*.ipynb"  # without work, the first and the last; `make bench` compares them all


@pytest.fixture(scope="module")
def graded_by_stock(tmp_path_factory):
    """A copy of the course, graded by stock nbgrader, with the release before and after; never changed."""
    course = find_course(copy_course(tmp_path_factory.mktemp("stock"), SOME))
    problem_set = read_problem_set(course.source, "ps1")
    for student in STUDENTS:
        folder = course.submitted / student / "ps1"
        folder.mkdir(parents=True)
        for name, notebook in solved_submission(course, problem_set).items():
            key = next(e.key for e in problem_set.exercises if e.name == name)
            if student == "wrong":
                mistake = key.catalogue(key.mistakes, key.gradient.__name__)[0]
                solution_cell(notebook, mistake.function).source = answer_source(mistake)
            (folder / f"{name}.ipynb").write_text(to_text(notebook), encoding="utf-8")
        for material in problem_set.materials:  # some students hand in everything they have
            shutil.copy(course.release / "ps1" / material.path.name, folder)
    before = {path.name: path.read_bytes() for path in (course.release / "ps1").iterdir()}
    run_in(course.root, "nbgrader", "generate_assignment", "ps1", "--force")
    after = {path.name: path.read_bytes() for path in (course.release / "ps1").iterdir()}
    run_in(course.root, "nbgrader", "autograde", "ps1")
    return course, before, after


@pytest.fixture
def stock(graded_by_stock, tmp_path):
    """The graded course once more, for one test that may change it."""
    course, before, after = graded_by_stock
    shutil.copytree(course.root, tmp_path / "course", symlinks=True)
    return find_course(tmp_path / "course"), before, after


def exported(course):
    run_in(course.root, "nbgrader", "export")
    with (course.root / "grades.csv").open() as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


def test_generate_assignment_writes_the_committed_release(stock):
    _, before, after = stock
    assert before == after
    committed = {path.name for path in (REPOSITORY / "release" / "ps1").iterdir()}
    assert set(before) == {name for name in committed if fnmatch(name, SOME) or name.endswith(".py")}


def test_stock_marks_are_the_courses_marks(stock):
    course, _, _ = stock
    stock_marks = exported(course)
    assert stock_marks["right"] == 22.5 and 0 < stock_marks["wrong"] < 22.5
    ours = grade_class(course.with_grading(course.root / "other"), "ps1") if _borrow(course) else None
    assert {grade.student: grade.score for grade in ours.graded} == stock_marks
    cells = {
        (g.student, n.notebook, c.grade_id): c.score
        for g in ours.graded
        for n in g.notebooks
        for c in n.cells
    }
    assert cells == _stock_cells(course)


def _borrow(course):
    """The same submissions for another grading folder, with a gradebook of its own."""
    (course.root / "other").mkdir()
    (course.root / "other" / "submitted").symlink_to(course.submitted)
    return True


def _stock_cells(course):
    from nbgrader.api import Gradebook

    book = Gradebook(course.db_url, "matrix-calculus")
    try:
        return {
            (submission.student_id, notebook.name, grade.name): grade.auto_score
            for submission in book.find_assignment("ps1").submissions
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.cell_type == "code"
        }
    finally:
        book.close()
        book.engine.dispose()


def test_generate_feedback_and_then_course_grade_share_a_gradebook(stock):
    course, _, _ = stock
    run_in(course.root, "nbgrader", "generate_feedback", "ps1")
    stock_pages = {path: path.read_text() for path in course.feedback.glob("*/ps1/*.html")}
    assert len(stock_pages) == 8
    write_feedback(course, "ps1")  # of what stock autograde did: there are no records yet
    assert {path: path.read_text() for path in stock_pages} == stock_pages
    assert len(report.read_report(course, "ps1").scores) == 2
    before = exported(course)
    grade_class(course, "ps1")
    assert exported(course) == before
    assert len(records.load_all(course, "ps1")) == 2
    write_feedback(course, "ps1")
    assert {path: path.read_text() for path in stock_pages} == stock_pages


def test_generate_feedback_has_a_page_for_what_was_not_handed_in(stock):
    course, _, _ = stock
    name = "05_softmax_cross_entropy"
    (course.submitted / "wrong" / "ps1" / f"{name}.ipynb").unlink()
    grade_class(course, "ps1", student="wrong")
    write_feedback(course, "ps1")
    ours = (course.feedback / "wrong" / "ps1" / f"{name}.html").read_text()
    assert "not handed in" in ours
    shutil.rmtree(course.feedback / "wrong")
    run_in(course.root, "nbgrader", "generate_feedback", "ps1", "--force")
    assert (course.feedback / "wrong" / "ps1" / f"{name}.html").read_text() == ours


def test_the_formgraders_button_writes_the_same_pages(stock):
    """What its server calls when somebody presses it."""
    course, _, _ = stock
    run_in(course.root, "nbgrader", "generate_feedback", "ps1", "--force")
    folder = course.feedback / "wrong" / "ps1"
    before = {path.name: path.read_text() for path in folder.glob("*.html")}
    (folder / "04_ridge_descent.html").write_text("old")
    button = (
        "from nbgrader.apps import NbGrader; from nbgrader.apps.api import NbGraderAPI;"
        "from nbgrader.coursedir import CourseDirectory; app = NbGrader(); app.load_config_file();"
        "api = NbGraderAPI(CourseDirectory(config=app.config), config=app.config);"
        "print(api.generate_feedback('ps1', 'wrong', force=True)['success'])"
    )
    assert run_in(course.root, "python", "-c", button).stdout.splitlines()[-1] == "True"
    assert {path.name: path.read_text() for path in folder.glob("*.html")} == before


def test_validate_tells_a_blank_notebook_from_a_solved_one(stock):
    course, _, _ = stock
    blank = run_in(course.root, "nbgrader", "validate", "release/ps1/01_squared_norm.ipynb")
    assert "VALIDATION FAILED ON 2 CELL(S)" in blank.stdout
    solved = course.submitted / "right" / "ps1" / "01_squared_norm.ipynb"
    (solved.parent / "gradcheck.py").write_bytes((course.release / "ps1" / "gradcheck.py").read_bytes())
    assert "Success" in run_in(course.root, "nbgrader", "validate", str(solved)).stdout


def test_generate_solution_runs(stock):
    course, _, _ = stock
    run_in(course.root, "nbgrader", "generate_solution", "ps1", "--force")


def test_stock_commands_work_without_an_activated_environment(stock, monkeypatch):
    """nbgrader starts alembic by its bare name: course_config.py sees to it."""
    course, _, _ = stock
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    (course.grading / "gradebook.db").unlink()
    command = [Path(sys.executable).parent / "nbgrader", "db", "student", "list"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
