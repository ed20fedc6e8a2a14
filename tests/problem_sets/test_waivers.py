"""The file of waivers, and how a person names a check."""

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.cli import main
from autograder.errors import ContentError, CourseError
from autograder.problem_sets.checks import find_check
from autograder.problem_sets.notebooks import AssignmentError, read_problem_set
from autograder.problem_sets.waivers import MAX_REASON, Waiver, path_of, read_waivers, write_waivers
from tests.helpers import FIRST

LINES = st.text(max_size=9).map(lambda text: "".join(filter(str.isprintable, text)))
SAYING = LINES.map(lambda text: text if text.strip() else "x")
WAIVERS = st.builds(Waiver, SAYING, SAYING, SAYING, SAYING, LINES, LINES)
ENTRY = '[[ps1]]\nnotebook = "01_squared_norm"\nfunction = "squared_norm"\ncheck = "whole numbers"\n'


ENTRIES = st.lists(WAIVERS, unique_by=lambda waiver: waiver.what, min_size=1, max_size=3).map(tuple)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(LINES, ENTRIES, max_size=2))
def test_what_is_written_is_read_again(tmp_path_factory, waivers):
    folder = tmp_path_factory.getbasetemp()
    write_waivers(folder, waivers)
    assert read_waivers(folder) == waivers
    assert path_of(folder).exists() == bool(waivers)


@pytest.mark.parametrize(
    "text, said",
    [
        ("[[ps1]", "cannot be read"),
        ("ps1 = 3", "needs because, check, function, notebook"),
        (ENTRY, "needs because"),
        (ENTRY + 'because = "a"\ncoffee = "b"\n', "needs because"),
        (ENTRY + "because = 3\n", "one line of text"),
        (ENTRY + 'because = " "\n', "needs because"),
        (ENTRY + 'because = "a\\nb"\n', "one line of text"),
        (ENTRY + f'because = "{"x" * (MAX_REASON + 1)}"\n', "300 characters at most"),
        (2 * (ENTRY + 'because = "a"\n'), "twice"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_a_file_that_is_no_use_is_one_sentence(tmp_path, text, said):
    path_of(tmp_path).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ContentError, match=said):
        read_waivers(tmp_path)


def test_a_date_may_be_one_of_tomls(tmp_path):
    path_of(tmp_path).write_text(ENTRY + 'because = "a"\non = 2026-11-29\n')
    assert read_waivers(tmp_path)["ps1"][0].on == "2026-11-29"


def test_a_waiver_of_a_notebook_that_is_not_there_stops_the_course(small_course):
    path_of(small_course.source).write_text(ENTRY.replace("01_", "07_") + 'because = "a"\n')
    with pytest.raises(AssignmentError, match="ps1 has no notebook '07_squared_norm'"):
        read_problem_set(small_course.source, "ps1")


@pytest.mark.parametrize(
    "name, found",
    [
        ("soft labels", None),
        ("a perfect fit", "frobenius_loss_gradient/a perfect fit"),
        ("A Perf", "frobenius_loss_gradient/a perfect fit"),
        ("Hidden test:  a  perfect fit", "frobenius_loss_gradient/a perfect fit"),
        ("squared_norm/whole numbers", "squared_norm/whole numbers"),
        ("squared_norm/wh", "squared_norm/whole numbers"),
        ("squared-norm-gradient-hidden/whole numbers", "squared_norm_gradient/whole numbers"),
        ("softmax/logits of", "softmax/logits of ±1000"),
        ("whole numbers", None),
        ("", None),
        ("/", None),
        ("squared_norm/", None),
        ("coffee", None),
    ],
)
def test_how_a_person_names_a_check(problem_set, name, found):
    if found:
        assert find_check(problem_set, name).full_name == found
    else:
        with pytest.raises(CourseError, match="name one of these:\n  ") as said:
            find_check(problem_set, name)
        assert said.value.exit_code == 2


def course_waive(course, *arguments):
    return CliRunner().invoke(main, ["--course-dir", str(course.root), "waive", "ps1", *arguments])


def test_the_command_writes_replaces_and_takes_back(small_course):
    done = course_waive(small_course, "a form", "--because", ' Too "strict"\n here. ', "--by", "TA")
    assert (
        done.exit_code == 0
        and "squared_norm_gradient/a formula is waived in source/waivers.toml" in done.output
    )
    (first,) = read_waivers(small_course.source)["ps1"]
    assert (first.notebook, first.because, first.by) == (FIRST, 'Too "strict" here.', "TA") and first.on
    assert course_waive(small_course, "a form", "--because", "Another.").exit_code == 0
    assert [w.because for w in read_waivers(small_course.source)["ps1"]] == ["Another."]
    assert course_waive(small_course, "a formula", "--undo").exit_code == 0
    assert not path_of(small_course.source).exists()


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["a formula"], "Say why"),
        (["a formula", "--because", "  "], "Say why"),
        (["a formula", "--because", "x", "--undo"], "Say why"),
        (["a formula", "--undo"], "is not waived"),
        (["a formula", "--because", "x" * 301], "300 characters"),
        (["a formula", "--because", "x\x07"], "that print"),
        (["coffee", "--because", "x"], "ps1 has no check 'coffee'"),
        (["whole", "--because", "x"], "squared_norm/whole numbers\n"),
    ],
)
def test_a_wrong_call_is_one_and_writes_nothing(small_course, arguments, said):
    done = course_waive(small_course, *arguments)
    assert done.exit_code == 2 and said in done.output
    assert not path_of(small_course.source).exists()
