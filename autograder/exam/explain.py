"""Say what kind of wrong an answer is, when the answer key leaves only one way to see it.

1. A named mistake: the catalogue's, when exactly one hint fits. Two functions are taken for the
   same when they do the same on every instance the hidden tests use: same values, same kind of
   error, same arguments altered. That is no evidence about code, nor is an error, a nan or a zero
   that two functions share: such a hint is told only when the student's code shows what it speaks of.
2. A slip that the code itself shows, or the error it ended with: see slips.py.
3. A derivative of the student's own loss, which is another function.
4. A sum of the exercise's terms with other coefficients than the right ones, constant or divided by
   a length: see terms.py.

What is wrong in other functions of the student's is no part of this: see lending.py.

Instances of different sizes keep different mistakes apart. Where a story is not the only one of its
kind that fits, it is not told: a wrong explanation is worse than none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from autograder.exam import slips
from autograder.exam.calls import Reply, ask, copied, quietly
from autograder.exam.evidence import Code
from autograder.exam.formula import to_mathml
from autograder.exam.terms import as_sum, parts, parts_of_a_mean, what_is_off
from autograder.gradcheck import as_number, gradient_check
from autograder.problem_sets.key import Answer, AnswerKey, CatalogueEntry, Check, Question, Reference

CLOSE = 1e-6  # relative: catalogued mistakes differ from each other by far more


class Kind(StrEnum):
    """Where an explanation comes from."""

    CARRIED = "carried"  # the mistake was made in another function of the student's
    MISTAKE = "mistake"  # a catalogued one
    SLIP = "slip"  # the code shows it, or the error
    TERMS = "terms"  # a sum of the exercise's terms
    LOSS = "loss"  # the right derivative of a wrong loss
    NUMERICAL = "numerical"  # a derivative that was not, or perhaps not, written as a formula


@dataclass(frozen=True)
class Explanation:
    """What kind of wrong. `mistake` is its name in the catalogue; mathml the formula computed."""

    kind: Kind
    text: str
    mistake: str = ""
    mathml: str | None = None


def story(
    key: AnswerKey, question: Question, student: Answer, code: Code | None, own: Mapping[str, Answer]
) -> Explanation | None:
    """What kind of wrong an answer is, as far as that can be told. It asks the student's code again.

    own holds the student's other functions, by name.
    """
    answers = answers_of(question, student)
    return (
        named(key, question, answers, code)
        or _right_derivative_of_a_wrong_loss(question, student, own)
        or of_terms(key, question, answers)
    )


def answers_of(question: Question, student: Answer) -> list[Reply]:
    """What `student` answers to every instance of the question, in their order."""
    return [ask(student, question.arguments(instance)) for instance in question.instances()]


def named(
    key: AnswerKey, question: Question, answers: Sequence[Reply], code: Code | None
) -> Explanation | None:
    """The catalogue's hint for wrong answers to `question`, or a slip that the code shows.

    None when no hint fits, or several. What a line shows comes before what numbers show, and these before
    what an error says, since that may have come up for a few inputs only.
    """
    found = alike(question, key.catalogue(key.mistakes, question.name), answers)
    shown = [entry for entry in found if entry.shows and code is not None and code.shows(entry.shows)]
    by_numbers = [entry for entry in found if not entry.shows and telling(question, answers)]
    if shown and (only := _the_only_hint(shown + by_numbers)):
        return only
    line = slips.in_a_line(code)
    if line is not None:
        return Explanation(Kind.SLIP, line)
    if not shown and (only := _the_only_hint(by_numbers)):
        return only
    return of_the_code(key, question, answers, code)


def _the_only_hint(entries: Sequence[CatalogueEntry]) -> Explanation | None:
    """The hint that all these mistakes have, under the name of the first."""
    if len({entry.text for entry in entries}) != 1:
        return None
    return Explanation(Kind.MISTAKE, entries[0].text, entries[0].name)


def telling(question: Question, answers: Sequence[Reply]) -> bool:
    """Whether there is a wrong answer among these that is made of numbers, and not of zeros alone.

    Of verdicts, both kinds must occur. Calls of a function that was handed over count as numbers.
    """
    verdicts = {bool(a.value) for a in answers if isinstance(a.value, (bool, np.bool_))}
    if verdicts:
        return len(verdicts) == 2
    inputs = map(question.arguments, question.instances())
    right = [ask(question.reference, given) for given in inputs]
    return any(
        _is_made_of_numbers(answer)
        and (not _same_value(answer.value, due.value) or (check.calls and answer.calls != due.calls))
        for answer, due, check in zip(answers, right, _checks(question), strict=True)
    )


def _checks(question: Question) -> list[Check]:
    """The check of every instance of the question, in their order."""
    return [check for check in question.checks if not check.waived for _ in check.instances]


def _is_made_of_numbers(answer: Reply) -> bool:
    parts = answer.value if isinstance(answer.value, tuple) else (answer.value,)
    try:
        arrays = [np.asarray(part, dtype=complex) for part in parts]
    except Exception:  # an answer may raise whatever it likes when looked at
        return False
    finite = all(np.isfinite(array).all() for array in arrays)
    return answer.error is None and answer.value is not None and finite and any(a.any() for a in arrays)


def of_the_code(
    key: AnswerKey, question: Question, answers: Sequence[Reply], code: Code | None
) -> Explanation | None:
    """A slip that the student's code shows as a whole, or what their error says of it."""
    inputs = [question.arguments(instance) for instance in question.instances()]
    functions = {**key.references, **_differentiated(key)}
    right = question.reference(**inputs[0])
    text = slips.in_the_code(code, answers, inputs, right, functions)
    failed = [(a.error, given) for a, given in zip(answers, inputs, strict=True) if a.error is not None]
    if text is None and failed:
        error, given = failed[0]
        assert error is not None
        text = slips.of_an_error(code, error, given, functions)
    return Explanation(Kind.SLIP, text) if text else None


def _differentiated(key: AnswerKey) -> dict[str, Reference]:
    """The functions whose derivatives are asked for: some are given, and no question asks for them."""
    given = (question.differentiates for question in key.questions.values())
    return {function.__name__: function for function in given if function is not None}


def of_terms(key: AnswerKey, question: Question, answers: Sequence[Reply]) -> Explanation | None:
    """Which terms an answer has in another number than the right one; None when it is no sum of them."""
    terms = key.terms.get(question.name, ())
    try:
        with quietly():
            found, length = parts(question, terms, answers), ""
            if found is None:
                found, length = parts_of_a_mean(question, terms, answers) or (None, "")
    except Exception:  # an answer may raise whatever it likes when looked at
        return None
    if found is None or all(part.right for part in found) or not any(part.coefficient for part in found):
        return None  # that an answer is 0 everywhere says nothing of its terms
    computed = as_sum(found)
    where = f", where N is {length}" if any(part.power < 0 for part in found) else ""
    text = f"You computed {computed}{where}. {what_is_off(found)}"
    plain = not any(part.coefficient and part.term.where for part in found)  # no words in the formula
    return Explanation(Kind.TERMS, text, mathml=to_mathml(computed) if plain else None)


def alike(
    question: Question, mistakes: Sequence[CatalogueEntry], answers: Sequence[Reply]
) -> list[CatalogueEntry]:
    """The catalogued mistakes that answer every instance of the question with `answers`."""
    inputs = [question.arguments(instance) for instance in question.instances()]
    return [
        entry
        for entry in mistakes
        if all(
            same_reply(seen, ask(entry.answer, given)) for seen, given in zip(answers, inputs, strict=True)
        )
    ]


def same_reply(one: Reply, other: Reply) -> bool:
    """Whether two replies to one instance are the same, but for rounding."""
    if one.error is not None or other.error is not None:  # a remote error has only its class's name
        return type(one.error).__name__ == type(other.error).__name__ and str(one.error) == str(other.error)
    return one.changed == other.changed and _same_value(one.value, other.value)


def _same_value(one: Any, other: Any) -> bool:  # whatever an answer may be
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(_same_value(a, b) for a, b in zip(one, other, strict=True))
    if one is None or other is None:
        return one is other
    try:
        a, b = np.asarray(one, dtype=complex), np.asarray(other, dtype=complex)
    except Exception:  # an answer may raise whatever it likes when looked at
        return False
    if a.shape != b.shape or np.iscomplexobj(one) != np.iscomplexobj(other):
        return False
    finite = np.abs(b[np.isfinite(b)])
    size = finite.max() if finite.size else 0.0
    return bool(np.allclose(a, b, rtol=0, atol=CLOSE * size, equal_nan=True))


def _right_derivative_of_a_wrong_loss(
    question: Question, student: Answer, own: Mapping[str, Answer]
) -> Explanation | None:
    """Say so when the gradient fits the student's own loss, and that loss is another function."""
    if question.differentiates is None or (name := question.differentiates.__name__) not in own:
        return None
    loss = own[name]
    arguments = question.arguments(question.instances()[0])
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
        Kind.LOSS,
        f"Your gradient is the right derivative of your own {name}. But your {name} is not the "
        f"function asked for: repair {name} first.",
    )


def _on_copies(function: Answer, rest: list[object]) -> Callable[[np.ndarray], object]:
    """A student's function of its first argument; what it does to the others, it does to copies."""
    return lambda point: function(point, *map(copied, rest))
