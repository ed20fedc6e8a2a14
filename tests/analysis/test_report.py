"""The instructor's report: its numbers, classes of any size, names of any kind."""

import csv
import io
import json
import re
from dataclasses import replace

import pytest
from click.testing import CliRunner

from autograder.analysis import items, mistakes, report, report_page
from autograder.cli import main
from autograder.exam.examine import Outcome, Verdict
from autograder.exam.explain import Explanation, Kind
from autograder.pages import feedback
from autograder.pages.feedback import NotebookShown, Page, QuestionShown
from autograder.pages.own_work import CellShown
from autograder.problem_sets.key import load_key
from autograder.running.outputs import Status
from tests.helpers import FIRST, assert_readable

MISTAKE = load_key("squared_norm").catalogue(load_key("squared_norm").mistakes, "squared_norm_gradient")[0]
EVIL = ['=HYPERLINK("http://x")', "<script>alert(1)</script>", "Ünal, José (2)", "+49", "@me", "a\nb", "%x|"]


def submission(
    student,
    right,
    status="graded",
    task=2.0,
    code="",
    sandboxed=True,
    seen="Yours is 3.5.",
    carried=False,
    behaviour="",
):
    """A submission of the first notebook: `right` of two checks passed, and a task."""
    failed = Outcome.NOT_WRITTEN if seen is None else Outcome.WRONG
    checks = tuple(
        Verdict(
            name,
            "numbers",
            Outcome.PASSED if place < right else failed,
            (seen or "") if place >= right else "",
        )
        for place, name in enumerate(("easy", "hard"))
    )
    told = Explanation(Kind.MISTAKE, seen, MISTAKE.name) if seen == MISTAKE.text else None
    told = Explanation(Kind.CARRIED, seen) if carried else told
    outcome = Outcome.PASSED if right == 2 else failed
    hidden = feedback.TestShown(
        True, 2.0 * right, 4.0, outcome, "", told, checks if status == "graded" else (), behaviour
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
    shown = NotebookShown(FIRST, "1", Status(status), problem, (), (question, by_hand), (), 0.0)
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
    assert items.correlation(passed, rest) == pytest.approx(expected * 0.5)
    assert items.correlation(passed[:9], rest[:9]) is None
    assert items.correlation([1.0] * 12, rest) is None


def test_fifths_rise_with_the_rest_and_ties_count_alike():
    rest = [float(i) for i in range(10)]
    assert items.quintiles([0.0] * 5 + [1.0] * 5, rest) == (0, 0, 0.5, 1, 1)
    assert items.quintiles([0.0, 1.0] * 5, [1.0] * 10) == (0.5,) * 5
    assert items.quintiles([1.0] * 9, rest[:9]) is None


def class_of(*scores):
    """Pages of two functions, one of them worth twice as much, with these points."""
    pages = []
    for number, (one, two) in enumerate(scores):
        page = submission(f"s{number:03}", 2)
        question = page.notebooks[0].questions[0]
        asked = (
            replace(question, id="one", title="one", score=one),
            replace(question, id="two", title="two", score=two, max_score=8.0),
        )
        pages.append(replace(page, notebooks=(replace(page.notebooks[0], questions=asked),)))
    return pages


def test_alpha_and_effective_weights_by_hand():
    """Points i and 2i: one thing, measured twice. Var 55/6, 4 times that, and 9 times of the total."""
    pages = class_of(*((float(i), 2.0 * i) for i in range(10)))
    found = items.reliability(pages)
    assert found.alpha == pytest.approx(2 * (1 - 5 / 9)) and found.n == 10
    assert found.alpha_error == pytest.approx((1 - 8 / 9) * (2 * 2 / 8) ** 0.5)
    assert found.score_error == pytest.approx((9 * 55 / 6 / 9) ** 0.5)
    one, two = items.question_statistics([FIRST], pages)
    assert (one.weight, two.weight) == pytest.approx((1 / 3, 2 / 3))
    assert (one.effective_weight, two.effective_weight) == pytest.approx((1 / 3, 2 / 3))


def test_a_submission_that_lacks_a_notebook_takes_none_from_the_others():
    pages = class_of(*((float(i), 2.0 * i) for i in range(10)))
    other = [replace(p, notebooks=(*p.notebooks, replace(p.notebooks[0], name="02"))) for p in pages]
    lacking = replace(pages[0], student="lacking")
    assert items.reliability([*other, lacking]) == items.reliability(other)


def test_what_rounding_leaves_is_no_difference(problem_set):
    """The same points from other tests, summed beside 0 and beside 2.5."""
    pages = []
    for i in range(10):
        page = submission(f"s{i}", 2 if i % 2 else 0)
        question = page.notebooks[0].questions[0]
        rest = replace(question, id="r", title="rest", score=0.83 * 3, tests=())
        own = replace(question, score=2.5 * (i % 2), tests=(replace(question.tests[0], score=2.5 * (i % 2)),))
        pages.append(replace(page, notebooks=(replace(page.notebooks[0], questions=(rest, own)),)))
    assert {check.discrimination for check in summary(problem_set, pages).checks} == {None}


def test_little_data_has_no_alpha():
    assert items.reliability([]) is None
    assert items.reliability(class_of(*[(1.0, 2.0)] * 20)) is None  # all have the same
    assert items.reliability(class_of(*((float(i), 1.0) for i in range(9)))) is None


def test_mistakes_are_named_and_counted_with_an_anonymous_example(problem_set):
    pages = [submission(name, 0, seen=MISTAKE.text) for name in ("ann", "bob", "carla")]
    pages += [submission("dora", 1, seen="Yours is 3."), submission("emil", 1, seen="Yours is -2.5e-07.")]
    pages += [submission("fritz", 0, seen=None)]
    named, numbered, unwritten = summary(problem_set, pages).mistakes
    assert (named.count, named.name) == (3, MISTAKE.name.replace("_", " "))
    assert (named.text, named.cost) == (MISTAKE.text, 4.0)
    assert named.example == "def squared_norm_gradient(x):\n    return 0"
    assert (numbered.count, numbered.name) == (2, "") and "Yours is" in numbered.text
    assert (unwritten.kind, unwritten.name, unwritten.example) == (
        mistakes.NOT_WRITTEN,
        mistakes.NOT_WRITTEN,
        "",
    )
    page = report_page.html(summary(problem_set, pages))
    assert "3 people" in page and "Left as issued" in page


@pytest.mark.long
def test_what_nothing_explains_is_grouped_by_what_it_does_and_comes_as_an_entry(problem_set):
    code = "def squared_norm_gradient(x):\n    y = x + {}\n    return y"
    pages = [
        submission(f"s{i}", i % 2, code=code.format("abc"[: i + 1]), behaviour="same", seen=f"{i} ≠ 1 there.")
        for i in range(3)
    ]
    pages += [submission("else", 0, code="def squared_norm_gradient(x):\n    return", behaviour="other")]
    alike, other = summary(problem_set, pages).mistakes
    assert (alike.kind, alike.name, alike.count) == (mistakes.UNEXPLAINED, "", 3)
    assert alike.cost == pytest.approx((4 + 2 + 4) / 3) and other.count == 1
    pasted = mistakes.entry(alike)
    names: dict = {}
    exec(f"from autograder.problem_sets.key import mistake\n{pasted}", names)
    assert names[re.search(r"def (\w+)", pasted)[1]].catalogued == ("mistake", "squared_norm_gradient", "")
    page = report_page.html(summary(problem_set, pages))
    assert "Not explained" in page and "def</span>" in page


def test_what_a_student_raised_names_nobody_and_ends_no_comment(problem_set):
    seen = "f stopped with ValueError: Ada Lovelace\nimport os\x1b[31m."
    page = submission("Ada Lovelace", 0, seen=seen)
    question = page.notebooks[0].questions[0]
    raised = tuple(replace(verdict, outcome=Outcome.ERROR) for verdict in question.tests[0].verdicts)
    question = replace(question, tests=(replace(question.tests[0], verdicts=raised),))
    page = replace(page, notebooks=(replace(page.notebooks[0], questions=(question,)),))
    (made,) = summary(problem_set, [page]).mistakes
    assert "Ada" not in made.text and "Lovelace" not in made.text
    assert "\n" not in made.text and "\x1b" not in made.text


def test_our_own_sentences_keep_their_words_whatever_people_are_called(problem_set):
    (made,) = summary(
        problem_set, [submission("right", 0, seen="The shape is right, but not more.")]
    ).mistakes
    assert made.text == "The shape is right, but not more."


@pytest.mark.long
@pytest.mark.parametrize("terms", [10, 400, 900, 3000])
def test_an_answer_too_deep_to_be_written_again_stops_no_report(problem_set, terms):
    code = "def squared_norm_gradient(x):\n    return " + "+".join(["x"] * terms)
    made = summary(problem_set, [submission("ann", 0, code=code)])
    assert "Not explained" in report_page.html(made)


def test_a_visible_test_decides_nothing_where_a_hidden_one_judges(problem_set):
    page = submission("ann", 2)
    question = page.notebooks[0].questions[0]
    visible = feedback.TestShown(False, 0.0, 0.0, Outcome.ERROR, "No name plt.")
    shown = replace(question, tests=(visible, *question.tests))
    page = replace(page, notebooks=(replace(page.notebooks[0], questions=(shown,)),))
    assert summary(problem_set, [page]).mistakes == ()


def test_two_mistakes_with_one_sentence_are_two(problem_set):
    page = submission("ann", 0, seen=MISTAKE.text)
    question = page.notebooks[0].questions[0]
    told = replace(question.tests[0].explanation, mistake="another_one")
    other = replace(question, tests=(replace(question.tests[0], explanation=told),))
    shown = replace(page.notebooks[0], questions=(other,))
    made = summary(problem_set, [page, replace(page, student="bob", notebooks=(shown,))]).mistakes
    assert {(m.name, m.count) for m in made} == {(MISTAKE.name.replace("_", " "), 1), ("another one", 1)}


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


@pytest.mark.long
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
        (mistakes.MistakeStatistics, made.mistakes),
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
