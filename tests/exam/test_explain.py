"""Explanations name a mistake only when exactly one fits."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.exam.examine import examine, explain
from autograder.problem_sets.key import CatalogueEntry, key_names, load_key
from benchmarks.explanations import explained

KEY = load_key("squared_norm")
QUESTION = KEY.questions["squared_norm_gradient"]


def test_a_mistake_in_other_words_is_recognised():
    assert explained(KEY, QUESTION, lambda x: [float(v) for v in x]) == explain.Explanation(
        "mistake", "The derivative of xᵢ² is 2xᵢ. The factor 2 is missing."
    )


@pytest.mark.parametrize("answer", [lambda x: 2 * x, lambda x: x**4, lambda x: None, lambda x: 1 / 0])
def test_nothing_is_said_of_what_is_right_or_unknown(answer):
    assert explained(KEY, QUESTION, answer) is None


def test_two_hints_that_fit_are_none():
    twin = CatalogueEntry("twin", QUESTION.name, lambda x: 1.0 * x, "Another story for the same numbers.")
    unsure = replace(KEY, mistakes=(*KEY.mistakes, twin))
    answers = explain.answers_of(QUESTION, lambda x: np.array(x, dtype=float))
    assert explain.named(KEY, QUESTION, answers) and explain.named(unsure, QUESTION, answers) is None


def test_what_fits_only_some_instances_is_not_claimed():
    sometimes = lambda x: np.array(x, dtype=float) if len(x) < 6 else 2 * np.asarray(x)
    assert explained(KEY, QUESTION, sometimes) is None


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=pytest.mark.long if n == "build_the_checker" else ()) for n in key_names()],
)
def test_no_two_mistakes_of_a_function_look_alike(name):
    key = load_key(name)
    for entry in key.mistakes:
        question = key.questions[entry.function]
        answers = explain.answers_of(question, entry.answer)
        same = explain.alike(question, key.catalogue(key.mistakes, entry.function), answers)
        assert [found.name for found in same] == [entry.name]


# ---------------------------------------------------------------- mistakes made elsewhere

RIDGE = load_key("ridge_descent")
DESCENT = RIDGE.questions["ridge_descent"]


def descending(gradient, loss=RIDGE.references["ridge_loss"]):
    """A student's descent that calls these functions."""

    def ridge_descent(A, b, lam, learning_rate, n_steps):
        x, losses = np.zeros(A.shape[1]), []
        for _ in range(n_steps):
            losses.append(loss(x, A, b, lam))
            x = x - learning_rate * gradient(x, A, b, lam)
        return x, losses

    return ridge_descent, {"ridge_loss": loss, "ridge_gradient": gradient}


def carried(descent, own):
    found = explain.carried_over(DESCENT, explain.answers_of(DESCENT, descent), own)
    return found.text if found else None


def halved(x, A, b, lam):
    return A.T @ (A @ x - b) + lam * x


def averaged(x, A, b, lam):
    return np.mean((A @ x - b) ** 2) + lam * x @ x


def test_a_mistake_in_a_function_that_is_called_is_found_there():
    said = "ridge_descent does what your ridge_gradient says, and that is not right yet."
    assert carried(*descending(halved)) == f"{said} Repair ridge_gradient first."
    both = carried(*descending(halved, averaged))
    assert both.endswith("Repair ridge_loss and ridge_gradient first.")


def test_a_mistake_of_its_own_is_not_put_on_another_function():
    right = descending(RIDGE.references["ridge_gradient"])[1]
    assert carried(descending(halved)[0], right) is None
    uphill = descending(lambda *given: -halved(*given))[0]
    assert carried(uphill, descending(halved)[1]) is None


def test_what_is_not_written_or_called_too_often_is_not_blamed(monkeypatch):
    def unwritten(*given):
        raise NotImplementedError

    assert carried(*descending(unwritten)) is None
    assert carried(*descending(halved))
    for calls in (10, 600):  # in the middle of the story, and of telling who is wrong
        monkeypatch.setattr(explain, "MAX_CALLS", calls)
        assert carried(*descending(halved)) is None


class Stop(BaseException):
    """What an examiner ends a test with, when the student's time is up."""


def test_an_explanation_that_is_stopped_costs_no_point():
    descent, own = descending(halved)
    whole = examine("ridge_descent", DESCENT.name, descent, 8, lambda: own)

    def stopped(*given):
        raise Stop

    found = examine("ridge_descent", DESCENT.name, descent, 8, lambda: {**own, "ridge_gradient": stopped})
    assert whole.hint and found.hint is None
    assert (found.points, found.findings) == (whole.points, whole.findings)


def test_a_function_that_does_not_exist_costs_nothing():
    def missing():
        raise NameError("name 'ridge_gradient' is not defined")

    assert examine("ridge_descent", "ridge_descent", DESCENT.reference, 1, own=missing).points == 1
    assert "half as long" in examine("ridge_descent", DESCENT.name, descending(halved)[0], 1, missing).hint
