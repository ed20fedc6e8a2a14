"""One call of a student's function."""

import numpy as np

from autograder.exam.calls import ask


def test_ask_hands_out_copies_and_reports_changes():
    x = np.arange(3.0)

    def spoil(x, n):
        x[0] = 9
        return n

    answer = ask(spoil, {"x": x, "n": 2})
    assert (answer.value, answer.changed) == (2, ("x",))
    assert x[0] == 0
