"""Judge a function with right ones in place of the student's others that it calls: one slip is paid once.

A right function is lent only for a question that comes before, so that nobody can answer with it, and
only while this one is judged.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from autograder.exam.evidence import Code
from autograder.problem_sets.key import Answer, AnswerKey, Reference

MISSING = object()


def may_be_lent(key: AnswerKey, function: str, code: Code | None) -> dict[str, Reference]:
    """The right functions of earlier questions that the code mentions; all of them, when there is no code."""
    names = list(key.questions)
    earlier = names[: names.index(function)]
    return {name: key.references[name] for name in earlier if code is None or name in code.features}


@contextlib.contextmanager
def lent(student: Answer, functions: Mapping[str, Reference]) -> Iterator[None]:
    """Let the student's function find these under their names; afterwards it finds its own again."""
    lend = getattr(student, "lend", None)
    if lend is not None:
        with lend(functions):
            yield
        return
    names: dict[str, Any] = getattr(student, "__globals__", {})
    before = {name: names.get(name, MISSING) for name in functions}
    names.update(functions)
    try:
        yield
    finally:
        names.update({name: value for name, value in before.items() if value is not MISSING})
        for name in [name for name, value in before.items() if value is MISSING]:
            names.pop(name, None)


def told(function: str, wrong: Sequence[str]) -> str:
    """What a student reads whose function is right, and calls others of theirs that made it wrong."""
    names = " and ".join(wrong)
    return (
        f"{function} is right, and has all its points: we judged it with a right {names} in place of "
        f"yours. Where it fails in your notebook, {names} is why. Look at {names} first."
    )


def who_is_wrong(
    functions: Mapping[str, Reference], student: Answer, score: Callable[[], float], best: float
) -> list[str]:
    """Those of the lent functions without which the score is less than the best."""
    wrong = []
    for name in functions:
        with lent(student, {other: right for other, right in functions.items() if other != name}):
            if score() < best:
                wrong.append(name)
    return wrong
