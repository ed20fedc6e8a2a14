"""Read an answer as a sum of the exercise's terms: y = Σ cₖ tₖ, and say which coefficient is off.

The coefficients are those of least squares over all instances at once, each instance scaled to
size 1. They are claimed only when they are unique (the terms can be told apart, with twice as
many numbers as terms, on inputs of several sizes) and when the fit holds on every instance.

Where no constant coefficients fit, a term may be divided by N, the length of an argument: a mean
where a sum is due. Where a formula has 1/n, that may be missing. It is claimed when one N fits.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.exam.calls import Reply
from autograder.problem_sets.key import Question, Term

CLOSE = 1e-6  # of an instance's size: what a fit may leave over, and a coefficient be off
TELL_APART = 1e6  # the largest condition number at which coefficients are believed
NICE = {Fraction(1, 2): "½", Fraction(1, 4): "¼", Fraction(3, 2): "1.5"}


@dataclass(frozen=True)
class Part:
    """One term of an answer, its coefficient, and the coefficient that is due.

    The term is multiplied by N to the `power`: −1 divides it by N, 1 takes away the 1/n it has.
    """

    term: Term
    coefficient: float
    due: float
    power: int = 0

    @property
    def right(self) -> bool:
        close = abs(self.coefficient - self.due) <= CLOSE * max(1.0, abs(self.due))
        return close and not (self.power and self.coefficient)

    @property
    def written(self) -> str:
        """The term with its coefficient: "½‖x‖²/N"."""
        return written(self.term, self.coefficient, self.power)


@dataclass(frozen=True)
class _System:
    """The terms of one shape on every instance, the answers and the right values, each scaled to size 1."""

    terms: tuple[Term, ...]
    inputs: list[dict[str, object]]
    blocks: list[np.ndarray]
    mine: np.ndarray
    due: np.ndarray

    def coefficients(
        self, values: np.ndarray, factors: Sequence[np.ndarray] | None = None
    ) -> list[float] | None:
        """The unique coefficients that make `values` of the terms; factors are for each instance's terms."""
        blocks = self.blocks
        if factors is not None:
            blocks = [block * factor for block, factor in zip(blocks, factors, strict=True)]
        columns = np.concatenate(blocks)
        if len(columns) < 2 * columns.shape[1] or np.linalg.cond(columns) > TELL_APART:
            return None
        found = _fit(columns, values)
        return None if found is None else [*map(_rounded, found)]


def parts(question: Question, terms: Sequence[Term], answers: Sequence[Reply]) -> tuple[Part, ...] | None:
    """An answer's terms, in the answer key's order; None when it is no unique sum of them.

    answers are those to question.instances(), in order. An answer of another shape than the right
    one is no sum of anything.
    """
    system = _system(question, terms, answers)
    if system is None:
        return None
    found, due = system.coefficients(system.mine), system.coefficients(system.due)
    return None if found is None or due is None else tuple(map(Part, system.terms, found, due))


def parts_of_a_mean(
    question: Question, terms: Sequence[Term], answers: Sequence[Reply]
) -> tuple[tuple[Part, ...], str] | None:
    """The same where terms are divided by N or lack their 1/n; and what N is, as Python says it."""
    system = _system(question, terms, answers)
    if system is None or not (due := system.coefficients(system.due)):
        return None
    choices = [(0, -1, 1) if term.over else (0, -1) for term in system.terms]
    stories: dict[tuple[Part, ...], str] = {}
    for name, sizes in _lengths(system.inputs):
        for powers in itertools.product(*choices):
            factors = [float(size) ** np.array(powers) for size in sizes]
            found = system.coefficients(system.mine, factors)
            if found is None:
                continue
            made = tuple(map(Part, system.terms, found, due, np.where(found, powers, 0).tolist()))
            stories.setdefault(made, name)
            if len(stories) > 1:
                return None
    return next(iter(stories.items()), None)


def _lengths(inputs: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """What N may be: lengths that differ among the instances, each sequence of numbers once."""
    seen = set()
    for name, first in sorted(inputs[0].items(), key=lambda item: np.ndim(item[1])):  # len(b) reads best
        dimensions = np.ndim(first)
        ways: dict[str, Callable[[Any], int]] = {f"len({name})": len}
        if dimensions != 1:
            ways = {f"{name}.shape[{axis}]": _along(axis) for axis in range(dimensions)}
            ways[f"{name}.size"] = np.size
        for text, length in ways.items() if dimensions else ():
            sizes = tuple(length(arguments[name]) for arguments in inputs)
            if len(set(sizes)) > 1 and sizes not in seen:
                seen.add(sizes)
                yield text, sizes


def _along(axis: int) -> Callable[[Any], int]:
    return lambda array: np.shape(array)[axis]


def _system(question: Question, terms: Sequence[Term], answers: Sequence[Reply]) -> _System | None:
    inputs = [question.arguments(instance) for instance in question.instances()]
    right = [question.reference(**arguments) for arguments in inputs]
    if any(answer.error is not None or answer.changed for answer in answers):
        return None
    first = [*inputs[0].values()]
    # A term in the other layout has another shape: it can have no part in this.
    fitting = tuple(term for term in terms if _shapes(term.value(*first)) == _shapes(right[0]))
    if not fitting or len({_shapes(next(iter(arguments.values()))) for arguments in inputs}) < 2:
        return None
    blocks, mine, due = [], [], []
    for arguments, answer, value in zip(inputs, answers, right, strict=True):
        if _shapes(answer.value) != _shapes(value):
            return None
        block = np.stack([_flat(term.value(*arguments.values())) for term in fitting], axis=1)
        size = abs(block).max() or 1.0
        blocks.append(block / size)
        mine.append(_flat(answer.value) / size)
        due.append(_flat(value) / size)
    return _System(fitting, inputs, blocks, np.concatenate(mine), np.concatenate(due))


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
            sign, rest = ("−", part.written[1:]) if part.written.startswith("−") else ("+", part.written)
            text += f" {sign} {rest}" if text else part.written
    return text or "0"


def what_is_off(found: Sequence[Part]) -> str:
    """One sentence for each term whose coefficient is not the right one."""
    wrong = [part for part in found if not part.right]
    ratios = {_rounded(part.coefficient / part.due) for part in found if part.due}
    whole = len(found) > 1 and len(ratios) == 1 and all(part.due or not part.coefficient for part in found)
    powers = {part.power for part in found if part.coefficient} or {0}
    if not (whole and wrong and len(powers) == 1):
        return " ".join(map(_off, wrong))
    (ratio,), (power,) = ratios, powers
    if (ratio, power) == (-1, 0):
        return "Every term has the opposite sign."
    times = {0: number(ratio), -1: f"{number(ratio)}/N", 1: written(Term("n", len), ratio)}
    return f"Every term is {times[power]} times the right one." if ratio else "Every term is missing."


def _off(part: Part) -> str:
    if not part.due:
        return f"{part.written} does not belong there."
    right = written(part.term, part.due)
    if not part.coefficient:
        return f"The term {right} is missing."
    if part.coefficient == -part.due and not part.power:
        return f"The term {right} has the opposite sign."
    return f"Where you have {part.written}, {right} is right."


def written(term: Term, coefficient: float, power: int = 0) -> str:
    """A coefficient times a term: "−(2/n)Xᵀy", "½‖x‖²/N", "λx"."""
    sign, size = ("−" if coefficient < 0 else ""), abs(coefficient)
    if term.body == "1":
        text = number(size)
    elif term.over and power <= 0:
        text = f"({number(size)}/{term.over}){term.body}"
    else:
        text = _times(size, term.body)
    if power < 0:
        text = f"({text})/N" if " ⊗ " in text else f"{text}/N"
    where = term.where and (" " if term.where.startswith("in ") else ", ") + term.where
    return sign + text + where


def _times(size: float, body: str) -> str:
    lead = "" if size == 1 else number(size)
    return f"{lead}{'·' if lead and ('.' in lead or 'e' in lead) else ''}{body}"


def number(value: float) -> str:
    """A coefficient in digits: 2, ½, 0.333333."""
    return NICE.get(Fraction(value), f"{value:.6g}".replace("-", "−"))
