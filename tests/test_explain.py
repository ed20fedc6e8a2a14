"""Explanations name a mistake only when exactly one fits."""

from dataclasses import replace

import numpy as np
import pytest

from autograder import exercises, explain
from autograder.exercises import CatalogueEntry
from benchmarks.explanations import explained

KEY = exercises.load("squared_norm")
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


@pytest.mark.parametrize("name", exercises.names())
def test_no_two_mistakes_of_a_function_look_alike(name):
    key = exercises.load(name)
    for entry in key.mistakes:
        question = key.questions[entry.function]
        answers = explain.answers_of(question, entry.answer)
        same = explain.alike(question, key.catalogue(key.mistakes, entry.function), answers)
        assert [found.name for found in same] == [entry.name]
