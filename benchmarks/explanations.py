"""How often does an explanation name what is wrong, and is it ever false?

    python -m benchmarks.explanations

First every catalogued mistake is explained: right means its own hint and no other. Then a hundred
answers with two slips each, drawn by chance: two coefficients of the exercise's terms, or one
coefficient and a slip that no constant coefficient describes. What a story claims is computed
and compared with the answer on inputs that no test uses. Then a hundred that mix a term's slip with one
of shape or of a loop, in tests/exam/mixed_pairs.jsonl. At last answers by people who had read the release
only, in tests/exam/second_catalogue.jsonl. What each answer of these two files is told has been read beside
its code, and what was found true stands there. Exit code 1 if a story is false, or if half of the last are
told nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from autograder.exam import explain
from autograder.exam.evidence import code_of
from autograder.exam.examine import Marks, examine
from autograder.exam.explain import Explanation
from autograder.exam.terms import parts, parts_of_a_mean
from autograder.problem_sets.key import AnswerKey, Question, Term, key_names, load_key

PAIRS = 100
ANSWERS = Path(__file__).parent.parent / "tests" / "exam"
SECOND, MIXED = ANSWERS / "second_catalogue.jsonl", ANSWERS / "mixed_pairs.jsonl"
FACTORS = (0.0, 0.5, -1.0, 2.0, 1.7)
OUTSIDE = {
    "reversed": lambda value: value[::-1].copy(),
    "without signs": np.abs,
    "averaged": lambda value: value / value.size,
    "off by the place": lambda value: value + np.arange(value.size).reshape(value.shape),
    "first entry lost": lambda value: np.where(np.arange(value.size).reshape(value.shape) == 0, 0, value),
}
Terms = tuple[Term, ...]


@dataclass(frozen=True)
class Pairs:
    """Of the answers with two slips: how many are sums of the terms, recovered, told at all, told falsely."""

    inside: int
    recovered: int
    told: int
    false: tuple[str, ...]


def explained(key: AnswerKey, question: Question, answer: Callable) -> Explanation | None:
    """What a student's function is told, without regard to its own loss."""
    answers, code = explain.answers_of(question, answer), code_of(answer, question.name)
    return explain.named(key, question, answers, code) or explain.of_terms(key, question, answers)


def catalogue() -> dict[str, bool]:
    """Every catalogued mistake, and whether it is told its own hint."""
    return {
        f"{key.name}.{entry.name}": (story := explained(key, key.questions[entry.function], entry.answer))
        is not None
        and story.text == entry.text
        for key in map(load_key, key_names())
        for entry in key.mistakes
    }


def gradients() -> Iterator[tuple[AnswerKey, Question, Terms]]:
    """Functions with at least two terms whose answer is one array, and the terms of its shape."""
    for key in map(load_key, key_names()):
        for name, terms in key.terms.items():
            question = key.questions[name]
            arguments = list(question.arguments(question.instances()[0]).values())
            right = question.reference(*arguments)
            if question.differentiates is None or isinstance(right, tuple):
                continue
            fitting = tuple(t for t in terms if np.shape(t.value(*arguments)) == np.shape(right))
            if len(fitting) >= 2:
                yield key, question, fitting


def with_coefficients(terms: Terms, coefficients: Sequence[float], slip: Callable | None = None) -> Callable:
    """The sum of the terms with these coefficients, and a slip at the end."""

    def answer(*arguments: object) -> np.ndarray:
        values = [np.asarray(term.value(*arguments), float) for term in terms]
        total = sum(c * value for c, value in zip(coefficients, values, strict=True))
        return slip(total) if slip else total

    return answer


def claimed(
    key: AnswerKey, question: Question, terms: Terms, answer: Callable, told: Explanation
) -> Callable:
    """The function that an explanation takes `answer` for."""
    if told.kind == "mistake":
        (entry,) = (e for e in key.catalogue(key.mistakes, question.name) if e.text == told.text)
        return entry.answer
    answers = explain.answers_of(question, answer)
    found, length = parts(question, terms, answers), "1"
    if found is None:
        found, length = parts_of_a_mean(question, terms, answers)

    def function(*arguments: object) -> np.ndarray:
        names = question.arguments(question.instances()[0])
        N = eval(length, {"len": len, **dict(zip(names, arguments, strict=True))})
        coefficients = [float(part.coefficient * N**part.power) for part in found]
        return with_coefficients(terms, coefficients)(*arguments)

    return function


def pairs(seed: int = 7) -> Pairs:
    """Explain answers with two slips, and hold each story against fresh inputs."""
    rng = np.random.default_rng(seed)
    choices = list(gradients())
    inside, recovered, spoken, false = 0, 0, 0, []
    for _ in range(PAIRS):
        key, question, terms = choices[rng.integers(len(choices))]
        right = parts(question, terms, explain.answers_of(question, question.reference))
        due = np.array([part.due for part in right])
        one, other = rng.choice(len(terms), 2, replace=False)
        coefficients, slip = due.copy(), None
        coefficients[one] = rng.choice(FACTORS) * (due[one] or 1)
        if rng.random() < 0.5:
            coefficients[other] = rng.choice(FACTORS) * (due[other] or 1)
        else:
            slip = OUTSIDE[rng.choice(list(OUTSIDE))]
        if slip is None and np.allclose(coefficients, due):
            continue
        answer = with_coefficients(terms, coefficients, slip)
        told = explained(key, question, answer)
        inside += slip is None
        recovered += slip is None and told is not None
        spoken += told is not None
        if told and not _agree(key, question, claimed(key, question, terms, answer, told), answer, rng):
            false.append(f"{question.name}: {told.text}")
    return Pairs(inside, recovered, spoken, tuple(false))


def _agree(
    key: AnswerKey, question: Question, one: Callable, other: Callable, rng: np.random.Generator
) -> bool:
    for instance in key.instances(rng):
        arguments = list(question.arguments(instance).values())
        value = other(*arguments)
        if not np.allclose(one(*arguments), value, rtol=1e-6, atol=1e-6 * abs(value).max()):
            return False
    return True


@dataclass(frozen=True)
class Outsider:
    """An answer by somebody who had not read the catalogue, and what may truly be said of it."""

    exercise: str
    function: str
    right: bool
    source: str
    truth: str
    may_say: tuple[str, ...]

    def examined(self) -> Marks:
        """What a hidden test gives it, beside right functions of the same exercise."""
        key = load_key(self.exercise)
        given = [question.differentiates for question in key.questions.values() if question.differentiates]
        names = {"np": np, **{function.__name__: function for function in given}, **key.references}
        exec(self.source, names)
        answer = names[self.function]
        answer.sources = (self.source,)
        return examine(self.exercise, self.function, answer, points=1)


def answers_in(path: Path) -> list[Outsider]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Outsider(**{**row, "may_say": tuple(row["may_say"])}) for row in map(json.loads, lines)]


def told_of(path: Path) -> tuple[int, int, tuple[str, ...]]:
    """How many of their wrong answers are told what is wrong, and how many nothing; what is false."""
    named, silent, false = 0, 0, []
    for answer in answers_in(path):
        marks = answer.examined()
        if (marks.points == 1) != answer.right:
            false.append(f"{answer.function} gets {marks} of 1. {answer.truth}")
        elif marks.hint and marks.hint not in answer.may_say:
            false.append(f"{answer.function} is told: {marks.hint} In truth: {answer.truth}")
        elif not answer.right:
            named, silent = named + bool(marks.hint), silent + (not marks.hint)
    return named, silent, tuple(false)


def main() -> int:
    own = catalogue()
    made = pairs()
    print(f"{sum(own.values())} of {len(own)} catalogued mistakes are told their own hint, and no other.")
    print(
        f"{PAIRS} pairs of slips: {made.inside} stay within the terms, {made.recovered} are recovered; "
        f"{made.told} are told something, {len(made.false)} something false."
    )
    told, nothing, mixed = told_of(MIXED)
    print(
        f"{told + nothing + len(mixed)} pairs of a term's slip and one of shape or loop: "
        f"{told} are told something, {len(mixed)} something false."
    )
    named, silent, untrue = told_of(SECOND)
    print(
        f"{named + silent + len(untrue)} wrong answers by people who had not read the catalogue: "
        f"{named} are told what is wrong, {silent} nothing, {len(untrue)} something false."
    )
    for story in (*made.false, *mixed, *untrue):
        print(f"False: {story}")
    return int(bool(made.false or mixed or untrue) or named < silent)


if __name__ == "__main__":
    sys.exit(main())
