"""Explanations name a mistake only when exactly one fits."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.exam.examine import _judge, examine, explain
from autograder.problem_sets.key import CatalogueEntry, key_names, load_key
from benchmarks.explanations import explained
from tests.helpers import RIDGE_DESCENT

KEY = load_key("squared_norm")
QUESTION = KEY.questions["squared_norm_gradient"]


def test_a_mistake_in_other_words_is_recognised():
    assert explained(KEY, QUESTION, lambda x: [float(v) for v in x]) == explain.Explanation(
        explain.Kind.MISTAKE,
        "The derivative of xᵢ² is 2xᵢ. The factor 2 is missing.",
        "forgot_the_factor_two",
    )


@pytest.mark.parametrize("answer", [lambda x: 2 * x, lambda x: x**4, lambda x: None, lambda x: 1 / 0])
def test_nothing_is_said_of_what_is_right_or_unknown(answer):
    assert explained(KEY, QUESTION, answer) is None


def test_two_hints_that_fit_are_none():
    twin = CatalogueEntry("twin", QUESTION.name, lambda x: 1.0 * x, "Another story for the same numbers.")
    unsure = replace(KEY, mistakes=(*KEY.mistakes, twin))
    answers = explain.answers_of(QUESTION, lambda x: np.array(x, dtype=float))
    assert explain.named(KEY, QUESTION, answers, None)
    assert explain.named(unsure, QUESTION, answers, None) is None


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


def halved(x, A, b, lam):
    return A.T @ (A @ x - b) + lam * x


def averaged(x, A, b, lam):
    return np.mean((A @ x - b) ** 2) + lam * x @ x


def descending(source=RIDGE_DESCENT, **others):
    """A student's descent that finds these functions, or right ones, under its names."""
    names = {"np": np, **RIDGE.references, **others}
    exec(source, names)
    return names["ridge_descent"]


def judged(descent):
    return examine("ridge_descent", DESCENT.name, descent, 8)


def test_a_mistake_in_a_function_that_is_called_is_paid_there():
    alone = judged(descending(ridge_gradient=halved))
    assert alone.points == 8 and all(finding.passed for finding in alone.verdicts)
    assert "a right ridge_gradient in place of" in alone.hint
    both = judged(descending(ridge_gradient=halved, ridge_loss=averaged))
    assert both.points == 8 and "a right ridge_loss and ridge_gradient in place of" in both.hint


def test_a_mistake_of_its_own_is_told_beside_others():
    uphill = RIDGE_DESCENT.replace("x - learning_rate", "x + learning_rate")
    marks = judged(descending(uphill, ridge_gradient=halved))
    assert marks.points == 0 and "went uphill" in marks.hint


def test_its_own_functions_are_back_afterwards():
    descent = descending(ridge_gradient=halved)
    judged(descent)
    assert descent.__globals__["ridge_gradient"] is halved
    del descent.__globals__["ridge_loss"]
    judged(descent)
    assert "ridge_loss" not in descent.__globals__


class Stop(BaseException):
    """What an examiner ends a test with, when the student's time is up."""


def test_what_is_stopped_after_the_points_costs_none():
    """While it is judged with right functions, or while it is told what is wrong."""
    lost = RIDGE_DESCENT.replace("losses.append(", "losses.append(0 if n_steps == 1 else ")
    points = judged(descending(lost)).points
    assert 0 < points < 8
    needed = calls = 0

    def counted(*given):
        nonlocal calls
        calls += 1
        if calls > needed > 0:
            raise Stop
        return RIDGE.references["ridge_loss"](*given)

    _judge(DESCENT, descending(lost, ridge_loss=counted), None)
    needed, calls = calls, 0
    source = f"{lost}\n    ridge_loss"  # no code is to be had, so that it is judged with right functions too
    marks = judged(descending(source, ridge_loss=counted))
    assert marks.points == points and marks.hint is None


def test_a_function_that_does_not_exist_costs_nothing():
    def missing():
        raise NameError("name 'ridge_gradient' is not defined")

    assert examine("ridge_descent", "ridge_descent", DESCENT.reference, 1, own=missing).points == 1
    halving = descending(RIDGE_DESCENT.replace("learning_rate *", "learning_rate / 2 *"))
    assert "half as long" in examine("ridge_descent", DESCENT.name, halving, 1, missing).hint
