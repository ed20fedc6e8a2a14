"""The hidden tests notice every change of a right answer that matters."""

import functools
from dataclasses import replace

import pytest

from autograder.exam.examine import failed_checks
from autograder.problem_sets.key import key_names, load_key
from autograder.releasing import certificate
from autograder.releasing.mutants import mutants
from tests.helpers import run_course

each_key = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name == "squared_norm" else pytest.mark.long) for name in key_names()],
)
FIVE = ("squared_norm", "linear_form", "frobenius_loss", "ridge_descent", "softmax_cross_entropy")


@functools.cache
def certified(name):
    """The certificate of an answer key, made once, and only if a test asks for it."""
    return certificate.certify(load_key(name))


@each_key
def test_right_answers_pass_and_nothing_wrong_goes_unnoticed(name):
    made = certified(name)
    assert (made.variants_accepted, made.mistakes_caught) == (made.variants, made.mistakes)
    assert made.unnoticed == ()


@each_key
def test_every_check_is_the_only_one_to_catch_something(name):
    made = certified(name)
    assert [(record.question, record.check) for record in made.needless] == []
    assert made.problems == ()


@pytest.mark.long
def test_there_are_two_hundred_mutants():
    assert sum(certified(name).mutants for name in FIVE) >= 200


@each_key
def test_every_excuse_is_for_a_mutant_that_is_there_and_goes_unnoticed(name):
    key = load_key(name)
    for function, excused in key.equivalent:
        question = key.questions[function]
        (mutant,) = (mutant for mutant in mutants(question) if mutant.name == excused)
        assert failed_checks(question, mutant.answer) == ()
    assert all(len(reason) > 5 for reason in key.equivalent.values())


def test_a_check_that_is_taken_away_lets_something_through():
    key = load_key("linear_form")
    question = key.questions["linear_form_gradient"]
    blind = replace(question, checks=tuple(c for c in question.checks if c.name != "whole numbers"))
    made = certificate.certify(replace(key, questions={**key.questions, question.name: blind}))
    assert made.mistakes_caught < made.mistakes
    assert any("mistakes lose no points" in problem for problem in made.problems)


def test_a_check_that_stands_twice_is_needless():
    key = load_key("linear_form")
    question = key.questions["linear_form"]
    again = replace(question.checks[1], name="whole numbers again")
    doubled = replace(question, checks=(*question.checks, again))
    made = certificate.certify(replace(key, questions={**key.questions, question.name: doubled}))
    assert {record.check for record in made.needless} == {"whole numbers", "whole numbers again"}
    assert made.problems == (
        "linear_form: linear_form: 'whole numbers' catches nothing that no other check catches.",
        "linear_form: linear_form: 'whole numbers again' catches nothing that no other check catches.",
    )


def test_mutants_have_names_of_their_own_and_differ_from_the_original():
    for name in key_names():
        for question in load_key(name).questions.values():
            names = [mutant.name for mutant in mutants(question)]
            assert len(names) == len(set(names)) > 0


def test_a_mutant_that_never_ends_is_caught(monkeypatch):
    monkeypatch.setattr(certificate, "SECONDS", 0.1)
    question = load_key("squared_norm").questions["squared_norm"]

    def endless(x):
        while True:
            pass

    assert certificate._failed(question, endless) == tuple(check.name for check in question.checks)


@pytest.mark.slow
def test_the_command_writes_it_for_staff(small_course):
    done = run_course(small_course.root, "check", "ps1", "--certificate")
    assert "ps1: 9 checks tried on 45 wrong answers, 0 problems." in done.stdout
    text = (small_course.grading / "reports" / "ps1-certificate.md").read_text()
    assert "| `squared_norm` | 9 of 9 | 30 of 30 | 15 |" in text and "*without x = np.asarray(" in text
    assert "| `squared_norm` | very large and very small | 9 | 4 | rounded_the_answer |" in text
