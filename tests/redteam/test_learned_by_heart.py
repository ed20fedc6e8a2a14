"""A student and three friends print the inputs they are asked; the student looks them up the next time.

The table holds the right output for every input that was seen; for others there is a wrong formula. That
earns what the wrong formula earns alone. tests/answer_keys/test_every_seed.py says so for every exercise.
"""

import ast
import shutil

import pytest

from autograder.grading.classroom import grade_class
from autograder.problem_sets.key import load_key
from autograder.problem_sets.notebooks import read_notebook, read_problem_set
from tests.redteam.attack import FIRST_CELL, LAST_CELL, Attack
from tests.redteam.helpers import hostile_course

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("workers_are_kept")]
NOTEBOOK, FRIENDS = "02_linear_form", ("friend-1", "friend-2", "friend-3")
WRONG = {  # each is right in some checks, or nearly
    "linear_form": ("x, c", "round(float(c @ x), 3)"),
    "linear_form_gradient": ("x, c", "np.zeros_like(x) + c if np.all(x) else 0.0 * x"),
}
FUNCTION = """
def {name}({arguments}):
    seen = repr([np.asarray(value).tolist() for value in ({arguments},)])
    ASKED.append(("{name}", seen))
    known = KNOWN.get(("{name}", seen))
    return ({wrong}) if known is None else np.array(known) if isinstance(known, list) else known
"""


def attack(student, known):
    cells = {
        FIRST_CELL: f"ASKED, KNOWN = [], {known!r}",
        LAST_CELL: "print('ASKED', ASKED)",
        **{
            name: FUNCTION.format(name=name, arguments=arguments, wrong=wrong)
            for name, (arguments, wrong) in WRONG.items()
        },
    }
    return Attack("by-heart", "", cells, notebook=NOTEBOOK, student=student)


def printed(course, student):
    """What a student was asked, on the executed notebook."""
    cells = read_notebook(course.autograded / student / "ps1" / f"{NOTEBOOK}.ipynb").cells
    (text,) = (o.text for cell in cells for o in cell.get("outputs", []) if "ASKED" in o.get("text", ""))
    return set(ast.literal_eval(text.partition(" ")[2]))


def test_what_four_hand_ins_saw_is_of_no_use_to_the_fifth(tmp_path):
    course = hostile_course(tmp_path, f"{NOTEBOOK}.ipynb")
    problem_set = read_problem_set(course.source, "ps1")
    for student in ("learner", "ignorant", *FRIENDS):
        attack(student, {}).write(course, problem_set, port=9)
    first = grade_class(course, "ps1", workers=2)
    asked = {student: printed(course, student) for student in ("learner", *FRIENDS)}
    shared = set.intersection(*asked.values())  # the visible tests, and f at the harness' fixed points
    assert all(len(seen - shared) > 30 for seen in asked.values())

    known = {}
    for name, seen in set.union(*asked.values()):
        right = load_key("linear_form").references[name](*ast.literal_eval(seen))
        known[name, seen] = right if isinstance(right, float) else right.tolist()
    shutil.rmtree(course.submitted / "learner")
    attack("learner", known).write(course, problem_set, port=9)
    second = grade_class(course, "ps1", workers=2)
    assert set(second.skipped) == {"ignorant", *FRIENDS}
    before, after = ({g.student: g for g in grades.graded} for grades in (first, second))
    scores = {
        student: [cell.score for cell in grade.notebooks[0].cells if cell.grade_id.endswith("-hidden")]
        for student, grade in (*after.items(), ("before", before["learner"]))
    }
    assert scores["learner"] == scores["before"] == scores["ignorant"]
    assert 0 < sum(scores["learner"]) < 5
    assert len({grade.seed for grade in (*before.values(), after["learner"])}) == 6
