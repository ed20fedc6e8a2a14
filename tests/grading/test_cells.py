"""Cells come and go under work that was entered, and no mark given by hand is lost."""

import contextlib
import copy
import json

import pytest

from autograder.errors import CourseError
from autograder.grading import cells, gradebook
from autograder.grading.classroom import enter_amended, grade_class
from autograder.problem_sets.notebooks import read_problem_set
from tests.helpers import FIRST, cell_of, edit

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("workers_are_kept")]


def source_of(course):
    return course.source / "ps1" / f"{FIRST}.ipynb"


@contextlib.contextmanager
def opened(course):
    from nbgrader.api import Gradebook

    book = Gradebook(course.db_url, "matrix-calculus")
    try:
        yield book
        book.db.commit()
    finally:
        book.close()
        book.engine.dispose()


def give(course, student, cell, score, comment=None, on=None):
    """A person's mark on one cell, and a comment on it, or on another."""
    with opened(course) as book:
        grade = book.find_grade(cell, FIRST, "ps1", student)
        grade.manual_score, grade.needs_manual_grade = score, False
        book.find_comment(on or cell, FIRST, "ps1", student).manual_comment = comment


def without(*names):
    def drop(notebook):
        notebook.cells = [cell for cell in notebook.cells if cell.id not in names]

    return drop


def with_a_twin(notebook):
    """One more test for points, and one more task."""
    for name, new in (("squared-norm-hidden", "squared-norm-more"), ("derivation", "derivation-two")):
        place = notebook.cells.index(cell_of(notebook, name))
        twin = copy.deepcopy(notebook.cells[place])
        twin.id = twin.metadata.nbgrader["grade_id"] = new
        notebook.cells.insert(place + 1, twin)


def test_cells_come_and_go_and_marks_by_hand_stay(class_of_four):
    small, _ = class_of_four
    give(small, "right", "derivation", 2.0, "Good.")
    edit(source_of(small), with_a_twin)
    edit(source_of(small), without("squared-norm-test"))
    assert not gradebook.is_assignment_entered(small, read_problem_set(small.source, "ps1"))
    grades = grade_class(small, "ps1")
    assert grades.failed == () and not grades.skipped
    assert {g.student: g.score for g in grades.graded}["right"] == 10  # 7.5, and the new test
    marks = gradebook.read_marks(small, "ps1", "right")[FIRST]
    assert marks.scores["derivation"] == 2.0 and marks.comments["derivation"] == "Good."
    assert marks.scores["squared-norm-more"] == 2.5 and marks.scores["derivation-two"] is None
    assert "squared-norm-test" not in marks.scores
    give(small, "right", "derivation-two", 1.0, "The rows are nbgrader's.")
    with opened(small) as book:
        found = book.find_submission("ps1", "right")
        assert (found.score, found.max_score) == (13.0, 15.0)
        assert book.find_submission("ps1", "wrong").needs_manual_grade
    assert gradebook.is_assignment_entered(small, read_problem_set(small.source, "ps1"))
    assert len(grade_class(small, "ps1").skipped) == 4
    assert not cells.removed_path(small, "ps1").exists()


def test_a_cell_with_marks_by_hand_goes_only_when_it_is_amended(class_of_four):
    small, _ = class_of_four
    give(small, "right", "derivation", 2.0, "Good.")
    give(small, "Ünal, José (2)", "derivation", 1.5)
    edit(source_of(small), without("derivation", "squared-norm-test"))
    with pytest.raises(
        CourseError, match=r"derivation of 01_squared_norm, where 2 marks.*`course release ps1"
    ):
        grade_class(small, "ps1")
    assert gradebook.read_marks(small, "ps1", "right")[FIRST].scores["derivation"] == 2.0

    removed = enter_amended(small, "ps1")
    assert {(mark.student, mark.cell, mark.words) for mark in removed} == {
        ("right", "derivation", '2 points, the comment "Good."'),
        ("Ünal, José (2)", "derivation", "1.5 points"),
    }
    assert enter_amended(small, "ps1") == ()
    kept = json.loads(cells.removed_path(small, "ps1").read_text())
    assert [row["score"] for row in kept] == [2.0, 1.5]
    assert gradebook.is_assignment_entered(small, read_problem_set(small.source, "ps1"))
    assert "derivation" not in gradebook.read_marks(small, "ps1", "right")[FIRST].scores


def test_what_cannot_be_kept_stays_in_the_gradebook(class_of_four):
    small, _ = class_of_four
    give(small, "right", "derivation", 2.0, "Good.")
    edit(source_of(small), without("derivation"))
    path = cells.removed_path(small, "ps1")
    path.write_text("[{]")
    with pytest.raises(CourseError, match="is damaged; move it away"):
        enter_amended(small, "ps1")
    assert gradebook.read_marks(small, "ps1", "right")[FIRST].scores["derivation"] == 2.0


def test_a_failure_half_way_changes_nothing(class_of_four, monkeypatch):
    small, _ = class_of_four
    edit(source_of(small), with_a_twin)
    edit(source_of(small), without("squared-norm-test"))
    before = gradebook.read_marks(small, "ps1", "right")

    def fails(*arguments):
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(cells, "_add", fails)
        with pytest.raises(OSError):
            grade_class(small, "ps1")
    assert gradebook.read_marks(small, "ps1", "right") == before


def test_a_cell_that_became_another_kind_is_entered_as_that(class_of_four):
    small, _ = class_of_four

    def lock(notebook):
        meta = cell_of(notebook, "squared-norm-test").metadata.nbgrader
        meta["grade"] = False
        del meta["points"]

    edit(source_of(small), lock)
    assert grade_class(small, "ps1", student="right").failed == ()
    assert "squared-norm-test" not in gradebook.read_marks(small, "ps1", "right")[FIRST].scores


def test_stock_nbgrader_goes_on_with_the_changed_cells(class_of_four):
    """Its own SaveCells refuses changes; after ours there is none for it to refuse."""
    from autograder import hosts

    small, _ = class_of_four
    edit(source_of(small), with_a_twin)
    problem_set = read_problem_set(small.source, "ps1")
    enter_amended(small, "ps1")
    notebook, resources = (
        copy.deepcopy(problem_set.exercises[0].notebook),
        {"nbgrader": {"notebook": FIRST, "assignment": "ps1", "db_url": small.db_url}},
    )
    for step in hosts.entering_chain():
        notebook, resources = hosts.preprocess(step, small.config, notebook, resources)
    with opened(small) as book:
        assert {cell.name for cell in book.find_notebook(FIRST, "ps1").task_cells} == {
            "derivation",
            "derivation-two",
        }
