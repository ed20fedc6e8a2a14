"""Regrade requests: what students ask, kept in a file that people edit, and shown as text."""

import csv

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.cli import main
from autograder.course import find_course
from autograder.errors import ContentError, CourseError
from autograder.grading import requests
from autograder.grading.requests import MAX_TEXT, ask, close, read_requests
from tests.helpers import REPOSITORY


@pytest.fixture
def stage(tmp_path):
    return find_course(REPOSITORY).with_grading(tmp_path)


def test_a_request_is_open_until_it_is_answered(stage):
    ask(stage, "ps1", "ann", "Is  line 2\nright?")
    ask(stage, "ps2", "ann", "And this?")
    ask(stage, "ps1", "bob", "Me too.")
    (mine,) = [request for request in read_requests(stage, "ps1") if request.student == "ann"]
    assert mine.is_open and mine.text == "Is line 2 right?" and mine.asked
    assert close(stage, "ps1", "ann", "It is.") == 1
    answered = next(request for request in read_requests(stage, "ps1") if request.student == "ann")
    assert (answered.is_open, answered.answer, answered.text) == (False, "It is.", "Is line 2 right?")
    assert [request.is_open for request in read_requests(stage, "ps2")] == [True]
    with pytest.raises(CourseError, match="ann has no open request on ps1"):
        close(stage, "ps1", "ann", "Again.")


def test_the_same_words_twice_are_one_request(stage):
    ask(stage, "ps1", "ann", "Why?")
    with pytest.raises(CourseError, match="is open already"):
        ask(stage, "ps1", "ann", " Why? ")
    close(stage, "ps1", "ann", "So.")
    ask(stage, "ps1", "ann", "Why?")  # answered, and asked once more
    assert [request.is_open for request in read_requests(stage, "ps1")] == [False, True]


@pytest.mark.parametrize("text", ["", " \n", "x" * (MAX_TEXT + 1)])
def test_a_text_of_no_use_is_refused(stage, text):
    with pytest.raises(CourseError, match="characters"):
        ask(stage, "ps1", "ann", text)
    assert read_requests(stage, "ps1") == ()


@settings(max_examples=50, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9), st.text(min_size=1, max_size=9)
)
def test_whatever_is_asked_by_whomever_is_read_again(tmp_path_factory, student, text):
    stage = find_course(REPOSITORY).with_grading(tmp_path_factory.mktemp("asked"))
    try:
        ask(stage, "ps1", student, text)
    except CourseError:
        assert not text.split()
        return
    (read,) = read_requests(stage, "ps1")
    assert read.student == student and read.text.isprintable() and read.is_open
    assert close(stage, "ps1", student, "=1+1") == 1
    (read,) = read_requests(stage, "ps1")
    assert read.answer == "=1+1"
    with (stage.grading / requests.NAME).open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [
        cell for cell in cells if cell[:1] in ("=", "+", "-", "@")
    ]  # nothing for a spreadsheet to run


def test_a_spreadsheet_may_have_saved_it(stage):
    rows = "student;problem_set;asked;text;closed;answer;mine\r\nann;ps1;29.11.;What; ;;x\r\n"
    (stage.grading / requests.NAME).write_bytes(b"\xef\xbb\xbf" + rows.encode())
    (read,) = read_requests(stage, "ps1")
    assert (read.student, read.asked, read.text, read.is_open) == ("ann", "29.11.", "What", True)


@pytest.mark.parametrize(
    "content, said",
    [
        (b"a,b\n1,2\n", "needs the columns student, problem_set"),
        ("student,ü\n".encode("utf-16"), "not UTF-8"),
        (b"student,problem_set,asked,text,closed,answer\nann," + b"x" * 200_000, "no CSV file"),
    ],
)
def test_a_file_of_no_use_is_one_sentence(stage, content, said):
    (stage.grading / requests.NAME).write_bytes(content)
    with pytest.raises(ContentError, match=said):
        read_requests(stage, "ps1")


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["ann", "Why 2 points?"], 0, "ann has an open request on ps1"),
        (["bob", "Why?"], 2, "bob has no submission for ps1"),
        (["../ann", "Why?"], 2, "has no submission"),
        (["ann"], 2, "Give what the student asks"),
        (["ann", "Why?", "--close", "So."], 2, "Give what the student asks"),
        (["ann", "--close", "So."], 2, "no open request"),
    ],
)
def test_the_command(small_course, arguments, code, said):
    (small_course.submitted / "ann" / "ps1").mkdir(parents=True)
    done = CliRunner().invoke(main, ["--course-dir", str(small_course.root), "request", "ps1", *arguments])
    assert done.exit_code == code and said in done.output


def test_the_command_closes(small_course):
    ask(small_course, "ps1", "ann", "Why?")
    call = ["--course-dir", str(small_course.root), "request", "ps1", "ann", "--close", "So."]
    done = CliRunner().invoke(main, call)
    assert done.exit_code == 0 and "1 of ann's requests on ps1 is closed" in done.output
