"""Examples of mistakes do not say whose they are."""

import ast

import pytest

from autograder.analysis import anonymous

PEOPLE = ["jdoe-42", "José Müller", "Max Sum", "Li"]


def test_comments_texts_and_names_are_gone():
    source = '''def f(x):
    """By José."""
    # jdoe was here
    jdoe_total = np.max(x)  # Müller
    print("call me jose")
    return jdoe_total
'''
    shown = anonymous.code(source, PEOPLE)
    for word in ("jdoe", "José", "Müller", "jose", "#", '"""'):
        assert word.lower() not in shown.lower()
    assert "np.max(x)" in shown and "return name_total" in shown
    ast.parse(shown)


@pytest.mark.parametrize(
    "source", ["def f(x)\n    return x # jdoe", "x = 'jdoe\n# jdoe\n'''jdoe", "\x00 # jdoe"]
)
def test_code_that_does_not_parse_is_cleaned_too(source):
    assert "jdoe" not in anonymous.code(source, PEOPLE)


@pytest.mark.parametrize(
    "source", ["", "def f():\n    'only this'", "class A:\n    'x'", "for i in x:\n    'x'"]
)
def test_what_is_left_is_still_python(source):
    ast.parse(anonymous.code(source, PEOPLE))


def test_code_nested_beyond_reason_is_no_trouble():
    assert "jdoe" not in anonymous.code("x = " + "(" * 5000 + "'jdoe'" + ")" * 5000, PEOPLE)
    assert "jdoe" not in anonymous.code("x = " + "-" * 50000 + "1 # jdoe", PEOPLE)
