"""The instructor's report: its numbers, classes of any size, names of any kind."""

import csv
import io
import json
import re

import pytest
from click.testing import CliRunner

from autograder.analysis import report, report_page
from autograder.cli import main
from autograder.pages import feedback
from autograder.pages.feedback import CheckShown, Explanation, NotebookShown, Page, QuestionShown
from autograder.pages.own_work import CellShown
from autograder.problem_sets.key import load_key
from tests.helpers import FIRST, assert_readable

MISTAKE = load_key("squared_norm").catalogue(load_key("squared_norm").mistakes, "squared_norm_gradient")[0]
EVIL = ['=HYPERLINK("http://x")', "<script>alert(1)</script>", "Ünal, José (2)", "+49", "@me", "a\nb", "%x|"]


def submission(
    student, right, status="graded", task=2.0, code="", sandboxed=True, seen="Yours is 3.5.", carried=False
):
    """A submission of the first notebook: `right` of two checks passed, and a task."""
    checks = tuple(
        CheckShown(name, "numbers", place < right, "" if place < right else seen)
        for place, name in enumerate(("easy", "hard"))
    )
    told = Explanation(f"You computed {right}. {seen}", hint=seen) if seen == MISTAKE.text else None
    told = Explanation(seen, carried=True) if carried else told
    hidden = feedback.TestShown(
        "Hidden test", 2.0 * right, 4.0, right == 2, "", told, checks if status == "graded" else ()
    )
    question = QuestionShown(
        "squared-norm-gradient",
        "squared_norm_gradient",
        "Part B",
        False,
        hidden.score,
        4.0,
        "",
        (hidden,),
        (
            CellShown(
                "code", code or f"def squared_norm_gradient(x):\n    return {right}  # {student}", (), ()
            ),
        ),
    )
    by_hand = QuestionShown("derivation", "derivation", "Part C", True, task, 2.5, "", (), ())
    problem = "" if status == "graded" else f"It {status}."
    shown = NotebookShown(FIRST, "1", status, problem, (), (question, by_hand), (), 0.0)
    return Page(student, "ps1", (shown,), sandboxed)


def summary(problem_set, pages, roster=(), handed_in=()):
    return report.summarise("ps1", problem_set.exercises, pages, dict.fromkeys(roster, ""), handed_in)


def test_passed_difficulty_and_discrimination(problem_set):
    """Eight pass both checks, four only the first; there are no other tests."""
    pages = [submission(f"s{i}", 2 if i < 8 else 1) for i in range(12)]
    made = summary(problem_set, pages)
    easy, hard = made.checks
    assert (easy.check, easy.n, easy.passed, easy.difficulty) == ("Hidden test: easy", 12, 1.0, 0.0)
    assert (hard.passed, hard.difficulty) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert easy.discrimination is None and hard.discrimination is None  # nothing else to go with
    assert made.questions[0].earned == pytest.approx((8 + 4 / 2) / 12)
    assert made.quartiles == (4.0, 6.0, 6.0)


def test_discrimination_is_the_correlation_with_all_other_tests():
    passed = [1.0] * 6 + [0.0] * 6
    rest = [float(i) for i in range(12)]
    expected = -3.0 / (0.5 * (143 / 12) ** 0.5)  # mean difference 6, times p(1-p), over the two deviations
    assert report._correlation(passed, rest) == pytest.approx(expected * 0.5)
    assert report._correlation(passed[:9], rest[:9]) is None
    assert report._correlation([1.0] * 12, rest) is None


def test_mistakes_are_named_and_counted_with_an_anonymous_example(problem_set):
    pages = [submission(name, 0, seen=MISTAKE.text) for name in ("ann", "bob", "carla")]
    pages += [submission("dora", 1, seen="Yours is 3."), submission("emil", 1, seen="Yours is -2.5e-07.")]
    pages += [submission("fritz", 0, seen="f is not written yet.")]
    named, numbered, unwritten = summary(problem_set, pages).mistakes
    assert (named.count, named.name) == (3, MISTAKE.name.replace("_", " "))
    assert named.text == f"You computed 0. {MISTAKE.text}"
    assert named.example == "def squared_norm_gradient(x):\n    return 0"
    assert (numbered.count, numbered.name) == (2, "") and "Yours is" in numbered.text
    assert (unwritten.name, unwritten.example) == (report.NOT_WRITTEN, "")
    page = report_page.html(summary(problem_set, pages))
    assert "3 people" in page and "Left as issued" in page


def test_a_function_that_is_wrong_only_because_it_calls_another_one_counts_there(problem_set):
    pages = [submission("ann", 1, seen="It is the loss.", carried=True), submission("bob", 1)]
    (counted,) = summary(problem_set, pages).mistakes
    assert counted.count == 1 and "the loss" not in counted.text


def test_what_is_open_or_odd(problem_set):
    pages = [
        submission("ann", 2, task=None),
        submission("bob", 0, status="timed-out", task=None),
        submission("carla", 0, status="missing"),
        submission("dora", 2, sandboxed=False),
    ]
    made = summary(problem_set, pages, ["ann", "bob", "emil"], ["ann", "fritz"])
    assert [(t.student, t.status) for t in made.trouble] == [("bob", "timed-out"), ("carla", "missing")]
    assert [(t.task, t.count) for t in made.open_tasks] == [("derivation", 2)]
    assert (made.nothing_submitted, made.not_graded) == (("emil",), ("fritz",))
    assert made.unsandboxed == ("dora",)
    assert {check.n for check in made.checks} == {3}  # who handed in nothing is in no statistic
    page = report_page.html(made)
    assert "Graded without a sandbox: 1." in page and "emil" in page and "It timed-out." in page


@pytest.mark.parametrize("n", [0, 1, 300])
def test_classes_of_any_size(problem_set, n):
    pages = [submission(f"s{i:03}", i % 3) for i in range(n)]
    made = summary(problem_set, pages, ["nobody"])
    assert_readable(re.sub(r"(?s)<svg.*?</svg>", "", report_page.html(made)))
    assert len(list(csv.reader(io.StringIO(report_page.as_csv(report.StudentScore, made.scores))))) == n + 1
    assert len(json.loads(report_page.as_json(made))["scores"]) == n


@pytest.mark.long
def test_odd_names_stay_text_everywhere(problem_set):
    same = "def f(x):\n" + "".join(f"    a{i} = [x[{i}] ** {i} for _ in range({i})]\n" for i in range(9))
    pages = [submission(name, 1, status="crashed", code=same if i < 2 else "") for i, name in enumerate(EVIL)]
    made = summary(problem_set, pages, [*EVIL, "=1+1"], ["<b>late</b>"])
    assert made.similar
    page = report_page.html(made)
    assert_readable(re.sub(r"(?s)<svg.*?</svg>", "", page))
    assert "<script" not in page and "<b>" not in page
    for record, rows in (
        (report.StudentScore, made.scores),
        (report.Trouble, made.trouble),
        (report.MistakeStatistics, made.mistakes),
        (report.SimilarPair, made.similar),
    ):
        cells = [cell for row in csv.reader(io.StringIO(report_page.as_csv(record, rows))) for cell in row]
        assert not [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@|%")]
    assert json.loads(report_page.as_json(made))["scores"][0]["student"] == EVIL[0]


@pytest.mark.long
def test_a_course_without_anybody_is_said_so(small_course):
    done = CliRunner().invoke(main, ["--course-dir", str(small_course.root), "report", "ps1"])
    assert done.exit_code == 2 and "Nobody has handed in ps1" in done.stderr
    done = CliRunner().invoke(main, ["--course-dir", str(small_course.root), "report", "ps9"])
    assert done.exit_code == 2 and "no problem set 'ps9'" in done.stderr
