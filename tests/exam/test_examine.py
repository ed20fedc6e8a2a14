"""What a hidden test gives: points, findings, and how they show themselves."""

import json
import re

import numpy as np
import pytest

from autograder.answer_keys.squared_norm import squared_norm, squared_norm_gradient
from autograder.exam.examine import MARKS_MIME, _compare_array, examine
from autograder.gradcheck import CheckError, numerical_gradient


def gradient_marks(answer, **keywords):
    return examine("squared_norm", "squared_norm_gradient", answer, points=4, **keywords)


def test_the_reference_earns_everything_and_says_nothing():
    marks = gradient_marks(squared_norm_gradient)
    assert (marks.points, marks.max_points, marks.sentence, marks.hint) == (4, 4, "", None)
    assert all(finding.passed for finding in marks.verdicts)


def test_a_numerical_derivative_earns_everything_and_is_named():
    marks = gradient_marks(lambda x: numerical_gradient(squared_norm, x))
    assert marks.points == 4
    assert marks.sentence.startswith("squared_norm_gradient carries the rounding of a difference quotient")


def test_a_coarser_one_is_named_beside_what_it_loses():
    marks = gradient_marks(lambda x: _central(squared_norm, np.asarray(x, dtype=float)))
    assert 0 < marks.points < 4 and "difference quotient" in marks.hint


def _central(f, x, h=1e-5):
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])


def test_points_are_shared_among_the_checks():
    def only_floats(x):
        return 2 * x if x.dtype.kind == "f" else x

    marks = gradient_marks(only_floats)
    assert marks.points == pytest.approx(3.6)  # one share of ten is lost: five are for a formula
    assert [finding.check for finding in marks.verdicts if not finding.passed] == ["whole numbers"]


def test_nbgrader_reads_the_points_from_the_plain_text():
    bundle = gradient_marks(lambda x: x)._repr_mimebundle_()
    assert float(bundle["text/plain"]) == 0.0
    assert json.loads(json.dumps(bundle[MARKS_MIME]))["verdicts"]
    assert "exactly half" in bundle["text/html"]


@pytest.mark.parametrize(
    "answer, said",
    [
        (lambda x: None, "no return statement"),
        (lambda x: 1 / 0, "ZeroDivisionError"),
        (lambda x: exit(), "SystemExit"),
        (lambda: 1, "TypeError"),
        ("not even a function", "TypeError"),
        (lambda x: x.__imul__(2), "in place"),
        (lambda x: np.random.default_rng().normal(size=x.shape), "different answers"),
        (lambda x: {"a": 1}, "not numbers"),
    ],
)
def test_every_kind_of_failure_is_one_sentence_and_no_points(answer, said):
    marks = gradient_marks(answer)
    assert marks.points == 0
    assert said in marks.sentence and "\n" not in marks.sentence


def test_what_is_not_written_yet_is_said_so():
    def unwritten(x):
        raise NotImplementedError

    assert gradient_marks(unwritten).sentence == "squared_norm_gradient is not written yet."


def test_a_right_derivative_of_a_wrong_loss_is_told_apart():
    tripled = lambda x: 3 * squared_norm(x)
    marks = gradient_marks(lambda x: 6 * np.asarray(x), own=lambda: {"squared_norm": tripled})
    assert "right derivative of your own squared_norm" in marks.sentence
    assert (
        "your own"
        not in gradient_marks(
            lambda x: 6 * np.asarray(x), own=lambda: {"squared_norm": squared_norm}
        ).sentence
    )


def test_a_right_loss_is_never_blamed():
    only_nonzero = lambda x: 2 * np.asarray(x, dtype=float) + (np.asarray(x) == 0)
    marks = gradient_marks(only_nonzero, own=lambda: {"squared_norm": squared_norm})
    assert marks.points < 4 and "your own" not in marks.sentence


def test_an_error_at_another_point_costs_one_check_only():
    """The harness tries points near the instances; what is raised there is a finding too."""

    def moody(x):
        if 3.2 < np.max(np.abs(x)) < 4.5:
            raise ValueError("out of range")
        return 2 * np.asarray(x)

    marks = gradient_marks(moody)
    assert 0 < marks.points < 4 and "out of range" in marks.sentence


def test_half_precision_earns_nothing_for_a_wrong_formula():
    assert gradient_marks(lambda x: (0.1 * np.asarray(x)).astype(np.float16)).points == 0


def test_an_answer_that_raises_when_looked_at():
    class Trap:
        def __array__(self, *arguments, **keywords):
            raise RuntimeError("gotcha")

    assert gradient_marks(lambda x: Trap()).points == 0


def test_an_unknown_question_is_a_fault_of_the_notebook():
    with pytest.raises(LookupError, match="only squared_norm, squared_norm_gradient"):
        examine("squared_norm", "cube", lambda x: x, points=1)


def test_a_keyboard_interrupt_ends_the_test():
    def stopped(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gradient_marks(stopped)


def test_printing_and_warnings_cost_nothing_and_show_nothing(capsys):
    def noisy(x):
        print("hello")
        __import__("warnings").warn("careful", stacklevel=1)
        np.array([1.0]) / 0
        return 2 * np.asarray(x)

    assert gradient_marks(noisy).points == 4
    assert capsys.readouterr() == ("", "")


def test_html_of_the_marks_is_escaped():
    def angry(x):
        raise ValueError("<script>alert(1)</script>")

    assert "<script>" not in gradient_marks(angry)._repr_mimebundle_()["text/html"]


def test_several_return_values_are_compared_one_by_one():
    from autograder.answer_keys.ridge_descent import ridge_descent

    def swapped(*arguments):
        x, losses = ridge_descent(*arguments)
        return losses, x

    assert examine("ridge_descent", "ridge_descent", ridge_descent, 6).points == 6
    assert examine("ridge_descent", "ridge_descent", lambda *a: ridge_descent(*a)[0], 6).points == 0
    marks = examine("ridge_descent", "ridge_descent", swapped, 6)
    assert marks.points == 0 and "first result" in marks.verdicts[0].seen


def test_numbers_that_differ_look_different():
    def off_in_the_seventh_digit(x):
        return float(np.sum(np.asarray(x, float) ** 2)) * (1 + 2e-7)

    said = examine("squared_norm", "squared_norm", off_in_the_seventh_digit, 1).verdicts[0].seen
    yours, right = re.findall(r"\d+\.\d+", said)
    assert yours != right and float(yours) == pytest.approx(float(right), rel=1e-6)


def test_tolerances_have_a_floor_where_the_right_answer_is_zero():
    _compare_array(_question(), 1e-17, 0.0, "answer")
    with pytest.raises(CheckError):
        _compare_array(_question(), 1e-6, 0.0, "answer")


def _question():
    from autograder.problem_sets.key import load_key

    return load_key("squared_norm").questions["squared_norm"]
