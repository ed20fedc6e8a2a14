"""The tests' certificate: what each check of an exercise catches, and what no check notices.

Right variants, the catalogue's mistakes and shortcuts, and mutants of the answer key's own functions go
through every check of every question. A mutant that no check notices must do the same as the original:
the answer key lists it under `equivalent`, with the reason. A check earns its place by a wrong
answer that no other check catches.
"""

from __future__ import annotations

import contextlib
import signal
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.exam.examine import failed_checks
from autograder.files import write_whole
from autograder.problem_sets.key import Answer, AnswerKey, Question
from autograder.problem_sets.notebooks import ProblemSet
from autograder.problem_sets.waivers import Waiver
from autograder.releasing.mutants import mutants

SECONDS = 5.0  # of processor time for one wrong answer, before it counts as one that never ends


class _TooLong(BaseException):
    """Ends a wrong answer that does not end by itself; nothing on the way takes it for an answer."""


@dataclass(frozen=True)
class CheckRecord:
    """One check: how many wrong answers it catches, and the names of those that no other check catches.

    A waived one may refuse right answers, and need catch nothing.
    """

    question: str
    check: str
    mistakes: int
    mutants: int
    alone: tuple[str, ...]
    waived: bool = False


@dataclass(frozen=True)
class Certificate:
    """One exercise. `unnoticed` are mutants that no check catches and the answer key does not excuse.

    `equivalent` maps those it does excuse, as (function, mutant), to the reason.
    """

    exercise: str
    variants: int
    variants_accepted: int
    mistakes: int
    mistakes_caught: int
    mutants: int
    equivalent: dict[tuple[str, str], str]
    unnoticed: tuple[tuple[str, str], ...]
    checks: tuple[CheckRecord, ...]

    @property
    def needless(self) -> tuple[CheckRecord, ...]:
        """The checks that catch nothing on their own."""
        return tuple(record for record in self.checks if not record.alone and not record.waived)

    @property
    def problems(self) -> tuple[str, ...]:
        """What keeps the certificate from holding, a sentence each."""
        found = []
        if self.variants_accepted < self.variants:
            found.append(f"{self.variants - self.variants_accepted} right variants lose points.")
        if self.mistakes_caught < self.mistakes:
            found.append(f"{self.mistakes - self.mistakes_caught} mistakes lose no points.")
        found += [f"{function}: no check notices {name!r}." for function, name in self.unnoticed]
        found += [
            f"{record.question}: {record.check!r} catches nothing that no other check catches."
            for record in self.needless
        ]
        return tuple(f"{self.exercise}: {problem}" for problem in found)


def certify(key: AnswerKey, waivers: Iterable[Waiver] = ()) -> Certificate:
    """Try everything the answer key knows, and its mutants, on every check. Takes seconds.

    Waived checks are tried too: what they catch is no fault of the others.
    """
    waived = {(waiver.function, waiver.check) for waiver in waivers}
    accepted, caught, made, records, unnoticed = 0, 0, 0, [], []
    for question in key.questions.values():
        by_mistakes: Counter[str] = Counter()
        by_mutants: Counter[str] = Counter()
        alone: dict[str, list[str]] = defaultdict(list)
        for entry in key.catalogue(key.variants, question.name):
            accepted += {(question.name, check) for check in _failed(question, entry.answer)} <= waived
        for entry in key.catalogue(key.mistakes, question.name):
            failed = _failed(question, entry.answer)
            caught += bool(failed)
            by_mistakes.update(failed)
            if len(failed) == 1:
                alone[failed[0]].append(entry.name)
        for entry in key.catalogue(key.shortcuts, question.name):
            failed = _failed(question, entry.answer)
            if len(failed) == 1:
                alone[failed[0]].append(entry.name)
        for mutant in mutants(question):
            failed = _failed(question, mutant.answer)
            made += 1
            by_mutants.update(failed)
            if len(failed) == 1:
                alone[failed[0]].append(mutant.name)
            if not failed and (question.name, mutant.name) not in key.equivalent:
                unnoticed.append((question.name, mutant.name))
        records += [
            CheckRecord(
                question.name,
                check.name,
                by_mistakes[check.name],
                by_mutants[check.name],
                tuple(alone[check.name]),
                (question.name, check.name) in waived,
            )
            for check in question.checks
        ]
    return Certificate(
        key.name,
        len(key.variants),
        accepted,
        len(key.mistakes),
        caught,
        made,
        dict(key.equivalent),
        tuple(unnoticed),
        tuple(records),
    )


def _failed(question: Question, answer: Answer) -> tuple[str, ...]:
    try:
        with _alarm():
            return failed_checks(question, answer)
    except _TooLong:
        return tuple(check.name for check in question.checks)


@contextlib.contextmanager
def _alarm() -> Iterator[None]:
    """Raise _TooLong when it takes too long: a mutant's loop may never end."""

    def ring(signum: int, frame: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def write_certificate(problem_set: ProblemSet, folder: Path) -> tuple[Path, list[Certificate]]:
    """Certify a problem set's exercises and write the tables, for staff, into `folder`."""
    made = [certify(exercise.key, exercise.waivers) for exercise in problem_set.exercises]
    path = certificate_path(folder, problem_set.name)
    write_whole(path, as_markdown(problem_set.name, made))
    return path, made


def certificate_path(folder: Path, assignment: str) -> Path:
    return folder / f"{assignment}-certificate.md"


def as_markdown(assignment: str, certificates: list[Certificate]) -> str:
    """The certificate of a problem set: staff read it, students never do."""
    lines = [f"# What the hidden tests of {assignment} catch", ""]
    lines += ["| exercise | right variants accepted | mistakes caught | mutants | equivalent | unnoticed |"]
    lines += ["|---|---|---|---|---|---|"]
    for c in certificates:
        lines.append(
            f"| `{c.exercise}` | {c.variants_accepted} of {c.variants} | {c.mistakes_caught} of {c.mistakes} "
            f"| {c.mutants} | {len(c.equivalent)} | {len(c.unnoticed)} |"
        )
    for c in certificates:
        lines += ["", f"## {c.exercise}", ""]
        lines += [
            "| function | check | mistakes | mutants | caught by this check alone |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| `{r.question}` | {r.check}{' (waived)' if r.waived else ''} "
            f"| {r.mistakes} | {r.mutants} | {_named(r.alone)} |"
            for r in c.checks
        ]
        for (function, name), reason in c.equivalent.items():
            lines += ["", f"`{function}`, *{name}* does the same as the original: {reason}"]
        for function, name in c.unnoticed:
            lines += ["", f"**`{function}`, *{name}* is noticed by no check.**"]
    return "\n".join(lines) + "\n"


def _named(answers: tuple[str, ...]) -> str:
    """The first of them, and how many more: "took_the_root and 2 more"."""
    if not answers:
        return "nothing"
    return answers[0] + (f" and {len(answers) - 1} more" if len(answers) > 1 else "")
