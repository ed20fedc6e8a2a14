"""Random formulas, printed in three notations: each is read back as what it is, and a change is seen."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.derivation import Budget, Env, Evaluator, Reading, Scope, Sizer, derive, draw, plain, read

SHAPES = {
    "A": ("n", "n"),
    "B": ("n", "n"),
    "W": ("m", "n"),
    "X": ("n", "m"),
    "x": ("n",),
    "y": ("n",),
    "u": ("m",),
    "s": (),
    "c": (),
}
NUMBER, COLUMN, LONG, SQUARE, WIDE, TALL = (), ("n", 1), ("m", 1), ("n", "n"), ("m", "n"), ("n", "m")
LETTERS = {NUMBER: "sc", COLUMN: "xy", LONG: "u", SQUARE: "AB", WIDE: "W", TALL: "X"}
FUNCTIONS = ("tanh", "exp", "sin")


@st.composite
def formulas(draw_, shape=None, depth=3):
    """A tree of a shape: a letter, or (operation, parts)."""
    if shape is None:
        shape = draw_(st.sampled_from(list(LETTERS)))
    if depth == 0:
        return draw_(st.sampled_from(LETTERS[shape]))
    part = lambda one: draw_(formulas(one, depth - 1))
    kinds = ["letter", "add", "sub", "scale", "half", "function"]
    if shape == NUMBER:
        kinds += ["norm", "inner", "trace", "square", "quadratic", "sum", "quotient"]
    else:
        kinds += ["had"]
    if shape in (COLUMN, LONG):
        kinds += ["apply", "softmax"]
    if shape in (SQUARE, WIDE, TALL):
        kinds += ["transpose", "product", "outer"]
    if shape == SQUARE:
        kinds += ["diag", "identity"]
    kind = draw_(st.sampled_from(kinds))
    if kind == "letter":
        return draw_(st.sampled_from(LETTERS[shape]))
    if kind in ("add", "sub", "had"):
        return kind, part(shape), part(shape)
    if kind in ("scale",):
        return kind, part(NUMBER), part(shape)
    if kind == "half":
        return kind, part(shape)
    if kind == "function":
        return kind, draw_(st.sampled_from(FUNCTIONS)), ("tame", part(shape))
    if kind == "softmax":
        return kind, ("tame", part(shape))
    if kind == "quotient":
        return kind, part(NUMBER), part(NUMBER)
    if kind in ("norm", "sum"):
        inner = draw_(st.sampled_from([COLUMN, LONG, SQUARE, WIDE] if kind == "norm" else [COLUMN, LONG]))
        return kind, part(inner)
    if kind == "inner":
        inner = draw_(st.sampled_from([COLUMN, LONG]))
        return kind, part(inner), part(inner)
    if kind == "trace":
        return kind, part(SQUARE)
    if kind == "square":
        return kind, part(NUMBER)
    if kind == "quadratic":
        return kind, part(COLUMN), part(SQUARE)
    if kind == "apply":
        return kind, part((shape[0], "n")), part(COLUMN)
    if kind == "transpose":
        return kind, part(shape[::-1])
    if kind == "product":
        middle = draw_(st.sampled_from(["n"] if shape == SQUARE else ["n", "n"]))
        left, right = (shape[0], middle), (middle, shape[1])
        return kind, part(left), part(right)
    if kind == "outer":
        return kind, part((shape[0], 1)), part((shape[1], 1))
    if kind == "diag":
        return kind, part(COLUMN)
    return kind, part(SQUARE)


def value(tree, letters):
    """What a tree is worth, by NumPy alone."""
    if isinstance(tree, str):
        return letters[tree]
    kind, *parts = tree
    if kind == "function":
        return getattr(np, parts[0])(value(parts[1], letters))
    a, *rest = (value(part, letters) for part in parts)
    b = rest[0] if rest else None
    return {
        "add": lambda: a + b,
        "sub": lambda: a - b,
        "had": lambda: a * b,
        "scale": lambda: a * b,
        "half": lambda: a / 2,
        "tame": lambda: np.tanh(a),
        "softmax": lambda: np.exp(a) / np.exp(a).sum(),
        "quotient": lambda: a / (2 + b * b),
        "norm": lambda: (a * a).sum().reshape(1, 1),
        "sum": lambda: (a * a).sum().reshape(1, 1),
        "inner": lambda: a.T @ b,
        "trace": lambda: np.trace(a).reshape(1, 1),
        "square": lambda: a * a,
        "quadratic": lambda: a.T @ b @ a,
        "apply": lambda: a @ b,
        "transpose": lambda: a.T,
        "product": lambda: a @ b,
        "outer": lambda: a @ b.T,
        "diag": lambda: np.diag(a[:, 0]),
        "identity": lambda: a + 3 * np.eye(len(a)),
    }[kind]()


FORMS = {
    "unicode": {
        "add": "({} + {})", "sub": "({} − {})", "had": "({} ⊙ {})", "scale": "({} {})", "half": "(½ {})",
        "function": "{}({})", "tame": "tanh({})", "softmax": "softmax({})", "quotient": "({}/(2 + {}²))",
        "norm": "‖{}‖²", "sum": "(Σ_i ({})_i²)", "inner": "⟨{}, {}⟩", "trace": "tr({})", "square": "({})²",
        "quadratic": "(({})ᵀ {} {})", "apply": "({} {})", "transpose": "({})ᵀ", "product": "({} {})",
        "outer": "({} ({})ᵀ)", "diag": "diag({})", "identity": "({} + 3 I)",
    },
    "ascii": {
        "add": "({} + {})", "sub": "({} - {})", "had": "({} .* {})", "scale": "({} * {})",
        "half": "(1/2 * {})",
        "function": "{}({})", "tame": "tanh({})", "softmax": "softmax({})", "quotient": "({}/(2 + {}^2))",
        "norm": "||{}||^2", "sum": "(sum_i ({})_i^2)",
        "inner": "(({})' @ {})", "trace": "tr({})",
        "square": "({})^2",
        "quadratic": "(({})' * {} * {})", "apply": "({} @ {})", "transpose": "({}).T", "product": "({} * {})",
        "outer": "({} * ({})')", "diag": "diag({})", "identity": "({} + 3*I)",
    },
    "latex": {
        "add": r"\left({} + {}\right)", "sub": r"\left({} - {}\right)", "had": r"({} \odot {})",
        "scale": r"({} \, {})", "half": r"(\tfrac12 {})",
        "function": r"\{}\left({}\right)", "tame": r"\tanh({})",
        "softmax": r"\operatorname{{softmax}}({})", "quotient": r"\frac{{{}}}{{2 + {}^2}}",
        "norm": r"\lVert {} \rVert^{{2}}", "sum": r"(\sum_{{i}} ({})_{{i}}^2)",
        "inner": r"\langle {}, {} \rangle", "trace": r"\operatorname{{tr}}\left({}\right)",
        "square": r"\left({}\right)^2", "quadratic": r"(({})^\top {} {})", "apply": r"({} {})",
        "transpose": r"({})^{{\top}}", "product": r"({} {})", "outer": r"({} \, ({})^{{\mathsf T}})",
        "diag": r"\operatorname{{diag}}({})", "identity": r"({} + 3 \mathbf{{I}})",
    },
}  # fmt: skip


def text(tree, notation):
    """The tree as a person would write it."""
    if isinstance(tree, str):
        return tree
    kind, *parts = tree
    said = [parts[0], text(parts[1], notation)] if kind == "function" else [text(p, notation) for p in parts]
    if kind == "quadratic":
        said = [said[0], said[1], said[0]]
    if kind in ("square", "quotient"):
        said = [f"({one})" if one[-1:] in "²2'" else one for one in said]
    if kind == "half" and notation == "latex" and isinstance(parts[0], str):
        said = [f" {said[0]}"]
    return FORMS[notation][kind].format(*said)


def numbers(attempt):
    """The letters' values on one instance, as the checker draws them."""
    return draw(read("", SHAPES).names, {}, 5, attempt)


def read_back(formula, attempt):
    """What the checker takes a formula for."""
    found = read("r = " + formula, SHAPES)
    assert not found.problems, found.problems
    sizer = Sizer(found.names, Reading())
    sizer.of(found.names.definitions["r"].body, Scope())
    instance = numbers(attempt)
    evaluator = Evaluator(sizer, instance.sizes, instance.values, {}, Budget())
    return plain(evaluator.letter("r", Env()).data)


common = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)


@common
@given(formulas())
def test_each_notation_is_read_as_what_it_says(tree):
    due = value(tree, numbers(1).values)
    if not np.abs(due).max() < 1e12:
        return
    for notation in FORMS:
        got = read_back(text(tree, notation), 1)
        assert np.allclose(got, due, rtol=1e-8, atol=1e-10), (text(tree, notation), got, due)


def changed(draw_, tree):
    """The tree with one part changed, and another of its shape in its place."""
    if isinstance(tree, str):
        others = next(letters for letters in LETTERS.values() if tree in letters).replace(tree, "")
        kinds = ["scale", "negative", *(["other"] if others else [])]
        kind = draw_(st.sampled_from(kinds))
        if kind == "other":
            return others[0]
        return ("half", tree) if kind == "scale" else ("sub", ("sub", tree, tree), tree)
    kind, *parts = tree
    if kind in ("add", "sub") and draw_(st.booleans()):
        return ("sub" if kind == "add" else "add", *parts)
    place = draw_(st.integers(1 if kind == "function" else 0, len(parts) - 1))
    parts[place] = changed(draw_, parts[place])
    return (kind, *parts)


@common
@given(st.data())
def test_a_change_is_seen_when_it_changes_the_value(data):
    tree = data.draw(formulas())
    other = changed(data.draw, tree)
    differences = []
    for attempt in (1, 2):
        one, two = (value(t, numbers(attempt).values) for t in (tree, other))
        if not max(np.abs(one).max(), np.abs(two).max()) < 1e9:
            return
        differences.append(np.abs(one - two).max() / max(np.abs(one).max(), np.abs(two).max(), 1e-300))
    if not (min(differences) > 1e-4 or max(differences) < 1e-13):
        return  # nearly the same: nothing to be asked for
    found = derive(f"r = {text(tree, 'unicode')}\n = {text(other, 'latex')}", **SHAPES)
    verdict = "does not follow" if min(differences) > 1e-4 else "follows"
    assert [line.verdict for line in found.lines] == ["given", verdict], found


@pytest.mark.parametrize(
    "spellings",
    [
        ["xᵀ A y", "x' A y", "x^T A y", r"x^\top A y", "x.T A y", r"x^{\intercal}Ay", "x'*A*y", "⟨x, A y⟩"],
        ["‖x‖²", "||x||^2", r"\lVert x \rVert^2", "norm(x)^2", "x·x", "Σ_i x_i²", "sum_i x_i^2", "‖x‖₂²"],
        ["½ s", r"\frac{1}{2} s", "1/2 s", "0.5 s", r"\tfrac12 s", "s/2", "(1/2) s", r"\dfrac{s}{2}"],
        ["Σ_{ij} W_{ij} X_{ji}", r"\sum_{i,j} W_{ij} X_{ji}", "Σ_i Σ_j W_ij X_ji", "tr(W X)", "trace(WX)"],
        ["A⁻¹ x", "A^{-1} x", "inv(A) x", "A^-1 x"],
        ["exp(s)", "e^s", "e^{s}", r"\exp(s)", r"\mathrm{e}^{s}", "exp s"],
        ["1ᵀ x", "𝟏ᵀ x", r"\mathbf{1}^\top x", "ones' x", "sum(x)", "Σ_i x_i", r"\mathbb{1}^T x"],
        ["A + s I", "A + s I_n", r"A + s \mathbf{I}", "s I + A", "A + s*I"],
        ["x yᵀ", "x y'", "outer(x, y)", "x ⊗ yᵀ", r"x y^{\mathsf{T}}"],
    ],
)
def test_spellings_of_the_same_thing(spellings):
    found = derive("r = " + "\n = ".join(spellings), **SHAPES)
    assert found, found
