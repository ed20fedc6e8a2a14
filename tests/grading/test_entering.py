"""Submissions are entered as nbgrader would, all or nothing, and in few statements."""

import contextlib

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from autograder.course import find_course
from autograder.errors import CourseError
from autograder.grading import entering, gradebook
from autograder.grading.entering import enter
from autograder.grading.gradebook import enter_assignment, kept_open, opened
from autograder.problem_sets.notebooks import read_problem_set
from tests.exchange.made_up import made_up
from tests.helpers import copy_course

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    """A course whose gradebook holds the problem set, and a submission that is made up."""
    course = find_course(copy_course(tmp_path_factory.mktemp("course")))
    problem_set = read_problem_set(course.source, "ps1")
    enter_assignment(course, problem_set)
    return course, lambda student, share=0.5: made_up(course, problem_set, student, share)


@contextlib.contextmanager
def statements():
    said = []

    def note(connection, cursor, statement, *rest):
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def rows(course, student):
    with opened(course) as book:
        submission = book.find_submission("ps1", student)
        return sorted(
            (notebook.name, type(row).__name__, row.name)
            for notebook in submission.notebooks
            for row in (*notebook.grades, *notebook.comments)
        )


def test_a_new_submission_has_the_rows_that_nbgrader_makes(entered):
    course, submission = entered
    enter(course, submission("ours"))
    with opened(course) as book:
        book.add_student("theirs")
        book.add_submission("ps1", "theirs")
    assert rows(course, "ours") == rows(course, "theirs") != []


def test_what_is_open_already_is_entered_in_few_statements(entered):
    course, submission = entered
    with kept_open(), statements() as said:
        enter(course, submission("first"))
        said.clear()
        enter(course, submission("second"))
        new = len(said)
        said.clear()
        enter(course, submission("second", share=1.0))
        again = len(said)
    assert new <= 25 and again <= 15  # five notebooks: none has statements of its own but one that writes
    assert gradebook.read_class(course, "ps1").marks.keys() >= {"first", "second"}


def test_a_submission_is_entered_whole_or_not_at_all_and_the_next_one_is(entered, monkeypatch):
    course, submission = entered
    with kept_open():
        enter(course, submission("before"))
        with monkeypatch.context() as patch:
            patch.setattr(entering, "Penalties", lambda *args: (_ for _ in ()).throw(CourseError("Stop.")))
            with pytest.raises(CourseError, match="Stop"):
                enter(course, submission("broken"))
        enter(course, submission("after"))
    assert {"before", "after"} <= gradebook.read_class(course, "ps1").marks.keys()
    assert "broken" not in gradebook.read_class(course, "ps1").marks


def test_no_connection_stays_open_between_two_submissions(entered):
    course, submission = entered
    with kept_open():
        enter(course, submission("one"))
        aside = course.database.rename(course.database.with_suffix(".aside"))
        with pytest.raises(CourseError, match="cannot be used"):
            enter(course, submission("two"))
        aside.replace(course.database)
        enter(course, submission("three"))
    assert "three" in gradebook.read_class(course, "ps1").marks


def test_a_gradebook_that_is_moved_away_meanwhile_is_said_and_comes_back(entered):
    course, submission = entered
    away = course.database.with_name("away.db")
    with kept_open():
        enter(course, submission("before"))
        course.database.rename(away)
        with pytest.raises(CourseError, match=r"cannot be used\. .*No such assignment: ps1"):
            enter(course, submission("meanwhile"))
        away.replace(course.database)
        enter(course, submission("after"))
    assert rows(course, "after") and rows(course, "before")
