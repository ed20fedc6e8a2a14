"""Inputs of hidden tests: others for each student and hand-in, the same for a regrade."""

import os
import stat

import pytest

from autograder.errors import CourseError
from autograder.grading import records
from autograder.grading.classroom import grade_class
from autograder.grading.seed import course_secret, drawn_for
from autograder.grading.submission import grade_again, grade_submission
from autograder.running.examiner import Executed
from tests.helpers import FIRST

pytestmark = pytest.mark.usefixtures("workers_are_kept")


@pytest.fixture
def graders(small_course):
    """Two hand-ins that are alike, of two students."""
    for student in ("one", "two"):
        folder = small_course.submitted / student / "ps1"
        folder.mkdir(parents=True)
        (folder / f"{FIRST}.ipynb").write_text("{}")
    return small_course


def seed(course, student="one", assignment="ps1"):
    return drawn_for(course, assignment, student).seed


def test_the_seed_follows_course_student_problem_set_and_content(graders):
    folder = graders.submitted / "one"
    first = seed(graders)
    assert first == seed(graders) and first.bit_length() > 64
    (folder / "ps2").mkdir()
    (folder / "ps2" / f"{FIRST}.ipynb").write_text("{}")
    seen = [first, seed(graders, "two"), seed(graders, assignment="ps2")]
    (folder / "ps1" / f"{FIRST}.ipynb").write_text("{} ")
    seen.append(seed(graders))
    (folder / "ps1" / f"{FIRST}.ipynb").write_text("{}")
    graders.secret.unlink()
    seen.append(seed(graders))
    assert len(set(seen)) == len(seen)


def test_the_day_it_was_handed_in_does_not_matter(graders):
    first = seed(graders)
    (graders.submitted / "one" / "ps1" / "timestamp.txt").write_text("2026-01-01 00:00:00 UTC")
    assert seed(graders) == first


def test_only_its_owner_may_read_the_secret(graders):
    old = os.umask(0)
    try:
        said = course_secret(graders)
    finally:
        os.umask(old)
    assert len(said) == 32 and stat.S_IMODE(graders.secret.stat().st_mode) == 0o600
    assert course_secret(graders) == said
    assert [path.name for path in graders.grading.iterdir() if "secret" in path.name] == ["secret"]


def test_of_two_that_make_it_at_once_the_first_one_stays(graders, monkeypatch):
    """The second finds none, and then one."""
    said = course_secret(graders)
    monkeypatch.setattr(type(graders.secret), "exists", lambda path: False)
    assert course_secret(graders) == said


def test_a_secret_that_cannot_be_had_is_one_sentence(graders):
    graders.grading.mkdir(exist_ok=True)
    graders.secret.write_bytes(b"short")
    with pytest.raises(CourseError, match=r"secret is damaged\. Put the one from a backup there"):
        course_secret(graders)
    graders.secret.unlink()
    graders.secret.mkdir()
    with pytest.raises(CourseError, match="cannot be read or made: Is a directory"):
        grade_class(graders, "ps1", sandboxed=False)


class Remembers:
    """Runs nothing, and remembers what tests would have drawn from."""

    sandboxed = True

    def __init__(self):
        self.seeds = []

    def run(self, job):
        self.seeds.append(job.seed)
        return Executed(job.notebook, "timed-out", "", limited=True)


def test_a_second_run_draws_the_same(graders):
    path = graders.submitted / "one" / "ps1" / f"{FIRST}.ipynb"
    path.write_text((graders.release / "ps1" / f"{FIRST}.ipynb").read_text())
    runner = Remembers()
    grade_again(runner, graders, grade_submission(runner, graders, "ps1", "one"))
    assert runner.seeds == [seed(graders)] * 2


@pytest.mark.slow
def test_the_record_keeps_the_seed_and_a_regrade_draws_it_again(class_of_four):
    course, grades = class_of_four
    drawn = {graded.student: graded.seed for graded in grades.graded}
    assert len(set(drawn.values())) == len(drawn)
    course.secret.unlink()
    again = grade_class(course, "ps1", workers=2, force=True)
    assert {graded.student: graded.seed for graded in again.graded} == drawn
    assert [graded.score for graded in again.graded] == [graded.score for graded in grades.graded]
    for student, seed in drawn.items():
        assert records.load(course, "ps1", student).seed == seed
    changed = course.submitted / "blank" / "ps1" / f"{FIRST}.ipynb"
    changed.write_text(changed.read_text() + "\n")
    assert drawn_for(course, "ps1", "blank").seed != drawn["blank"]
