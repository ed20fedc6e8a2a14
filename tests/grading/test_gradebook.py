"""What stands in the gradebook: scores, marks of people, and what may not change under them."""

import copy
import json
import shutil
from dataclasses import replace

import pytest
from traitlets.config import Config

from autograder.analysis import report
from autograder.analysis.report_page import write_report
from autograder.course import find_course
from autograder.errors import CourseError
from autograder.grading import classroom, gradebook, records, requests
from autograder.grading.classroom import grade_class
from autograder.pages.feedback_page import write_feedback
from autograder.problem_sets.notebooks import read_problem_set
from tests.grading.helpers import SCORES
from tests.helpers import FIRST, cell_of, copy_course, edit

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("workers_are_kept")]


def test_the_gradebook_has_the_same_grades(class_of_four):
    from nbgrader.api import Gradebook

    small, _ = class_of_four
    book = Gradebook(small.db_url, "matrix-calculus")
    try:
        submissions = {s.student_id: s for s in book.find_assignment("ps1").submissions}
        assert {name: s.score for name, s in submissions.items()} == SCORES
        assert submissions["right"].max_score == 10
        assert str(submissions["right"].timestamp) == "2026-11-20 10:00:00"
        assert all(s.needs_manual_grade for s in submissions.values())
    finally:
        book.close()
        book.engine.dispose()


def test_hand_given_marks_survive_a_new_grading(class_of_four):
    from nbgrader.api import Gradebook

    small, _ = class_of_four

    def mark(action):
        book = Gradebook(small.db_url, "matrix-calculus")
        try:
            found = action(
                book.find_grade("derivation", FIRST, "ps1", "wrong"),
                book.find_comment("derivation", FIRST, "ps1", "wrong"),
            )
            book.db.commit()
            return found
        finally:
            book.close()
            book.engine.dispose()

    def give(grade, comment):
        grade.manual_score, grade.needs_manual_grade, comment.manual_comment = 2.0, False, "Good <b>idea</b>."

    mark(give)
    grade_class(small, "ps1", student="wrong", force=True)
    assert mark(
        lambda grade, comment: (grade.manual_score, grade.needs_manual_grade, comment.manual_comment)
    ) == (
        2.0,
        False,
        "Good <b>idea</b>.",
    )
    marks = gradebook.read_marks(small, "ps1", "wrong")[FIRST]
    assert marks.scores["derivation"] == 2.0 and marks.scores["squared-norm-hidden"] == 2.5
    write_feedback(small, "ps1")
    text = (small.feedback / "wrong" / "ps1" / f"{FIRST}.html").read_text()
    assert "Good &lt;b&gt;idea&lt;/b&gt;." in text and "4.5</span> of 10 points" in text


def test_a_lost_gradebook_is_filled_again(class_of_four):
    small, _ = class_of_four
    (small.grading / "gradebook.db").rename(small.grading / "lost.db")
    grades = grade_class(small, "ps1")
    assert len(grades.graded) == 4 and not grades.skipped


def test_late_work_is_penalised_as_nbgrader_is_configured_to(class_of_four):
    from nbgrader.api import Gradebook

    small, _ = class_of_four
    strict = replace(small, config=Config(copy.deepcopy(small.config)))
    strict.config.AssignLatePenalties.plugin_class = "nbgrader.plugins.LateSubmissionPlugin"
    strict.config.LateSubmissionPlugin.penalty_method = "zero"
    book = Gradebook(small.db_url, "matrix-calculus")
    try:
        book.update_or_create_assignment("ps1", duedate="2026-11-19 00:00:00 UTC")
        grade_class(strict, "ps1", student="right", force=True)
        late = book.find_submission("ps1", "right")
        assert (late.score, late.late_submission_penalty) == (7.5, 7.5)
        book.update_or_create_assignment("ps1", duedate=None)
        grade_class(strict, "ps1", student="right", force=True)
        book.db.expire_all()
        assert not book.find_submission("ps1", "right").late_submission_penalty
    finally:
        book.close()
        book.engine.dispose()


def test_who_cannot_be_entered_keeps_the_grade_of_before(class_of_four, monkeypatch):
    small, _ = class_of_four

    def refused(*arguments):
        raise OSError("no space left")

    before = records.load(small, "ps1", "right")
    with monkeypatch.context() as patch:
        patch.setattr(classroom, "enter", refused)
        grades = grade_class(small, "ps1", student="right", force=True)
    assert grades.failed == (("right", "OSError: no space left"),)
    assert records.load(small, "ps1", "right") == before
    assert (small.autograded / "right" / "ps1" / f"{FIRST}.ipynb").is_file()


def test_a_text_that_changes_after_it_was_marked_is_to_be_looked_at_again(class_of_four):
    from nbgrader.api import Gradebook

    small, _ = class_of_four
    book = Gradebook(small.db_url, "matrix-calculus")
    try:
        grade = book.find_grade("derivation", FIRST, "ps1", "right")
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        book.db.commit()
    finally:
        book.close()
        book.engine.dispose()

    def state():
        marks = gradebook.read_marks(small, "ps1", "right")[FIRST]
        open_tasks = [(task.count, task.outdated) for task in report.read_report(small, "ps1").open_tasks]
        return marks.scores["derivation"], set(marks.outdated), open_tasks

    grade_class(small, "ps1", student="right", force=True)
    _, outdated, before = state()
    assert outdated == set()

    def rewrite(notebook):
        cell_of(notebook, "derivation-answer").source += "And more."

    edit(small.submitted / "right" / "ps1" / f"{FIRST}.ipynb", rewrite)
    for _ in range(2):  # until a person has looked
        grade_class(small, "ps1", student="right", force=True)
        score, outdated, now = state()
        assert (score, outdated) == (2.5, {"derivation"})
        assert now == [(count, again + 1) for count, again in before]


def test_a_notebook_may_join_a_problem_set_but_not_leave_it(tmp_path):
    small = find_course(copy_course(tmp_path, "0[12]_*.ipynb"))
    second = small.source / "ps1" / "02_linear_form.ipynb"
    aside = second.rename(tmp_path / second.name)
    folder = small.submitted / "ann" / "ps1"
    folder.mkdir(parents=True)
    for path in (small.solutions / "ps1").glob("*.ipynb"):
        shutil.copy(path, folder)
    assert [g.score for g in grade_class(small, "ps1").graded] == [7.5]
    aside.rename(second)
    joined = grade_class(small, "ps1")
    assert joined.failed == () and [g.score for g in joined.graded] == [15.0]
    assert set(gradebook.read_marks(small, "ps1", "ann")) == {FIRST, "02_linear_form"}
    second.unlink()
    with pytest.raises(CourseError, match="no longer has 02_linear_form, but the gradebook holds work"):
        grade_class(small, "ps1")


def test_comments_and_extra_credit_reach_the_page(class_of_four):
    from nbgrader.api import Gradebook

    small, _ = class_of_four
    book = Gradebook(small.db_url, "matrix-calculus")
    try:
        book.find_comment("squared-norm", FIRST, "ps1", "blank").manual_comment = "Come to my office."
        book.find_grade("squared-norm-test", FIRST, "ps1", "blank").extra_credit = 2.0
        book.db.commit()
        total = book.find_submission("ps1", "blank").score
    finally:
        book.close()
        book.engine.dispose()
    write_feedback(small, "ps1")
    text = (small.feedback / "blank" / "ps1" / f"{FIRST}.html").read_text()
    assert "Come to my office." in text
    assert total == 2.0 and '<span class="big">2</span> of 10 points' in text


def test_a_mark_in_place_of_a_tests_stands_and_is_reported(class_of_four):
    """Given in the formgrader, it survives a regrade; page, report and its files say whose it is."""
    from nbgrader.api import Gradebook

    small, _ = class_of_four
    book = Gradebook(small.db_url, "matrix-calculus")
    try:
        grade = book.find_grade("squared-norm-gradient-hidden", FIRST, "ps1", "wrong")
        before, grade.manual_score, grade.extra_credit = grade.auto_score, 4.5, 0.25
        task = book.find_grade("derivation", FIRST, "ps1", "wrong")
        task.extra_credit = 1.0  # it waits for its marker: nothing is extra yet
        book.find_comment(
            "squared-norm-gradient", FIRST, "ps1", "wrong"
        ).manual_comment = "=A nearly right one."
        book.db.commit()
    finally:
        book.close()
        book.engine.dispose()
    changes = grade_class(small, "ps1", student="wrong", force=True).changes
    assert (changes.changed, changes.equal) == ((), 1)
    marks = gradebook.read_marks(small, "ps1", "wrong")[FIRST]
    name = "squared-norm-gradient-hidden"
    assert (marks.scores[name], marks.automatic, marks.extra) == (4.75, {name: before}, {name: 0.25})
    write_feedback(small, "ps1")
    text = (small.feedback / "wrong" / "ps1" / f"{FIRST}.html").read_text()
    assert "A person gave this mark." in text and "0.25 of these points are extra credit." in text
    requests.ask(small, "ps1", "right", "Why <b>not</b> 10?")
    write_report(small, "ps1")
    page = (small.records / "ps1.html").read_text()
    assert "A nearly right one." in page and "Why &lt;b&gt;not&lt;/b&gt; 10?" in page
    overridden = (small.records / "ps1-overridden.csv").read_text().splitlines()
    assert overridden[1:] == [f"wrong,{FIRST},squared_norm_gradient,{before},4.75,'=A nearly right one."]
    rows = {row["student"]: row for row in json.loads((small.records / "ps1.json").read_text())["scores"]}
    assert (rows["wrong"]["extra"], rows["wrong"]["overridden"]) == (0.25, 1)
    assert (rows["right"]["extra"], rows["right"]["overridden"]) == (0, 0)
    assert (small.records / "ps1-requests.csv").read_text().splitlines()[1].startswith("right,ps1,")


def test_changed_points_reach_the_gradebook(class_of_four):
    from nbgrader.api import Gradebook

    small, _ = class_of_four
    path = small.source / "ps1" / f"{FIRST}.ipynb"
    before = path.read_text()

    def raise_points(notebook):
        cell_of(notebook, "squared-norm-hidden").metadata.nbgrader["points"] = 3

    def max_score():
        book = Gradebook(small.db_url, "matrix-calculus")
        try:
            return book.find_grade("squared-norm-hidden", FIRST, "ps1", "right").max_score
        finally:
            book.close()
            book.engine.dispose()

    edit(path, raise_points)
    grade_class(small, "ps1", student="right")
    assert max_score() == 3
    path.write_text(before)
    grade_class(small, "ps1", student="right")
    assert max_score() == 2.5


def test_material_is_in_nobodys_grade(tmp_path):
    """Handed in or not: no status, no row, no entry."""
    course = find_course(copy_course(tmp_path, "0[01]_*.ipynb"))
    problem_set = read_problem_set(course.source, "ps1")
    assert [material.name for material in problem_set.materials] == ["00_primer"]
    for student, handed_in in (("all", "*.ipynb"), ("asked-for", f"{FIRST}.ipynb")):
        folder = course.submitted / student / "ps1"
        folder.mkdir(parents=True)
        for path in (course.release / "ps1").glob(handed_in):
            shutil.copy(path, folder)
    for graded in grade_class(course, "ps1").graded:
        assert [(n.notebook, n.status) for n in graded.notebooks] == [(FIRST, "graded")]
    with gradebook.opened(course) as book:
        assert [notebook.name for notebook in book.find_assignment("ps1").notebooks] == [FIRST]
