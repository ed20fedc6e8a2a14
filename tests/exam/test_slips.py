"""What a line or an error shows is said in a sentence of its own, and quotes what it speaks of."""

import numpy as np
import pytest

from autograder.exam.evidence import read_code
from autograder.exam.examine import examine
from autograder.problem_sets.key import load_key
from benchmarks.explanations import MIXED, SECOND, answers_in, told_of


def told(exercise, source, **others):
    """What a student is told whose notebook holds this function, beside right ones."""
    key = load_key(exercise)
    names = {"np": np, **key.references, **others}
    exec(source, names)
    name = read_code([source], source.split("def ")[1].split("(")[0]).function.name
    names[name].sources = (source,)
    return examine(exercise, name, names[name], 1).hint


@pytest.mark.parametrize(
    "exercise, source, said",
    [
        ("squared_norm", "def squared_norm(x):\n    return np.sum(x ^ 2)", "`x ^ 2`, ^ is no power"),
        ("squared_norm", "def squared_norm(x):\n    print(x @ x)", "It prints its result"),
        ("squared_norm", "def squared_norm(x):\n    x @ x", "`x @ x` is computed and then dropped"),
        ("squared_norm", "def squared_norm(x):\n    total = x @ x", "There is no return with a value"),
        ("squared_norm", "def squared_norm(x):\n    return y @ y", "`y` means nothing here"),
        ("squared_norm", "def squared_norm(x):\n    return X @ X", "Did you mean `x`?"),
        (
            "squared_norm",
            "def squared_norm():\n    return 0",
            "`squared_norm` takes 0 values here, and was called with 1",
        ),
        ("squared_norm", "def squared_norm(x):\n    return sum(list(x) ** 2)", "A list does no arithmetic"),
        ("squared_norm", "def squared_norm(x):\n    return np.sumsq(x)", "NumPy has nothing called `sumsq`"),
        ("squared_norm", "def squared_norm(x):\n    return x[len(x)]", "Python counts from 0"),
        ("squared_norm", "def squared_norm(x):\n    return squared_norm(x)", "more often than Python allows"),
        ("squared_norm", "def squared_norm(x):\n    return x(x)", "Brackets follow a number or an array"),
        ("squared_norm", "def squared_norm(x):\n    for v in x:\n        return v", "first turn is its last"),
        (
            "linear_form",
            "def linear_form_gradient(x, c):\n    g = np.zeros(len(x))\n"
            "    for i in range(len(x)):\n        g[i] == c[i]\n    return g",
            "`g[i] == c[i]` compares and stores nothing",
        ),
        (
            "frobenius_loss",
            "def frobenius_loss(W, X, Y):\n    R = W @ X - Y\n    return np.trace(R @ R)",
            "`R` is 3×7 and `R` is 3×7: the inner sizes 7 and 3 differ",
        ),
        (
            "frobenius_loss",
            "def frobenius_loss_gradient(W, X, Y):\n    return 2 * (W @ X - Y) @ W.T",
            "the inner sizes 7 and 5 differ",
        ),
        (
            "chain_rule",
            "def batch_linear_backward(W, X, dY):\n    dW = X.T @ dY\n    return dW, dY @ W.T",
            "In `X.T @ dY`, `X.T` is 7×5 and `dY` is 3×7",
        ),
        (
            "ridge_descent",
            "def ridge_loss(x, A, b, lam):\n    return np.sum((A @ x - b) ** 2)\n    + lam * np.sum(x**2)",
            "stands after a return and is never reached",
        ),
        (
            "ridge_descent",
            "def ridge_loss(x, A, b, lam):\n    r = A @ x - b.reshape(-1, 1)\n    return np.sum(r**2)",
            "a flat (6,) meets a column of shape (6, 1), and NumPy makes a table of 6×6",
        ),
        (
            "ridge_descent",
            "def ridge_closed_form(A, b, lam):\n    return np.linalg.inv(A) @ b",
            "`A` is 6×3. A square matrix is needed there",
        ),
        (
            "ridge_descent",
            "def ridge_closed_form(A, b, lam):\n    M = A.T @ A + lam * np.eye(len(A))\n"
            "    return np.linalg.solve(M, A.T @ b)",
            "the sizes 3 and 6 differ",
        ),
        (
            "ridge_descent",
            "def ridge_descent(A, b, lam, learning_rate, n_steps):\n"
            "    x, losses = np.zeros(A.shape[1]), []\n"
            "    for _ in range(n_steps):\n        losses = losses.append(ridge_loss(x, A, b, lam))\n"
            "        x = x - learning_rate * ridge_gradient(x, A, b, lam)\n    return x, losses",
            "`append` returns None",
        ),
        (
            "ridge_descent",
            "def ridge_descent(A, b, lam, learning_rate, n_steps):\n    x, losses = np.zeros(len(A)), []\n"
            "    for _ in range(n_steps):\n        losses.append(ridge_loss(x, A, b, lam))\n"
            "        x = x - learning_rate * ridge_gradient(x, A, b, lam)\n    return x, losses",
            "`ridge_loss(x, A, b, lam)` is called with sizes that do not fit",
        ),
        (
            "softmax_cross_entropy",
            "def softmax(z):\n    e = np.exp(z - np.max(z, axis=1))\n    return e / e.sum()",
            "There is no axis 1 here",
        ),
        (
            "squared_norm",
            "def squared_norm(x):\n    m = np.matrix(x)\n    return m * m.T",
            "np.matrix",
        ),
    ],
)
def test_each_has_a_sentence_of_its_own(exercise, source, said):
    assert said in told(exercise, source)


@pytest.mark.parametrize(
    "source",
    [
        "def squared_norm(x):\n    raise ValueError('matmul: size 3 is different from 4')",
        "def squared_norm(x):\n    raise TypeError('\\ud800 {} {0} %s')",
        "def squared_norm(x):\n    raise NameError('name \\'a\\' is not')",
        "def squared_norm(x):\n    return 4.0",
        'def squared_norm(x):\n    return 4.0\n    """what stood here before"""',
    ],
)
def test_what_says_nothing_of_the_code_is_not_explained(source):
    assert told("squared_norm", source) is None


@pytest.mark.long
def test_nothing_false_is_said_of_answers_that_nobody_here_has_written():
    named, silent, false = told_of(SECOND)
    assert false == ()
    assert named + silent >= 150 and named >= silent
    assert sum(answer.right for answer in answers_in(SECOND)) >= 40


@pytest.mark.long
def test_nothing_false_is_said_of_a_slip_in_a_term_and_one_of_shape_or_loop():
    told, nothing, false = told_of(MIXED)
    assert false == () and told + nothing == 100 and told >= 20


STOPS = """def ridge_descent(A, b, lam, learning_rate, n_steps):
    x = np.zeros(A.shape[1])
    losses = []
    for _ in range(n_steps):
        g = ridge_gradient(x, A, b, lam)
        if {test}:
            break
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * g
    return x, np.array(losses)
"""


@pytest.mark.parametrize(
    "test",
    ["np.linalg.norm(g) < 1e-3", "np.max(np.abs(g)) < 1e-8", "g @ g < 1e-4", "losses and losses[-1] < 1e-2"],
)
def test_a_descent_that_stops_by_any_size_is_told_of_its_break(test):
    hint = told("ridge_descent", STOPS.format(test=test))
    assert hint is None or "break" in hint or "stop" in hint.lower()


def test_a_break_that_is_reached_and_shows_is_named():
    hint = told("ridge_descent", STOPS.format(test="np.max(np.abs(g)) < 1e-2"))
    assert hint is not None and "`break` can leave your loop" in hint


def test_a_break_in_an_inner_loop_is_none_of_the_outer_one():
    inner = """
        for i in range(len(x)):
            if x[i] > 1e9:
                break
        if len(losses) < 5:
            losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x, np.array(losses)
"""
    source = STOPS.partition("        g =")[0] + inner.lstrip("\n")
    hint = told("ridge_descent", source)
    assert hint is None or "break" not in hint


GUARDED = STOPS.format(test="not np.isfinite(g).all()")  # a break that no input reaches


@pytest.mark.parametrize(
    "old, new",
    [
        ("return x, np.array(losses)", "return np.array(losses), x"),
        ("return x, np.array(losses)", "return x, np.array(losses[1:])"),
        ("range(n_steps)", "range(1, n_steps)"),
        ("return x, np.array(losses)", "return x, np.array(losses[:5])"),
        ("        losses.append", "        if _ % 2 == 0:\n            losses.append"),
    ],
    ids=["swapped", "the first left out", "a turn too few", "five", "every second"],
)
def test_a_break_that_nothing_reaches_is_not_blamed_for_what_is_missing(old, new):
    assert old in GUARDED
    hint = told("ridge_descent", GUARDED.replace(old, new))
    assert hint is None or "break" not in hint
