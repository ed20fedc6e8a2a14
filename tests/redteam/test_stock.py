"""The same forgeries under stock nbgrader, where they win: so the suite tests something."""

import re

import pytest

from autograder.course import find_course
from autograder.problem_sets.notebooks import read_problem_set
from tests.helpers import copy_course, run_in
from tests.redteam.attack import load_attacks
from tests.redteam.helpers import ATTACKED, hand_in_solutions

pytestmark = pytest.mark.slow
WINNERS = [attack for attack in load_attacks() if attack.wins_under_stock]


@pytest.fixture(scope="module")
def stock_scores(tmp_path_factory):
    """What one run of `nbgrader autograde`, with nbgrader's own preprocessors, gives each of them."""
    from nbgrader.api import Gradebook

    root = copy_course(tmp_path_factory.mktemp("stock"), ATTACKED)
    config = root / "course_config.py"
    stock, replaced = re.subn(r"(?ms)^c\.Autograde\.\w+_preprocessors = \[.*?^\]\n", "", config.read_text())
    assert replaced == 2
    config.write_text(stock)
    course = find_course(root)
    problem_set = read_problem_set(course.source, "ps1")
    hand_in_solutions(course, problem_set, ("honest",))
    for attack in WINNERS:
        attack.write(course, problem_set, port=9)
    run_in(root, "nbgrader", "generate_assignment", "ps1", "--force")
    run_in(root, "nbgrader", "autograde", "ps1", check=False)
    book = Gradebook(course.db_url, "matrix-calculus")
    try:
        submissions = book.find_assignment("ps1").submissions
        return {
            s.student_id: sum(g.auto_score or 0 for n in s.notebooks for g in n.grades) for s in submissions
        }
    finally:
        book.close()
        book.engine.dispose()


def test_at_least_eight_forgeries_claim_to_win():
    assert len(WINNERS) >= 8 and all(attack.name.startswith("forge") for attack in WINNERS)


def test_honest_work_gets_its_marks_there_too(stock_scores):
    assert stock_scores["honest"] == 37.5


@pytest.mark.parametrize("attack", WINNERS, ids=lambda attack: attack.name)
def test_it_wins_under_stock_nbgrader(stock_scores, attack):
    assert stock_scores[attack.student] > attack.honest
