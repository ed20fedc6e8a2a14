"""The exercise in which functions are arguments: a student's checker is handed right and wrong ones."""

import nbclient
import numpy as np
import pytest

from autograder.demo import answer_source, solution_cell
from autograder.exam.calls import ask
from autograder.exam.examine import examine
from autograder.grading.points import read_score
from autograder.grading.submission import grade_notebook
from autograder.problem_sets.key import load_key
from autograder.problem_sets.notebooks import is_automatic, read_problem_set
from autograder.problem_sets.repair import repair
from autograder.releasing.build import solved_submission
from tests.helpers import REPOSITORY

KEY = load_key("build_the_checker")


@pytest.fixture(scope="module")
def checker(course):
    return read_problem_set(course.source, "ps0")


def marks(function, answer):
    return examine(KEY.name, function, answer, points=10)


def test_every_function_has_at_least_twelve_mistakes_and_three_right_styles():
    for function in KEY.questions:
        assert len(KEY.catalogue(KEY.mistakes, function)) >= 12
        assert len(KEY.catalogue(KEY.variants, function)) >= 2


@pytest.mark.parametrize("factor", [0.5, 1.25, 2.0])
@pytest.mark.parametrize("tolerance", [1e-4, 1e-6])
@pytest.mark.parametrize("step", [1e-6, 1e-5])
@pytest.mark.parametrize("size", [lambda x: np.max(np.abs(x)), np.linalg.norm], ids=["largest", "length"])
def test_a_checker_with_another_good_step_tolerance_or_second_point_is_right(size, step, tolerance, factor):
    numerical_gradient, relative_error = (KEY.references[n] for n in ("numerical_gradient", "relative_error"))

    def holds(f, grad_f, x):
        claimed = grad_f(x.copy())
        if np.shape(claimed) != x.shape:
            return False
        return relative_error(claimed, numerical_gradient(f, x, step * size(x))) < tolerance

    given = marks("gradient_check", lambda f, g, x: holds(f, g, x) and holds(f, g, factor * x))
    assert given.points == given.max_points, given.sentence


def test_a_function_among_the_arguments_is_counted_and_never_called_changed():
    answer = ask(lambda f, x: f(x) + f(x), {"f": np.sum, "x": np.arange(3.0)})
    assert (answer.value, answer.changed, answer.calls) == (6.0, (), {"f": 2})


def test_what_was_tried_is_said_in_words():
    never = marks("gradient_check", lambda f, grad_f, x: False)
    assert "gradient_check says False where True is right. We tried f(x) = " in never.sentence
    assert "its right gradient" in never.sentence


@pytest.mark.parametrize("verdict", [True, False])
def test_a_checker_that_always_says_the_same_earns_nothing(verdict):
    assert marks("gradient_check", lambda f, grad_f, x: verdict).points == 0


@pytest.mark.parametrize("answer", [None, 1, 0.0, "True", (True, 1e-9), np.array([True])])
def test_a_verdict_is_true_or_false_and_nothing_like_it(answer):
    given = marks("gradient_check", lambda f, grad_f, x: answer)
    assert given.points == 0 and "must return True or False" in given.sentence


def test_calls_are_counted_exactly():
    right = KEY.references["numerical_gradient"]

    def asks_once_more(f, x, h):
        f(x)
        return right(f, x, h)

    given = marks("numerical_gradient", asks_once_more)
    assert [f.check for f in given.verdicts if not f.passed] == ["how often f is called"]
    assert "calls f 15 times here, and 14 are due" in given.sentence


def test_an_error_inside_a_function_that_was_handed_over_is_the_students():
    given = marks("numerical_gradient", lambda f, x, h: f("not an array"))
    assert given.points == 0 and "numerical_gradient stopped with" in given.sentence


def with_answers(course, checker, entries):
    (exercise,) = checker.exercises
    notebook = solved_submission(course, checker)[exercise.name]
    for entry in entries:
        solution_cell(notebook, entry.function).source = answer_source(entry)
    return exercise, notebook


@pytest.mark.slow
@pytest.mark.parametrize("place", range(3))
def test_a_stock_kernel_and_the_sandbox_give_the_same_marks(runner, course, checker, place, monkeypatch):
    """In one process, and with every call of a function crossing the sandbox's wall both ways."""
    entries = [KEY.catalogue(KEY.mistakes, function)[4 * place + 3] for function in KEY.questions]
    exercise, notebook = with_answers(course, checker, entries if place else [])
    confined = grade_notebook(runner, course, checker, exercise, notebook)
    assert confined.status == "graded"
    assert (confined.score == 15) == (place == 0)
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    issued = repair(notebook, exercise.notebook).notebook  # with the hidden tests
    ran = nbclient.NotebookClient(issued, timeout=120, allow_errors=True).execute()
    stock = {cell.id: read_score(cell) for cell in ran.cells if is_automatic(cell)}
    assert stock == {cell.grade_id: cell.score for cell in confined.cells}


@pytest.mark.slow
def test_a_function_kept_for_later_cannot_be_called_later(runner, course, checker):
    exercise, notebook = with_answers(course, checker, [])
    kept = "def relative_error(a, b):\n    return kept[-1](a)\n"
    solution_cell(notebook, "relative_error").source = kept
    cell = solution_cell(notebook, "numerical_gradient")
    cell.source = "kept = []\n\n\n" + cell.source.replace("    grad =", "    kept.append(f)\n    grad =", 1)
    graded = grade_notebook(runner, course, checker, exercise, notebook)
    cells = {cell.grade_id: cell for cell in graded.cells}
    assert graded.status == "graded" and cells["numerical-gradient-hidden"].score == 5
    assert cells["relative-error-hidden"].score == 0
    assert "lent for one test, and that test is over" in cells["relative-error-hidden"].finding
    assert cells["complex-step-derivative-hidden"].score == 2.5
