"""What the hidden tests of a problem set ask, check by check, and how a person names a check.

A check is named by its title as pages and the report show it, by the beginning of that, or by
`function/title` or `test-cell-id/title` where several have the same.
"""

from __future__ import annotations

import ast
import itertools
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from autograder.errors import CourseError
from autograder.problem_sets.key import key_names, load_key
from autograder.problem_sets.notebooks import Exercise, ProblemSet, grade_id, points
from autograder.problem_sets.waivers import Waiver

SHOWN_BEFORE = "hidden test:"  # how the report begins a check's name


@dataclass(frozen=True)
class AskedCheck:
    """One check of one hidden test: its notebook, the id of the test's cell, the function, its name."""

    notebook: str
    test: str
    function: str
    check: str

    @property
    def full_name(self) -> str:
        return f"{self.function}/{self.check}"

    def is_waived_by(self, waiver: Waiver) -> bool:
        return (self.notebook, self.function, self.check) == waiver.what


def asked(source: str) -> Iterator[tuple[str, str]]:
    """(answer key, function) of every call of `examine` in a test cell."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # magics: then nothing here is a call of ours
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "examine" and len(node.args) >= 2:
            key, function = (getattr(argument, "value", "") for argument in node.args[:2])
            yield key, function


def checks_of(exercise: Exercise) -> list[AskedCheck]:
    """Every check of the exercise's hidden tests, in their order. Raises AssignmentError without a key."""
    questions = {exercise.key.name: exercise.key.questions}
    questions |= {name: load_key(name).questions for name in _other_keys(exercise)}
    return [
        AskedCheck(exercise.name, str(grade_id(cell)), function, check.name)
        for cell in exercise.automatic_cells
        if points(cell)
        for key, function in asked(cell.source)
        if function in questions.get(key, {})
        for check in questions[key][function].checks
    ]


def _other_keys(exercise: Exercise) -> set[str]:
    """The answer keys of other exercises that a test asks, as far as they are there."""
    named = {key for cell in exercise.automatic_cells for key, _ in asked(cell.source)}
    return (named & set(key_names())) - {exercise.key.name}


def unknown_waivers(exercise: Exercise) -> list[Waiver]:
    """The waivers of an exercise that name a check which none of its tests has."""
    if not exercise.waivers:
        return []
    checks = checks_of(exercise)
    return [waiver for waiver in exercise.waivers if not any(c.is_waived_by(waiver) for c in checks)]


def find_check(problem_set: ProblemSet, name: str) -> AskedCheck:
    """The one check that a person means by `name`.

    Raises CourseError, with a list to choose from, when it is none or more than one.
    """
    checks = [check for exercise in problem_set.exercises for check in checks_of(exercise)]
    wanted = " ".join(name.lower().split()).removeprefix(SHOWN_BEFORE).strip()
    found = _matching(checks, wanted) if wanted else []
    if len({(check.notebook, check.full_name) for check in found}) == 1:
        return found[0]
    said = f"{problem_set.name} has no check {name!r}" if not found else f"{name!r} may be several checks"
    names = dict.fromkeys(check.full_name for check in found or checks)
    raise CourseError(f"{said}; name one of these:\n  " + "\n  ".join(names))


def _matching(checks: Sequence[AskedCheck], wanted: str) -> list[AskedCheck]:
    """The checks that this names best: as it stands before what begins with it, and a place before none."""
    place, slash, title = (part.strip() for part in wanted.partition("/"))
    ways: tuple[Callable[[str, str], bool], ...] = (operator.eq, str.startswith)
    for fits_place, fits in itertools.product(ways, repeat=2):
        found = [
            check
            for check in checks
            if fits(check.check.lower(), wanted)
            or (
                slash
                and fits(check.check.lower(), title)
                and any(
                    fits_place(part.lower(), place) for part in (check.function, check.test, check.notebook)
                )
            )
        ]
        if found:
            return found
    return []
