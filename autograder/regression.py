"""Read an answer as a sum of the exercise's terms: y = Σ cₖ tₖ, and say which coefficient is off.

The coefficients are those of least squares over all instances at once, each instance scaled to
size 1. They are claimed only when they are unique (the terms can be told apart, with twice as
many numbers as terms, on inputs of several sizes) and when the fit holds on every instance.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from autograder.calls import Answer
from autograder.exercises import Question

CLOSE = 1e-6  # of an instance's size: what a fit may leave over, and a coefficient be off
TELL_APART = 1e6  # the largest condition number at which coefficients are believed
NICE = {Fraction(1, 2): "½", Fraction(1, 4): "¼", Fraction(3, 2): "1.5"}


@dataclass(frozen=True)
class Part:
    """One term of an answer: its formula, its coefficient, and the coefficient that is due."""

    formula: str
    coefficient: float
    due: float

    @property
    def right(self) -> bool:
        return abs(self.coefficient - self.due) <= CLOSE * max(1.0, abs(self.due))


def parts(
    question: Question, terms: Mapping[str, Callable], answers: Sequence[Answer]
) -> tuple[Part, ...] | None:
    """An answer's terms, in the answer key's order; None when it is no unique sum of them.

    answers are those to question.instances(), in order. An answer of another shape than the right
    one is no sum of anything.
    """
    inputs = [list(question.arguments(instance).values()) for instance in question.instances()]
    right = [question.reference(*arguments) for arguments in inputs]
    if any(answer.error is not None or answer.changed for answer in answers):
        return None
    fitting = {  # a term in the other layout has another shape: it can have no part in this
        formula: term for formula, term in terms.items() if _shapes(term(*inputs[0])) == _shapes(right[0])
    }
    if not fitting or len({_shapes(arguments[0]) for arguments in inputs}) < 2:
        return None
    blocks, mine, due = [], [], []
    for arguments, answer, value in zip(inputs, answers, right, strict=True):
        if _shapes(answer.value) != _shapes(value):
            return None
        block = np.stack([_flat(term(*arguments)) for term in fitting.values()], axis=1)
        size = abs(block).max() or 1.0
        blocks.append(block / size)
        mine.append(_flat(answer.value) / size)
        due.append(_flat(value) / size)
    columns = np.concatenate(blocks)
    if len(columns) < 2 * columns.shape[1] or np.linalg.cond(columns) > TELL_APART:
        return None
    found, wanted = (_fit(columns, np.concatenate(values)) for values in (mine, due))
    if found is None or wanted is None:
        return None
    return tuple(map(Part, fitting, map(_rounded, found), map(_rounded, wanted)))


def _fit(columns: np.ndarray, values: np.ndarray) -> np.ndarray | None:
    if not np.isfinite(values).all():
        return None
    coefficients, *_ = np.linalg.lstsq(columns, values, rcond=None)
    return coefficients if abs(columns @ coefficients - values).max() <= CLOSE else None


def _shapes(value: object) -> object:
    if isinstance(value, (tuple, list)) and not all(np.isscalar(entry) for entry in value):
        return tuple(map(_shapes, value))
    try:
        array = np.asarray(value)
    except ValueError:
        return None
    return array.shape if array.dtype.kind in "biuf" else None


def _flat(value: object) -> np.ndarray:
    if isinstance(value, (tuple, list)) and not all(np.isscalar(entry) for entry in value):
        return np.concatenate([_flat(entry) for entry in value])
    return np.asarray(value, dtype=float).ravel()


def _rounded(coefficient: float) -> float:
    """The simple fraction next to it, when it is that but for rounding."""
    simple = float(Fraction(coefficient).limit_denominator(12))
    return simple if abs(coefficient - simple) <= CLOSE * max(1.0, abs(simple)) else float(coefficient)


# ------------------------------------------------------------------ in words


def as_sum(found: Sequence[Part]) -> str:
    """The formula that was computed: "2AᵀAx − 2Aᵀb + λx"."""
    text = ""
    for part in found:
        if part.coefficient:
            written = scaled(part.formula, part.coefficient)
            sign, rest = ("−", written[1:]) if written.startswith("−") else ("+", written)
            text += f" {sign} {rest}" if text else written
    return text or "0"


def what_is_off(found: Sequence[Part]) -> str:
    """One sentence for each term whose coefficient is not the right one."""
    wrong = [part for part in found if not part.right]
    ratios = {_rounded(part.coefficient / part.due) for part in found if part.due}
    whole = len(found) > 1 and len(ratios) == 1 and all(part.due or not part.coefficient for part in found)
    if whole and wrong:
        (ratio,) = ratios
        if ratio == -1:
            return "Every term has the opposite sign."
        return f"Every term is {number(ratio)} times the right one." if ratio else "Every term is missing."
    return " ".join(map(_off, wrong))


def _off(part: Part) -> str:
    if not part.due:
        return f"{scaled(part.formula, part.coefficient)} does not belong there."
    right = scaled(part.formula, part.due)
    if not part.coefficient:
        return f"The term {right} is missing."
    if part.coefficient == -part.due:
        return f"The term {right} has the opposite sign."
    return f"Where you have {scaled(part.formula, part.coefficient)}, {right} is right."


def scaled(formula: str, coefficient: float) -> str:
    """coefficient times a formula, its own leading number multiplied in: ½ of 2λx is λx."""
    lead = re.match(r"(−?)(\d*)(?![\d/^])", formula)
    factor = coefficient * (-1 if lead[1] else 1) * (int(lead[2]) if lead[2] else 1)
    rest = formula[lead.end() :]
    sign = "−" if factor < 0 else ""
    if not rest:
        return sign + number(abs(factor))
    size = "" if abs(factor) == 1 else number(abs(factor))
    return f"{sign}{size}{'·' if size and ('.' in size or 'e' in size) else ''}{rest}"


def number(value: float) -> str:
    """A coefficient in digits: 2, ½, 0.333333."""
    return NICE.get(Fraction(value), f"{value:.6g}".replace("-", "−"))
