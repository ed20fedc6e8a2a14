"""The harness: right gradients pass, wrong ones are named, bad input gets a sentence."""

import ast
import inspect
import math
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from autograder import gradcheck
from autograder.gradcheck import (
    CheckError,
    diagnose,
    gradient_check,
    jacobian_check,
    numerical_gradient,
    numerical_jacobian,
)

X = np.array([1.0, -2.5, 3.0, 0.5, 4.0])
square = lambda x: float(np.sum(x**2))


# ---------------------------------------------------------------- the chapter's calls


def said_on_processors(gradient, relative, x):
    """What a check of a gradient of Σx⁴ says on processors that round differently, `relative` apart."""

    def said(processor):
        rounded = lambda x: gradient(x) * (1 + relative * np.cos(processor * x))
        return str(gradient_check(lambda x: (x**4).sum(), rounded, x))

    return {said(processor) for processor in range(20)}


@pytest.mark.parametrize("relative", [0.0, 1e-16, 1e-15, 1e-14])
def test_a_passed_check_says_the_same_on_every_processor(relative):
    """Neither the rows' order nor a digit of what it shows may rest on rounding."""
    x = np.array([0.9, -0.4, 2.3, 1.1])
    seen = said_on_processors(lambda x: 4 * x**3, relative, x)
    assert len(seen) == 1
    rows = seen.pop().splitlines()[2:]
    assert [row.split()[0] for row in rows] == ["[0]", "[1]", "[2]", "[3]"]
    assert all(row.endswith("< 1e-08") for row in rows)


@pytest.mark.parametrize("wrong", [lambda x: 2 * x**3, lambda x: 4 * x**3 + 1, lambda x: np.sign(x) * 7])
def test_a_failed_check_names_the_same_coordinates_on_every_processor(wrong):
    x = np.array([0.9, -0.4, 2.3, 1.1, -2.3])
    assert len(said_on_processors(wrong, 1e-15, x)) == 1


def test_a_row_at_a_kink_claims_no_difference():
    result = gradient_check(
        lambda x: abs(x).sum(), lambda x: np.where(x, np.sign(x), 0.7), np.array([0.0, 2.0])
    )
    rows = str(result).splitlines()[2:]
    assert rows[0].split()[0] == "[0]" and rows[0].endswith("at a kink") and "<" in rows[1]


def test_what_is_wrong_stands_above_what_is_rounding():
    x = np.array([1e4, 1e-2, 1.0, 1e4])
    result = gradient_check(lambda x: (x**2).sum(), lambda x: 2 * x + [0, 0.003, 0.001, 0], x)
    assert [row[0] for row in result.rows] == ["[1]", "[2]", "[0]", "[3]"]
    text = str(result).splitlines()[2:]
    assert ["<" in row for row in text] == [False, False, True, True]


def test_the_chapters_signatures_are_kept():
    assert str(inspect.signature(numerical_gradient)).startswith(
        "(f: 'Callable', x: 'np.ndarray', eps: 'float' = 1e-05)"
    )
    parameters = inspect.signature(gradient_check).parameters
    assert list(parameters) == ["f", "grad_f", "x", "eps", "atol"]
    assert (parameters["eps"].default, parameters["atol"].default) == (1e-5, 1e-6)


def test_a_star_import_brings_what_notebooks_use_and_nothing_else():
    namespace: dict = {}
    exec("from autograder.gradcheck import *", namespace)
    assert set(namespace) - {"__builtins__"} == set(gradcheck.__all__)
    assert len(gradcheck.__all__) == 5


def test_a_least_squares_gradient_as_the_chapter_checks_it():
    A = np.array([[2.0, 1.0], [1.0, 3.0], [0.5, 2.0]])
    b = np.array([4.0, 5.0, 2.0])
    f = lambda x: np.sum((A @ x - b) ** 2)
    assert numerical_gradient(f, np.array([1.0, 2.0])) == pytest.approx([6.5, 22.0], rel=1e-11)


def test_a_quadratic_form_unpacks_to_two_values():
    A = np.array([[3.0, 1.0], [1.0, 2.0]])
    result = gradient_check(lambda x: x @ A @ x, lambda x: (A + A.T) @ x, np.array([2.0, -1.0]))
    passed, error = result
    assert passed is True
    assert isinstance(error, float) and error < 1e-9
    assert result[0] is True and result[1] == error


def _flattened_matrix_example():
    rng = np.random.default_rng(3)
    W, x, b = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=3)
    f = lambda w: np.sum((w.reshape(3, 4) @ x - b) ** 2)
    right = lambda w: (2 * np.outer(w.reshape(3, 4) @ x - b, x)).flatten()
    stale = lambda w: (2 * np.outer(W.reshape(3, 4) @ x - b, x)).flatten()
    return f, right, stale, W


def test_functions_of_a_flattened_matrix_are_checked_flattened():
    f, right, _, W = _flattened_matrix_example()
    assert gradient_check(f, right, W)


def test_a_gradient_that_ignores_its_argument_is_caught():
    f, _, stale, W = _flattened_matrix_example()
    passed, error = gradient_check(f, stale, W)
    assert passed is False and error > 1e-2
    assert "instead of its argument" in gradient_check(f, stale, W).message


# ---------------------------------------------------------------- shapes and kinds of input


@pytest.mark.parametrize("shape", [(), (1,), (4,), (3, 2), (2, 3, 2)])
def test_any_shape(shape):
    x = np.random.default_rng(1).normal(size=shape)
    assert numerical_gradient(square, x) == pytest.approx(2 * x, rel=1e-9)
    assert gradient_check(square, lambda x: 2 * x, x)


def test_whole_numbers_are_treated_as_floats():
    assert numerical_gradient(square, np.array([3, -1, 4])) == pytest.approx([6, -2, 8], rel=1e-10)
    assert gradient_check(square, lambda x: 2 * x, [3, -1, 4])


def test_the_input_is_never_changed():
    x = X.copy()

    def vandal(x):
        x *= 0
        return 1.0

    numerical_gradient(vandal, x)
    gradient_check(vandal, lambda x: 0 * x, x)
    assert np.array_equal(x, X)


def test_single_precision_is_held_to_single_precision():
    single = lambda x: (2 * x).astype(np.float32)
    assert gradient_check(square, single, X)
    assert not gradient_check(square, lambda x: single(x) * np.float32(1.001), X)
    assert gradient_check(lambda x: np.sum(x.astype(np.float32) ** 2), lambda x: 2 * x, X)


def test_a_jacobian_and_its_transpose():
    A = np.arange(6.0).reshape(2, 3)
    assert numerical_jacobian(lambda x: A @ x, np.ones(3)) == pytest.approx(A, abs=1e-9)
    assert jacobian_check(lambda x: A @ x, lambda x: A, np.ones(3))
    result = jacobian_check(lambda x: A @ x, lambda x: A.T, np.ones(3))
    assert not result and "other layout" in result.message


def test_a_jacobian_of_matrices_has_both_shapes():
    f = lambda W: W.T
    J = numerical_jacobian(f, np.ones((2, 3)))
    assert J.shape == (3, 2, 2, 3)
    assert J[2, 1, 1, 2] == pytest.approx(1) and J[2, 1, 0, 2] == pytest.approx(0)


# ---------------------------------------------------------------- bad input gets a sentence

BAD_VALUES = {
    "nothing": (None, "None"),
    "an array": (np.ones(2), "single number"),
    "an array of one": (np.ones(1), "single number"),
    "not a number": (np.nan, "finite"),
    "infinity": (np.inf, "finite"),
    "complex": (1j, "complex"),
    "a word": ("three", "not numbers"),
    "a truth value": (True, "not numbers"),
    "an object": (object(), "not numbers"),
}


@pytest.mark.parametrize("value, said", BAD_VALUES.values(), ids=BAD_VALUES)
def test_a_function_that_returns_no_number(value, said):
    with pytest.raises(CheckError, match=said):
        numerical_gradient(lambda x: value, X)
    result = gradient_check(lambda x: value, lambda x: 2 * x, X)
    assert result.verdict == "failed" and said in result.message
    assert tuple(result) == (False, float("inf"))


BAD_POINTS = {
    "empty": ([], "empty"),
    "ragged": ([[1.0], [1.0, 2.0]], "not an array"),
    "words": (["a", "b"], "not numbers"),
    "complex": ([1j], "complex"),
    "nothing": (None, "None"),
    "infinite": ([1.0, np.inf], r"\[1\]"),
}


@pytest.mark.parametrize("x, said", BAD_POINTS.values(), ids=BAD_POINTS)
def test_a_point_that_is_no_array_of_numbers(x, said):
    with pytest.raises(CheckError, match=said):
        numerical_gradient(square, x)
    assert not gradient_check(square, lambda x: 2 * x, x)


BAD_GRADIENTS = {
    "nothing": (lambda x: None, "no return statement"),
    "one number": (lambda x: 2 * np.sum(x), "swallow the axis"),
    "a column": (lambda x: 2 * x[:, None], "flat vector"),
    "one too many": (lambda x: np.append(2 * x, 0), r"shape \(6,\), but \(5,\) is due"),
    "complex": (lambda x: 2j * x, "complex"),
    "not a number": (lambda x: 2 * x / np.array([1, 1, 0, 1, 1]), r"inf at \[2\]"),
    "in place": (lambda x: np.multiply(x, 2, out=x), "changes its input"),
    "words": (lambda x: ["a"] * 5, "not numbers"),
}


@pytest.mark.parametrize("gradient, said", BAD_GRADIENTS.values(), ids=BAD_GRADIENTS)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_a_gradient_that_is_no_gradient(gradient, said):
    result = gradient_check(square, gradient, X)
    assert not result
    assert pytest.approx(result.max_error) == float("inf")
    assert re.search(said, result.message), result.message


def test_a_flattened_matrix_gradient_is_told_its_shape():
    X = np.arange(6.0).reshape(3, 2)
    f = lambda W: np.sum((W @ X) ** 2)  # a matrix product: W cannot be handed over flat
    result = gradient_check(f, lambda W: (2 * W @ X @ X.T).ravel(), np.ones((2, 3)))
    assert not result and "flattened" in result.message


def test_randomness_is_noticed():
    rng = np.random.default_rng(0)
    assert "randomness" in gradient_check(lambda x: rng.normal(), lambda x: x, X).message
    assert "two different answers" in gradient_check(square, lambda x: 2 * x + rng.normal(size=5), X).message


def test_an_error_inside_a_students_function_is_not_hidden():
    def unwritten(x):
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        gradient_check(square, unwritten, X)
    with pytest.raises(NotImplementedError):
        gradient_check(unwritten, lambda x: x, np.ones((2, 2)))


# ---------------------------------------------------------------- what kind of wrong

DIAGNOSES = {
    "half": (lambda x: x, "exactly half"),
    "twice": (lambda x: 4 * x, "exactly twice"),
    "sign": (lambda x: -2 * x, "opposite sign"),
    "some signs": (lambda x: 2 * abs(x), "some signs"),
    "zero": (lambda x: 0 * x, "zero everywhere"),
    "mean": (lambda x: 2 * x / 5, "1/5 of the derivative"),
    "odd factor": (lambda x: 2.002 * x, "1.001 times"),
    "constant offset": (lambda x: 2 * x + 1, "same amount"),
    "reversed": (lambda x: 2 * x[::-1], "reversed order"),
    "two over n": (lambda x: 4 * x / 5, "2/5 of the derivative"),
    "one entry missed": (lambda x: np.append(2 * x[:-1], 0), r"Only coordinate \[4\] .*does a loop miss it"),
    "one entry wrong": (lambda x: np.append(2 * x[:-1], 3 * x[-1]), r"Only coordinate \[4\] is wrong: yours"),
    "normalised": (lambda x: x / np.linalg.norm(x), "points the right way"),
    "stale": (lambda x: 2 * X, "instead of its argument"),
    "constant": (lambda x: np.ones(5), "same at every point that was tried"),
    "something else": (lambda x: 2 * x**3, "disagrees in 4 of 5"),
}


@pytest.mark.parametrize("gradient, said", DIAGNOSES.values(), ids=DIAGNOSES)
def test_the_kind_of_wrong_is_named(gradient, said):
    result = gradient_check(square, gradient, X)
    assert result.verdict == "failed"
    assert re.search(said, result.message), result.message
    assert result.rows and result.max_error > 1e-4


def test_transposed_and_column_order_need_a_matrix():
    W = np.arange(9.0).reshape(3, 3) + np.eye(3)
    f = lambda W: np.sum(W**2) / 2
    assert "transpose" in gradient_check(f, lambda W: W.T, W).message
    V = np.arange(6.0).reshape(2, 3) ** 2
    assert "column order" in gradient_check(f, lambda V: V.ravel(order="F").reshape(2, 3), V).message


def test_a_formula_is_told_from_a_difference_quotient():
    assert "difference quotient" in gradient_check(square, lambda x: numerical_gradient(square, x), X).message
    h = 1e-5
    by_steps = lambda x: np.array([(square(x + h * e) - square(x - h * e)) / (2 * h) for e in np.eye(5)])
    assert "difference quotient" in gradient_check(square, by_steps, X).message
    assert "difference quotient" not in gradient_check(square, lambda x: 2 * x, X).message


def test_a_formula_with_round_numbers_is_not_taken_for_a_difference_quotient():
    c = np.array([0.5, -2.0, 3.0])
    result = gradient_check(lambda x: c @ x, lambda x: c, np.array([1.0, 2.0, -0.5]))
    assert result and "difference quotient" not in result.message


def test_a_constant_gradient_is_not_blamed_for_being_constant():
    c = np.array([0.7, -2.0, 3.0])
    assert "same at every point" not in gradient_check(lambda x: c @ x, lambda x: abs(c), X[:3]).message


def test_a_rounded_gradient_is_said_to_be_nearly_right():
    assert "six digits" in gradient_check(square, lambda x: 2 * x * (1 + 5e-7), X).message


@pytest.mark.parametrize("gradient", [lambda x: 2 * x**2, lambda x: 2 / x])
def test_a_lucky_point_is_not_called_a_stale_value(gradient):
    message = gradient_check(square, gradient, np.ones(3)).message
    assert "at this x, the mistake is hidden" in message and "outside" not in message


def test_one_wrong_small_coordinate_among_large_ones_is_not_nearly_right():
    x = np.array([5e5, 3e5, 0.5])
    assert "six digits" not in gradient_check(square, lambda x: 2 * x * [1, 1, 1.5], x).message


@pytest.mark.parametrize("form", ["short", "expanded"])
def test_right_gradients_pass_where_they_vanish(form):
    """At an exact fit the gradient is rounding of large terms, and no reference for itself."""
    rng = np.random.default_rng(8)
    for _ in range(30):
        A, x = rng.normal(size=(5, 3)), rng.normal(size=3)
        f, short, expanded = _least_squares(A, A @ x)
        grad = short if form == "short" else expanded
        assert gradient_check(f, grad, x)
        assert not gradient_check(f, lambda x, grad=grad: 0.5 * grad(x), x)


def _least_squares(A, b):
    f = lambda x: np.sum((A @ x - b) ** 2)
    return f, lambda x: 2 * A.T @ (A @ x - b), lambda x: 2 * (A.T @ A @ x - A.T @ b)


@pytest.mark.parametrize("top", [20.0, 30.0, 40.0, 100.0, 1000.0])
def test_a_saturated_softmax_is_never_called_wrong(top):
    softmax = lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    y = np.array([1.0, 0.0, 0.0])
    loss = lambda z: -(y @ (z - z.max() - np.log(np.exp(z - z.max()).sum())))
    assert gradient_check(loss, lambda z: softmax(z) - y, np.array([top, 0.0, -3.0])).verdict != "failed"


def test_half_precision_does_not_buy_tolerance():
    assert not gradient_check(square, lambda x: (1.2 * x).astype(np.float16), X)


def test_math_functions_that_raise_outside_their_domain():
    f = lambda x: sum(math.log(v) for v in x)
    assert gradient_check(f, lambda x: 1 / x, np.array([0.01, 1.0, 2.0]))


def test_a_step_of_zero_is_a_sentence():
    assert "larger than zero" in gradient_check(square, lambda x: 2 * x, X, eps=0).message


def test_a_flat_comparison_is_said_so():
    result = gradient_check(square, lambda W: 2 * W.ravel(), np.arange(1.0, 7.0).reshape(2, 3))
    assert "flat vector" in result.message


# ---------------------------------------------------------------- kinks and edges of the domain


def test_a_kink_at_x_is_decided_by_points_near_it():
    x = np.array([0.0, 1.0, -2.0])
    assert gradient_check(lambda x: np.sum(abs(x)), np.sign, x)
    assert not gradient_check(lambda x: np.sum(abs(x)), lambda x: -np.sign(x), x)


@pytest.mark.parametrize("distance", [1e-7, 1e-5, 2e-5, 1e-4, 1e-3, 1e-2])
def test_a_kink_beside_x_never_makes_a_right_gradient_wrong(distance):
    """Between the finest steps a kink is seen by some of them only."""
    f, grad = lambda x: np.sum(abs(x - 1)), lambda x: np.sign(x - 1)
    assert gradient_check(f, grad, np.array([1 + distance, 3.0])).verdict == "passed"
    assert gradient_check(f, lambda x: -grad(x), np.array([1 + distance, 3.0])).verdict == "failed"


def test_a_sharp_bend_between_two_large_numbers():
    f = lambda z: np.max(z) + np.log(np.sum(np.exp(z - np.max(z))))
    grad = lambda z: np.exp(z - np.max(z)) / np.sum(np.exp(z - np.max(z)))
    result = gradient_check(f, grad, np.array([28325.8, 28326.6, -17000.0]))
    assert result.verdict != "failed", result


def test_a_function_lost_in_rounding_is_inconclusive():
    result = gradient_check(lambda x: 1e17 + np.sum(x), np.ones_like, X)
    assert result.verdict == "inconclusive" and not result
    assert "cannot decide" in result.message


def test_a_function_that_ends_near_x():
    x = np.array([1e-8, 1.0, 2.0])
    assert gradient_check(lambda x: np.sum(np.log(x)), lambda x: 1 / x, x)
    assert not gradient_check(lambda x: np.sum(np.log(x)), lambda x: 1.01 / x, x)


def test_a_function_that_does_not_exist_around_x():
    with pytest.raises(CheckError, match=r"both sides of coordinate \[0\]"):
        numerical_gradient(lambda x: 0.0 if x[0] == 1 else np.nan, np.array([1.0]))


# ---------------------------------------------------------------- how it shows itself


def test_text_and_html_carry_the_verdict_and_the_worst_coordinate():
    result = gradient_check(square, lambda x: np.append(2 * x[:-1], 0), X)
    assert str(result).splitlines()[0].startswith("FAILED: Your gradient has the right shape.")
    assert str(result).splitlines()[2].split()[0] == "[4]"
    page = result._repr_html_()
    assert "✗ Failed." in page and page.index("[4]") < page.index("[0]")


def test_html_is_escaped():
    result = gradient_check(square, lambda x: ["<b>"] * 5, X)
    assert "<b>" not in result._repr_html_() and "&lt;" in result._repr_html_()


def test_the_harness_needs_numpy_alone():
    source = Path(gradcheck.__file__).read_text()
    imports = {node.module or "" for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)}
    imports |= {
        alias.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Import) for alias in n.names
    }
    assert {name.partition(".")[0] for name in imports} - sys.stdlib_module_names == {"numpy"}


# ---------------------------------------------------------------- properties

numbers = st.floats(-3, 3, allow_subnormal=False).filter(lambda v: abs(v) > 1e-3)
vectors = arrays(float, st.integers(1, 6), elements=numbers)
scales = st.integers(-8, 8).map(lambda k: 10.0**k)

SMOOTH = {
    "cubic": (lambda x: np.sum(x**3 - x), lambda x: 3 * x**2 - 1),
    "exponential": (lambda x: np.sum(np.exp(-(x**2))), lambda x: -2 * x * np.exp(-(x**2))),
    "log-sum-exp": (lambda x: np.log(np.sum(np.exp(x))), lambda x: np.exp(x) / np.sum(np.exp(x))),
    "sine of the norm": (lambda x: np.sin(x @ x), lambda x: 2 * x * np.cos(x @ x)),
    "length": (lambda x: np.sqrt(x @ x), lambda x: x / np.sqrt(x @ x)),
}


@pytest.mark.parametrize("f, grad", SMOOTH.values(), ids=SMOOTH)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(x=vectors)
def test_right_gradients_pass_and_slightly_wrong_ones_do_not(f, grad, x):
    assert gradient_check(f, grad, x), gradient_check(f, grad, x)
    assert not gradient_check(f, lambda x: 1.0005 * grad(x), x)


@pytest.mark.long
@settings(max_examples=60, deadline=None, derandomize=True)
@given(x=vectors, scale=scales)
def test_scale_does_not_matter(x, scale):
    assert gradient_check(square, lambda x: 2 * x, scale * x)
    assert not gradient_check(square, lambda x: 2.00001 * x, scale * x)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(x=arrays(float, 5, elements=numbers), r=st.sampled_from([-3.0, -0.5, 0.5, 1.5, 3.0]))
def test_a_constant_factor_is_read_off(x, r):
    said = diagnose([(r * x, x), (r * x[::-1], x[::-1])])
    assert f"{r:.6g} times" in said or (r == 0.5 and "exactly half" in said)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: int(x @ x),
        lambda x: round(x @ x),
        lambda x: np.round(x @ x, 2),
        lambda x: float(f"{x @ x:.4f}"),
        lambda x: np.sum(x.astype(int) ** 2),
    ],
)
@pytest.mark.parametrize("gradient", [lambda x: 2 * x, lambda x: 0 * x, lambda x: 3 * x])
def test_a_rounded_loss_is_called_that_before_any_gradient_is_blamed(f, gradient):
    result = gradient_check(f, gradient, np.array([1.3, -0.7, 2.2]))
    assert not result and result.verdict == "inconclusive" and "few digits" in result.message


def test_what_is_flat_is_not_rounded():
    x = np.array([1.3, -0.7, 2.2])
    assert gradient_check(lambda x: 3.0, lambda x: 0 * x, x)
    assert gradient_check(lambda x: np.sum(np.sign(x)), lambda x: 0 * x, x)
    assert gradient_check(lambda x: x @ x, lambda x: 2 * x, np.array([0.0, 0.0, 0.0]))


def test_sentence_and_table_speak_of_the_x_that_was_given():
    """Wrong there in one place, and near it in another, by more."""

    def gradient(x):
        there = x[0] == 1.3
        return 4 * x**3 + np.where(np.arange(3) == (1 if there else 2), 5 if there else 50, 0)

    result = gradient_check(lambda x: np.sum(x**4), gradient, np.array([1.3, -0.7, 2.2]))
    assert "Only coordinate [1] is wrong: yours is 3.628" in result.message
    assert result.rows[0][:2] == ("[1]", pytest.approx(3.628))


def test_a_jacobian_points_nowhere_and_a_quotient_is_not_one_of_one():
    x = np.array([1.3, -0.7, 2.2])
    assert "downhill" not in jacobian_check(lambda x: 2 * x, lambda x: -2 * np.eye(3), x).message
    forward = lambda x: np.array([((x + 1e-5 * e) @ (x + 1e-5 * e) - x @ x) / 1e-5 for e in np.eye(3)])
    message = gradient_check(lambda x: x @ x, forward, x).message
    assert "1/1" not in message and "difference quotient" in message


# ---------------------------------------------------------------- what errors mean

SETUP = "import numpy as np\nfrom gradcheck import explain_errors, gradient_check\nexplain_errors()"
ERRORS = {  # a cell, and the note below its error; None for an error that speaks for itself
    "def power(x):\n    return x ^ 2\npower(np.ones(2))": "`^` is no power",
    "def loss(W, X):\n    return (X @ W).sum()\nloss(np.ones((3, 2)), np.ones((2, 5)))": "`X` is 2×5",
    "result = gradient_check(lambda x: np.sum(x), power, np.ones(2))": "`^` is no power",
    "x = np.array([1, 2])\nx -= 0.5": "An array of whole numbers cannot take fractions",
    "def nothing(x):\n    x * 2\n1 + nothing(2)": "One side of `+` is None",
    "assert False, 'squared_norm returned None'": None,
    "1 / 0": None,
    "gradient_check(lambda x: np.ones(2), lambda x: x, np.ones(2)) + 1": None,
}


@pytest.mark.slow
def test_a_notebook_says_below_an_error_what_it_means(tmp_path):
    """In a real kernel; the error stays what it was, for whoever catches it."""
    shutil.copy(gradcheck.__file__, tmp_path / "gradcheck.py")
    last = "try:\n    power(np.ones(2))\nexcept TypeError as error:\n    print(type(error).__name__)"
    notebook = new_notebook(cells=[new_code_cell(source) for source in (SETUP, *ERRORS, last)])
    ran = NotebookClient(
        notebook, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    for cell, wanted in zip(ran.cells[1:-1], ERRORS.values(), strict=True):
        (output,) = cell.outputs
        assert output.output_type == "error", cell.source
        _, _, note = "\n".join(output.traceback).partition("What it means: ")
        assert wanted in note if wanted else not note, (cell.source, note)
    assert ran.cells[0].outputs == [] and ran.cells[-1].outputs[0].text == "TypeError\n"


def test_outside_of_a_notebook_errors_are_left_alone():
    gradcheck.explain_errors()
    with pytest.raises(TypeError) as caught:
        np.ones(2) ^ 2
    assert not hasattr(caught.value, "__notes__")
