"""What a hidden test calls: `examine(exercise, function, student, points)`.

The last line of a hidden test cell is one call of `examine`. Its result shows itself as the
number of points, which is how nbgrader reads partial credit, and carries what was found for
the feedback page. The questions stand in the answer key; a test cell says only which function
and how many points.
"""

from __future__ import annotations

import contextlib
import html
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from autograder.exam import explain
from autograder.exam.calls import ask, copied, quietly
from autograder.exam.explain import Explanation
from autograder.gradcheck import (
    NUMERICAL,
    SINGLE,
    CheckError,
    CheckResult,
    as_derivative,
    as_number,
    diagnose,
    gradient_check,
    jacobian_check,
    told_apart,
)
from autograder.problem_sets.key import Answer, AnswerKey, Check, Instance, Question, current_seed, load_key

ROUGH = 20.0  # units of rounding, relative to the largest entry, that no formula is off by
PLACES = ("first", "second", "third", "fourth", "fifth", "sixth")  # of what a function returns
MARKS_MIME = "application/vnd.course.marks+json"

Moved = Callable[[np.ndarray], list[object]]  # all arguments, with one of them at another point


@dataclass(frozen=True)
class Verdict:
    """One check: what was tried, whether it passed, and what was seen if not."""

    check: str
    asks: str
    passed: bool
    seen: str


@dataclass(frozen=True)
class Marks:
    """The points one test cell gives one function, and why. `hint` may also remark on a right answer."""

    function: str
    points: float
    max_points: float
    findings: tuple[Verdict, ...]
    hint: str | None = None
    explanation: Explanation | None = None

    @property
    def sentence(self) -> str:
        """What went wrong, or is worth a remark, in a line or two; empty when nothing is."""
        seen = next((finding.seen for finding in self.findings if not finding.passed), "")
        return " ".join(part for part in (seen, self.hint) if part)

    def __repr__(self) -> str:
        return repr(self.points)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
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
    exercise: str,
    function: str,
    student: Answer,
    points: float,
    own: Callable[[], Mapping[str, Answer]] = dict,
) -> Marks:
    """Ask a student's function everything the answer key has for it, and give points.

    exercise names the answer key, function the question in it. Each check is worth its share of
    the points. own gives the student's other functions that this one differentiates or calls, by
    name: with them, a mistake is told from one that was made elsewhere. It is called late, so that a
    function that does not exist costs nothing. The inputs are drawn from the current seed, see
    problem_sets/key.py. Raises LookupError for an unknown question.
    """
    key = load_key(exercise)
    if function not in key.questions:
        raise LookupError(f"{exercise} asks no {function!r}, only {', '.join(key.questions)}.")
    question = key.question(function, current_seed())
    numerical: list[bool] = []
    findings = tuple(_finding(question, check, student, numerical) for check in question.checks)
    weights = [check.weight for check in question.checks]
    earned = sum(weight for weight, finding in zip(weights, findings, strict=True) if finding.passed)
    story = None
    if earned < sum(weights):
        with contextlib.suppress(BaseException):  # whoever stops the test here: the points stand
            story = _story(key, question, student, own)
    if story is None and numerical and all(numerical):
        story = Explanation("numerical", f"{function} {NUMERICAL}")
    hint = story.text if story else None
    return Marks(function, round(points * earned / sum(weights), 2), points, findings, hint, story)


def _story(
    key: AnswerKey, question: Question, student: Answer, own: Callable[[], Mapping[str, Answer]]
) -> Explanation | None:
    """What kind of wrong an answer is, as far as that can be told. It asks the student's code again."""
    answers, others = explain.answers_of(question, student), _own(own)
    return (
        explain.carried_over(question, answers, others)
        or explain.named(key, question, answers)
        or _right_derivative_of_a_wrong_loss(question, student, others)
        or explain.of_terms(key, question, answers)
    )


def _own(own: Callable[[], Mapping[str, Answer]]) -> Mapping[str, Answer]:
    try:
        return own()
    except Exception:  # one of them does not exist
        return {}


def failed_checks(question: Question, answer: Answer) -> tuple[str, ...]:
    """The names of the checks that an answer to a question does not pass."""
    findings = (_finding(question, check, answer, []) for check in question.checks)
    return tuple(finding.check for finding in findings if not finding.passed)


def _finding(question: Question, check: Check, student: Answer, numerical: list[bool]) -> Verdict:
    """numerical gets, for every instance the harness has seen, whether the answer looks numerical."""
    try:
        for instance in check.instances:
            seen = _examine_instance(question, check, instance, student)
            numerical += [seen] if check.harness else []
    except CheckError as problem:
        tried = f" We tried {instance['tried']}." if "tried" in instance else ""
        return Verdict(check.name, check.asks, False, f"{problem}{tried}")
    return Verdict(check.name, check.asks, True, "")


def _examine_instance(question: Question, check: Check, instance: Instance, student: Answer) -> bool:
    """Raise CheckError, with the sentence to show, if the answer to this instance is not right.

    Returns whether a right one looks like a numerical derivative.
    """
    arguments = question.arguments(instance)
    answer = ask(student, arguments)
    if answer.error is not None:
        raise CheckError(_error_sentence(question.name, answer.error))
    if answer.changed:
        names = " and ".join(answer.changed)
        raise CheckError(f"{question.name} changes its input {names} in place. Work on a copy.")
    try:
        if isinstance(right := question.reference(**arguments), tuple):
            _parts(question, answer.value, right)
        if check.harness:
            _check_with_harness(question, arguments, student)
        _compare(question, arguments, answer.value)
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
    return check.harness and _looks_numerical(answer.value, right)


def _check_with_harness(question: Question, arguments: dict[str, object], student: Answer) -> None:
    for name, result in derivative_checks(question, arguments, student).items():
        if not result:
            several = isinstance(question.reference(**arguments), tuple)
            raise CheckError(f"With respect to {name}: {result.message}" if several else result.message)


def derivative_checks(
    question: Question, arguments: dict[str, object], answer: Answer
) -> dict[str, CheckResult]:
    """The harness' verdict on every derivative that `answer` returns, by the argument that moves.

    One derivative is with respect to the first argument, several in a tuple with respect to the first
    arguments in their order. For a Jacobian a matrix moves as a flat vector, read row by row.
    """
    if question.differentiates is None:
        raise TypeError(f"{question.name} is no derivative.")
    function, right = question.differentiates, question.reference(**arguments)
    vector_valued = np.ndim(function(**arguments)) > 0
    results = {}
    for place, name in enumerate(list(arguments)[: len(right) if isinstance(right, tuple) else 1]):
        x = np.asarray(arguments[name])

        def moved(point: np.ndarray, name: str = name, shape: tuple[int, ...] = x.shape) -> list[object]:
            return [*map(copied, {**arguments, name: point.reshape(shape)}.values())]

        def part(point: np.ndarray, place: int = place, moved: Moved = moved) -> object:
            value = answer(*moved(point))
            return _parts(question, value, right)[place] if isinstance(right, tuple) else value

        def value(point: np.ndarray, moved: Moved = moved) -> object:
            return function(*moved(point))

        with quietly():
            results[name] = (
                jacobian_check(value, part, x.ravel()) if vector_valued else gradient_check(value, part, x)
            )
    return results


def _looks_numerical(value: Any, right: object) -> bool:
    """Whether a right derivative is further off than any formula, as a difference quotient is.

    Measured on the catalogues: formulas are within 3 units of rounding, differences beyond 50.
    """
    if isinstance(right, tuple):
        return all(map(_looks_numerical, value, right))
    yours = np.asarray(value)
    unit = np.finfo(float).eps * abs(np.asarray(right)).max()
    return yours.dtype == float and bool(abs(yours - right).max() > ROUGH * unit)


def _on_copies(function: Answer, rest: list[object]) -> Callable[[np.ndarray], object]:
    """A student's function of its first argument; what it does to the others, it does to copies."""
    return lambda point: function(point, *map(copied, rest))


def _error_sentence(function: str, error: BaseException) -> str:
    if isinstance(error, NotImplementedError):
        return f"{function} is not written yet."
    return f"{function} stopped with {type(error).__name__}: {error}".rstrip(": ") + "."


def _compare_calls(question: Question, calls: int, due: int) -> None:
    if calls != due:
        wanted = "1 is" if due == 1 else f"{due} are"
        raise CheckError(f"{question.name} calls f {calls} times here, and {wanted} due.")


def _compare(question: Question, arguments: Mapping[str, object], value: object) -> None:
    right = question.reference(**arguments)
    if isinstance(right, bool):
        return _compare_verdict(question, value, right)
    if not isinstance(right, tuple):
        return _compare_array(question, value, right, _kind(question, arguments) or "answer")
    for place, part, due in zip(PLACES, _parts(question, value, right), right, strict=False):
        _compare_array(question, part, due, f"{place} result")
    return None


def _parts(question: Question, value: object, right: tuple[object, ...]) -> tuple[object, ...] | list[object]:
    if not isinstance(value, (tuple, list)) or len(value) != len(right):
        raise CheckError(f"{question.name} must return {len(right)} things, separated by a comma.")
    return value


def _kind(question: Question, arguments: Mapping[str, object]) -> str | None:
    if question.differentiates is None:
        return None
    return "Jacobian" if np.ndim(question.differentiates(**arguments)) else "gradient"


def _compare_verdict(question: Question, value: object, right: bool) -> None:
    if not isinstance(value, (bool, np.bool_)):
        kind = "None" if value is None else f"a value of type {type(value).__name__}"
        raise CheckError(f"{question.name} must return True or False. It returned {kind}.")
    if value != right:
        raise CheckError(f"{question.name} says {bool(value)} where {right} is right.")


def _compare_array(question: Question, value: object, right: object, who: str) -> None:
    due = np.asarray(right, dtype=float)
    yours = as_derivative(value, due.shape, who) if due.ndim else as_number(value, f"Your {who}")
    size = abs(due).max()
    unit = min(float(np.finfo(yours.dtype).eps), SINGLE)  # a float32 answer is held to float32's precision
    allowed = 1e-7 * abs(due) + 1e3 * unit * (size or 1e-3)
    yours = yours.astype(float)
    if (abs(yours - due) <= allowed).all():
        return
    if question.differentiates:
        raise CheckError(diagnose([(yours, due)], who))
    i = np.unravel_index((abs(yours - due) / (allowed + np.finfo(float).tiny)).argmax(), due.shape)
    where = f" at [{', '.join(map(str, i))}]" if i else ""
    given, wanted = told_apart(float(yours[i]), float(due[i]))
    raise CheckError(f"Your {who} is {given}{where} where {wanted} is right.")


def _identical(one: object, other: object) -> bool:
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)):
        return len(one) == len(other) and all(map(_identical, one, other))
    return np.array_equal(np.asarray(one), np.asarray(other))


def _right_derivative_of_a_wrong_loss(
    question: Question, student: Answer, own: Mapping[str, Answer]
) -> Explanation | None:
    """Say so when the gradient fits the student's own loss, and that loss is another function."""
    if question.differentiates is None or (name := question.differentiates.__name__) not in own:
        return None
    loss = own[name]
    arguments = question.arguments(question.checks[0].instances[0])
    x: Any  # what has no copy is no array, and then there is nothing to say
    x, *rest = arguments.values()
    try:
        with quietly():
            value = as_number(_on_copies(loss, rest)(x.copy()), f"Your {name}")
            due = question.differentiates(x, *rest)
            wrong = abs(value - due) > 1e-6 * abs(due)
            fits = gradient_check(_on_copies(loss, rest), _on_copies(student, rest), x)
    except Exception:
        return None
    if not (fits and wrong):
        return None
    return Explanation(
        "loss",
        f"Your gradient is the right derivative of your own {name}. But your {name} is not the "
        f"function asked for: repair {name} first.",
    )
