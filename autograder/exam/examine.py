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
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from autograder.exam import by_formula, explain, lending
from autograder.exam.by_formula import Looks
from autograder.exam.calls import ask, compare_calls, compare_verdict, copied, digest, identical, quietly
from autograder.exam.evidence import Code, code_of
from autograder.exam.explain import Explanation, Kind
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
from autograder.problem_sets.key import (
    Answer,
    AnswerKey,
    Check,
    Instance,
    Question,
    Reference,
    current_seed,
    load_key,
)

PLACES = ("first", "second", "third", "fourth", "fifth", "sixth")  # of what a function returns
MARKS_MIME = "application/vnd.course.marks+json"

Moved = Callable[[np.ndarray], list[object]]  # all arguments, with one of them at another point


class Outcome(StrEnum):
    """How a check, or a whole test, came out."""

    PASSED = "passed"
    NOT_JUDGED = "not-judged"  # of the check for a formula: others did not pass
    WAIVED = "waived"  # of checks only: not asked, and passed by whoever wrote the function; `seen` is why
    WRONG = "wrong"
    ERROR = "error"  # it ended in an error of the student's code
    NOT_WRITTEN = "not-written"  # left as it was issued
    NOT_REACHED = "not-reached"  # of tests only: nothing ran any more
    STOPPED = "stopped"  # of tests only: by a limit, or because Python ended


@dataclass(frozen=True)
class Verdict:
    """One check: its name, what was tried, how it came out, and what was seen unless it passed.

    The name is unique within its question, and seeds are made of it: nothing else tells checks apart.
    """

    check: str
    asks: str
    outcome: Outcome
    seen: str = ""

    @property
    def passed(self) -> bool:
        return self.outcome in (Outcome.PASSED, Outcome.WAIVED)


@dataclass(frozen=True)
class Marks:
    """The points one test cell gives one function, and why.

    The explanation may also remark on a right answer. Where a wrong one could not be explained, `behaviour`
    is the same for all that give the same numbers.
    """

    function: str
    points: float
    max_points: float
    verdicts: tuple[Verdict, ...]
    explanation: Explanation | None = None
    behaviour: str = ""

    @property
    def hint(self) -> str | None:
        """What the explanation says, if there is one."""
        return self.explanation.text if self.explanation else None

    @property
    def sentence(self) -> str:
        """What went wrong, or is worth a remark, in a line or two; empty when nothing is."""
        seen = next((verdict.seen for verdict in self.verdicts if not verdict.passed), "")
        return " ".join(part for part in (seen, self.hint) if part)

    def __repr__(self) -> str:
        return repr(self.points)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        items = "".join(
            f"<li>{'✓' if verdict.passed else '✗'} {html.escape(verdict.check)}"
            f"{': ' + html.escape(verdict.seen) if verdict.seen else ''}</li>"
            for verdict in self.verdicts
        )
        earned = f"<p><code>{self.function}</code>: {self.points:g} of {self.max_points:g} points.</p>"
        advice = f"<p><strong>{html.escape(self.hint)}</strong></p>" if self.hint else ""
        return {
            "text/plain": repr(self),
            "text/html": f"{earned}{advice}<ul>{items}</ul>",
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
    the points. A function that calls others which are wrong is judged with right ones in their place.
    own gives the student's function that this one differentiates, by name: a derivative may be that of a
    wrong function. It is called late, so that a function that does not exist costs nothing. The inputs are
    drawn from the current seed. What is waived counts as passed, unless the function is not written: see
    problem_sets/key.py and waivers.py. Raises LookupError for an unknown question.
    """
    key = load_key(exercise)
    if function not in key.questions:
        raise LookupError(f"{exercise} asks no {function!r}, only {', '.join(key.questions)}.")
    question = key.question(function, current_seed())
    code = code_of(student, function)
    judged = _judge(question, student, code)
    lendable = lending.may_be_lent(key, function, code) if judged.share < 1 else {}
    helped = judged
    with contextlib.suppress(BaseException):  # whoever stops the test from here on: the points stand
        if lendable:
            with lending.lent(student, lendable):
                helped = _judge(question, student, code)
    if helped.share <= judged.share:
        helped = judged
    story, behaviour = None, ""
    with contextlib.suppress(BaseException):
        story = _story(key, question, student, code, own, helped, lendable)
    with contextlib.suppress(BaseException):
        if story is None and helped.share < 1:  # on the inputs of seed 0, which are the same for everybody
            behaviour = digest(explain.answers_of(key.question(function, 0), student))
    return Marks(function, round(points * helped.share, 2), points, helped.verdicts, story, behaviour)


@dataclass(frozen=True)
class _Judged:
    """All verdicts on a function, its share of the points, and how a derivative was computed."""

    verdicts: tuple[Verdict, ...]
    share: float
    looks: Looks


def _judge(question: Question, student: Answer, code: Code | None) -> _Judged:
    judged = [_judged(question, check, student, code) for check in question.checks]
    values = [one for check, (one, _) in zip(question.checks, judged, strict=True) if not check.formula]
    if not all(one.passed for one in values):
        judged = [_values_first(check, *one) for check, one in zip(question.checks, judged, strict=True)]
    if any(check.waived for check in question.checks) and not _is_written(question, student):
        left = _Ended(question.name, NotImplementedError())
        verdicts = (Verdict(check.name, check.asks, left.outcome, str(left)) for check in question.checks)
        return _Judged(tuple(verdicts), 0.0, Looks.LIKE_A_FORMULA)
    weights = [check.weight for check in question.checks]
    earned = sum(weight for weight, (verdict, _) in zip(weights, judged, strict=True) if verdict.passed)
    return _Judged(tuple(v for v, _ in judged), earned / sum(weights), max(looks for _, looks in judged))


def _values_first(check: Check, verdict: Verdict, looks: Looks) -> tuple[Verdict, Looks]:
    """Where another check does not pass, nothing is said of how values come about, unless that is plain."""
    if check.formula and verdict.outcome is Outcome.WRONG and looks is not Looks.NUMERICAL:
        verdict = replace(verdict, outcome=Outcome.NOT_JUDGED, seen="Other checks did not pass.")
    return verdict, looks


def _is_written(question: Question, student: Answer) -> bool:
    """Whether a function gives anything at all, wherever it is still asked; all waived, it is called once."""
    asked = [check for check in question.checks if not check.waived] or question.checks[:1]
    replies = [ask(student, question.arguments(check.instances[0])) for check in asked]
    return any(reply.error is None and reply.value is not None for reply in replies)


def _story(
    key: AnswerKey,
    question: Question,
    student: Answer,
    code: Code | None,
    own: Callable[[], Mapping[str, Answer]],
    judged: _Judged,
    lendable: Mapping[str, Reference],
) -> Explanation | None:
    """What is worth saying of a function that was judged with these lent to it."""
    failed = [check for check, v in zip(question.checks, judged.verdicts, strict=True) if not v.passed]
    numerical = judged.looks is Looks.NUMERICAL or by_formula.is_too_rough(question, code, failed)
    advice = Explanation(Kind.NUMERICAL, by_formula.ADVICE) if numerical else None
    if advice and len(failed) == 1:
        return advice
    if judged.share < 1:
        others = _own(own)  # before others are lent: they are the student's
        with lending.lent(student, lendable):
            return explain.story(key, question, student, code, others) or advice
    if lendable:
        wrong = lending.who_is_wrong(lendable, student, lambda: _judge(question, student, code).share, 1.0)
        return Explanation(Kind.CARRIED, lending.told(question.name, wrong)) if wrong else None
    if judged.looks is Looks.DOUBTFUL:
        return Explanation(Kind.NUMERICAL, f"{question.name} {NUMERICAL}")
    return None


def _own(own: Callable[[], Mapping[str, Answer]]) -> Mapping[str, Answer]:
    try:
        return own()
    except Exception:  # one of them does not exist
        return {}


def failed_checks(question: Question, answer: Answer) -> tuple[str, ...]:
    """The names of the checks that an answer to a question does not pass.

    That what is wrong is no formula either is no second finding.
    """
    code = code_of(answer, question.name)
    judged = [(check, *_judged(question, check, answer, code)) for check in question.checks]
    failed = [(check, looks) for check, verdict, looks in judged if not verdict.passed]
    own = [check.name for check, looks in failed if not check.formula or looks is Looks.NUMERICAL]
    return tuple(own or [check.name for check, _ in failed])


def _judged(question: Question, check: Check, student: Answer, code: Code | None) -> tuple[Verdict, Looks]:
    """The verdict of one check, and what it says of how a derivative was computed."""
    looks = Looks.LIKE_A_FORMULA
    try:
        if check.waived:
            return Verdict(check.name, check.asks, Outcome.WAIVED, check.waived), looks
        replies = [_examine_instance(question, check, instance, student) for instance in check.instances]
        if check.formula:
            assert question.differentiates is not None
            pairs = [
                by_formula.pair(value, right, question, instance, student)
                for instance, (value, right) in zip(check.instances, replies, strict=True)
            ]
            looks, reason = by_formula.judge(code, question.differentiates.__name__, pairs)
            if looks is Looks.NUMERICAL:
                raise CheckError(f"{question.name} is close, but no formula. {reason}")
    except CheckError as problem:
        outcome = problem.outcome if isinstance(problem, _Ended) else Outcome.WRONG
        return Verdict(check.name, check.asks, outcome, str(problem)), looks
    return Verdict(check.name, check.asks, Outcome.PASSED), looks


def _examine_instance(
    question: Question, check: Check, instance: Instance, student: Answer
) -> tuple[Any, object]:
    """The answer to this instance, and the right one. Raises CheckError, with what to show, if wrong."""
    try:
        return _examined(question, check, instance, student)
    except CheckError as problem:
        if "tried" in instance:
            problem.args = (f"{problem} We tried {instance['tried']}.",)
        raise


def _examined(question: Question, check: Check, instance: Instance, student: Answer) -> tuple[Any, object]:
    arguments = question.arguments(instance)
    answer = ask(student, arguments)
    if answer.error is not None:
        raise _Ended(question.name, answer.error)
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
            compare_calls(question.name, answer.calls["f"], check.calls(**arguments))
        again = ask(student, arguments)
        same = again.error is None and identical(answer.value, again.value)
    except CheckError:
        raise
    except Exception as error:  # raised at another point, or by an answer that is no plain value
        raise _Ended(question.name, error) from error
    if not same:
        raise CheckError(
            f"{question.name} gives two different answers when called twice with the same input."
        )
    return answer.value, right


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


class _Ended(CheckError):
    """The student's function ended in an error; or it is not written yet, which is one too."""

    def __init__(self, function: str, error: BaseException):
        written = not isinstance(error, NotImplementedError)
        stopped = f"{function} stopped with {type(error).__name__}: {error}".rstrip(": ") + "."
        super().__init__(stopped if written else f"{function} is not written yet.")
        self.outcome = Outcome.ERROR if written else Outcome.NOT_WRITTEN


def _compare(question: Question, arguments: Mapping[str, object], value: object) -> None:
    right = question.reference(**arguments)
    if isinstance(right, bool):
        return compare_verdict(question.name, value, right)
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
