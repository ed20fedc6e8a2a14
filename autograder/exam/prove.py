"""Try hidden tests on the trusted references before any student's work meets them."""

from __future__ import annotations

from autograder.errors import ContentError
from autograder.exam.examine import examine
from autograder.problem_sets.checks import asked, unknown_waivers
from autograder.problem_sets.key import load_key
from autograder.problem_sets.notebooks import Exercise, grade_id
from autograder.problem_sets.waivers import NAME, waiving


def prove_tests(exercise: Exercise) -> None:
    """Hand every question of the hidden tests its own reference: a broken key would take students' points.

    Raises ContentError when a reference does not get them all, a test asks for what is not there, or
    something is waived that no test asks.
    """
    for waiver in unknown_waivers(exercise):
        raise ContentError(
            f"{NAME} waives {waiver.function}/{waiver.check}, and no test of {waiver.notebook} asks that. "
            "Put the entry right, or take it out."
        )
    with waiving(exercise.waivers):
        _prove(exercise)


def _prove(exercise: Exercise) -> None:
    for cell in exercise.automatic_cells:
        for key, function in asked(cell.source):
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
