"""`course try`: what an answer key makes of its own answers, right and misplaced ones."""

import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.errors import CourseError
from autograder.exam.examine import failed_checks
from autograder.problem_sets.key import load_key
from autograder.releasing.trial import trials

KEY = load_key("squared_norm")


def tried(*arguments):
    return CliRunner().invoke(main, ["try", *arguments])


def test_one_answer_says_what_catches_it_and_what_it_is_told():
    done = tried("squared_norm", "forgot_the_factor_two")
    assert done.exit_code == 0
    assert "✓ forgot_the_factor_two (squared_norm_gradient)" in done.output
    assert "fails 4 of 5 checks" in done.output and "The factor 2 is missing." in done.output


@pytest.mark.long
@pytest.mark.parametrize("name", ["squared_norm", ""])
def test_all_of_a_function_or_of_a_key(name):
    found = list(trials(KEY, name))
    every = (*KEY.mistakes, *KEY.shortcuts, *KEY.variants)
    assert {trial.entry for trial in found} == {e for e in every if not name or e.function == name}
    assert [trial.problem for trial in found if trial.problem] == []


def test_a_name_that_is_not_there_is_a_wrong_call():
    for arguments, said in ((("squared_norm", "nobody"), "no answer 'nobody'"), (("nothing",), "there are:")):
        done = tried(*arguments)
        assert done.exit_code == 2 and said in done.stderr
    with pytest.raises(CourseError):
        trials(KEY, "nobody")


def with_changed(monkeypatch, **entries):
    changed = replace(KEY, **entries)
    monkeypatch.setattr(sys.modules[failed_checks.__module__], "load_key", lambda name: changed)
    return changed


@pytest.mark.long
def test_entries_that_are_wrong_are_said_to_be(monkeypatch):
    first, second = KEY.catalogue(KEY.mistakes, "squared_norm_gradient")[:2]
    right = KEY.catalogue(KEY.variants, "squared_norm_gradient")[0]
    twin = replace(second, name="twin", answer=first.answer)
    blunt = replace(right, name="blunt")
    changed = with_changed(
        monkeypatch,
        mistakes=(*KEY.mistakes, twin, blunt),
        variants=(replace(first, name="not_right"),),
        shortcuts=(replace(right, name="no_shortcut"),),
    )
    problems = {trial.entry.name: trial.problem for trial in trials(changed)}
    assert "told something else" in problems["twin"] and problems[first.name]
    assert problems["blunt"] == "No check catches it."
    assert problems["not_right"] == "It is right, and loses points."
    assert "check for a formula" in problems["no_shortcut"]
    (alike,) = (trial.alike for trial in trials(changed, "twin"))
    assert first.name in alike
