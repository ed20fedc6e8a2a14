"""Derivations that are right, wrong, unreadable and hostile, and what is said of each line."""

import random
import shutil
import subprocess
import sys
import tomllib
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

from autograder import derivation
from autograder.derivation import derive
from autograder.problem_sets.key import key_names, load_key

DATA = Path(__file__).parent / "derivations"
RIGHT = {one["name"]: one for one in tomllib.loads((DATA / "right.toml").read_text())["derivation"]} | {
    f"{key}: {style}": {"text": text, "shapes": task.shapes, "where": task.where}
    for key in key_names()
    for task in load_key(key).derivations.values()
    for style, text in task.right.items()
}
SLIPS = tomllib.loads((DATA / "wrong.toml").read_text())["slip"]
VERDICTS = {"follows", "does not follow", "cannot read", "cannot decide", "given"}
LOSS = {"W": ("m", "n"), "X": ("n", "p"), "Y": ("m", "p")}
RIDGE = {"A": ("m", "n"), "x": ("n",), "b": ("m",), "lam": ()}
CHAIN = """
f(W)  = ‖W X − Y‖²
      = tr((W X − Y)ᵀ (W X − Y))          # a squared norm is a trace
df    = 2 tr((W X − Y)ᵀ dW X)             # product rule; Y is constant
      = tr((2 (W X − Y) Xᵀ)ᵀ dW)          # tr(ABC) = tr(CAB)
∇f(W) = 2 (W X − Y) Xᵀ
"""


def of(one, text=None):
    shapes = {name: tuple(shape) for name, shape in one["shapes"].items()}
    return derive(text or one["text"], where=one.get("where"), **shapes)


def verdicts(text, where=None, **shapes):
    return [line.verdict for line in derive(text, where=where, **shapes).lines]


def only(text, where=None, **shapes):
    """The last line."""
    return derive(text, where=where, **shapes).lines[-1]


# ---------------------------------------------------------------- the contract


def test_a_derivation_has_a_line_for_each_line():
    found = derive(CHAIN, **LOSS)
    assert found and bool(found) is True
    assert [line.verdict for line in found.lines] == ["given", *["follows"] * 4]
    assert found.lines[0].text == "f(W)  = ‖W X − Y‖²" and all(
        isinstance(x.message, str) for x in found.lines
    )
    with pytest.raises(FrozenInstanceError):
        found.lines = ()
    with pytest.raises(FrozenInstanceError):
        found.lines[0].verdict = "follows"


def test_one_wrong_line_makes_it_false():
    found = derive(CHAIN.replace("2 (W X − Y) Xᵀ\n", "(W X − Y) Xᵀ\n"), **LOSS)
    assert not found and [bool(line) for line in found.lines] == [True, True, True, True, False]
    assert not derive("", x="n") and derive("# nothing yet", x="n").lines == ()


def test_it_travels_alone(tmp_path):
    """Beside a notebook there is nothing of this package."""
    shutil.copy(derivation.__file__, tmp_path / "derivation.py")
    code = (
        "import sys; sys.path.insert(0, '.'); from derivation import derive; "
        "d = derive('f(x) = x.T x\\n∇f(x) = 2 x', x='n'); "
        "assert d, d; assert not {m for m in sys.modules if m.startswith('autograder')}"
    )
    subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, check=True)


def test_it_needs_numpy_and_the_standard_library_alone():
    text = Path(derivation.__file__).read_text()
    imported = {
        line.split()[1].split(".")[0] for line in text.splitlines() if line.startswith(("import ", "from "))
    }
    assert imported - set(sys.stdlib_module_names) - {"__future__"} == {"numpy"}
    assert "eval(" not in text.replace("_retrieval(", "") and "exec(" not in text


@pytest.mark.parametrize("shape", [(1.5,), ("m", "n", "p"), (0,), ("",), None, (99,), ({},), (True,)])
def test_a_shape_that_is_none_is_the_callers_mistake(shape):
    with pytest.raises(ValueError, match="shape of x"):
        derive("f(x) = x", x=shape)


def test_a_condition_that_is_none_is_the_callers_mistake():
    with pytest.raises(ValueError, match="no condition on y"):
        derive("f = y", y=(), where={"y": "nice"})
    with pytest.raises(ValueError, match="has no shape"):
        derive("f = y", y=(), where={"z": "positive"})


def test_it_shows_itself_and_hides_nothing():
    found = derive("f(x) = <b>x</b>\u202e\nf(x) = x'x\n∇f(x) = 3x <script>", x="n")
    page = found._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page and "\u202e" not in page + repr(found)
    for mark in "✓✗?":
        text = {"✓": CHAIN, "✗": CHAIN.replace("tr((2", "tr((3"), "?": CHAIN + "so there\n"}[mark]
        found = derive(text, **LOSS)
        assert f">{mark}<" in found._repr_html_() and f"\n{mark} " in repr(found)


# ---------------------------------------------------------------- right and wrong


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_derivation_is_read_and_follows(name):
    found = of(RIGHT[name])
    assert found, f"\n{found}"


def test_right_derivations_in_enough_ways():
    assert len(RIGHT) >= 40


def test_a_slip_is_named_where_it_is():
    here, elsewhere, earlier = 0, [], []
    for slip in SLIPS:
        one = RIGHT[slip["of"]]
        lines = one["text"].strip("\n").split("\n")
        lines[slip["line"]] = slip["text"]
        found = of(one, "\n".join(lines))
        first = next((k for k, line in enumerate(found.lines) if not line), None)
        if first is not None and first < slip["line"]:
            earlier.append(slip)
        elif first == slip["line"] and found.lines[first].verdict == "does not follow":
            here += 1
        else:
            elsewhere.append(slip)
    assert earlier == [] and len(SLIPS) >= 150
    assert here >= 0.95 * len(SLIPS), elsewhere


def mutant(old, new, text=CHAIN, **shapes):
    assert old in text
    found = derive(text.replace(old, new), **(shapes or LOSS))
    return next(line for line in found.lines if not line)


def test_the_kind_of_slip_is_said():
    assert mutant("df    = 2 tr", "df    = tr").slip == "factor"
    assert (
        "½" in mutant("df    = 2 tr", "df    = tr").message
        or "1/2" in mutant("df    = 2 tr", "df    = tr").message
    )
    assert mutant("df    = 2", "df    = −2").slip == "sign"
    wrong = mutant("= 2 (W X − Y) Xᵀ", "= 2 (W X − Y) X")
    assert wrong.slip == "shapes" and "m×p" in wrong.message and "n×p" in wrong.message
    assert mutant("(W X − Y) Xᵀ\n", "(X W − Y) Xᵀ\n").slip == "shapes"
    square = "f(x) = xᵀ A x\n∇f(x) = A x + Aᵀ x\n"
    assert mutant("A x + Aᵀ x", "A x + A x", square, x="n", A=("n", "n")).slip == "transpose"
    assert mutant("A x + Aᵀ x", "A x", square, x="n", A=("n", "n")).verdict == "does not follow"
    chain = "f(x) = xᵀx + cᵀx\n = cᵀx + xᵀx\n"
    lost = mutant(" = cᵀx + xᵀx", " = xᵀx", chain, x="n", c="n")
    assert lost.slip == "lost term" and "cᵀ x" in lost.message
    mean = "f(w) = (1/n) ‖X w − y‖²\n∇f(w) = (2/n) Xᵀ (X w − y)\n"
    missing = mutant("(2/n) X", "2 X", mean, X=("n", "d"), w="d", y="n")
    assert missing.slip == "factor" and "n" in missing.message


def test_what_follows_from_a_wrong_line_is_not_accused_again():
    text = "f(x) = xᵀx\ndf = xᵀdx\n = dxᵀ x\n∇f(x) = 2 x"
    assert verdicts(text, x="n") == ["given", "does not follow", "follows", "follows"]
    text = "f(x) = xᵀx\ndf = xᵀdx\n = 2 xᵀ dx\n∇f(x) = 2 x"  # right again
    assert verdicts(text, x="n") == ["given", "does not follow", "follows", "follows"]


def test_nothing_is_commuted_and_no_transpose_dropped():
    assert only("f = A B\n = B A", A=("n", "n"), B=("n", "n")).verdict == "does not follow"
    assert only("f = A B\n = Aᵀ B", A=("n", "n"), B=("n", "n")).verdict == "does not follow"
    assert only("f = tr(A B)\n = tr(B A)", A=("n", "n"), B=("n", "n")).verdict == "follows"
    assert only("f = (A B)ᵀ\n = Bᵀ Aᵀ", A=("m", "n"), B=("n", "p")).verdict == "follows"


def test_a_star_is_entry_by_entry_where_no_product_of_matrices_fits():
    shapes = {"H": ("h", "p"), "G": ("h", "p")}
    found = only("F = H ⊙ G\n = G * H", **shapes)
    assert found.verdict == "follows" and "entry by entry" in found.message
    assert only("F = H ⊙ G\n = G @ H", **shapes).verdict == "does not follow"
    square = {"H": ("p", "p"), "G": ("p", "p")}
    assert only("F = H ⊙ G\n = H * G", **square).verdict == "does not follow"
    assert only("F = G * H * F\n = 0", **shapes).verdict != "follows"
    some = {"H": ("h", 4), "G": ("h", 4)}  # whatever h is drawn, it is not 4
    assert all(derivation.check("F = H ⊙ G\n = H * G", some, {}, seed) for seed in range(8))
    assert only("v = x ⊙ y\nv = x * y", x="n", y="n").verdict == "follows"
    assert only("f = xᵀy\nf = x * y", x="n", y="n").verdict == "cannot read"


def test_a_vec_by_rows_is_remarked():
    text = "Y = A X B\ndY = A dX B\nvec(dY) = ({}) vec(dX)"
    shapes = {"A": ("m", "n"), "X": ("n", "p"), "B": ("p", "q")}
    assert only(text.format("Bᵀ ⊗ A"), **shapes).message == ""
    found = only(text.format("A ⊗ Bᵀ"), **shapes)
    assert found.verdict == "follows" and "by rows" in found.message


def test_a_sum_in_words_is_over_what_the_left_side_has_not():
    assert derive("y_i = sum of A_ij x_j\ny = A x\nf = sum over i of x_i^2", x="n", A=("n", "n"))
    assert only("f = xᵀx\nf = sum of A_ij x_j", x="n", A=("n", "n")).verdict == "cannot read"


def test_a_row_is_no_gradient_until_the_layout_is_said():
    text = "f(x) = xᵀx\n∂f/∂x = 2 xᵀ"
    found = only(text, x="n")
    assert found.verdict == "cannot read" and "layout: numerator" in found.message
    assert derive("layout: numerator\n" + text, x="n")
    assert only("f(x) = xᵀx\n∇f(x) = 2 xᵀ", x="n").verdict == "does not follow"
    assert only("y = W x\n∂y/∂x = Wᵀ", x="n", W=("m", "n")).verdict == "cannot read"
    assert derive("layout: denominator\ny = W x\n∂y/∂x = Wᵀ", x="n", W=("m", "n"))


# ---------------------------------------------------------------- what a line may claim


def test_an_increment_is_equal_to_first_order():
    assert derive("f(x) = xᵀx\nf(x + h) − f(x) = 2 xᵀh + o(h)", x="n")
    assert derive("f(x) = xᵀx\nf(x + h) − f(x) ≈ 2 xᵀh", x="n")
    assert not derive("f(x) = xᵀx\nf(x + h) − f(x) = xᵀh + o(h)", x="n")
    exact = only("f(x) = xᵀx\nf(x + h) − f(x) = 2 xᵀh", x="n")
    assert exact.verdict == "does not follow" and "+ o(h)" in exact.message
    cubic = "f(x) = x³\nf(x + h) = x³ + 3 x² h + {} x h² + O(h³)"
    assert derive(cubic.format(3), x=()) and not derive(cubic.format(2), x=())


def test_a_condition_is_no_claim_and_an_implication_is_checked_on_solutions():
    text = "f(x) = ‖A x − b‖² + λ‖x‖²\n∇f(x) = 0\n⇔ (AᵀA + λ I) x = {}\n⇒ x = (AᵀA + λ I)⁻¹ Aᵀ b"
    assert verdicts(text.format("Aᵀ b"), **RIDGE) == ["given", "given", "follows", "follows"]
    assert verdicts(text.format("2 Aᵀ b"), **RIDGE)[:3] == ["given", "given", "does not follow"]
    assert verdicts("A x = b\n⇒ Bᵀ A x = Bᵀ b", A=("n", "n"), B=("n", "k"), x="n", b="n") == [
        "given",
        "follows",
    ]
    one_way = "A x = b\n⇔ Bᵀ A x = Bᵀ b"  # B has fewer columns, or more
    assert verdicts(one_way, A=(4, 4), B=(4, 2), x=4, b=4) == ["given", "does not follow"]


def test_an_equation_below_a_gradient_may_hold_where_it_is_zero():
    text = "f(w) = ‖X w − y‖²\n∂f/∂w_j = 2 Σ_i X_ij (Σ_k X_ik w_k − y_i)\n{}"
    shapes = {"w": "d", "X": ("n", "d"), "y": "n"}
    found = only(text.format("XᵀX w = Xᵀ y"), **shapes)
    assert found.verdict == "follows" and "where ∂f/∂w_j = 0" in found.message
    for wrong in ("X w = y", "XᵀX w = −Xᵀ y", "w = 2 (XᵀX)⁻¹ Xᵀ y", "f = yᵀy − yᵀX w"):
        assert only(text.format(wrong), **shapes).verdict == "does not follow"


def test_zero_is_no_point_to_try_an_equation_on_where_there_are_others():
    text = "f(x) = xᵀAx + λ(1 − xᵀx)\n∇_x f = 2 A x − 2 λ x\n∇_x f = 0\n⇒ A x = {} x"
    shapes = {"x": "n", "A": ("n", "n"), "lam": (), "where": {"A": "symmetric"}}
    assert derive(text.format("λ"), **shapes) and not derive(text.format("−λ"), **shapes)
    assert only("f = ‖x‖²\n∇_x f = 2 x\n∇_x f = 0\n⇒ x = 0", x="n").verdict == "follows"
    assert only("f = ‖x‖²\n∇_x f = 2 x\n∇_x f = 0\n⇒ x = c", x="n", c="n").verdict == "does not follow"


def test_a_letter_with_a_shape_may_be_defined_after_it_was_free():
    text = "p = softmax(z)\nL = −yᵀ log(p)\n∂L/∂z = p − y\n{}"
    shapes = {"z": "m", "y": "m", "W": ("m", "d"), "x": "d", "where": {"y": "sums to 1"}}
    assert verdicts(text.format("z = W x\n∂L/∂x = Wᵀ (p − y)"), **shapes)[3:] == ["given", "follows"]
    for claim in ("z = p", "z = y", "z = W x + z"):  # nothing new comes in, or it goes round in a circle
        assert only(text.format(claim), **shapes).verdict == "does not follow"
    square = "f(w) = ‖X w − y‖²\n∇f(w) = 2 Xᵀ (X w − y)\nw = (XᵀX)⁻¹ Xᵀ b"
    assert only(square, w="d", X=("n", "d"), y="n", b="n").verdict == "does not follow"
    assert only("f(x) = xᵀx\nn = 2", x="n").verdict == "does not follow"
    fixed = "f(x) = x²\n∇f(x) = {}\nx = 1"  # x = 1 comes too late to make 2 of 2 x
    found = [verdicts(fixed.format(claim))[1] for claim in ("2", "2 x")]
    assert found == ["does not follow", "follows"]


def test_a_task_keeps_the_meaning_of_its_letters():
    shapes = {"x": "n", "A": ("n", "n"), "B": ("n", "k")}
    text = "f = xᵀ A x\nA = B Bᵀ\n∇_x f = 2 A x"
    assert derive(text, **shapes)
    assert not derivation.check(text, shapes, {}, given="f(x) = xᵀ A x")


def test_a_letter_of_a_size_is_an_index_below_a_derivative():
    text = "p = softmax(z)\n∂p_i/∂z_k = p_i (δ_ik {} p_k)"
    assert derive(text.format("−"), z="k") and not derive(text.format("+"), z="k")
    found = only("f = z_1\n = Σ_i z_i δ_ki", z="k")
    assert found.verdict == "cannot read" and "Take another letter" in found.message


def test_a_condition_on_a_letter_is_used_and_said():
    text = "p = softmax(z)\nL = −Σ_k y_k log p_k\n∂L/∂z_j = p_j Σ_k y_k − y_j\n = p_j − y_j"
    found = derive(text, z="n", y="n", where={"y": "sums to 1"})
    assert found and found.lines[-1].claims[0].uses == ("y",)
    assert verdicts(text, z="n", y="n")[-1] == "does not follow"
    assert found.lines[-2].claims[0].uses == ()
    assert derive("Σ_k y_k = 1\n" + text, z="n", y="n")


def test_a_condition_holds_from_the_line_on_that_poses_it():
    text = "f(x) = xᵀ A x\n∇f = A x + A x\nIf A = Aᵀ, ∇f = 2 A x"
    assert verdicts(text, x="n", A=("n", "n")) == ["given", "does not follow", "given"]
    text = "p = softmax(z)\nL = −Σ_k y_k log p_k\n∂L/∂z_j = p_j − y_j, since Σ_k y_k = 1"
    assert derive(text, z="n", y="n")


def test_an_expansion_is_compared_to_the_power_that_it_drops():
    text = "f(x) = exp(x)\nf(x + h) = f(x) + h f'(x) + h²/2 f''(x) {} h³/6 f'''(x) + O(h⁴)"
    assert derive(text.format("+"), x=(), h=()) and not derive(text.format("−"), x=(), h=())
    text = "(f(x + h) − f(x − h))/(2h) = f'(x) + h²/{} f'''(x) + O(h⁴)"  # of any function
    assert derive(text.format(6), x=(), h=()) and not derive(text.format(3), x=(), h=())


def test_where_nothing_can_be_decided_nothing_is_said():
    assert only("f = log(−x²)\n = 2 log x", x=()).verdict == "cannot decide"
    assert only("f = A⁻¹ A\n = I", A=("n", "n"), where={"A": "invertible"}).verdict == "follows"
    assert only("B = x xᵀ\nf = tr(B⁻¹)\n = 1", x="n").verdict == "cannot decide"
    assert only("f = exp(exp(exp(x²+9)))\n = 1", x=()).verdict == "cannot decide"
    assert only("f(x) = log(x)\n∇f(x) = 1/x", x=()).verdict == "follows"  # on positive numbers


def test_lines_know_what_they_claim():
    kinds = [tuple(one.kind for one in line.claims) for line in derive(CHAIN, **LOSS).lines]
    assert kinds == [("value",)] * 2 + [("differential",)] * 2 + [("gradient",)]
    text = "f(x) = xᵀx\nf(x+h) − f(x) = 2xᵀh + o(h)\n∂f/∂x_i = 2 x_i\n∇f(x) = 0"
    kinds = [tuple(one.kind for one in line.claims) for line in derive(text, x="n").lines]
    assert kinds == [("value",), ("increment",), ("partial",), ("condition",)]


def test_shapes_of_products_can_be_asked_for():
    line = derive(CHAIN, **LOSS).lines[-1]
    assert "2 (W X − Y) · Xᵀ: (m×p)(p×n) = m×n" in line.shapes


# ---------------------------------------------------------------- messages that lead on

ADVICE = {
    "f(x) = xᵀ z": "such as z = …",
    "f(x) = ‖x": "close this ‖",
    "f(x) = (x": "close the bracket",
    "f(x) = x)": "never opened",
    "f(x) = the sum of squares": "behind a #",
    "f(x) = x_i A_ij x_j": "Σ_i",
    "f(x) = xᵀx +": "end of this line",
    "f(x) = 1/2n": "1/(2 n)",
    "f(x) = softmx(x)": "did you mean `softmax`",
    "f(x) = x * x": "xᵀ x or x ⊙ x",
    "f(x) = λ + A": "λ I",
    "f(x) = Σ_{i=0}^n x_i": "count from 1",
    "f(x) = \\integral x": "\\integral",
}


@pytest.mark.parametrize("text", ADVICE)
def test_what_cannot_be_read_says_what_to_write(text):
    found = only("g(x) = xᵀx\n" + text, x="n", A=("n", "n"), lam=())
    assert not found and ADVICE[text] in found.message, found.message


def test_a_letter_is_named_as_it_is_written():
    (first, second) = derive("f(x) = xᵀx\ny = W", x="n", W=("m", "n"), y="n").lines
    assert first.message == "`f` is a number." and second.message.startswith("`y` is a vector of length n")


def test_a_line_that_depends_on_a_broken_one_is_not_accused():
    found = verdicts("f(W) = ‖X W − Y‖²\n∇f(W) = 2 (W X − Y) Xᵀ", **LOSS)
    assert found == ["does not follow", "cannot read"]
    found = verdicts("f(x) = xᵀx\n∂f/∂x_i = what\n = 2 x_i", x="n")
    assert found == ["given", "cannot read", "follows"]
    found = verdicts("f(x) = xᵀx\n∂f/∂x_i = (\n = 2 x_i\n∇f(x) = 2 x", x="n")
    assert found == ["given", "cannot read", "cannot read", "follows"]


# ---------------------------------------------------------------- hostile texts

BIG = 10**6
HOSTILE = {
    "brackets": "(" * BIG,
    "deep": "f = " + "(" * 900 + "x" + ")" * 900,
    "powers": "f = " + "^".join(["x"] * 300),
    "towers": "f = 9^9^9^9^9^9",
    "power": "f = x^1000000000",
    "sum": "f = Σ_{i=1}^{1000000000} x_i",
    "sums": "f = " + "Σ_{ijklmn} " * 6 + "1",
    "indices": "f = " + " ".join(f"x_{c}" for c in "abcdefghijklmopqrstuvw") + "\n= 1",
    "builtins": "f = __import__('os').system('id')\n= open('x')\n= eval(x)\n= x.__class__",
    "nul": "f = x\0 + 1",
    "bidi": "f = x \u202e + 1\u202c",
    "combining": "f = x" + "\u0301" * 500,
    "minus": "f = " + "-" * 1400 + "x",
    "primes": "f = A" + "'" * 1400,
    "products": "f = " + "x " * 700,
    "terms": "f = " + "+".join(["x_1"] * 300),
    "number": "f = 1" + "0" * 400,
    "kron": "f = " + " ⊗ ".join(["A"] * 12),
    "recursion": "f(x) = g(x)\ng(x) = f(x)\n∇f = x",
    "self": "f(x) = f(f(x))\n = 1",
    "doubling": "\n".join(f"a{k + 1}(t) = a{k}(a{k}(t))" for k in range(1, 30)) + "\na30(x) = x",
    "lines": "x = x\n" * 3000,
    "long line": "f = " + "x + " * 1000 + "x",
    "surrogate": "f = x \ud800",
    "bars": "f = " + "|" * 1400,
    "norms": "f = " + "‖" * 1400,
    "fractions": "f = " + r"\frac{1}{" * 200 + "x" + "}" * 200,
    "derivatives": "f(x) = xᵀx\n" + "= " + "∇" * 500 + "f",
    "hessians": "f(x) = (xᵀx)^3\n∂²f/∂x_i∂x_j = " + "∂/∂x_k " * 30 + "f",
    "slopes": "f = " + "σ'(" * 38 + "x" + ")" * 38 + "\n= 0",
    "latex": "\\" * 1400,
    "subscripts": "f = x" + "_i" * 700,
    "newton": "∇(xᵀx) = 0 ⇔ exp(xᵀx) = 0 ⇔ 1 = 0",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_ends_in_a_sentence(name):
    found = derive(HOSTILE[name], x="n", A=("n", "n"))
    assert bool(found) == (name in ("minus", "terms"))
    for line in found.lines:
        assert line.verdict in VERDICTS and len(line.message) < 400 and line.message.isprintable()
    repr(found), found._repr_html_()


def test_what_speaks_of_nothing_cannot_be_decided():
    assert only("f(x) = xᵀx\n∂f/∂x_i = 7 if i ≠ i", x="n").verdict == "cannot decide"
    found = derive("f(x) = ‖A x − b‖²\n∇f(x) = 0\n⇔ 0 = 0", A=("m", "n"), x="n", b="m")
    assert [line.verdict for line in found.lines] == ["given", "given", "cannot decide"]


@pytest.mark.parametrize("failure", [ValueError, IndexError, ZeroDivisionError, np.linalg.LinAlgError])
def test_a_failure_in_a_formula_is_a_verdict(monkeypatch, failure):
    def fails(*_):
        raise failure("no sentence for a student")

    monkeypatch.setattr(derivation, "_trace", fails)
    assert verdicts("f = xᵀx\nf = tr(x xᵀ)\nf = ‖x‖²", x="n") == ["given", "cannot decide", "follows"]
    monkeypatch.setattr(derivation.Checker, "claim", fails)
    assert verdicts("f = xᵀx\nf = ‖x‖²", x="n") == ["given", "follows"]


def test_a_run_of_blanks_is_one_blank(monkeypatch):
    seen = []
    monkeypatch.setattr(
        derivation, "_prepared", lambda formula: seen.append(formula) or ([], False, (), False)
    )
    derive("x =" + " " * 1480 + "x\n" + "x\t\xa0= x", x="n")
    assert seen == ["x = x", "x = x"]


def test_solving_is_charged_by_its_cost_and_what_is_kept_is_bounded(monkeypatch):
    budgets, first = [], derivation.Budget.__init__
    monkeypatch.setattr(derivation.Budget, "__init__", lambda self: budgets.append(self) or first(self))
    inverses = []
    inverse = derivation.inverse
    monkeypatch.setattr(derivation, "inverse", lambda x: inverses.append(1) or inverse(x))
    found = derive("inv(A) inv(A) inv(A) = A\n" * 110, A=("n", "n"))
    assert "too much computing" in found.lines[-1].message and len(inverses) < 8_000
    derive("B0 = A ⊗ A\n" + "".join(f"B{k} = B{k - 1} + B0\n" for k in range(1, 100)), A=("n", "n"))
    assert 0 <= budgets[-1].kept < derivation.MAX_KEPT


@pytest.mark.parametrize("text", [None, 3, b"f = x", ["f = x"], object()])
def test_what_is_no_text_is_said(text):
    found = derive(text, x="n")
    assert not found and [line.verdict for line in found.lines] == ["cannot read"]


def test_noise_never_raises():
    rng = random.Random(3)
    pieces = [
        *"xyAWfdijn0123=+-*/^_()[]{}|,.:;'&",
        "‖",
        "Σ_i",
        "∇",
        "∂",
        "⇔",
        "tr",
        "\\frac",
        "\n",
        " ",
        "d",
        "𝟏",
        "==",
    ]
    for _ in range(150):
        text = "".join(rng.choice(pieces) for _ in range(rng.randrange(1, 40)))
        for line in derive(text, x="n", y="n", A=("n", "n"), W=("m", "n")).lines:
            assert line.verdict in VERDICTS, text


# ---------------------------------------------------------------- the page about it


def test_the_page_says_what_is_so():
    page = (Path(__file__).parents[1] / "docs" / "derivations.md").read_text()
    example = page.split('"""')[1]
    assert derive(example, x="n", a="n")
    for condition in derivation.CONDITIONS:
        assert f"`{condition}`" in page
    for limit in (derivation.MAX_TEXT, derivation.MAX_LINE):
        assert f"{limit:,} characters" in page
    assert f"{derivation.MAX_LINES} lines" in page and f"nest {derivation.MAX_DEPTH} deep" in page


def test_of_a_function_that_nobody_defines_nothing_is_wrong():
    found = derive("f(x+h) = (x+h)'(x+h)\n= x'x + 2x'h + h'h\nf'(x) = 2x", x="n")
    assert {line.verdict for line in found.lines} == {"cannot read"}
    assert all("say what it is on a line of its own" in line.message for line in found.lines)
    assert derive("h(x) = f(g(x))\nh'(x) = f'(g(x)) g'(x)", x=())
