"""Formulas of answer keys, as MathML."""

import pytest

from autograder.exam.formula import to_mathml
from autograder.pages.markup import mathml
from autograder.problem_sets.key import key_names, load_key

KEYS = [load_key(name) for name in key_names()]


@pytest.mark.parametrize("body", sorted({t.body for k in KEYS for terms in k.terms.values() for t in terms}))
def test_every_formula_is_written_as_pages_take_it(body):
    assert mathml(to_mathml(f"−(½/n){body} + 2{body}/N"))


@pytest.mark.parametrize("formula, whole", [("exp(z)p", "exp"), ("2·log(p)", "log"), ("mean(r)x", "mean")])
def test_a_functions_name_is_one_word(formula, whole):
    assert f"<mi>{whole}</mi>" in to_mathml(formula)
