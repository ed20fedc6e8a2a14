"""Mistakes in one line: what they become, and that a row that fits no longer fails on load."""

import inspect
import types

import pytest

from autograder.demo import answer_source
from autograder.errors import ContentError
from autograder.exam.evidence import code_of
from autograder.problem_sets import key_text
from autograder.problem_sets.key import load_key, patched, read_key, wrong

RIDGE = load_key("ridge_descent")


def made(row, name="some_mistake"):
    """The catalogue entry that a copy of an answer key makes of this row."""
    module = types.ModuleType("autograder.answer_keys.ridge_descent")
    import autograder.answer_keys.ridge_descent as original

    vars(module).update(vars(original))
    setattr(module, name, row)
    return next(entry for entry in read_key(module).mistakes if entry.name == name)


def test_an_expression_takes_the_references_arguments():
    entry = made(wrong("ridge_gradient", "2 * A.T @ (A @ x - b)", "The penalty is missing.", shows="@"))
    assert (
        inspect.getsource(entry.answer)
        == "def some_mistake(x, A, b, lam):\n    return 2 * A.T @ (A @ x - b)\n"
    )
    assert (entry.function, entry.text, entry.shows) == ("ridge_gradient", "The penalty is missing.", "@")
    assert answer_source(entry).startswith("def ridge_gradient(x, A, b, lam):\n")
    assert code_of(entry.answer, "ridge_gradient") is not None


def test_a_patch_changes_one_thing():
    entry = made(patched("ridge_descent", "x - learning_rate", "x + learning_rate", "You went uphill."))
    own, reference = inspect.getsource(entry.answer), inspect.getsource(RIDGE.references["ridge_descent"])
    assert (
        own.replace("x + learning_rate", "x - learning_rate").replace("some_mistake", "ridge_descent")
        == reference
    )


@pytest.mark.parametrize(
    "row, complaint",
    [
        (patched("ridge_descent", "not in there", "", "A hint."), "stands 0 times"),
        (patched("ridge_descent", "x", "y", "A hint."), "has to stand there once"),
        (wrong("ridge_loss", "(x", "A hint."), "is no Python"),
        (wrong("ridge_los", "x", "A hint."), "which nobody asks for"),
    ],
)
def test_a_row_that_does_not_fit_fails_on_load(row, complaint):
    with pytest.raises(ContentError, match=complaint):
        made(row)


def test_rows_and_functions_stand_in_the_order_in_which_they_are_written():
    source = "".join(key_text.key_sources("ridge_descent").values())
    places = [
        source.index(f"{entry.name}(") if f"def {entry.name}(" in source else source.index(f"{entry.name} =")
        for entry in RIDGE.mistakes
    ]
    assert places == sorted(places)
