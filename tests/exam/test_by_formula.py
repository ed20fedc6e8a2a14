"""A derivative must be a formula: what computes it from values of the function earns at most half."""

import numpy as np
import pytest

from autograder.exam.by_formula import ADVICE, COARSE, how_it_differentiates, roughness
from autograder.exam.calls import ask
from autograder.exam.evidence import read_code
from autograder.exam.examine import examine
from autograder.problem_sets.key import drawn_from, key_names, load_key

DERIVATIVES = [
    (key, question)
    for key in map(load_key, key_names())
    for question in key.questions.values()
    if question.differentiates
]
IDS = [question.name for _, question in DERIVATIVES]
CENTRAL = """
def {name}({args}):
    values, found = [{args}], []
    for k in range({parts}):
        x = np.array(values[k], dtype=float)
        slopes = []
        for i in np.ndindex(x.shape):
            h = {h} * (abs(x[i]) or 1.0)
            ahead, behind = x.copy(), x.copy()
            ahead[i] += h
            behind[i] -= h
            up = {value}(*values[:k], ahead, *values[k + 1:])
            down = {value}(*values[:k], behind, *values[k + 1:])
            slopes.append((up - down) / (2 * h))
        found.append(np.stack(slopes, axis=-1))
        if np.ndim(slopes[0]) == 0:
            found[-1] = found[-1].reshape(x.shape)
    return tuple(found) if {parts} > 1 else found[0]
"""


def numerical(question, h, value="loss", source=CENTRAL):
    arguments = question.arguments(question.checks[0].instances[0])
    right = question.reference(**arguments)
    parts = len(right) if isinstance(right, tuple) else 1
    return source.format(name=question.name, args=", ".join(arguments), parts=parts, h=h, value=value)


def marks(key, question, source, known=False, **names):
    given = {"np": np, "loss": question.differentiates, **key.references, **names}
    exec(source, given)
    answer = given[question.name]
    if known:
        answer.sources = (source,)
    return examine(key.name, question.name, answer, 10)


@pytest.mark.parametrize("key, question", DERIVATIVES, ids=IDS)
@pytest.mark.parametrize("h", [1e-7, 1e-6, 1e-5, 1e-4])
def test_the_last_digits_tell_a_difference_quotient(key, question, h):
    """Without a line of its source, whatever the step."""
    assert marks(key, question, numerical(question, h)).points <= 5


ASKED = [(key, q) for key, q in DERIVATIVES if q.differentiates.__name__ in key.questions]


@pytest.mark.parametrize("key, question", ASKED, ids=[question.name for _, question in ASKED])
def test_so_does_the_source_where_the_digits_cannot(key, question):
    """A step of half the number itself: for squares and products that is exact."""
    name = question.differentiates.__name__
    source = numerical(question, 0.5, value=name)
    found = marks(key, question, source, known=True, **{name: question.differentiates})
    assert found.points <= 5
    assert found.points < 5 or found.hint == ADVICE


@pytest.mark.parametrize(
    "source, said",
    [
        ("def f(x):\n    return numerical_gradient(squared_norm, x)", "`numerical_gradient`"),
        ("from autograd import grad\ndef f(x):\n    return grad(squared_norm)(x)", "`grad`"),
        (
            "import derivation as d\ndef f(x):\n"
            "    both = d.Dual(0, x, np.ones(len(x)))\n    return d.times(both, both).slope",
            "`d` of `derivation.py`",
        ),
        (
            "def f(x):\n    from derivation import Dual as D, times\n"
            "    both = D(0, x, np.ones(len(x)))\n    return times(both, both).slope",
            "`D` of `derivation.py`",
        ),
        (
            "def f(x):\n"
            "    return np.array([squared_norm(x + 1e-20j * e).imag / 1e-20 for e in np.eye(len(x))])",
            "imaginary step",
        ),
        (
            "def slope(f, x, i):\n    e = np.eye(len(x))[i]\n    return (f(x + e) - f(x - e)) / 2\n"
            "def f(x):\n    return np.array([slope(squared_norm, x, i) for i in range(len(x))])",
            "subtracts one value",
        ),
        (
            "def f(x):\n    g = []\n    for e in np.eye(len(x)):\n        up = squared_norm(x + e)\n"
            "        down = squared_norm(x - e)\n        g.append((up - down) / 2)\n    return np.array(g)",
            "subtracts one value",
        ),
        (
            "def f(x):\n    g = np.zeros(len(x))\n    for i in range(len(x)):\n        x[i] += 0.5\n"
            "        up = squared_norm(x)\n        x[i] -= 1\n        down = squared_norm(x)\n"
            "        x[i] += 0.5\n        g[i] = up - down\n    return g",
            "subtracts one value",
        ),
        (
            "def one(x):\n    return squared_norm(x)\ndef two(x):\n    return one(x)\n"
            "def f(x):\n"
            "    return np.array([np.subtract(two(x + e), two(x - e)) / 2 for e in np.eye(len(x))])",
            "subtracts one value",
        ),
        (
            "def f(x):\n    loss = lambda v: squared_norm(v)\n"
            "    return np.array([(loss(x + e) - loss(x - e)) / 2 for e in np.eye(len(x))])",
            "subtracts one value",
        ),
    ],
)
def test_every_way_round_a_formula_is_followed(source, said):
    assert said in how_it_differentiates(read_code([source], "f"), "squared_norm")


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return 2 * x",
        "def f(x):\n    return 2 * squared_norm(x) * x / squared_norm(x)",
        "def f(x):\n    return np.array([squared_norm(e) * 2 * (x @ e) for e in np.eye(len(x))])",
        "def grad(x):\n    return 2 * x\ndef f(x):\n    return grad(x)",
        "def dot(a, b):\n    return sum(a * b)\ndef f(x):\n    return (dot(x, x) - dot(x, 0 * x)) / 2",
        "def f(x):\n    return np.real(x + 0j)",
        "from derivation import derive\nderive('f(x) = xᵀ x', x='n')\ndef f(x):\n    return 2 * x",
        "from derivation import times\ndef times(a, b):\n    return a * b\ndef f(x):\n    return times(2, x)",
        "def f(x):\n    def backward(r):\n        return 2 * r\n    return backward(x)",
        "def f(x):\n    derivative = lambda v: 2 * v\n    return derivative(x)",
        "def f(x):\n    return Tape(x).backward()",
        "def f(x):\n    g = 2 * x\n    assert (g == numerical_gradient(squared_norm, x)).all()\n    return g",
        "def f(x):\n    if numerical_gradient(squared_norm, x)[0]:\n        pass\n    return 2 * x",
        "def minus(f, g, a, b):\n    return f(a) - g(b)\ndef f(x):\n    return minus(exp, log, x, x)",
        "def f(x):\n"
        + "".join(f"    a{i + 1} = (a{i}, a{i}, a{i})\n" for i in range(60))
        + "    return a60 - a59",
        "def f(x):\n    p = squared_norm(x)\n    return np.diag(p) - np.outer(p, p)",
        "def f(x):\n    return np.diag(squared_norm(x)) - np.outer(squared_norm(x), squared_norm(x))",
    ],
)
def test_a_formula_may_be_written_in_any_way(source):
    assert how_it_differentiates(read_code([source], "f"), "squared_norm") is None


@pytest.mark.parametrize("key, question", DERIVATIVES, ids=IDS)
def test_right_variants_are_ten_times_smoother_than_the_limit(key, question):
    for entry in key.catalogue(key.variants, question.name):
        for seed in (0, 5, 17):
            for instance in key.question(question.name, seed).checks[-1].instances:
                given = question.arguments(instance)
                rough = roughness(ask(entry.answer, given).value, question.reference(**given))
                assert rough < COARSE / 10, entry.name


@pytest.mark.parametrize("key, question", DERIVATIVES, ids=IDS)
def test_a_shortcut_earns_half_and_is_told_why(key, question):
    shortcuts = key.catalogue(key.shortcuts, question.name)
    assert shortcuts
    for entry in shortcuts:
        found = examine(key.name, question.name, entry.answer, 10)
        assert (found.points, found.hint) == (5, ADVICE), entry.name
        (failed,) = [verdict for verdict in found.verdicts if not verdict.passed]
        assert failed.check == "a formula" and "is close, but no formula" in failed.seen


def test_rounded_or_single_numbers_are_no_difference_quotient():
    due = np.linspace(0.1, 0.9, 7)
    assert roughness(np.round(due, 9), due) == 0 and roughness(due.astype(np.float32), due) == 0
    assert roughness(due * (1 + 1e-10), due) > COARSE > 4 > roughness(due * (1 + 2e-16), due)


@pytest.mark.parametrize(
    "exercise, source",
    [
        (
            "jacobians",
            "def softmax_jacobian(z):\n    e = np.exp(z - z.max())\n    p = e / (e.sum() + 1e-12)\n"
            "    return np.diag(p) - np.outer(p, p)",
        ),
        (
            "jacobians",
            "def tanh_jacobian(u):\n    return np.diag(1 / (np.cosh(np.clip(u, -300, 300)) ** 2 + 1e-12))",
        ),
        (
            "chain_rule",
            "class Linear:\n    def __init__(self, W):\n        self.W = W\n    def forward(self, X):\n"
            "        self.X = X\n        return self.W @ X\n    def backward(self, dY):\n"
            "        return batch_linear_backward(self.W, self.X, dY)\n"
            "def network_backward(W1, W2, X, Y):\n    one, two = Linear(W1), Linear(W2)\n"
            "    H = np.tanh(one.forward(X))\n    dW2, dH = two.backward(two.forward(H) - Y)\n"
            "    dW1, _ = one.backward(dH * (1 - H**2))\n    return dW1, dW2",
        ),
    ],
)
def test_a_formula_with_a_typed_constant_or_a_class_keeps_its_points(exercise, source):
    key = load_key(exercise)
    (question,) = [q for q in key.questions.values() if f"def {q.name}(" in source]
    found = marks(key, question, source, known=True)
    assert found.points == 10 and found.hint is None


def test_a_difference_too_rough_to_be_right_is_called_one():
    """Of these inputs one has its rounding above what is allowed: "is something rounded?" is no help."""
    key = load_key("ridge_descent")
    (entry,) = (entry for entry in key.shortcuts if entry.name == "stepped_to_both_sides")
    with drawn_from(27):
        found = examine(key.name, entry.function, entry.answer, 10)
    assert (found.points, found.hint) == (5, ADVICE)
