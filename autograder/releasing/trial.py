"""Try answers of an answer key on its own hidden tests: for whoever writes one more mistake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.errors import CourseError
from autograder.exam import explain
from autograder.exam.examine import examine, failed_checks
from autograder.exam.explain import Explanation, Kind
from autograder.problem_sets.key import FORMULA, AnswerKey, CatalogueEntry, Question


@dataclass(frozen=True)
class Trial:
    """One catalogued answer: the checks that it fails, what is told, and which mistakes answer alike.

    `problem` says what is wrong with the entry; empty when nothing is.
    """

    entry: CatalogueEntry
    checks: int
    failed: tuple[str, ...]
    told: Explanation | None
    alike: tuple[str, ...]
    problem: str


def trials(key: AnswerKey, name: str = "") -> Iterator[Trial]:
    """Try one answer, a function's, or all. Raises CourseError for a name that is neither."""
    every = (*key.mistakes, *key.shortcuts, *key.variants)
    chosen = [entry for entry in every if name in ("", entry.name, entry.function)]
    if not chosen:
        raise CourseError(f"{key.name} has no answer {name!r}, and asks for no function of that name.")
    return (_trial(key, entry) for entry in chosen)


def _trial(key: AnswerKey, entry: CatalogueEntry) -> Trial:
    question = key.questions[entry.function]
    failed = failed_checks(question, entry.answer)
    told = examine(key.name, entry.function, entry.answer, 1.0).explanation
    answers = explain.answers_of(question, entry.answer)
    found = explain.alike(question, key.catalogue(key.mistakes, entry.function), answers)
    alike = tuple(other.name for other in found if other.name != entry.name)
    return Trial(
        entry, len(question.checks), failed, told, alike, _problem(key, question, entry, failed, told)
    )


def _problem(
    key: AnswerKey,
    question: Question,
    entry: CatalogueEntry,
    failed: tuple[str, ...],
    told: Explanation | None,
) -> str:
    if entry in key.variants:
        return "It is right, and loses points." if failed else ""
    if entry in key.shortcuts:
        return "" if failed == (FORMULA,) else "It ought to fail the check for a formula, and no other."
    if not failed:
        return "No check catches it."
    if told is None:
        return "Its hint is not told: another mistake does the same, or its code lacks what `shows` says."
    if told.text != entry.text:
        return f"It is told something else: {told.text}"
    return "" if told.kind is Kind.MISTAKE else "Its hint is told as something else than a mistake."
