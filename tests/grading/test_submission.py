"""One submission in, one grade out: honest, wrong, and in every kind of trouble."""

import copy
import json
import shutil
import time
from dataclasses import replace

import pytest
from nbformat.v4 import new_code_cell

from autograder.course import Limits
from autograder.demo import solution_cell
from autograder.grading.submission import grade_file, grade_notebook
from autograder.problem_sets.notebooks import to_text
from autograder.releasing.build import _filled
from tests.helpers import FIRST, cell_of, run_course

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def quick(course):
    """The course with a short leash, so that endless loops end soon."""
    limits = Limits(seconds_per_cell=4, seconds_per_call=2, seconds_per_notebook=25)
    return replace(course, limits=limits)


@pytest.fixture(scope="module")
def solved_text(course, problem_set):
    first = problem_set.exercises[0]
    return to_text(_filled(course, first.notebook))


@pytest.fixture
def solved(solved_text):
    import nbformat

    return nbformat.reads(solved_text, as_version=4)


@pytest.fixture
def graded(runner, quick, problem_set):
    def run(notebook, folder=None):
        return grade_notebook(runner, quick, problem_set, problem_set.exercises[0], notebook, folder)

    return run


def scores(notebook_grade):
    return {cell.grade_id: cell.score for cell in notebook_grade.cells}


FULL = {
    "squared-norm-test": 0,
    "squared-norm-hidden": 2.5,
    "squared-norm-gradient-test": 0,
    "squared-norm-gradient-hidden": 5,
}


def test_a_right_notebook(graded, solved):
    result = graded(solved)
    assert (result.status, result.problem, result.repairs) == ("graded", "", ())
    assert scores(result) == FULL
    assert {cell.finding for cell in result.cells} == {""}


def test_a_wrong_gradient_is_told_what_kind_of_wrong(graded, solved):
    cell = solution_cell(solved, "squared_norm_gradient")
    cell.source = "def squared_norm_gradient(x):\n    return 1.0 * np.asarray(x)"
    found = {cell.grade_id: cell.finding for cell in graded(solved).cells}
    assert "exactly half" in found["squared-norm-gradient-test"]
    assert "The factor 2 is missing" in found["squared-norm-gradient-hidden"]


def test_a_syntax_error_costs_what_depends_on_it(graded, solved):
    solution_cell(solved, "squared_norm_gradient").source = "def squared_norm_gradient(x)\n    return x"
    result = graded(solved)
    assert scores(result) == {**FULL, "squared-norm-gradient-test": 0, "squared-norm-gradient-hidden": 0}
    assert "'squared_norm_gradient' is not defined. Is it misspelt" in result.cells[2].finding


def test_a_gradient_does_not_need_its_loss_in_the_hidden_test(graded, solved):
    solution_cell(solved, "squared_norm").source = "def squared_norm(x)\n    return x @ x"
    expected = {"squared-norm-test": 0, "squared-norm-hidden": 0, "squared-norm-gradient-test": 0}
    assert scores(graded(solved)) == {**FULL, **expected}


def test_an_endless_loop_costs_what_it_stops(graded, solved):
    solution_cell(
        solved, "squared_norm_gradient"
    ).source = "def squared_norm_gradient(x):\n    while True: pass"
    result = graded(solved)
    assert result.status == "timed-out"
    assert scores(result) == {**FULL, "squared-norm-gradient-test": 0, "squared-norm-gradient-hidden": 0}
    assert "never ends" in result.cells[2].finding


def test_a_loop_that_will_not_be_interrupted_ends_with_the_notebook(quick, problem_set, graded, solved):
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    solved.cells.insert(0, new_code_cell(stubborn))
    began = time.monotonic()
    result = graded(solved)
    assert result.status == "timed-out" and result.score == 0
    assert time.monotonic() - began < 60  # bounded, not timed: it would go on for ever


def test_a_killed_kernel_keeps_what_was_earned_before(graded, solved):
    place = solved.cells.index(solution_cell(solved, "squared_norm_gradient"))
    solved.cells.insert(place, new_code_cell("import os\nos._exit(1)"))
    result = graded(solved)
    assert result.status == "crashed"
    assert scores(result) == {**FULL, "squared-norm-gradient-test": 0, "squared-norm-gradient-hidden": 0}
    assert "not reached" in result.cells[3].finding
    executed = json.loads(result.executed)
    last = next(cell for cell in executed["cells"] if cell["id"] == "squared-norm-gradient-hidden")
    assert last["outputs"][0]["output_type"] == "error"  # so that nbgrader reads 0 there too


def test_a_students_own_file_is_there_but_not_a_copy_of_the_harness(graded, solved, tmp_path):
    (tmp_path / "my_data.txt").write_text("41")
    (tmp_path / "gradcheck.py").write_text(
        "def gradient_check(*a): raise SystemExit\nnumerical_gradient = 1\n"
    )
    (tmp_path / "outside.txt").symlink_to("/etc/hostname")
    read = "print(int(open('my_data.txt').read()) + 1)\nimport os; print(os.path.exists('outside.txt'))"
    cell_of(solved, "squared-norm-try").source = read
    result = graded(solved, tmp_path)
    assert scores(result) == FULL
    assert '"42\\n",' in result.executed and '"False\\n"' in result.executed


@pytest.mark.parametrize("shadow", ["gradcheck/__init__.py", "autograder/exam.py", "autograder.py"])
def test_a_students_module_never_stands_in_for_ours(graded, solved, tmp_path, shadow):
    path = tmp_path / shadow
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        "def gradient_check(*a): return True\ndef examine(*a, **k): return 2.5\nnumerical_gradient = 1"
    )
    solution_cell(solved, "squared_norm_gradient").source = "def squared_norm_gradient(x):\n    return x"
    result = graded(solved, tmp_path)
    assert scores(result) == {**FULL, "squared-norm-gradient-test": 0, "squared-norm-gradient-hidden": 0}


def test_a_flood_of_output_is_cut(graded, solved):
    cell_of(solved, "squared-norm-try").source = "print('x' * 30_000_000)\nfor _ in range(500): display(_)"
    solved.cells.append(new_code_cell("print('still here')"))
    result = graded(solved)
    assert scores(result) == FULL and 1_900_000 < len(result.executed) < 2_200_000
    assert "left out" in result.executed and '"still here\\n"' in result.executed


def test_half_a_character_in_code_and_output(graded, solved):
    cell_of(solved, "squared-norm-try").source = "print(chr(0xd83d))"
    result = graded(solved)
    result.executed.encode()
    assert scores(result) == FULL


def test_too_many_points_are_none(runner, solved, problem_set, quick):
    exercise = copy.deepcopy(problem_set.exercises[0])
    cell_of(exercise.notebook, "squared-norm-test").source = "1000.0"
    result = grade_notebook(runner, quick, problem_set, exercise, solved)
    assert result.cells[0].score == 0 and "more points" in result.cells[0].finding


def test_a_folder_in_the_folder_is_taken_with_what_is_in_it(runner, quick, problem_set, solved, tmp_path):
    (tmp_path / "ps1").mkdir()
    (tmp_path / "ps1" / "my_data.txt").write_text("41")
    cell_of(solved, "squared-norm-try").source = "print(int(open('my_data.txt').read()) + 1)"
    exercise = problem_set.exercises[0]
    (tmp_path / "ps1" / exercise.path.name).write_text(to_text(solved))
    result = grade_file(runner, quick, problem_set, exercise, tmp_path)
    assert scores(result) == FULL and '"42\\n"' in result.executed
    assert "ps1/01_squared_norm.ipynb was graded" in result.repairs[0]


def test_files_that_are_no_notebooks(runner, quick, problem_set, tmp_path):
    exercise = problem_set.exercises[0]
    missing = grade_file(runner, quick, problem_set, exercise, tmp_path)
    assert (missing.status, missing.score, missing.max_score) == ("missing", 0, 7.5)
    path = tmp_path / exercise.path.name
    for plant in (
        lambda: path.write_text("<html>"),
        lambda: path.mkdir(),
        lambda: path.symlink_to(exercise.path),
    ):
        plant()
        result = grade_file(runner, quick, problem_set, exercise, tmp_path)
        assert (result.status, result.score, result.max_score) == ("unreadable", 0, 7.5)
        assert "Not graded" in result.executed
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def test_another_answer_key_is_a_reason_to_grade_again(small_course):
    folder = small_course.submitted / "somebody" / "ps1"
    folder.mkdir(parents=True)
    shutil.copy(small_course.release / "ps1" / f"{FIRST}.ipynb", folder)
    assert "not changed" not in run_course(small_course.root, "grade", "ps1").stdout
    assert "1 of 1 had not changed" in run_course(small_course.root, "grade", "ps1").stdout
    with (small_course.root / "autograder" / "answer_keys" / "ridge_descent.py").open("a") as file:
        file.write("\nunused = 1\n")
    assert "not changed" not in run_course(small_course.root, "grade", "ps1").stdout
