"""A sentence about code needs evidence in the code, and hostile code is no evidence of anything."""

import re

import pytest

from autograder.exam import explain
from autograder.exam.evidence import MOST, code_of, read_code
from autograder.problem_sets.key import key_names, load_key
from benchmarks.explanations import explained

MISTAKES = [(key, entry) for key in map(load_key, key_names()) for entry in key.mistakes]
EXPRESSION = "return 2 * (W @ X - Y) @ X.T"
# Words of a hint that speak of how the code is written, and not of what its numbers are.
OF_CODE = re.compile(
    r"\bloop\b|return stands|squeeze|reshaped|[-+*/]=|made like|at random|clip|You rounded|append to"
)
# What these say of code, their numbers say too, or they say it of code that would do it right.
BY_NUMBERS = {
    "numerical_gradient: filled_a_vector",
    "gradient_descent: returned_the_last_loss_only",
    "ridge_descent: returned_the_last_loss_only",
}


def code(source, name="f"):
    return read_code([source], name)


@pytest.mark.parametrize(
    "source, shown, not_shown",
    [
        ("def f(W, X, Y):\n    R = W @ X - Y\n    return 2 * R @ X", "difference @ X", "difference @ X.T"),
        (f"def f(W, X, Y):\n    {EXPRESSION}", "difference @ X.T & W @ X", "X @ W"),
        ("def f(x, A):\n    return np.dot(np.transpose(A), x)", "A.T @ x", "A @ x"),
        ("def f(A, b):\n    return A.dot(b)", "A @ b", "loop"),
        ("def f(x):\n    for v in x:\n        return v", "return in a loop", "break"),
        ("def f(x):\n    for v in x:\n        if v:\n            return v", "loop", "return in a loop"),
        ("def f(x):\n    x -= 1\n    x[0] = 2", "x -= & -= & x[] = & [] =", "x ="),
        ("def f(z):\n    return np.exp(z)", "exp() & not max()", "exp() & max()"),
        ("def f(z):\n    return sum(v for v in z)", "loop | break", "break"),
        ("def f(x):\n    return round(x, 3)", "rounds", "made like"),
        ("def f(x):\n    return float(f'{x:.3f}')", "rounds", "not rounds"),
        ("def f(A, b):\n    return np.linalg.solve(A.T @ A, b)", "solve for b", "solve A"),
        ("def g(x):\n    return np.tanh(x)\ndef f(x):\n    return g(x)", "tanh()", "exp()"),
        (
            "def f(x):\n    g = my_gradient(x)\n    for _ in range(3):\n        x = x - g",
            "gradient before the loop",
            "not loop",
        ),
        (
            "def f(x):\n    for _ in range(3):\n        x = x - my_gradient(x)",
            "loop",
            "gradient before the loop",
        ),
    ],
)
def test_what_code_shows(source, shown, not_shown):
    assert code(source).shows(shown) and not code(source).shows(not_shown)


@pytest.mark.parametrize("key, entry", MISTAKES, ids=lambda each: getattr(each, "name", ""))
def test_a_mistake_shows_what_its_hint_speaks_of(key, entry):
    """In its own code; and where it declares nothing, its numbers are telling."""
    question = key.questions[entry.function]
    if entry.shows:
        assert code_of(entry.answer, entry.name).shows(entry.shows)
    else:
        assert explain.telling(question, explain.answers_of(question, entry.answer))
        assert not OF_CODE.search(entry.text) or f"{entry.function}: {entry.name}" in BY_NUMBERS, entry.text


@pytest.mark.long
@pytest.mark.parametrize("key, entry", MISTAKES, ids=lambda each: getattr(each, "name", ""))
def test_without_the_code_no_sentence_about_code_is_told(key, entry):
    """The same answer, of which no source is to be had."""
    told = explained(key, key.questions[entry.function], lambda *given: entry.answer(*given))
    assert told is None or not entry.shows or told.text != entry.text


F = "def f(x):\n    return x @ x"


def test_code_is_read_where_it_is_sure_which_was_run():
    assert "@" in read_code(["helper = 3", F, "def g(): pass", "%matplotlib inline"], "f").features
    assert read_code([F], "nobody") is None


@pytest.mark.parametrize(
    "other",
    [
        "def f(x):\n    return x - 1",
        "try:\n    def f(x):\n        return x - 1\nexcept Exception:\n    pass",
        "good = f\nf = good",
        "from math import tan as f",
        "%%time\ndef f(x):\n    return x - 1",
        "for f in (1, 2):\n    pass",
        "f = 1 #" + "a" * MOST,
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_name_with_two_values_is_no_evidence(first, other):
    assert read_code([F, other] if first else [other, F], "f") is None
    assert read_code([f"{F}\n{other}" if first else f"{other}\n{F}"], "f") is None


def test_what_is_decorated_or_called_otherwise_is_no_evidence():
    def student(*given):
        return None

    student.sources = ("def student(x):\n    return x @ x",)
    assert code_of(student, "student").shows("@")
    assert code_of(student, "squared_norm") is None
    student.sources = ("@cache\ndef student(x):\n    return x @ x",)
    assert code_of(student, "student") is None


@pytest.mark.parametrize(
    "hostile",
    [
        "def f(x): return " + "(" * 5000,
        "def f(x): return " + "-" * (MOST - 100) + "x",
        "def f(x): return " + "x." * (MOST // 2 - 100) + "x",
        "def f(x):\n    return '" + "a" * MOST + "'",
        "def f(x):\n    return \0",
        "def f(x):\n    a = b\n    b = a\n    return a @ b",
        "def f(x): return f(x)",
        "\ud800",
    ],
    ids=range(8),
)
def test_hostile_source_is_read_or_left_alone(hostile):
    found = read_code([hostile, "def f(:"], "f")
    assert found is None or isinstance(found.features, frozenset)
