"""Try hidden tests on the trusted references before any student's work meets them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.errors import ContentError
from autograder.exam.examine import examine
from autograder.problem_sets.key import load_key
from autograder.problem_sets.notebooks import Exercise, grade_id


def prove_tests(exercise: Exercise) -> None:
    """Hand every question of the hidden tests its own reference: a broken key would take students' points.

    Raises ContentError when a reference does not get them all, or a test asks for what is not there.
    """
    for cell in exercise.automatic_cells:
        for key, function in _asked(cell.source):
            at = f"{exercise.path.name}, cell {grade_id(cell)}"
            try:
                reference = load_key(key).questions[function].reference
                marks = examine(key, function, reference, points=1.0)
            except Exception as error:
                problem = f"{type(error).__name__}: {error}".rstrip(": ")
                raise ContentError(f"{at}: {key}'s answer key for {function} fails: {problem}.") from error
            if marks.points < 1.0:
                raise ContentError(
                    f"{at}: the answer key's own {function} does not pass its tests. {marks.sentence}"
                )


def _asked(source: str) -> Iterator[tuple[str, str]]:
    """(answer key, function) of every call of `examine` in a test cell."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # magics: then nothing here is a call of ours
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "examine" and len(node.args) >= 2:
            key, function = (getattr(argument, "value", "") for argument in node.args[:2])
            yield key, function
