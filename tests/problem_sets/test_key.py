"""How an answer key is found, and what it draws from a seed."""

import types
from dataclasses import replace

import numpy as np
import pytest

from autograder.errors import ContentError
from autograder.exam.examine import examine
from autograder.problem_sets.key import (
    Check,
    Question,
    current_seed,
    drawn_from,
    key_names,
    load_key,
    read_key,
)

each_key = pytest.mark.parametrize("key", [*map(load_key, key_names())], ids=lambda key: key.name)


def test_an_unknown_exercise_is_named():
    with pytest.raises(LookupError, match=r"no answer key 'cubes'; there are: .*squared_norm"):
        load_key("cubes")


def numbers(questions):
    """All drawn numbers, by function and check."""
    return {
        (question.name, check.name): [
            np.asarray(value).tolist()
            for instance in check.instances
            for name, value in instance.items()
            if not callable(value) and name != "tried"
        ]
        for question in questions.values()
        for check in question.checks
    }


@each_key
def test_a_seed_draws_the_same_again_and_another_seed_something_else_in_every_check(key):
    first, again, other = (numbers(key.draw(seed)) for seed in (3, 3, 4))
    assert first == again and numbers(key.draw(0)) == numbers(key.questions)
    assert not [check for check in first if first[check] == other[check]]


@each_key
def test_as_many_instances_of_the_same_sizes_are_drawn(key):
    for name, question in key.draw(2**127).items():
        for check, usual in zip(question.checks, key.questions[name].checks, strict=True):
            assert len(check.instances) == len(usual.instances) > 0
            assert [set(instance) for instance in check.instances] == [set(i) for i in usual.instances]


def test_one_more_check_changes_no_other():
    key = load_key("linear_form")
    question = key.questions["linear_form"]
    more = replace(question, checks=(replace(question.checks[0], name="more"), *question.checks))
    before, after = numbers({"": question.drawn(key.name, 5)}), numbers({"": more.drawn(key.name, 5)})
    assert after.pop(("linear_form", "more")) != after["linear_form", "ordinary vectors"]
    assert after == before


def test_examine_asks_with_the_current_seed():
    seen = []

    def squared_norm(x):
        seen.append(x.tolist())
        return x @ x

    def asked(seed):
        seen.clear()
        with drawn_from(seed):
            assert current_seed() == seed
            assert examine("squared_norm", "squared_norm", squared_norm, 1).points == 1
        return list(seen)

    assert asked(1) == asked(1) != asked(2)
    assert current_seed() == 0


def test_a_harness_check_of_what_is_no_derivative_is_refused():
    def f(x):
        return x

    check = Check("vectors", "vectors", 1, lambda rng: [{"x": rng.uniform(size=3)}], harness=True)
    module = types.ModuleType("toy")
    vars(module).update(points=1, points_by_hand=0, instances=None, questions=(Question(f, (check,)),))
    with pytest.raises(ContentError, match=r"toy lets the harness check f \(vectors\), but that diff"):
        read_key(module)
    module.questions = (Question(f, (check,), differentiates=f),)
    assert read_key(module).questions["f"].instances()
