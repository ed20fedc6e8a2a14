"""What the regression claims is true of inputs the tests never used; else it is silent."""

from dataclasses import replace

import numpy as np
import pytest

from autograder.exam import explain
from autograder.exam.terms import parts, parts_of_a_mean, written
from autograder.problem_sets.key import Term, key_names, load_key
from benchmarks import explanations

KEYS = {name: load_key(name) for name in key_names()}
RIDGE = KEYS["ridge_descent"]
QUESTION = RIDGE.questions["ridge_gradient"]


def parts_of(key, question, answer):
    return parts(question, key.terms[question.name], explain.answers_of(question, answer))


def test_the_coefficients_of_the_right_answer_are_those_that_are_due():
    for key, question, _ in explanations.gradients():
        found = parts_of(key, question, question.reference)
        assert found and all(part.right for part in found)


@pytest.mark.parametrize("entry", [v for key in KEYS.values() for v in key.variants], ids=lambda v: v.name)
def test_no_right_answer_is_explained_away(entry):
    key = next(key for key in KEYS.values() if entry in key.variants)
    question = key.questions[entry.function]
    assert explain.of_terms(key, question, explain.answers_of(question, entry.answer)) is None


@pytest.mark.long
def test_every_catalogued_mistake_is_told_its_own_hint():
    assert [name for name, own in explanations.catalogue().items() if not own] == []


@pytest.mark.long
@pytest.mark.parametrize("seed", [7, 8])
def test_one_hundred_pairs_of_slips_are_told_truly_or_not_at_all(seed):
    """Of pairs of wrong coefficients at least half are recovered; of others nothing false is said."""
    made = explanations.pairs(seed)
    assert made.false == ()
    assert made.inside > 30 and made.told > 30
    assert made.recovered >= made.inside / 2


def test_a_false_story_is_counted(monkeypatch):
    liar = explain.Explanation(explain.Kind.MISTAKE, KEYS["squared_norm"].mistakes[0].text)
    monkeypatch.setattr(explanations, "explained", lambda *_: liar)
    monkeypatch.setattr(explanations, "claimed", lambda *_: lambda *arguments: np.zeros(1))
    assert len(explanations.pairs().false) > 50


def test_the_design_of_a_sentence():
    def answer(x, A, b, lam):
        return 2 * A.T @ (A @ x - b) + 0.6 * lam * x

    story = explanations.explained(RIDGE, QUESTION, answer)
    assert story.kind == "terms"
    assert story.text == "You computed 2AᵀAx − 2Aᵀb + 0.6·λx. Where you have 0.6·λx, 2λx is right."
    assert "<msup><mi>A</mi><mo>⊤</mo></msup>" in story.mathml


REGRESSION = KEYS["linear_regression"]


@pytest.mark.parametrize(
    "key, function, answer, text",
    [
        (
            RIDGE,
            "ridge_gradient",
            lambda x, A, b, lam: 2 / len(b) * A.T @ (A @ x - b) + 2 * lam * x,
            "You computed 2AᵀAx/N − 2Aᵀb/N + 2λx, where N is len(b). "
            "Where you have 2AᵀAx/N, 2AᵀAx is right. Where you have −2Aᵀb/N, −2Aᵀb is right.",
        ),
        (
            KEYS["frobenius_loss"],
            "frobenius_loss",
            lambda W, X, Y: 0.5 * np.mean((W @ X - Y) ** 2),
            "You computed ½‖WX‖²/N − ⟨WX, Y⟩/N + ½‖Y‖²/N, where N is Y.size. "
            "Every term is ½/N times the right one.",
        ),
        (
            REGRESSION,
            "mean_squared_error",
            lambda w, X, y: 0.5 * np.sum((X @ w - y) ** 2),
            "You computed ½‖Xw‖² − yᵀXw + ½‖y‖². Every term is ½n times the right one.",
        ),
        (
            KEYS["chain_rule"],
            "batch_linear_backward",
            lambda W, X, dY: (dY @ X.T / X.shape[1], 3 * W.T @ dY),
            "You computed dY·Xᵀ/N in dW + 3WᵀdY in dX, where N is X.shape[1]. "
            "Where you have dY·Xᵀ/N in dW, dY·Xᵀ in dW is right. "
            "Where you have 3WᵀdY in dX, WᵀdY in dX is right.",
        ),
        (
            KEYS["jacobians"],
            "weights_jacobian",
            lambda W, x: np.kron(np.eye(len(W)), x) / len(x),
            "You computed (I ⊗ xᵀ)/N, where N is len(x). Every term is 1/N times the right one.",
        ),
    ],
)
def test_a_mean_in_place_of_a_sum_and_the_other_way_round(key, function, answer, text):
    question = key.questions[function]
    story = explain.of_terms(key, question, explain.answers_of(question, answer))
    assert story.text == text


def test_two_stories_that_both_fit_are_none():
    key = KEYS["squared_norm"]
    question = key.questions["squared_norm"]
    answers = explain.answers_of(question, lambda x: x @ x / len(x) ** 2)
    assert parts_of_a_mean(question, key.terms["squared_norm"], answers) is None
    both = (*key.terms["squared_norm"], Term("‖x‖²", lambda x: x @ x / len(x), over="n"))
    answers = explain.answers_of(question, lambda x: x @ x / len(x))
    assert parts_of_a_mean(question, key.terms["squared_norm"], answers) is not None
    assert parts_of_a_mean(question, both, answers) is None


@pytest.mark.parametrize(
    "term, coefficient, power, text",
    [
        (Term("λx", abs), 1.0, 0, "λx"),
        (Term("λx", abs), 2.0, 0, "2λx"),
        (Term("Aᵀb", abs), -2.0, 0, "−2Aᵀb"),
        (Term("Aᵀb", abs), -1.0, -1, "−Aᵀb/N"),
        (Term("softmax(z)", abs), 3.0, 0, "3softmax(z)"),
        (Term("Wx·xᵀ", abs), 1 / 3, 0, "0.333333·Wx·xᵀ"),
        (Term("1", abs), 0.01, 0, "0.01"),
        (Term("1", abs), -1.0, 0, "−1"),
        (Term("XᵀXw", abs, over="n"), 1.0, 0, "(1/n)XᵀXw"),
        (Term("XᵀXw", abs, over="n"), -2.0, -1, "−(2/n)XᵀXw/N"),
        (Term("XᵀXw", abs, over="n"), 2.0, 1, "2XᵀXw"),
        (Term("I ⊗ xᵀ", abs), 2.0, -1, "(2I ⊗ xᵀ)/N"),
        (Term("YHᵀ", abs, where="in dW2"), 0.5, 0, "½YHᵀ in dW2"),
        (Term("Wᵀ", abs, where="the other layout"), -1.0, 0, "−Wᵀ, the other layout"),
    ],
)
def test_a_term_is_written_with_its_coefficient(term, coefficient, power, text):
    assert written(term, coefficient, power) == text


@pytest.mark.parametrize("key", KEYS.values(), ids=lambda key: key.name)
def test_a_term_has_no_number_in_front(key):
    """It would be written behind the coefficient."""
    bodies = [term.body for terms in key.terms.values() for term in terms]
    assert not [body for body in bodies if body != "1" and (body[0].isdigit() or body[0] in "−-½¼")]


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
