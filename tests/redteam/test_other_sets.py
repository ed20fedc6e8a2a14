"""The forgeries, aimed at the first notebook of another problem set: there too they earn nothing.

Every other one at ps0, the rest at ps2.

In ps0 the functions under attack are handed functions; in ps2 they are derivatives of several shapes.
"""

from dataclasses import replace

import pytest

from autograder.grading.classroom import grade_class
from autograder.problem_sets.notebooks import read_problem_set
from tests.redteam.attack import load_attacks
from tests.redteam.helpers import NEIGHBOURS, hand_in_solutions, hostile_course

pytestmark = pytest.mark.slow
TARGETS = {  # the problem set's notebook, and what stands there for the two functions that are attacked
    "ps0": ("01_build_the_checker", "relative_error(a, x)", "numerical_gradient(f, x, h)"),
    "ps2": ("01_jacobians", "linear_map_jacobian(x, W)", "quadratic_form_gradient(x, A)"),
}
FORGERIES = [
    attack
    for attack in load_attacks()
    if attack.name.startswith("forge_")
    and attack.notebook == "01_squared_norm"
    and attack.honest == 0
    and attack.change is None
]


def aimed(attack, problem_set):
    """The same attack on other functions."""
    notebook, *signatures = TARGETS[problem_set]

    def moved(text):
        for old, new in zip(("squared_norm", "squared_norm_gradient")[::-1], signatures[::-1], strict=True):
            text = text.replace(f"def {old}(x)", f"def {new}").replace(old, new.partition("(")[0])
        return text

    cells = {moved(place): moved(source) for place, source in attack.cells.items()}
    return replace(attack, notebook=notebook, also=(), cells=cells)


@pytest.mark.parametrize("name", TARGETS)
def test_no_forgery_earns_a_point(tmp_path, name):
    assert len(FORGERIES) >= 30
    forgeries = FORGERIES[list(TARGETS).index(name) :: len(TARGETS)]
    notebook = TARGETS[name][0]
    course = hostile_course(tmp_path, f"{notebook}.ipynb", name)
    problem_set = read_problem_set(course.source, name)
    hand_in_solutions(course, problem_set, NEIGHBOURS[:2])
    for attack in forgeries:
        aimed(attack, name).write(course, problem_set, port=9)
    grades = grade_class(course, name, workers=2)
    assert grades.failed == ()
    scores = {graded.student: graded.score for graded in grades.graded}
    key = problem_set.exercises[0].key
    full = key.points - key.points_by_hand
    assert {student: scores.pop(student) for student in NEIGHBOURS[:2]} == dict.fromkeys(NEIGHBOURS[:2], full)
    assert {student: score for student, score in scores.items() if score} == {}
    assert len(scores) == len(forgeries)


def test_the_attacks_reach_the_functions_they_are_aimed_at():
    for name, (_, *signatures) in TARGETS.items():
        functions = {signature.partition("(")[0] for signature in signatures}
        reached = [functions & set(aimed(attack, name).cells) for attack in FORGERIES]
        assert set.union(*reached) == functions and sum(map(bool, reached)) > 10
