"""Whatever people are called, a file has a row for each, and no cell that a spreadsheet would run."""

import csv
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.exchange import worksheets
from autograder.exchange.grades import Grades, NotebookPoints, Standing, StudentGrade
from autograder.exchange.roster import Person
from autograder.exchange.worksheets import Platform, is_id, known_to, number, one_line
from autograder.running.outputs import Status
from autograder.tables import harmless

POINTS = NotebookPoints("01_squared_norm", Status.GRADED, 7.5, 2.25, 0.5, 1 / 3, 0, 0)
FORMULA = re.compile(r"\s*[=+@|%＝＋－＠]|\s*-(?!$)|[\t\r\n]")
texts = st.text(
    st.sampled_from("aÜ=+-@|%'\"\\,;\n\r\t\0\u202e\u2028\ud800＝ ") | st.characters(), max_size=12
)
people = st.builds(Person, *[texts] * 8)


def grades_of(someone: list[Person]) -> Grades:
    students = (StudentGrade(person, True, (POINTS,), Standing.GRADED) for person in someone)
    return Grades("ps1", {"01_squared_norm": 10.0}, tuple(students))


def plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@settings(max_examples=50, deadline=None)
@given(st.lists(people, max_size=2))
def test_every_name_makes_one_row_without_a_formula(someone):
    grades = grades_of(someone)
    for head, *rows in (
        read(worksheets.canvas(grades, grades.students, False, "ps1")),
        read(worksheets.moodle(grades, grades.students, False)),
        read(worksheets.table(grades, False)),
    ):
        people_rows = [row for row in rows if "Points Possible" not in row[0]]
        assert len(people_rows) == len(someone) and all(len(row) == len(head) for row in rows)
        for row in people_rows:
            assert [cell for cell in row if FORMULA.match(cell)] == []
            assert "9.9167" in row


@settings(max_examples=50, deadline=None)
@given(people)
def test_the_table_gives_back_what_it_was_given(person):
    head, row = read(worksheets.table(grades_of([person]), False))
    for field, cell in zip(head, row, strict=True):
        if field in worksheets.PERSON:
            value = plain(getattr(person, field))
            assert cell in (value, f"'{value}")


@settings(max_examples=50, deadline=None)
@given(texts)
def test_a_line_is_one_line_that_prints(text):
    line = one_line(text)
    assert line.isprintable() and line == line.strip() and "  " not in line


def test_who_is_known_to_a_platform():
    def person(platform_id, login):
        return Person("x", platform_id, login, "", "", "", "", "")

    assert all(known_to(platform, person("12", "")) for platform in Platform)
    assert known_to(Platform.CSV, person("", "")) and not known_to(Platform.MOODLE, person("", "ann"))
    assert known_to(Platform.CANVAS, person("", "ann")) and not known_to(Platform.CANVAS, person("", "=ann"))
    assert not any(is_id(text) for text in ("", "anon_x", "-1", "1 2", "١٢", "²", "1.5", "12\n"))


@pytest.mark.parametrize(
    ("value", "text"),
    [(7.5, "7.5"), (10.0, "10"), (0.0, "0"), (-1e-9, "0"), (1 / 3, "0.3333"), (100.0, "100"), (-0.5, "-0.5")],
)
def test_points_have_a_decimal_point_and_no_more_than_they_need(value, text):
    assert number(value) == text and harmless(text) == (f"'{text}" if value == -0.5 else text)
