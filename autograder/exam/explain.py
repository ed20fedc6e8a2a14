"""Say what kind of wrong an answer is, when the answer key leaves only one way to see it.

1. A mistake of another function of the student's, which this one calls.
2. A named mistake: the catalogue's, when exactly one hint fits. Two functions are taken for the
   same when they do the same on every instance the hidden tests use: same values, same kind of
   error, same arguments altered.
3. A sum of the exercise's terms with other coefficients than the right ones, constant or divided by
   a length: see regression.py.

Instances of different sizes keep different mistakes apart. Where a story is not the only one of its
kind that fits, it is not told: a wrong explanation is worse than none.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exam.calls import Reply, ask, quietly
from autograder.exam.formula import to_mathml
from autograder.exam.terms import as_sum, parts, parts_of_a_mean, what_is_off
from autograder.problem_sets.key import Answer, AnswerKey, CatalogueEntry, Question, Reference

CARRIED = "carried"
MAX_CALLS = 2000  # of a student's other functions, for a story about them: they may be slow
CLOSE = 1e-6  # relative: catalogued mistakes differ from each other by far more


@dataclass(frozen=True)
class Explanation:
    """What kind of wrong. `kind` is CARRIED, mistake, terms, loss or numerical.

    mathml is the formula computed.
    """

    kind: str
    text: str
    mathml: str | None = None


def answers_of(question: Question, student: Answer) -> list[Reply]:
    """What `student` answers to every instance of the question, in their order."""
    return [ask(student, question.arguments(instance)) for instance in question.instances()]


def named(key: AnswerKey, question: Question, answers: Sequence[Reply]) -> Explanation | None:
    """The catalogue's hint for wrong answers to `question`; None when none or several would fit."""
    hints = {entry.text for entry in alike(question, key.catalogue(key.mistakes, question.name), answers)}
    return Explanation("mistake", hints.pop()) if len(hints) == 1 else None


def carried_over(
    question: Question, answers: Sequence[Reply], own: Mapping[str, Answer]
) -> Explanation | None:
    """The mistake is in the student's own functions that this one calls; None when it may not be.

    The reference is given those functions in place of the right ones: it must answer as the student does.
    """
    called = [name for name in question.reference.__code__.co_names if name in own]
    if not called or any(answer.error is not None for answer in answers):
        return None
    left = MAX_CALLS  # and not seconds: what is told must not depend on the machine

    def counted(function: Answer) -> Answer:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise RuntimeError("called too often")
            return function(*args, **kwargs)

        return call

    def fits(names: Sequence[str], answers: Sequence[Reply]) -> bool:
        reference = _calling(question.reference, {name: counted(own[name]) for name in names})
        inputs = map(question.arguments, question.instances())
        return all(
            same_reply(answer, ask(reference, given)) for answer, given in zip(answers, inputs, strict=True)
        )

    if not fits(called, answers):
        return None
    right = answers_of(question, question.reference)
    wrong = [name for name in called if not fits([name], right)]
    if not wrong or left < 0:
        return None
    names, say = " and ".join(wrong), "says, and that is" if len(wrong) == 1 else "say, and they are"
    text = f"{question.name} does what your {names} {say} not right yet. Repair {names} first."
    return Explanation(CARRIED, text)


def _calling(function: Reference, others: Mapping[str, Answer]) -> Reference:
    """function, with others in place of those that it calls by these names."""
    return types.FunctionType(function.__code__, {**function.__globals__, **others})


def of_terms(key: AnswerKey, question: Question, answers: Sequence[Reply]) -> Explanation | None:
    """Which terms an answer has in another number than the right one; None when it is no sum of them."""
    terms = key.terms.get(question.name, {})
    try:
        with quietly():
            found, length = parts(question, terms, answers), ""
            if found is None:
                found, length = parts_of_a_mean(question, terms, answers) or (None, "")
    except Exception:  # an answer may raise whatever it likes when looked at
        return None
    if found is None or all(part.right for part in found):
        return None
    computed = as_sum(found)
    where = f", where N is {length}" if any(part.power < 0 for part in found) else ""
    text = f"You computed {computed}{where}. {what_is_off(found)}"
    return Explanation("terms", text, to_mathml(computed))


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
