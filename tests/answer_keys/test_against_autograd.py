"""The answer keys against automatic differentiation: an implementation that shares nothing with them.

What an answer key differentiates runs here on autograd's NumPy, which follows every operation. So values
and derivatives come from the key's own loss, and the chain rule from somebody else.
"""

import inspect
import types

import autograd
import autograd.numpy
import numpy as np
import pytest

from autograder.problem_sets.key import key_names, load_key

KEYS = [load_key(name) for name in key_names()]
SEEDS = range(3)
each_derivative = pytest.mark.parametrize(
    "key, question",
    [(key, q) for key in KEYS for q in key.questions.values() if q.differentiates],
    ids=lambda value: getattr(value, "name", ""),
)


def traced(function):
    """The same function, and those of its module that it calls, on autograd's NumPy."""
    module = inspect.getmodule(function)
    unchanged = lambda value, dtype=None: value  # a conversion would end the trace
    numpy = types.SimpleNamespace(**{**vars(autograd.numpy), "asarray": unchanged})
    names = dict(vars(module), np=numpy, float=unchanged)
    for name, value in vars(module).items():
        if inspect.isfunction(value) and value.__module__ == module.__name__:
            names[name] = types.FunctionType(value.__code__, names, name, value.__defaults__)
    return names[function.__name__]


def derivative(function, place):
    """∂f/∂(argument number `place`): a gradient, or a Jacobian with one axis for all its columns."""

    def at(*arguments):
        x = np.asarray(arguments[place], dtype=float)
        fixed = list(arguments)
        rows = autograd.jacobian(lambda moved: function(*fixed[:place], moved, *fixed[place + 1 :]))(x)
        outputs = np.shape(function(*arguments))
        return rows.reshape(*outputs, -1) if outputs else rows

    return at


@each_derivative
def test_the_reference_is_what_automatic_differentiation_gives(key, question):
    function = traced(question.differentiates)
    for seed in SEEDS:
        for instance in key.instances(np.random.default_rng(seed)):
            arguments = tuple(question.arguments(instance).values())
            assert function(*arguments) == pytest.approx(question.differentiates(*arguments), rel=1e-13)
            answers = question.reference(*arguments)
            for place, answer in enumerate(answers if isinstance(answers, tuple) else (answers,)):
                due = derivative(function, place)(*arguments)
                assert np.shape(answer) == due.shape
                assert answer == pytest.approx(due, rel=1e-10, abs=1e-12 * abs(due).max()), (seed, place)


def test_a_factor_that_is_slightly_off_is_seen():
    """The comparison itself: 2.001 in place of 2."""
    key = load_key("squared_norm")
    (x,) = (
        key.questions["squared_norm_gradient"].arguments(key.instances(np.random.default_rng(0))[0]).values()
    )
    due = derivative(traced(key.loss), 0)(x)
    assert 2 * x == pytest.approx(due, rel=1e-10) and 2.001 * x != pytest.approx(due, rel=1e-10)
