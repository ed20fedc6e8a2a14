"""The answer keys: references, instances and catalogues, for every exercise there is."""

import ast
import inspect
import re

import numpy as np
import pytest

from autograder.exam.examine import derivative_checks, examine
from autograder.gradcheck import numerical_gradient
from autograder.problem_sets.key import key_names, key_sources, load_key

KEYS = [load_key(name) for name in key_names()]
SCALES = [1e-8, 1e-4, 1.0, 1e4, 1e8]
LEAST_MISTAKES = {
    "squared_norm": 15,
    "linear_form": 15,
    "frobenius_loss": 20,
    "ridge_descent": 20,
    "softmax_cross_entropy": 20,
    "jacobians": 60,
    "chain_rule": 48,
    "linear_regression": 48,
    "build_the_checker": 60,
}
LEAST_A_FUNCTION = 12  # of the mistakes, in the problem sets after the first
SQUARE = {("jacobians", "A")}  # a quadratic form has no other; then A is far from symmetric
each_key = pytest.mark.parametrize("key", KEYS, ids=lambda key: key.name)
each_gradient = pytest.mark.parametrize(
    "key, question",
    [(key, q) for key in KEYS for q in key.questions.values() if q.differentiates],
    ids=lambda value: getattr(value, "name", ""),
)
each_mistake = pytest.mark.parametrize(
    "key, entry",
    [(key, e) for key in KEYS for e in key.mistakes],
    ids=lambda value: getattr(value, "name", ""),
)
each_variant = pytest.mark.parametrize(
    "key, entry",
    [(key, e) for key in KEYS for e in key.variants],
    ids=lambda value: getattr(value, "name", ""),
)


def test_the_fixed_names_are_there():
    signatures = {
        name: list(inspect.signature(function).parameters)
        for key in KEYS
        for name, function in key.references.items()
    }
    assert signatures == {
        "squared_norm": ["x"],
        "squared_norm_gradient": ["x"],
        "linear_form": ["x", "c"],
        "linear_form_gradient": ["x", "c"],
        "frobenius_loss": ["W", "X", "Y"],
        "frobenius_loss_gradient": ["W", "X", "Y"],
        "ridge_loss": ["x", "A", "b", "lam"],
        "ridge_gradient": ["x", "A", "b", "lam"],
        "ridge_closed_form": ["A", "b", "lam"],
        "ridge_descent": ["A", "b", "lam", "learning_rate", "n_steps"],
        "softmax": ["z"],
        "cross_entropy": ["z", "y"],
        "cross_entropy_gradient": ["z", "y"],
        "weights_gradient": ["W", "x", "y"],
        "linear_map_jacobian": ["x", "W"],
        "tanh_jacobian": ["u"],
        "softmax_jacobian": ["z"],
        "weights_jacobian": ["W", "x"],
        "quadratic_form_gradient": ["x", "A"],
        "linear_backward": ["W", "x", "dy"],
        "batch_linear_backward": ["W", "X", "dY"],
        "network_loss": ["W1", "W2", "X", "Y"],
        "network_backward": ["W1", "W2", "X", "Y"],
        "mean_squared_error": ["w", "X", "y"],
        "mean_squared_error_gradient": ["w", "X", "y"],
        "closed_form": ["X", "y"],
        "gradient_descent": ["X", "y", "learning_rate", "n_steps"],
        "numerical_gradient": ["f", "x", "h"],
        "relative_error": ["a", "b"],
        "gradient_check": ["f", "grad_f", "x"],
        "complex_step_derivative": ["f", "x"],
    }


@each_key
def test_the_catalogues_are_large_enough(key):
    assert len(key.mistakes) >= LEAST_MISTAKES[key.name]
    assert len(key.variants) >= 6
    for entries in (key.mistakes, key.variants):
        assert {entry.function for entry in entries} == set(key.questions)
        assert len({entry.name for entry in entries}) == len(entries)
    hints = {(entry.function, entry.text) for entry in key.mistakes}
    assert len(hints) == len(key.mistakes)


@pytest.mark.parametrize("name", ["jacobians", "chain_rule", "linear_regression"])
def test_every_function_has_mistakes_and_several_styles(name):
    key = load_key(name)
    for function in key.questions:
        assert len(key.catalogue(key.mistakes, function)) >= LEAST_A_FUNCTION, function
        assert len(key.catalogue(key.variants, function)) >= 3, function


def test_no_function_is_asked_twice():
    asked = [function for key in KEYS for function in key.questions]
    assert len(set(asked)) == len(asked)


@each_gradient
def test_a_reference_gradient_is_the_derivative_at_every_scale(key, question):
    rng = np.random.default_rng(7)
    for scale in SCALES:
        for instance in key.instances(rng, scale):
            checks = derivative_checks(question, question.arguments(instance), question.reference)
            for name, result in checks.items():
                assert result, (scale, name, result)


@each_key
def test_ordinary_instances_differ_in_size_and_avoid_look_alikes(key):
    instances = key.instances(np.random.default_rng(0))
    sizes = [tuple(np.shape(value) for value in instance.values()) for instance in instances]
    assert len(instances) >= 2 and len(set(sizes)) == len(sizes)
    for instance in instances:
        for name, value in instance.items():
            if np.ndim(value):
                assert np.all(np.array(np.shape(value)) > 2), "a mean of one or two looks like a factor"
                if (key.name, name) in SQUARE:
                    assert np.linalg.norm(value - value.T) > 0.3 * np.linalg.norm(value), "symmetric"
                else:
                    assert np.ndim(value) == 1 or np.shape(value)[0] != np.shape(value)[1], "square"
                assert len(np.unique(value)) > 1
        assert instance.get("lam", 0.5) not in (0, 1)


@each_key
def test_references_leave_their_arguments_alone(key):
    for question in key.questions.values():
        for instance in question.instances():
            arguments = question.arguments(instance)
            before = {name: np.copy(value) for name, value in arguments.items()}
            question.reference(**arguments)
            assert all(np.array_equal(before[name], value) for name, value in arguments.items())


def flat(value):
    """All numbers of an answer in one vector: those of a tuple one after another."""
    return np.concatenate([np.ravel(part) for part in (value if isinstance(value, tuple) else (value,))])


def shapes(value):
    return [np.shape(part) for part in (value if isinstance(value, tuple) else (value,))]


@each_gradient
def test_terms_span_the_gradient(key, question):
    """Some combination of the terms, the same on every instance, gives the gradient."""
    instances = [question.arguments(i) for i in key.instances(np.random.default_rng(3))]
    due = [question.reference(**a) for a in instances]
    terms = [  # a term in the other layout has another shape, and no part in the right answer
        term.value
        for term in key.terms[question.name]
        if shapes(term.value(*instances[0].values())) == shapes(due[0])
    ]
    columns = np.concatenate([np.stack([flat(t(*a.values())) for t in terms], axis=1) for a in instances])
    right = np.concatenate([flat(value) for value in due])
    assert len(right) >= 2 * columns.shape[1]
    coefficients, *_ = np.linalg.lstsq(columns, right, rcond=None)
    assert columns @ coefficients == pytest.approx(right, rel=1e-8, abs=1e-8 * abs(right).max())
    assert np.linalg.matrix_rank(columns) == columns.shape[1], "two terms look alike"


def test_a_jacobian_has_a_term_for_each_layout():
    key = load_key("jacobians")
    for function in ("linear_map_jacobian", "weights_jacobian"):
        question = key.questions[function]
        for instance in key.instances(np.random.default_rng(5)):
            arguments = question.arguments(instance)
            right = question.reference(**arguments)
            values = [term.value(**arguments) for term in key.terms[function]]
            assert any(np.array_equal(value, right) for value in values)
            assert any(np.array_equal(value, right.T) for value in values)


@each_mistake
def test_a_mistake_loses_points_and_is_recognised(key, entry):
    marks = examine(key.name, entry.function, entry.answer, points=4)
    assert marks.points < marks.max_points
    assert marks.hint == entry.text, f"the hint was {marks.hint!r}"
    assert marks.sentence


@each_variant
def test_a_right_answer_keeps_every_point(key, entry):
    marks = examine(key.name, entry.function, entry.answer, points=4)
    assert marks.points == marks.max_points, marks.sentence
    assert marks.hint is None


@each_key
def test_no_answer_is_forgotten(key):
    """In a module that the package's `catalogues` do not name, or a row without a name: in no catalogue."""
    marked = sum(
        len(re.findall(r"^@(?:mistake|variant|shortcut)\(|\b(?:wrong|patched)\(\n? *\"", text, re.MULTILINE))
        for text in key_sources(key.name).values()
    )
    assert len(key.mistakes) + len(key.variants) + len(key.shortcuts) == marked


@each_key
def test_catalogued_answers_stand_alone(key):
    """Their source is pasted into a notebook, where only np and the exercise's functions exist."""
    known = {"np", *key.questions}
    for entry in key.mistakes + key.variants:
        code = entry.answer.__code__
        names = set(code.co_names) & set(entry.answer.__globals__) - known
        assert not names, f"{entry.name} uses {names}"
        assert not entry.answer.__closure__
        assert isinstance(ast.parse(inspect.getsource(entry.answer)).body[0], ast.FunctionDef)


@each_key
def test_hints_speak_to_the_student(key):
    for entry in key.mistakes:
        assert 20 <= len(entry.text) <= 220 and entry.text.endswith((".", "?")), entry.name
        assert "\n\n" not in entry.text


def test_descent_converges_exactly_below_the_bound():
    """The step-size bound 1/(σ_max² + λ) of the ridge exercise, measured on both sides."""
    key = load_key("ridge_descent")
    descend = key.references["ridge_descent"]
    rng = np.random.default_rng(0)
    A, b, lam = rng.normal(size=(10, 3)), rng.normal(size=10), 0.5
    bound = 1 / (np.linalg.norm(A, 2) ** 2 + lam)
    best = key.references["ridge_closed_form"](A, b, lam)
    near, _ = descend(A, b, lam, 0.99 * bound, 4000)
    far, losses = descend(A, b, lam, 1.01 * bound, 4000)
    assert near == pytest.approx(best, rel=1e-9)
    assert losses[-1] > 1e6 * losses[0] and np.linalg.norm(far) > 1e3


def test_the_softmax_gradient_needs_labels_that_sum_to_one():
    key = load_key("softmax_cross_entropy")
    loss, gradient = key.references["cross_entropy"], key.references["cross_entropy_gradient"]
    z, y = np.array([0.3, -1.0, 2.0]), np.array([0.2, 0.5, 0.9])
    assert numerical_gradient(lambda z: loss(z, y / 1.6), z) == pytest.approx(gradient(z, y / 1.6), rel=1e-8)
    assert np.max(abs(numerical_gradient(lambda z: loss(z, y), z) - gradient(z, y))) > 0.1
