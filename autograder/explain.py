"""Name the mistake behind a wrong answer, when the answer key knows exactly one that fits.

Two functions are taken for the same when they do the same on every instance the hidden tests
use: same values, same kind of error, same arguments altered. Instances of different sizes keep
different mistakes apart. Where two mistakes with different hints fit, nothing is said: a wrong
explanation is worse than none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograder.calls import Answer, ask
from autograder.exercises import CatalogueEntry, Question

CLOSE = 1e-6  # relative: catalogued mistakes differ from each other by far more


def matching_mistakes(
    question: Question, mistakes: Sequence[CatalogueEntry], student: Callable
) -> list[CatalogueEntry]:
    """The catalogued mistakes that answer every instance of the question as `student` does."""
    inputs = [question.arguments(instance) for instance in question.instances()]
    seen = [ask(student, arguments) for arguments in inputs]
    return [
        entry
        for entry in mistakes
        if all(_alike(answer, ask(entry.answer, given)) for answer, given in zip(seen, inputs, strict=True))
    ]


def hint(question: Question, mistakes: Sequence[CatalogueEntry], student: Callable) -> str | None:
    """The one sentence to tell the student, or None when none or several would fit."""
    hints = {entry.text for entry in matching_mistakes(question, mistakes, student)}
    return hints.pop() if len(hints) == 1 else None


def _alike(one: Answer, other: Answer) -> bool:
    if one.error is not None or other.error is not None:  # a remote error has only its class's name
        return type(one.error).__name__ == type(other.error).__name__ and str(one.error) == str(other.error)
    return one.changed == other.changed and _same_value(one.value, other.value)


def _same_value(one: object, other: object) -> bool:
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
