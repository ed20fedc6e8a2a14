"""Formulas of answer keys, as MathML."""

import pytest

from autograder.exam.formula import to_mathml
from autograder.pages.markup import mathml
from autograder.problem_sets.key import key_names, load_key

KEYS = [load_key(name) for name in key_names()]


@pytest.mark.parametrize("formula", sorted({f for k in KEYS for t in k.terms.values() for f in t}))
def test_every_formula_is_written_as_pages_take_it(formula):
    written = to_mathml(formula)
    assert (written is None) == (", the" in formula or " in " in formula or "column order" in formula)
    assert written is None or mathml(written)


@pytest.mark.parametrize("formula, whole", [("exp(z)p", "exp"), ("2·log(p)", "log"), ("mean(r)x", "mean")])
def test_a_functions_name_is_one_word(formula, whole):
    assert f"<mi>{whole}</mi>" in to_mathml(formula)
