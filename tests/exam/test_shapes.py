"""The shapes that are followed through code are those that NumPy makes, and where it stops, they stop."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from autograder.exam.calls import ask
from autograder.exam.evidence import code_of, read_code
from autograder.exam.shapes import operations
from autograder.exam.slips import of_an_error
from autograder.problem_sets.key import key_names, load_key

KEYS = [load_key(name) for name in key_names()]
ANSWERS = [(key, e) for key in KEYS for e in (*key.mistakes, *key.variants, *key.shortcuts)]
SIZES = st.integers(1, 4)
SHAPES = st.one_of(st.tuples(SIZES), st.tuples(SIZES, SIZES))
BINARY = (
    "a @ b", "a + b", "a * b - b", "np.dot(a, b)", "a.dot(b.T)", "np.subtract(a, b)", "a.T @ b", "a[0] * b"
)  # fmt: skip
UNARY = (
    "a.T", "a.sum()", "np.sum(a, axis=0)", "a.mean(axis=-1, keepdims=True)", "a.ravel()", "a.reshape(-1, 1)",
    "a[:, None]", "a[0]", "np.diag(a)", "np.outer(a, a)", "np.kron(np.eye(len(a)), a)", "np.zeros(a.shape)",
    "np.exp(a) / np.sum(np.exp(a))", "np.squeeze(a)", "np.ones(len(a))", "np.linalg.norm(a)", "-a", "a[None]",
    "np.zeros((a.shape[0], 2))", "np.transpose(a)", "a.copy()", "np.max(a)", "np.trace(np.outer(a, a))",
)  # fmt: skip


def last(expression, a, b=None):
    """The last operation of `expression + 0`, whose left side has the expression's shape."""
    source = f"def f(a, b):\n    return ({expression}) + 0"
    code = read_code([source], "f")
    done = operations(code, {"a": a, "b": np.ones(1) if b is None else b}, {})
    return done[-1] if done else None


@given(SHAPES, st.sampled_from(UNARY))
def test_shapes_are_numpys(shape, expression):
    a = np.ones(shape)
    try:
        due = np.shape(eval(expression, {"np": np, "a": a}))
    except (ValueError, IndexError):
        return
    found = last(expression, a)
    assert found is None or found.sign != "+" or found.left_shape == due


@given(SHAPES, SHAPES, st.sampled_from(BINARY))
def test_what_numpy_refuses_does_not_fit(one, other, expression):
    a, b = np.ones(one), np.ones(other)
    try:
        due = np.shape(eval(expression, {"np": np, "a": a, "b": b}))
    except ValueError as error:
        code = read_code([f"def f(a, b):\n    return {expression}"], "f")
        done = operations(code, {"a": a, "b": b}, {})
        assert any(operation.result is None for operation in done)
        assert of_an_error(code, error, {"a": a, "b": b}, {})
        return
    assert last(expression, a, b).left_shape == due


@pytest.mark.parametrize("key, entry", ANSWERS, ids=lambda each: getattr(each, "name", ""))
def test_catalogued_answers_fit_where_they_end_without_an_error(key, entry):
    question = key.questions[entry.function]
    code = code_of(entry.answer, entry.name)
    for instance in question.instances()[:3]:
        given = question.arguments(instance)
        misfits = [o for o in operations(code, given, key.references) if o.result is None]
        error = ask(entry.answer, given).error
        assert not misfits or error is not None, misfits
        assert misfits or error is None or ("matmul" not in str(error) and "broadcast" not in str(error))


def test_what_comes_of_right_functions_is_known():
    key = load_key("chain_rule")
    source = """
def network_backward(W1, W2, X, Y):
    H = np.tanh(W1 @ X)
    dH, dW2 = batch_linear_backward(W2, H, W2 @ H - Y)
    return dH * (1 - H**2)
"""
    instance = key.instances(np.random.default_rng(1))[0]
    given = key.questions["network_backward"].arguments(instance)
    done = operations(read_code([source], "network_backward"), given, key.references)
    assert done[-1].result is None and done[-1].left_shape == (3, 6) and done[-1].right_shape == (6, 7)
