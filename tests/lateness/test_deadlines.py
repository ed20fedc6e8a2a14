"""Due dates and extensions are read as people write them, and what lateness costs follows them at once."""

import copy
import csv
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from traitlets.config import Config

from autograder.commands.shared import show_grades
from autograder.course import find_course
from autograder.errors import CourseError
from autograder.grading.gradebook import read_class, read_marks
from autograder.lateness.collected import Collected, write_collected
from autograder.lateness.deadlines import due_in_words, read_deadlines
from autograder.pages.feedback_page import write_feedback
from tests.helpers import FIRST, copy_course, run_in

HANDED_IN = "2026-11-20 10:00:00 UTC"  # by "right", who earned 7.5 by machine
POLICY = {"share_per_day": 0.1, "most": 0.5}


def with_settings(course, due=None, zone="UTC", **policy):
    config = Config(copy.deepcopy(course.config))
    config.Deadlines.due = {} if due is None else {"ps1": due}
    config.Deadlines.timezone = zone
    for name, value in policy.items():
        setattr(config.LatePolicy, name, value)
    return replace(course, config=config)


@pytest.fixture(scope="module")
def empty_course(tmp_path_factory):
    root = copy_course(tmp_path_factory.mktemp("dates"), f"{FIRST}.ipynb")
    return find_course(root)


@pytest.fixture
def course(empty_course, tmp_path):
    return empty_course.with_grading(tmp_path)


def extend(course, text):
    course.grading.mkdir(exist_ok=True)
    (course.grading / "extensions.csv").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("due", "zone", "moment"),
    [
        ("2026-03-06 23:59", "UTC", datetime(2026, 3, 6, 23, 59, tzinfo=UTC)),
        ("2026-03-06 23:59", "Asia/Kathmandu", datetime(2026, 3, 6, 18, 14, tzinfo=UTC)),
        ("2026-03-06", "UTC", datetime(2026, 3, 6, 23, 59, 59, tzinfo=UTC)),  # to the end of that day
        ("2026-07-06T12:00:00+02:00", "UTC", datetime(2026, 7, 6, 10, tzinfo=UTC)),
        ("2026-07-06 12:00", "Europe/Zurich", datetime(2026, 7, 6, 10, tzinfo=UTC)),  # in summer time
    ],
)
def test_a_due_date_is_read_as_people_write_it(course, due, zone, moment):
    assert read_deadlines(with_settings(course, due, zone)).due == {"ps1": moment}


@pytest.mark.parametrize("due", ["6.3.2026", "", "2026-13-01", "soon", "2026-03-06 25:00", "0000-01-01"])
def test_what_is_no_date_is_refused_by_its_setting(course, due):
    with pytest.raises(CourseError, match=r"course_config\.py, due date of ps1: .* is no date"):
        read_deadlines(with_settings(course, due))


def test_students_read_when_it_is_due_in_the_courses_own_time(course):
    course = with_settings(course, "2026-03-06", "Asia/Kathmandu")
    assert due_in_words(course, "ps1") == "2026-03-06 23:59 (Asia/Kathmandu)"
    assert due_in_words(course, "ps2") == ""


def test_unknown_zones_and_settings_are_refused(course):
    with pytest.raises(CourseError, match="no time zone 'Mars/North'"):
        read_deadlines(with_settings(course, zone="Mars/North"))
    course = with_settings(course)
    course.config.Deadlines.dues = {}
    with pytest.raises(CourseError, match=r"no setting c\.Deadlines\.dues"):
        read_deadlines(course)


def test_a_date_is_taken_back_with_none(course):
    course = with_settings(course)
    course.config.Deadlines.due = {"ps1": None}
    assert read_deadlines(course).due == {"ps1": None} and due_in_words(course, "ps1") == ""


def test_a_table_that_is_none_is_refused(course):
    extend(course, 'student,problem set,until\nright,ps1,"' + "x" * 200_000)
    with pytest.raises(CourseError, match="is no table: field larger"):
        read_deadlines(with_settings(course))


def test_extensions_are_read_whatever_program_saved_them(course):
    extend(
        course,
        "\ufeffStudent;problem_set;until;why\r\n"
        '"Ünal, José (2)";ps1;2026-03-09;ill\r\n;;;\r\nright;ps1;2026-03-08;\r\nright;ps1;2026-03-10;ill',
    )
    found = read_deadlines(with_settings(course)).extensions
    assert {student: one.until.day for (_, student), one in found.items()} == {
        "Ünal, José (2)": 9,
        "right": 10,  # the later one of two
    }
    assert found["ps1", "right"].line == 5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name,ps,until\nright,ps1,2026-03-09", "line 1: the columns are student, problem set, until, why"),
        ("student,problem set,until\nright,ps1,tomorrow", "line 2: 'tomorrow' is no date"),
        ("student,problem set,until\nright,,2026-03-09", "line 2: names no student or no problem set"),
        ("student,problem set,until\nright,ps1", "line 2: '' is no date"),
    ],
)
def test_a_line_that_gives_nobody_time_is_named(course, text, problem):
    extend(course, text)
    with pytest.raises(CourseError, match=re.escape(problem)):
        read_deadlines(with_settings(course))


# ------------------------------------------------------------------ what lateness costs


def penalty(course, student="right"):
    (marks,) = read_marks(course, "ps1", student).values()
    assert marks == read_class(course, "ps1").marks[student][FIRST]
    return marks.penalty


@pytest.mark.slow
@pytest.mark.parametrize(
    ("due", "policy", "lost"),
    [
        (None, POLICY, 0),
        ("2026-11-20 10:00", POLICY, 0),
        ("2026-11-20 09:59:59", POLICY, 0.1),  # a day begun
        ("2026-11-19 10:00", POLICY, 0.1),
        ("2026-11-19 09:59", POLICY, 0.2),
        ("2026-11-01", POLICY, 0.5),  # the cap
        ("2026-11-20 09:45", {**POLICY, "grace_minutes": 15.0}, 0),
        ("2026-11-20 09:44", {**POLICY, "grace_minutes": 15.0}, 0.1),
        ("2026-11-01", {"share_per_day": 0.0}, 0),
    ],
)
def test_a_share_for_every_day_begun_up_to_a_cap(class_of_four, due, policy, lost):
    course = with_settings(class_of_four[0], due, **policy)
    assert penalty(course) == pytest.approx(7.5 * lost)
    assert penalty(course, "wrong") == 0  # nobody knows when


@pytest.mark.slow
def test_a_mark_entered_later_and_an_extension_change_it_at_once(class_of_four):
    from nbgrader.api import Gradebook

    course = with_settings(class_of_four[0], "2026-11-18 10:00", **POLICY)
    assert penalty(course) == pytest.approx(1.5)
    book = Gradebook(course.db_url, "matrix-calculus")
    book.find_grade("derivation", FIRST, "ps1", "right").manual_score = 2.5
    book.db.commit()
    book.close()
    book.engine.dispose()
    assert penalty(course) == pytest.approx(2.0)
    write_feedback(course, "ps1")
    page = (course.feedback / "right" / "ps1" / f"{FIRST}.html").read_text()
    assert "Handed in late: 2 points are taken off." in page
    extend(course, "student,problem set,until,why\nright,ps1,2026-11-19 12:00,ill\n")
    assert penalty(course) == pytest.approx(1.0)
    extend(course, "student,problem set,until,why\nright,ps2,2026-11-30,ill\nwrong,ps1,2026-11-30,\n")
    assert penalty(course) == pytest.approx(2.0)


@pytest.mark.slow
def test_what_the_platform_said_counts(class_of_four):
    course = with_settings(class_of_four[0], "2026-11-21", **POLICY)

    def said(handed_in, late):
        one = Collected("right", handed_in, late, "canvas", "1", ())
        write_collected(course, "ps1", {"right": one})
        return penalty(course)

    assert penalty(course) == 0
    early = with_settings(course, "2026-11-18 10:00", **POLICY)
    write_collected(course, "ps1", {"right": Collected("right", None, None, "folders", "", ())})
    assert penalty(early) == pytest.approx(1.5)  # nbgrader's moment, where a platform gives none
    assert said(datetime(2026, 11, 22, 0, 1, tzinfo=UTC), True) == pytest.approx(0.75)
    assert said(datetime(2026, 11, 23, 0, 1, tzinfo=UTC), None) == pytest.approx(1.5)
    assert said(None, True) == pytest.approx(0.75)  # nobody knows by how much
    assert said(None, False) == 0
    extend(course, "student,problem set,until,why\nright,ps1,2026-11-30,ill\n")
    assert said(None, True) == 0  # the platform may know nothing of the extension


# ------------------------------------------------------------------ in nbgrader's own programs

IN_NBGRADER = """
import sys
from nbgrader.api import Gradebook
from traitlets.config.loader import PyFileConfigLoader

config = PyFileConfigLoader("nbgrader_config.py", path=".").load_config()
book = Gradebook(config.CourseDirectory.db_url, "matrix-calculus")
penalty = lambda: float(book.find_submission("ps1", "right").late_submission_penalty)
said = [penalty()]
book.find_grade("derivation", "01_squared_norm", "ps1", "right").manual_score = 2.5
book.db.commit()
said.append(penalty())
book.db.commit()
with open("grading/extensions.csv", "w") as file:
    file.write("student,problem set,until,why\\nright,ps1,2026-11-19 12:00,ill\\n")
said.append(penalty())
book.db.commit()
with open("grading/extensions.csv", "w") as file:
    file.write("student,problem set,until,why\\nright,ps1,whenever,\\n")
said.append(penalty())
print(*(f"{points:g}" for points in said))
"""  # as the formgrader does, which keeps a gradebook open


@pytest.mark.slow
def test_nbgraders_own_programs_show_the_same(class_of_four):
    """Without a regrade: a due date set afterwards, a mark by hand, an extension, one that is no date."""
    root = class_of_four[0].root
    config = root / "course_config.py"
    told = config.read_text().replace("c.Deadlines.due = {}", 'c.Deadlines.due = {"ps1": "2026-11-18 10:00"}')
    config.write_text(told.replace("share_per_day = 0.0", "share_per_day = 0.1"))
    run_in(root, "nbgrader", "export")
    with (root / "grades.csv").open() as file:
        rows = {row["student_id"]: row["late_submission_penalty"] for row in csv.DictReader(file)}
    assert {name: float(rows[name]) for name in ("blank", "right", "wrong")} == {
        "blank": 0,
        "right": 1.5,
        "wrong": 0,
    }
    done = run_in(root, "python", "-c", IN_NBGRADER)
    assert done.stdout.split() == ["1.5", "2", "1", "1"]
    assert "line 2: 'whenever' is no date" in done.stderr


@pytest.mark.slow
def test_the_table_of_a_class_shows_what_lateness_takes(class_of_four, capsys):
    course, grades = class_of_four
    show_grades(with_settings(course, "2026-11-18 10:00", **POLICY), grades)
    assert "−1.5" in capsys.readouterr().out
    show_grades(with_settings(course), grades)
    assert "late" not in capsys.readouterr().out
