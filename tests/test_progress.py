"""How far grading is, where nobody watches a bar: a line a minute, with the worst news so far."""

import pytest

from autograder.commands import progress
from autograder.commands.progress import GradingProgress
from autograder.grading.submission import NotebookGrade, SubmissionGrade
from autograder.running.outputs import Status


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when a test says so."""
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def of(*statuses):
    return SubmissionGrade("ann", "ps1", "", tuple(NotebookGrade("a", status, ()) for status in statuses))


def test_a_line_a_minute_says_count_rate_time_left_and_the_worst_news(clock, capsys):
    with GradingProgress("ps1") as told:
        for done in range(1, 300):
            clock[0] += 0.5
            told.graded(of(Status.GRADED, Status.TIMED_OUT) if done == 7 else of(Status.GRADED))
            told(done, 300, "[b]ann[/b]")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "ps1: 120 of 300 submissions, 2.0 a second, about 2 minutes left, 1 timed-out.",
        "ps1: 240 of 300 submissions, 2.0 a second, about 1 minute left, 1 timed-out.",
    ]


def test_nothing_is_said_of_a_class_that_is_done_in_less(clock, capsys):
    with GradingProgress("ps1") as told:
        for done in range(30):
            clock[0] += 1
            told(done, 29, "ann")
    assert capsys.readouterr().err == ""
