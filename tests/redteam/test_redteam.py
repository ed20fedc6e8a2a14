"""Every attack earns no more than its honest code, and nobody else notices."""

import html
import inspect
import json
import sys
import time
from pathlib import Path

import psutil
import pytest

from autograder.grading import records
from autograder.grading.classroom import grade_class
from autograder.grading.gradebook import opened
from autograder.pages.feedback_page import write_feedback
from autograder.problem_sets.key import load_key
from autograder.problem_sets.notebooks import MAX_NOTEBOOK_BYTES, read_notebook, read_problem_set
from autograder.problem_sets.regions import squeeze, staff_lines, telling
from autograder.releasing import leaks
from tests.redteam.attack import CANARY, STOLEN, load_attacks
from tests.redteam.helpers import NEIGHBOURS

pytestmark = pytest.mark.slow
ATTACKS = load_attacks()
STATUSES = {"graded", "timed-out", "crashed", "unreadable", "missing"}
FULL = {"01_squared_norm": 7.5, "04_ridge_descent": 30.0}
HIDDEN = "squared-norm-gradient-hidden"
every_attack = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)


def test_there_are_enough_of_each_kind():
    kinds = [attack.name.partition("_")[0] for attack in ATTACKS]
    assert len(ATTACKS) >= 135 and min(map(kinds.count, ("forge", "steal", "break"))) >= 12
    assert all(20 < len(attack.story) < 400 and "tock" in attack.story for attack in ATTACKS)


@every_attack
def test_it_earns_no_more_than_its_honest_code(attacked, attack):
    graded = attacked.of(attack.student)
    assert {notebook.status for notebook in graded.notebooks} <= STATUSES
    assert graded.score <= attack.honest, [cell for n in graded.notebooks for cell in n.cells if cell.score]


@pytest.mark.parametrize("student", NEIGHBOURS)
def test_neighbours_keep_full_marks(attacked, student):
    graded = attacked.of(student)
    assert {n.notebook: n.score for n in graded.notebooks} == FULL
    assert {n.status for n in graded.notebooks} == {"graded"}


def test_everyone_has_a_grade(attacked):
    assert attacked.grades.failed == () and attacked.grades.skipped == ()
    assert len(attacked.grades.graded) == len(ATTACKS) + len(NEIGHBOURS)
    assert len(records.load_all(attacked.course, "ps1")) == len(attacked.grades.graded)


@every_attack
def test_it_learns_nothing(attacked, attack, secrets):
    """No canary, no line of a test or an answer key, among what it could show."""
    for path in _executed(attacked, attack.student):
        notebook = read_notebook(path)
        outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
        shown = json.dumps(outputs, ensure_ascii=False)
        assert CANARY not in shown
        assert STOLEN not in "".join(o.text for o in outputs if o.output_type == "stream")
        squeezed = squeeze(shown.replace(r"\n", ""))
        assert not [line for line in secrets if json.dumps(line, ensure_ascii=False)[1:-1] in squeezed]


@pytest.fixture(scope="module")
def secrets(problem_set):
    """Lines of hidden tests and of answer keys that are long enough to mean something."""
    found = set()
    for exercise in problem_set.exercises:
        found |= staff_lines(exercise.notebook)
        found |= set(telling(inspect.getsource(inspect.getmodule(exercise.key.loss)).splitlines()))
    return {line for line in found if len(line) >= 2 * leaks.MIN_TELLING_INSIDE}


def _executed(attacked, student):
    return sorted((attacked.course.autograded / student / "ps1").glob("*.ipynb"))


def test_the_executed_notebooks_stay_small(attacked):
    paths = [path for attack in ATTACKS for path in _executed(attacked, attack.student)]
    assert paths and max(path.stat().st_size for path in paths) < MAX_NOTEBOOK_BYTES


def test_no_process_stays_behind(attacked):
    assert len(attacked.processes) > 50
    deadline = time.monotonic() + 5
    while (alive := [p for p in attacked.processes if _is_alive(p)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive


def _is_alive(process):
    try:
        own = process.name() == "python" and "resource_tracker" in " ".join(process.cmdline())
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE and not own
    except psutil.NoSuchProcess:
        return False


def test_no_file_stays_behind(attacked):
    assert attacked.touched == ()
    folders = [Path("/tmp"), Path("/dev/shm"), Path("/dev"), Path("/var/cache/matplotlib"), Path.home()]
    folders += [Path(entry) for entry in (*sys.path, sys.prefix, sys.base_prefix) if entry]
    assert not [path for folder in folders for path in folder.glob("redteam-was-here*")]


@pytest.fixture(scope="module")
def pages(attacked):
    write_feedback(attacked.course, "ps1")
    return sorted(attacked.course.feedback.glob("*/ps1/*.html"))


def test_the_feedback_pages_run_no_script_and_show_no_test(attacked, pages):
    problem_set = read_problem_set(attacked.course.source, "ps1")
    staff = {line for exercise in problem_set.exercises for line in staff_lines(exercise.notebook)}
    assert len({page.parent.parent for page in pages}) == len(attacked.grades.graded)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text and "<b>Bobby" not in text
        squeezed = squeeze(html.unescape(text))
        assert not [line for line in staff if line in squeezed], page


def test_a_numerical_derivative_earns_half_of_its_points_and_is_named(attacked, pages):
    graded = attacked.of("forge_numerical_gradient").notebooks[0]
    assert {cell.grade_id: cell.score for cell in graded.cells}[HIDDEN] == 2.5
    assert "numerical_gradient" in {cell.grade_id: cell.finding for cell in graded.cells}[HIDDEN]
    own = [page for page in pages if "forge_numerical_gradient" in page.parts]
    assert any("no formula" in page.read_text(encoding="utf-8") for page in own)


def test_nobody_says_for_themselves_when_they_handed_in(attacked):
    with opened(attacked.course) as book:
        assert book.find_submission("ps1", "break_own_timestamp").timestamp is None


def test_the_next_run_has_nothing_left_to_do(attacked):
    again = grade_class(attacked.course, "ps1", workers=2)
    assert len(again.skipped) == len(attacked.grades.graded)


def test_the_answer_key_is_what_the_attacks_think():
    """An attack on something that has moved would pass for the wrong reason."""
    key = load_key("squared_norm")
    assert key.loss.__module__ == "autograder.answer_keys.squared_norm"
