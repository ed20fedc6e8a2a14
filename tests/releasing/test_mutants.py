"""Mutants: each another program than the reference and than the others, and called by its own line."""

import ast
import inspect
import textwrap

import pytest

from autograder.problem_sets.key import key_names, load_key
from autograder.releasing import mutants


@pytest.mark.long
@pytest.mark.parametrize("name", key_names())
def test_each_is_another_program_under_a_name_of_its_own(name, monkeypatch):
    monkeypatch.setattr(mutants, "_compiled", lambda tree, reference: ast.unparse(tree))
    for question in load_key(name).questions.values():
        reference = ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(question.reference))))
        made = mutants.mutants(question)
        sources = [reference, *(mutant.answer for mutant in made)]
        assert len(set(sources)) == len(sources)
        assert len({mutant.name for mutant in made}) == len(made) > 0


def test_a_name_is_the_line_that_came_of_it():
    names = {mutant.name for mutant in mutants.mutants(load_key("ridge_descent").questions["ridge_descent"])}
    assert "x = np.zeros(A.shape[-1])" in names and any(name.startswith("without for") for name in names)
    assert not any("line 1" in name for name in names)
