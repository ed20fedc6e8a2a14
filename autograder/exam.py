"""What a hidden test calls: `examine(exercise, function, student, points)`.

The last line of a hidden test cell is one call of `examine`. Its result shows itself as the
number of points, which is how nbgrader reads partial credit, and carries what was found for
the feedback page. The questions stand in the answer key; a test cell says only which function
and how many points.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from autograder import exercises, explain
from autograder.calls import ask, quietly
from autograder.exercises import Check, Instance, Question
from autograder.gradcheck import SINGLE, CheckError, as_derivative, as_number, diagnose, gradient_check

MARKS_MIME = "application/vnd.course.marks+json"


@dataclass(frozen=True)
class Finding:
    """One check: what was tried, whether it passed, and what was seen if not."""

    check: str
    asks: str
    passed: bool
    seen: str


@dataclass(frozen=True)
class Marks:
    """The points one test cell gives one function, and why."""

    function: str
    points: float
    max_points: float
    findings: tuple[Finding, ...]
    hint: str | None = None

    @property
    def sentence(self) -> str:
        """What went wrong, in a line or two; empty when nothing did."""
        seen = next((finding.seen for finding in self.findings if not finding.passed), "")
        return " ".join(part for part in (seen, self.hint) if part)

    def __repr__(self) -> str:
        return repr(self.points)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict:
        items = "".join(
            f"<li>{'✓' if finding.passed else '✗'} {html.escape(finding.check)}"
            f"{': ' + html.escape(finding.seen) if finding.seen else ''}</li>"
            for finding in self.findings
        )
        verdict = f"<p><code>{self.function}</code>: {self.points:g} of {self.max_points:g} points.</p>"
        advice = f"<p><strong>{html.escape(self.hint)}</strong></p>" if self.hint else ""
        return {
            "text/plain": repr(self),
            "text/html": f"{verdict}{advice}<ul>{items}</ul>",
            MARKS_MIME: asdict(self),
        }


def examine(
    exercise: str, function: str, student: Callable, points: float, loss: Callable | None = None
) -> Marks:
    """Ask a student's function everything the answer key has for it, and give points.

    exercise names the answer key, function the question in it. Each check is worth its share of
    the points. loss is the student's own scalar function: with it, a gradient that is right for
    a wrong loss is told from a wrong derivative. Raises LookupError for an unknown question.
    """
    key = exercises.load(exercise)
    if function not in key.questions:
        raise LookupError(f"{exercise} asks no {function!r}, only {', '.join(key.questions)}.")
    question = key.questions[function]
    findings = tuple(_finding(question, check, student) for check in question.checks)
    weights = [check.weight for check in question.checks]
    earned = sum(weight for weight, finding in zip(weights, findings, strict=True) if finding.passed)
    hint = None
    if earned < sum(weights):
        hint = explain.hint(question, key.catalogue(key.mistakes, function), student)
        if hint is None and loss is not None:
            hint = _right_derivative_of_a_wrong_loss(question, student, loss)
    return Marks(function, round(points * earned / sum(weights), 2), points, findings, hint)


def _finding(question: Question, check: Check, student: Callable) -> Finding:
    try:
        for instance in check.instances:
            _examine_instance(question, check, instance, student)
    except CheckError as problem:
        tried = f" We tried {instance['tried']}." if "tried" in instance else ""
        return Finding(check.name, check.asks, False, f"{problem}{tried}")
    return Finding(check.name, check.asks, True, "")


def _examine_instance(question: Question, check: Check, instance: Instance, student: Callable) -> None:
    """Raise CheckError, with the sentence to show, if the answer to this instance is not right."""
    arguments = question.arguments(instance)
    answer = ask(student, arguments)
    if answer.error is not None:
        raise CheckError(_error_sentence(question.name, answer.error))
    if answer.changed:
        names = " and ".join(answer.changed)
        raise CheckError(f"{question.name} changes its input {names} in place. Work on a copy.")
    try:
        if check.harness:
            _check_with_harness(question, arguments, student)
        _compare(question, answer.value, question.reference(**arguments))
        if check.calls:
            _compare_calls(question, answer.calls["f"], check.calls(**arguments))
        again = ask(student, arguments)
        same = again.error is None and _identical(answer.value, again.value)
    except CheckError:
        raise
    except Exception as error:  # raised at another point, or by an answer that is no plain value
        raise CheckError(_error_sentence(question.name, error)) from error
    if not same:
        raise CheckError(
            f"{question.name} gives two different answers when called twice with the same input."
        )


def _check_with_harness(question: Question, arguments: dict[str, object], student: Callable) -> None:
    x, *rest = arguments.values()
    with quietly():
        result = gradient_check(
            lambda point: question.differentiates(point, *rest), lambda point: student(point, *rest), x
        )
    if not result:
        raise CheckError(result.message)


def _error_sentence(function: str, error: BaseException) -> str:
    if isinstance(error, NotImplementedError):
        return f"{function} is not written yet."
    return f"{function} stopped with {type(error).__name__}: {error}".rstrip(": ") + "."


def _compare_calls(question: Question, calls: int, due: int) -> None:
    if calls != due:
        raise CheckError(f"{question.name} calls f {calls} times here, and {due} are due.")


def _compare(question: Question, value: object, right: object) -> None:
    if isinstance(right, bool):
        return _compare_verdict(question, value, right)
    if not isinstance(right, tuple):
        return _compare_array(question, value, right, "answer")
    if not isinstance(value, (tuple, list)) or len(value) != len(right):
        raise CheckError(f"{question.name} must return {len(right)} things, separated by a comma.")
    for place, (part, due) in enumerate(zip(value, right, strict=True), start=1):
        _compare_array(question, part, due, f"answer number {place}")
    return None


def _compare_verdict(question: Question, value: object, right: bool) -> None:
    if not isinstance(value, (bool, np.bool_)):
        kind = "None" if value is None else f"a value of type {type(value).__name__}"
        raise CheckError(f"{question.name} must return True or False. It returned {kind}.")
    if value != right:
        raise CheckError(f"{question.name} says {bool(value)} where {right} is right.")


def _compare_array(question: Question, value: object, right: object, who: str) -> None:
    kind = "gradient" if question.differentiates else who
    due = np.asarray(right, dtype=float)
    yours = as_derivative(value, due.shape, kind) if due.ndim else as_number(value, f"Your {who}")
    size = abs(due).max()
    unit = min(float(np.finfo(yours.dtype).eps), SINGLE)  # a float32 answer is held to float32's precision
    allowed = 1e-7 * abs(due) + 1e3 * unit * (size or 1e-3)
    yours = yours.astype(float)
    if (abs(yours - due) <= allowed).all():
        return
    if question.differentiates:
        raise CheckError(diagnose([(yours, due)]))
    if due.ndim == 0:
        raise CheckError(f"Your {who} is {yours:.6g} where {due:.6g} is right.")
    i = np.unravel_index((abs(yours - due) / (allowed + np.finfo(float).tiny)).argmax(), due.shape)
    where = ", ".join(map(str, i))
    raise CheckError(f"Your {who} is {yours[i]:.6g} at [{where}] where {due[i]:.6g} is right.")


def _identical(one: object, other: object) -> bool:
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(_identical, one, other))
    return np.array_equal(np.asarray(one), np.asarray(other))


def _right_derivative_of_a_wrong_loss(question: Question, student: Callable, loss: Callable) -> str | None:
    """Say so when the gradient fits the student's own loss, and that loss is another function."""
    if question.differentiates is None:
        return None
    arguments = question.arguments(question.checks[0].instances[0])
    x, *rest = arguments.values()
    name = question.differentiates.__name__
    try:
        with quietly():
            value = as_number(loss(x.copy(), *rest), f"Your {name}")
            due = question.differentiates(x, *rest)
            wrong = abs(value - due) > 1e-6 * abs(due)
            fits = gradient_check(lambda point: loss(point, *rest), lambda point: student(point, *rest), x)
    except Exception:
        return None
    return (
        f"Your gradient is the right derivative of your own {name}. But your {name} is not the "
        f"function asked for: repair {name} first."
        if fits and wrong
        else None
    )
