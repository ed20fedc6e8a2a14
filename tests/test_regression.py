"""What the regression claims is true of inputs the tests never used; else it is silent."""

from dataclasses import replace

import numpy as np
import pytest

from autograder import exercises, explain, regression
from autograder.formula import to_mathml
from autograder.markup import mathml

KEYS = {name: exercises.load(name) for name in exercises.names()}
RIDGE = KEYS["ridge_descent"]
QUESTION = RIDGE.questions["ridge_gradient"]
FACTORS = (0.0, 0.5, -1.0, 2.0, 1.7)
OUTSIDE = {  # slips that no sum of terms describes
    "reversed": lambda value: value[::-1].copy(),
    "without signs": np.abs,
    "averaged": lambda value: value / value.size,
    "off by the place": lambda value: value + np.arange(value.size).reshape(value.shape),
    "first entry lost": lambda value: np.where(np.arange(value.size).reshape(value.shape) == 0, 0, value),
}


def with_coefficients(terms, coefficients, slips=()):
    def answer(*arguments):
        value = sum(c * np.asarray(t(*arguments), float) for t, c in zip(terms, coefficients, strict=True))
        for slip in slips:
            value = slip(value)
        return value

    return answer


def gradients():
    """Functions with at least two terms whose answer is one array of the right one's shape."""
    for key in KEYS.values():
        for name, terms in key.terms.items():
            question = key.questions[name]
            if question.differentiates is None:
                continue
            arguments = list(question.arguments(question.instances()[0]).values())
            right = question.reference(*arguments)
            if isinstance(right, tuple):
                continue
            fitting = {f: t for f, t in terms.items() if np.shape(t(*arguments)) == np.shape(right)}
            if len(fitting) >= 2:
                yield key, question, fitting


def parts_of(key, question, answer):
    return regression.parts(question, key.terms[question.name], explain.answers_of(question, answer))


def told(key, question, answer):
    answers = explain.answers_of(question, answer)
    return explain.named(key, question, answers) or explain.of_terms(key, question, answers)


def test_the_coefficients_of_the_right_answer_are_those_that_are_due():
    for key, question, _ in gradients():
        found = parts_of(key, question, question.reference)
        assert found and all(part.right for part in found)


@pytest.mark.parametrize("entry", [v for key in KEYS.values() for v in key.variants], ids=lambda v: v.name)
def test_no_right_answer_is_explained_away(entry):
    key = next(key for key in KEYS.values() if entry in key.variants)
    question = key.questions[entry.function]
    assert explain.of_terms(key, question, explain.answers_of(question, entry.answer)) is None


def test_one_hundred_pairs_of_slips_are_told_truly_or_not_at_all():
    """Of pairs of wrong coefficients at least half are recovered; of others nothing false is said."""
    rng = np.random.default_rng(7)
    choices = list(gradients())
    inside, recovered, spoken = 0, 0, 0
    for _ in range(100):
        key, question, terms = choices[rng.integers(len(choices))]
        due = [part.due for part in parts_of(key, question, question.reference)]
        places = rng.choice(len(terms), 2, replace=False)
        coefficients = np.array(due)
        coefficients[places[0]] = rng.choice(FACTORS) * (due[places[0]] or 1)
        slips = []
        if rng.random() < 0.5:
            coefficients[places[1]] = rng.choice(FACTORS) * (due[places[1]] or 1)
        else:
            slips = [OUTSIDE[rng.choice(list(OUTSIDE))]]
        answer = with_coefficients(terms.values(), coefficients, slips)
        wrong = not np.allclose(coefficients, due) or bool(slips)
        story = told(key, question, answer)
        inside += wrong and not slips
        if story is None or not wrong:
            continue
        spoken += 1
        if story.kind == "mistake":
            (entry,) = (e for e in key.mistakes if e.text == story.text and e.function == question.name)
            claimed = entry.answer
        else:
            claimed = with_coefficients(
                terms.values(), [part.coefficient for part in parts_of(key, question, answer)]
            )
        recovered += not slips
        for instance in key.instances(rng):
            arguments = list(question.arguments(instance).values())
            assert claimed(*arguments) == pytest.approx(answer(*arguments), rel=1e-6), story.text
    assert inside > 30 and spoken > 30
    assert recovered >= inside / 2


def test_the_design_of_a_sentence():
    def answer(x, A, b, lam):
        return 2 * A.T @ (A @ x - b) + 0.6 * lam * x

    story = told(RIDGE, QUESTION, answer)
    assert story.kind == "terms"
    assert story.text == "You computed 2AᵀAx − 2Aᵀb + 0.6·λx. Where you have 0.6·λx, 2λx is right."
    assert "<msup><mi>A</mi><mo>⊤</mo></msup>" in story.mathml


@pytest.mark.parametrize(
    "formula, coefficient, written",
    [
        ("2λx", 0.5, "λx"),
        ("2λx", 1.0, "2λx"),
        ("−2Aᵀb", -1.0, "2Aᵀb"),
        ("−2Aᵀb", 0.5, "−Aᵀb"),
        ("softmax(z)", 3.0, "3softmax(z)"),
        ("Wx·xᵀ", 1 / 3, "0.333333·Wx·xᵀ"),
        ("1", 0.01, "0.01"),
        ("(2/n)XᵀXw", 0.5, "½(2/n)XᵀXw"),
    ],
)
def test_a_coefficient_is_multiplied_in(formula, coefficient, written):
    assert regression.scaled(formula, coefficient) == written


@pytest.mark.parametrize("size", [0, 1])
def test_inputs_of_one_size_make_no_claim(size):
    check = QUESTION.checks[0]
    same = [i for i in check.instances if len(i["x"]) == len(check.instances[size]["x"])]
    alone = replace(QUESTION, checks=(replace(check, instances=tuple(same)),))
    assert parts_of(RIDGE, alone, lambda x, A, b, lam: 0 * x) is None


@pytest.mark.parametrize(
    "answer",
    [
        lambda x, A, b, lam: None,
        lambda x, A, b, lam: 1 / 0,
        lambda x, A, b, lam: x[:-1],
        lambda x, A, b, lam: x * np.nan,
        lambda x, A, b, lam: [object()] * len(x),
        lambda x, A, b, lam: [[1.0], [2.0, 3.0]],
        lambda x, A, b, lam: 2 * A.T @ (A @ x - b) * (1 if len(x) < 4 else 2) + 2 * lam * x,
    ],
)
def test_what_is_no_sum_of_terms_is_left_alone(answer):
    assert parts_of(RIDGE, QUESTION, answer) is None


@pytest.mark.parametrize("formula", sorted({f for k in KEYS.values() for t in k.terms.values() for f in t}))
def test_every_formula_is_written_as_pages_take_it(formula):
    written = to_mathml(formula)
    assert (written is None) == (", the" in formula or " in " in formula or "column order" in formula)
    assert written is None or mathml(written)
