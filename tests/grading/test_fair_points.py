"""In whole notebooks: each function is judged for itself, and evidence comes from the student's own cells."""

import copy
import json
from dataclasses import replace
from functools import partial

import pytest
from nbformat.v4 import new_code_cell

from autograder.course import Limits
from autograder.demo import solution_cell
from autograder.grading.submission import grade_notebook
from autograder.problem_sets.notebooks import read_problem_set
from autograder.releasing.build import _filled
from tests.helpers import REPOSITORY, RIDGE_DESCENT, cell_of

pytestmark = pytest.mark.slow
WRONG = "    return 0.5 * np.sum(np.cos({first}))"


EXERCISES = [
    (name, exercise.name)
    for name in ("ps0", "ps1", "ps2")
    for exercise in read_problem_set(REPOSITORY / "source", name).exercises
]


@pytest.fixture(scope="module", params=EXERCISES, ids=lambda exercise: exercise[1])
def exercise(course, request):
    name, wanted = request.param
    problem_set = read_problem_set(course.source, name)
    return problem_set, next(each for each in problem_set.exercises if each.name == wanted)


def calling(notebook, exercise):
    """The solved notebook in which functions call the earlier ones, as students do."""
    network = """
def network_backward(W1, W2, X, Y):
    H = np.tanh(W1 @ X)
    dW2, dH = batch_linear_backward(W2, H, W2 @ H - Y)
    dW1, _ = batch_linear_backward(W1, X, dH * (1 - H**2))
    return dW1, dW2
"""
    gradient = "def cross_entropy_gradient(z, y):\n    return softmax(z) - y\n"
    weights = "def weights_gradient(W, x, y):\n    return np.outer(cross_entropy_gradient(W @ x, y), x)\n"
    written = {
        "ridge_descent": RIDGE_DESCENT,
        "network_backward": network,
        "cross_entropy_gradient": gradient,
        "weights_gradient": weights,
    }
    for name, source in written.items():
        if name in exercise.key.questions:
            solution_cell(notebook, name).source = source.strip()
    return notebook


def test_each_function_has_all_its_points_where_every_other_one_is_wrong(runner, course, exercise):
    problem_set, exercise = exercise
    solved = calling(copy.deepcopy(_filled(course, exercise.notebook)), exercise)
    grade = partial(grade_notebook, runner, course, problem_set, exercise)
    full = {cell.grade_id: cell.max_score for cell in grade(copy.deepcopy(solved)).cells}
    for right in exercise.key.questions:
        notebook = copy.deepcopy(solved)
        for name in exercise.key.questions:
            if name != right:
                cell = solution_cell(notebook, name)
                first = cell.source.split("(")[1].split(",")[0].rstrip("):\n ")
                cell.source = f"{cell.source.splitlines()[0]}\n{WRONG.format(first=first)}"
        earned = {cell.grade_id: cell.score for cell in grade(notebook).cells}
        own = f"{right.replace('_', '-')}-hidden"
        assert earned[own] == full[own] > 0, right
        assert sum(earned.values()) == full[own]


def test_where_a_mistake_was_made_is_told_and_ones_own_functions_are_back(runner, course, problem_set):
    exercise = problem_set.exercises[3]
    notebook = calling(copy.deepcopy(_filled(course, exercise.notebook)), exercise)
    half = "def ridge_gradient(x, A, b, lam):\n    return A.T @ (A @ x - b) + lam * x"
    solution_cell(notebook, "ridge_gradient").source = half
    seen = (
        "import inspect\nprint('own' if callable(ridge_gradient) and ridge_gradient.__module__ else 'lent')"
    )
    seen += "\nprint(ridge_gradient(np.ones(2), np.eye(2), np.zeros(2), 0))"
    place = notebook.cells.index(cell_of(notebook, "ridge-descent-hidden"))
    notebook.cells.insert(place + 1, new_code_cell(seen, id="seen"))
    result = grade_notebook(runner, course, problem_set, exercise, notebook)
    cells = {cell.grade_id: cell for cell in result.cells}
    assert cells["ridge-descent-hidden"].score == cells["ridge-descent-hidden"].max_score
    assert "with a right ridge_gradient in place of yours" in cells["ridge-descent-hidden"].finding
    executed = {cell["id"]: cell for cell in json.loads(result.executed)["cells"]}
    assert "[1. 1.]" in "".join(executed["seen"]["outputs"][0]["text"])  # half of 2x: its own


def test_an_error_is_explained_from_the_students_own_line(runner, course, problem_set):
    exercise = problem_set.exercises[2]
    notebook = copy.deepcopy(_filled(course, exercise.notebook))
    solution_cell(notebook, "frobenius_loss").source = (
        "def residual(W, X, Y):\n    return W @ X - Y\n\n"
        "def frobenius_loss(W, X, Y):\n    R = W @ X - Y\n    return np.trace(R @ R)"
    )
    solution_cell(notebook, "frobenius_loss_gradient").source = (
        "def frobenius_loss_gradient(W, X, Y):\n"
        "    return numerical_gradient(lambda V: np.sum((V @ X - Y) ** 2), W)"
    )
    cells = {
        cell.grade_id: cell for cell in grade_notebook(runner, course, problem_set, exercise, notebook).cells
    }
    assert (
        "`R` is 3×7 and `R` is 3×7: the inner sizes 7 and 3 differ" in cells["frobenius-loss-hidden"].finding
    )
    gradient = cells["frobenius-loss-gradient-hidden"]
    assert gradient.score == gradient.max_score / 2 and "calls `numerical_gradient`" in gradient.finding


def test_a_slow_function_keeps_nothing_that_was_lent_and_stops_no_later_one(runner, course, problem_set):
    """The lent round takes all of the cell's time; the functions after it are right, and stay so."""
    short = replace(course, limits=Limits(seconds_per_cell=3, seconds_per_call=2, seconds_per_notebook=60))
    exercise = problem_set.exercises[3]
    notebook = copy.deepcopy(_filled(course, exercise.notebook))
    solution_cell(notebook, "ridge_gradient").source = (
        "def ridge_gradient(x, A, b, lam):\n    import time\n    end = time.process_time() + 0.3\n"
        "    while time.process_time() < end:\n        pass\n    return ridge_loss(x, A, b, lam) * x"
    )
    solution_cell(notebook, "ridge_descent").source = (
        "def ridge_descent(A, b, lam, learning_rate, n_steps):\n"
        "    x, losses = np.zeros(A.shape[1]), []\n    for _ in range(n_steps):\n"
        "        losses.append(ridge_loss(x, A, b, lam))\n"
        "        x = x - learning_rate * 2 * (A.T @ (A @ x - b) + lam * x)\n    return x, losses"
    )
    graded = grade_notebook(runner, short, problem_set, exercise, notebook)
    cells = {cell.grade_id: cell for cell in graded.cells}
    for name in ("ridge-loss", "ridge-closed-form", "ridge-descent"):
        assert cells[f"{name}-hidden"].score == cells[f"{name}-hidden"].max_score, name
    assert cells["ridge-gradient-hidden"].score == 0 and graded.status != "crashed"
