"""Derivations of the answer keys, as hidden tests mark them: waypoints, whatever the way."""

import pytest

from autograder.exam import examine_derivation
from autograder.exam.examine import Outcome
from autograder.problem_sets.key import drawn_from, key_names, load_key

TASKS = {(key, name): task for key in key_names() for name, task in load_key(key).derivations.items()}
RIGHT = [(*where, style) for where, task in TASKS.items() for style in task.right]
WRONG = [(*where, slip) for where, task in TASKS.items() for slip in task.wrong]


def marks(key, name, text, seed=7):
    with drawn_from(seed):
        return examine_derivation(key, name, text, 4.0)


@pytest.mark.parametrize("key, name, style", RIGHT)
def test_a_right_derivation_reaches_every_waypoint(key, name, style):
    task = TASKS[key, name]
    found = task.checked(task.right[style], 7)
    assert found, f"\n{found}"
    got = marks(key, name, task.right[style])
    assert got.points == 4.0 and all(verdict.passed for verdict in got.verdicts), got.verdicts


@pytest.mark.parametrize("key, name, slip", WRONG)
def test_a_wrong_derivation_loses_points_and_the_line_is_named(key, name, slip):
    got = marks(key, name, TASKS[key, name].wrong[slip])
    assert got.points < 4.0 and "does not follow" in got.sentence, got.sentence


LEAPS = {
    "squared_norm": "∇f(x) = 2 x",
    "linear_form": "∇f(x) = c",
    "frobenius_loss": "∇f(W) = 2 (W X − Y) Xᵀ",
    "ridge_descent": "∇f(x) = 2 Aᵀ(A x − b) + 2 λ x",
    "softmax_cross_entropy": "∇f(z) = softmax(z) Σ_k y_k − y",
    "linear_regression": "∇f(w) = (2/n) Xᵀ(X w − y)",
}


@pytest.mark.parametrize("key", LEAPS)
def test_a_leap_to_the_gradient_reaches_only_that(key):
    ((name, task),) = load_key(key).derivations.items()
    got = marks(key, name, f"{task.loss}\n{LEAPS[key]}")
    passed = [verdict.check for verdict in got.verdicts if verdict.passed]
    assert len(passed) == 1 and passed[0].startswith("gradient by") and 0 < got.points < 4.0


IDLE = {  # true lines that say nothing of the task's function, below the lines that define it
    "squared_norm": [
        "0 df = 0", "df − df = 0", "df = O(dx)", "df ≈ O(1)", "f(x+h) = f(x) + O(h)", "0 f(x+h) = 0",
        "f(x+h) = (x+h)ᵀ(x+h)", "df = (x + dx)ᵀ(x + dx) − xᵀx", "∂f/∂x_i − ∂f/∂x_i = 0", "df/df = 1",
        "f(x) = ‖x‖² + 0 ‖h‖² + o(h)", "df = df + 0 xᵀdx", "∂f/∂x_i = ∂f/∂x_i + 0", "2 ∇f(x) = 4 x",
        "(∇f(x))_1 = 2 x_1", "∇f(x) = 2 x + O(h)",
    ],
    "frobenius_loss": ["df − df = 0 tr(Yᵀ W X)", "0 df = tr(0 dW)"],
    "ridge_descent": [
        "∇f(x) = 0\n⇔ 0 = 0", "∇f(x) = 0\n⇒ 0 = 0", "∇f(x) = 0\n⇒ x = x", "b = 0\n⇒ 2 b = 0",
        "A x = b\n⇔ b = A x", "g = ∇f(x)\n∇f(x) = 0\n⇔ g = 0",
    ],
    "chain_rule": [
        "∂L/∂W1 = 1 ⊙ ∂L/∂W1", "dH = dH + 0", "dW1 = dW1 + 0", "∂L/∂A = 1 ⊙ ∂L/∂A\n∂L/∂W1 = ∂L/∂A Xᵀ",
        "∂L/∂A = ∇_A L\n∂L/∂W1 = ∂L/∂A Xᵀ", "dH = tanh(A + dA) − tanh(A)\ndA = dW1 X",
    ],
    "softmax_cross_entropy": [
        "Σ_k y_k = 1", "f = f Σ_k y_k", "∂f/∂z_i = ∂f/∂z_i Σ_k y_k", "0 df = Σ_k y_k − 1",
    ],
    "jacobians": ["Σ_j ∂p_i/∂z_j = 0", "0 ∂p_i/∂z_j = 0"],
}  # fmt: skip
NETWORK = "A = W1 X\nH = tanh(A)\nP = W2 H\nL = ½ ‖P − Y‖²"


def given(key):
    ((name, task),) = load_key(key).derivations.items()
    return name, NETWORK if key == "chain_rule" else task.loss


@pytest.mark.parametrize("key, line", [(key, line) for key in IDLE for line in IDLE[key]])
def test_a_line_that_says_nothing_reaches_nothing(key, line):
    name, loss = given(key)
    assert marks(key, name, f"{loss}\n{line}").points == 0


def test_nothing_is_reached_by_trying():
    def points(*lines):
        return marks("squared_norm", "derivation", "\n".join(("f(x) = xᵀx", *lines))).points

    assert points("∇f(x) = 2 x") == points("df = 2 xᵀdx") == 2.0
    for form in ("∇f(x) = {} x", "df = {} xᵀ dx", "∂f/∂x_i = {} x_i", "f(x + h) − f(x) = {} xᵀh + o(h)"):
        assert points(*(form.format(k) for k in (1, 3, 2, 5))) == 0, form
    assert points("∇f(x) = 2 xᵀ", "∇f(x) = 2 x") == points("g(x) = xᵀx", "∇g = x", "∇f(x) = 2 x") == 0
    assert points("df = xᵀ dx", "∇f(x) = 2 x") == 2.0  # another derivative
    ridge = "f(x) = ‖A x − b‖² + λ ‖x‖²\n∇f(x) = 2 Aᵀ(A x − b) + 2 λ x\n∇f(x) = 0\n"
    right, wrong = "⇔ AᵀA x + λ x = Aᵀb\n", "⇒ A x = b\n"
    assert marks("ridge_descent", "gradient", ridge + wrong + right).points == 2.0
    assert marks("ridge_descent", "gradient", ridge + right + wrong).points == 3.0


RESTING = (  # on lines that stand anywhere, in any notation
    "dW1 = dA Xᵀ\ndA = (1 − H²) ⊙ dH\ndH = W2ᵀ dP\ndP = P − Y",
    "dL = tr((P − Y)ᵀ dP)\n∂L/∂H = W2ᵀ ∂L/∂P\n∂L/∂A = (1 − H²) ⊙ ∂L/∂H\n∂L/∂W1 = ∂L/∂A Xᵀ",
    "∂L/∂P = P − Y\nG = ∂L/∂P\n∂L/∂A = (1 − H²) ⊙ (W2ᵀ G)\n∇_{W1} L = ∂L/∂A Xᵀ",
)


@pytest.mark.parametrize("lines", RESTING)
def test_what_comes_back_rests_on_what_was_worked_out(lines):
    assert marks("chain_rule", "network", f"{NETWORK}\n{lines}").points == 4.0
    first = next(line for line in lines.split("\n") if "P − Y" in line)
    without = lines.replace(first, "")
    assert marks("chain_rule", "network", f"{NETWORK}\n{without}").points == 0


EQUATIONS = (
    "XᵀX w = Xᵀ y",
    "Setting (2/n) Xᵀ(X w − y) = 0\n⇔ XᵀX w = Xᵀ y",
    "∇f(w) = (2/n) Xᵀ(X w − y) = 0 ⇔ XᵀX w = Xᵀ y",
    "∇f(w⋆) = 0 ⇒ w⋆ = (XᵀX)⁻¹ Xᵀ y",
)


@pytest.mark.parametrize("lines", EQUATIONS)
def test_an_equation_may_come_from_the_gradient_in_many_ways(lines):
    text = f"f(w) = (1/n) ‖X w − y‖²\n∇f(w) = (2/n) Xᵀ(X w − y)\n{lines}"
    assert marks("linear_regression", "gradient", text).points == 3.0


def test_a_condition_counts_where_it_is_used_within_a_line():
    text = "p = softmax(z)\nf = −Σ_k y_k log p_k\n∂f/∂z_i = p_i Σ_k y_k − y_i = p_i − y_i\n∇f = p − y"
    assert marks("softmax_cross_entropy", "derivation", text).points == 4.0


def test_another_function_is_not_the_tasks():
    got = marks("squared_norm", "derivation", "f(x) = 0 xᵀx\n∂f/∂x_i = 0 x_i\n∇f(x) = 0 x")
    assert got.points == 0 and all(verdict.outcome is Outcome.WRONG for verdict in got.verdicts)
    assert marks("squared_norm", "derivation", "f(x) = xᵀx\n∇f = ∇f\n∂f/∂x_i = ∂f/∂x_i").points == 0


def test_no_condition_can_be_posed_that_the_task_does_not_pose():
    text = "y = softmax(z)\n" + TASKS["softmax_cross_entropy", "derivation"].wrong["the sign"]
    assert marks("softmax_cross_entropy", "derivation", text).points < 4.0
    text = "x = c\nf(x) = cᵀx\ndf = xᵀ dx\n∇f(x) = x"
    assert marks("linear_form", "derivation", text).points == 0


@pytest.mark.parametrize(
    "text", [None, 3, "", "(" * 100_000, b"f", "f = \0", "f(x) = xᵀx\n∇f = Σ_{i=1}^{999999999} x"]
)
def test_whatever_a_student_hands_in_gives_marks(text):
    got = marks("squared_norm", "derivation", text)
    assert got.points == 0 and got.sentence.isprintable() and len(got.sentence) < 2000


def test_unknown_tasks_are_the_test_cells_mistake():
    with pytest.raises(LookupError, match="only derivation"):
        marks("squared_norm", "nothing", "")


def test_styles_are_many():
    assert len(RIGHT) >= 40 and len({key for key, _, _ in RIGHT}) == 8
