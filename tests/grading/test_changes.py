"""Who gains and who loses when a class is graded again, by which check, and why."""

import hashlib
import json

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.exam.examine import Outcome, Verdict
from autograder.grading import records
from autograder.grading.changes import LIMIT_MET, RUN_AGAIN, UNKNOWN, Change, CheckChange, compare
from autograder.grading.classroom import grade_class
from autograder.grading.gradebook import NotebookMarks
from autograder.grading.points import CellGrade
from autograder.grading.submission import NotebookGrade, Part, SubmissionGrade, fingerprint_parts
from autograder.pages.feedback_page import write_feedback
from autograder.problem_sets.notebooks import read_problem_set
from autograder.problem_sets.waivers import Waiver, write_waivers
from autograder.running.outputs import Status
from tests.helpers import FIRST, cell_of, edit, run_in

pytestmark = pytest.mark.usefixtures("workers_are_kept")
PARTS = {str(part): "1" for part in Part}


def cell(*outcomes, score, name="hidden", outcome=Outcome.WRONG):
    verdicts = tuple(Verdict(f"check {n}", "", Outcome(found)) for n, found in enumerate(outcomes))
    return CellGrade(name, score, 4.0, "", outcome, "loss" if verdicts else "", verdicts)


def submission(*cells, student="ann", status=Status.GRADED, notebook=FIRST, **parts):
    own = NotebookGrade(notebook, status, cells)
    return SubmissionGrade(student, "ps1", "", (own,), parts={**PARTS, **parts})


def test_equal_results_and_first_ones_are_counts():
    one, other = (
        submission(cell("wrong", score=1)),
        submission(cell("wrong", score=1), student="bob", test="2"),
    )
    found = compare([(one, one), (one, other), (None, one)], {})
    assert (found.changed, found.equal, found.new) == ((), 2, 1)
    assert dict(found.because) == {RUN_AGAIN: 1, "test": 1}


def test_a_change_names_the_check_and_the_cause():
    before = submission(cell("passed", "wrong", score=1))
    after = submission(cell("passed", "waived", score=4), waiver="2")
    found = compare([(before, after)], {})
    turned = CheckChange("loss", "check 1", Outcome.WRONG, Outcome.WAIVED)
    assert found.changed == (Change("ann", FIRST, 1.0, 4.0, (turned,), ("waiver",)),)
    assert (found.gaining, found.losing, found.equal) == (1, 0, 0)


def test_a_test_that_did_not_end_is_one_as_a_whole():
    stopped = submission(cell(score=0, outcome=Outcome.STOPPED), status=Status.TIMED_OUT)
    ended = submission(cell("passed", score=4, outcome=Outcome.PASSED))
    (change,) = compare([(stopped, ended)], {}).changed
    assert change.checks == (CheckChange("loss", "", Outcome.STOPPED, Outcome.PASSED),)
    assert change.because == (LIMIT_MET,)
    assert compare([(ended, stopped)], {}).losing == 1


def test_more_points_for_the_same_checks_are_a_change():
    (change,) = compare(
        [(submission(cell("wrong", score=1)), submission(cell("wrong", score=2), test="2"))], {}
    ).changed
    assert change.gained == 1 and [(check.before, check.after) for check in change.checks] == [
        ("wrong", "wrong")
    ]


def test_a_mark_given_by_hand_stands():
    before, after = submission(cell("wrong", score=1)), submission(cell("passed", score=4))
    marks = {"ann": {FIRST: NotebookMarks({"hidden": 3.0}, {}, 0.0, automatic={"hidden": 1.0})}}
    found = compare([(before, after)], marks)
    assert [(c.before, c.after, c.checks[0].by_hand) for c in found.changed] == [(3.0, 3.0, True)]
    assert (found.gaining, found.losing) == (0, 0)


def test_a_record_of_before_says_nothing_of_the_cause():
    old = SubmissionGrade("ann", "ps1", "", submission(cell("wrong", score=1)).notebooks)
    assert compare([(old, submission(cell("passed", score=4)))], {}).changed[0].because == (UNKNOWN,)


def test_a_notebook_that_came_or_went():
    one, two = (
        submission(cell("passed", score=4)),
        submission(cell("wrong", score=1), notebook="02_linear_form"),
    )
    gone, come = sorted(compare([(one, two)], {}).changed, key=lambda change: change.notebook)
    assert (gone.before, gone.after, come.before, come.after) == (4.0, 0.0, 0.0, 1.0)


def test_each_part_follows_what_it_is_named_for(small_course):
    ps1, folder = read_problem_set(small_course.source, "ps1"), small_course.submitted / "ann" / "ps1"
    before = fingerprint_parts(small_course, ps1, folder)
    assert set(before) == set(Part)

    def changed():
        now = fingerprint_parts(small_course, read_problem_set(small_course.source, "ps1"), folder)
        return {part for part in Part if now[part] != before[part]}

    def replaced(path, old, new):
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        found = changed()
        path.write_text(text)
        return found

    config, notebook = small_course.root / "course_config.py", small_course.source / "ps1" / f"{FIRST}.ipynb"
    assert changed() == set()
    assert replaced(config, "seconds_per_cell = 10", "seconds_per_cell = 11") == {Part.LIMITS}
    assert replaced(config, "timestamps = False", "timestamps = True") == {Part.SETTING}
    assert replaced(notebook, "gradient", "Gradient") == {Part.TEST}
    assert replaced(small_course.release / "ps1" / f"{FIRST}.ipynb", "gradient", "Gradient") == {Part.RELEASE}
    write_waivers(small_course.source, {"ps2": (Waiver("05_jacobians", "f", "c", "Why."),)})
    assert changed() == set()  # another problem set's
    write_waivers(small_course.source, {"ps1": (Waiver(FIRST, "squared_norm", "whole numbers", "Why."),)})
    assert changed() == {Part.WAIVER}
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("1")
    assert changed() == {Part.WAIVER, Part.HAND_IN}


# ------------------------------------------------------------------ a class


def everything_kept(course):
    files = (path for path in course.grading.rglob("*") if path.is_file())
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def course_grade(course, *options):
    return CliRunner().invoke(main, ["--course-dir", str(course.root), "grade", "ps1", *options])


@pytest.mark.slow
def test_a_dry_run_without_a_gradebook_makes_none(class_of_four):
    small, _ = class_of_four
    for path in (small.grading / "gradebook.db", *small.records.glob("ps1/*")):
        path.unlink()
    kept = everything_kept(small)
    dry = course_grade(small, "--student", "right", "--dry-run")
    assert dry.exit_code == 0 and "7.5 / 7.5" in dry.output and "What this would change" not in dry.output
    assert everything_kept(small) == kept


@pytest.mark.slow
def test_a_waived_check_from_the_dry_run_to_the_pages_and_back(class_of_four, monkeypatch):
    """Dry run, regrade, page and report, stock autograde, and taken back."""
    monkeypatch.setenv("COLUMNS", "200")
    small, _ = class_of_four
    reason = "It asked <b>too much</b>."
    waiver = ["--course-dir", str(small.root), "waive", "ps1", "a formula"]
    assert CliRunner().invoke(main, [*waiver, "--because", reason]).exit_code == 0
    kept = everything_kept(small)
    dry = course_grade(small, "--dry-run")
    assert dry.exit_code == 0 and "1 gain, 0 lose, 3 have the same points" in dry.output, dry.output
    assert "squared_norm_gradient/a formula: not-judged → waived" in dry.output and "+2.5" in dry.output
    assert "waiver (4)" in dry.output and "dry run: gradebook and records are as they were" in dry.output
    assert everything_kept(small) == kept
    done = course_grade(small, "--json", "-")
    rows = {row["student"]: row for row in json.loads(done.stdout)}
    assert {name: row["score"] for name, row in rows.items()} == {
        "blank": 0.0,
        "right": 7.5,
        "wrong": 5.0,
        "Ünal, José (2)": 7.5,
    }
    assert [name for name, row in rows.items() if "change" in row] == ["wrong"]
    assert rows["wrong"]["change"]["because"] == ["waiver"]
    write_feedback(small, "ps1")
    for student, shown in (("wrong", True), ("right", True), ("blank", False)):
        text = (small.feedback / student / "ps1" / f"{FIRST}.html").read_text()
        assert (
            "It asked &lt;b&gt;too much&lt;/b&gt;." in text
            and "the check “a formula” counts as passed" in text
        )
        assert ("It was not tried, and counts as passed." in text) is shown
    run_in(small.root, "nbgrader", "autograde", "ps1", "--student", "wrong", "--force")
    assert len(grade_class(small, "ps1").skipped) == 4  # the gradebook has the same points
    assert CliRunner().invoke(main, [*waiver, "--undo"]).exit_code == 0
    back = grade_class(small, "ps1", student="wrong")
    assert back.graded[0].score == 2.5 and back.changes.losing == 1


@pytest.mark.slow
def test_a_new_hand_in_is_the_cause(class_of_four):
    small, _ = class_of_four
    path = small.submitted / "wrong" / "ps1" / f"{FIRST}.ipynb"
    right = "def squared_norm_gradient(x):\n    return 2 * x"
    edit(path, lambda notebook: cell_of(notebook, "squared-norm-gradient").update(source=right))
    (change,) = grade_class(small, "ps1").changes.changed
    assert (change.student, change.before, change.after, change.because) == ("wrong", 2.5, 7.5, ("hand-in",))
    assert records.load(small, "ps1", "wrong").parts.keys() == set(Part)
