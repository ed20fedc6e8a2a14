"""One call of a student's function."""

import numpy as np

from autograder.exam.calls import Reply, ask, digest


def test_ask_hands_out_copies_and_reports_changes():
    x = np.arange(3.0)

    def spoil(x, n):
        x[0] = 9
        return n

    answer = ask(spoil, {"x": x, "n": 2})
    assert (answer.value, answer.changed) == (2, ("x",))
    assert x[0] == 0


def test_a_digest_is_of_numbers_and_not_of_how_they_were_rounded():
    def of(*values):
        return digest([Reply(value) for value in values])

    x = np.array([1.0, 2.0, 3.0])
    assert of(x) == of(x * (1 + 1e-12)) != of(2 * x)
    assert of(np.array([0.0, 1.0])) == of(np.array([-0.0, 1.0])) == of(np.array([1e-17, 1.0]))
    assert of(True) != of(1.0) and of([[1], [1, 2]]) == of([[2], [1, 2]])
    assert digest([Reply(error=ValueError())]) == "" != of(np.nan)
