"""How an answer key is found."""

import pytest

from autograder.problem_sets.key import load_key


def test_an_unknown_exercise_is_named():
    with pytest.raises(LookupError, match=r"no answer key 'cubes'; there are: .*squared_norm"):
        load_key("cubes")
