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
