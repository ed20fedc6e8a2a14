"""A waived check is not asked, and counts as passed by whoever wrote the function."""

import itertools
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import ContentError
from autograder.exam.examine import Outcome, examine
from autograder.exam.prove import prove_tests
from autograder.problem_sets.key import drawn_from, load_key
from autograder.problem_sets.notebooks import Exercise
from autograder.problem_sets.waivers import Waiver, waiving

KEY = load_key("squared_norm")
FUNCTION = "squared_norm_gradient"
QUESTION = KEY.questions[FUNCTION]
CHECKS = [check.name for check in QUESTION.checks]
MISTAKES = KEY.catalogue(KEY.mistakes, FUNCTION)
WHY = "It asked too much."


def waive(*checks, function=FUNCTION):
    return waiving(Waiver("01_squared_norm", function, check, WHY) for check in checks)


def blank(x):
    raise NotImplementedError


def wrong_for_whole_numbers(x):
    return 3.0 * x if (x == np.round(x)).all() else 2.0 * x


def outcomes(marks):
    return {verdict.check: verdict.outcome for verdict in marks.verdicts}


def test_a_waived_check_counts_as_passed_and_says_why():
    before = examine("squared_norm", FUNCTION, wrong_for_whole_numbers, 10)
    assert before.points < 10 and outcomes(before)["whole numbers"] is Outcome.WRONG
    with waive("whole numbers"):
        after = examine("squared_norm", FUNCTION, wrong_for_whole_numbers, 10)
    assert after.points == 10 and after.sentence == ""
    waived = next(verdict for verdict in after.verdicts if verdict.check == "whole numbers")
    assert (waived.outcome, waived.seen, waived.passed) == (Outcome.WAIVED, WHY, True)
    assert [verdict.check for verdict in after.verdicts] == CHECKS
    assert examine("squared_norm", FUNCTION, wrong_for_whole_numbers, 10) == before  # only meanwhile


def test_a_waived_check_is_not_even_tried():
    with waive("whole numbers"):
        asked = []
        examine("squared_norm", FUNCTION, lambda x: asked.append(x.copy()) or 2 * x, 10)
    whole = [
        instance["x"]
        for check in QUESTION.checks
        if check.name == "whole numbers"
        for instance in check.instances
    ]
    assert asked and not [1 for x, y in itertools.product(asked, whole) if np.array_equal(x, y)]


def test_another_function_of_the_notebook_is_not_waived():
    with waive("whole numbers", function="squared_norm"):
        assert (
            outcomes(examine("squared_norm", FUNCTION, wrong_for_whole_numbers, 10))["whole numbers"]
            == "wrong"
        )


@pytest.mark.parametrize("waived", [["whole numbers"], CHECKS])
def test_a_blank_function_earns_nothing(waived):
    with waive(*waived):
        marks = examine("squared_norm", FUNCTION, blank, 10)
    assert marks.points == 0 and set(outcomes(marks).values()) == {Outcome.NOT_WRITTEN}
    assert marks.sentence == f"{FUNCTION} is not written yet."


def test_where_everything_is_waived_whoever_gives_anything_has_it_all():
    with waive(*CHECKS):
        assert examine("squared_norm", FUNCTION, lambda x: "no idea", 10).points == 10


@pytest.mark.parametrize("waived", [["whole numbers"], CHECKS])
@pytest.mark.parametrize("empty", [lambda x: None, lambda x: 1 / 0])
def test_a_function_that_gives_nothing_earns_nothing(waived, empty):
    with waive(*waived):
        assert examine("squared_norm", FUNCTION, empty, 10).points == 0


@settings(max_examples=25, deadline=None)
@given(st.sets(st.sampled_from(CHECKS)), st.sampled_from(MISTAKES))
def test_the_points_are_what_they_would_be_with_those_checks_passed(waived, mistake):
    before = outcomes(examine("squared_norm", FUNCTION, mistake.answer, 10))
    with waive(*waived):
        after = examine("squared_norm", FUNCTION, mistake.answer, 10)
    right = {name for name in CHECKS if name in waived or before[name] is Outcome.PASSED}
    weights = {check.name: check.weight for check in QUESTION.checks}
    share = sum(weights[name] for name in right) / sum(weights.values())
    assert after.points == round(10 * share, 2)
    assert {name for name, outcome in outcomes(after).items() if outcome in ("passed", "waived")} == right


def test_a_check_that_cannot_even_be_drawn_can_be_waived(monkeypatch):
    def never(rng):
        raise RuntimeError("no such numbers")

    checks = tuple(replace(c, draw=never) if c.name == "whole numbers" else c for c in QUESTION.checks)
    broken = replace(KEY, questions={**KEY.questions, FUNCTION: replace(QUESTION, checks=checks)})
    monkeypatch.setattr(sys.modules[examine.__module__], "load_key", lambda name: broken)
    with drawn_from(7):
        with pytest.raises(RuntimeError):
            examine("squared_norm", FUNCTION, lambda x: 2 * x, 10)
        with waive("whole numbers"):
            assert examine("squared_norm", FUNCTION, lambda x: 2 * x, 10).points == 10
        with waive(*CHECKS):
            assert examine("squared_norm", FUNCTION, blank, 10).points == 0


def test_tests_are_proved_with_what_is_waived(problem_set, monkeypatch):
    """A check that refuses the reference itself can be waived, and grading goes on."""
    first = problem_set.exercises[0]
    prove_tests(first)
    unknown = Exercise(first.name, first.path, first.notebook, (Waiver(first.name, FUNCTION, "coffee", WHY),))
    with pytest.raises(
        ContentError, match="waives squared_norm_gradient/coffee, and no test of 01_squared_norm asks"
    ):
        prove_tests(unknown)
    seen = []
    waived = Exercise(
        first.name, first.path, first.notebook, (Waiver(first.name, FUNCTION, "whole numbers", WHY),)
    )
    monkeypatch.setattr(
        "autograder.exam.prove.examine", lambda *a, **k: seen.append(examine(*a, **k)) or seen[-1]
    )
    prove_tests(waived)
    assert Outcome.WAIVED in {verdict.outcome for marks in seen for verdict in marks.verdicts}
