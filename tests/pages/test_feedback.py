"""Feedback pages: what they say, that any reader can use them, and what they never hold."""

import copy
import html
import re
from dataclasses import replace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from autograder.exam.examine import MARKS_MIME
from autograder.grading import records, requests
from autograder.grading.gradebook import NotebookMarks
from autograder.grading.points import cell_grade
from autograder.grading.submission import NotebookGrade, SubmissionGrade, ungraded
from autograder.pages import feedback, feedback_page
from autograder.problem_sets.notebooks import grade_id, is_automatic, to_text
from autograder.problem_sets.regions import squeeze, staff_lines
from autograder.problem_sets.waivers import Waiver
from autograder.running.outputs import Status
from tests.helpers import REPOSITORY, assert_readable, cell_of
from tests.pictures import as_text, png

FOURTH = "04_ridge_descent"
MATH = "<math><mn>2</mn><msup><mi>A</mi><mo>⊤</mo></msup></math>"


@pytest.fixture(scope="module")
def exercise(problem_set):
    return next(e for e in problem_set.exercises if e.name == FOURTH)


def executed(exercise, **outputs):
    """The exercise's notebook as if it had run: test cells with full points, or with these outputs."""
    notebook = copy.deepcopy(exercise.notebook)
    for cell in notebook.cells:
        name = grade_id(cell)
        if name and cell.cell_type == "code":
            cell.execution_count = 1
            cell.outputs = outputs.get(name.replace("-", "_"), [])
    return notebook


def marks(**changed):
    data = {
        "function": "ridge_gradient",
        "points": 1.5,
        "max_points": 6,
        "explanation": {"kind": "mistake", "text": "The penalty is missing.", "mistake": "no_penalty"},
        "verdicts": [
            {"check": "whole numbers", "asks": "A of whole numbers", "outcome": "passed", "seen": ""},
            {"check": "no penalty", "asks": "λ = 0", "outcome": "wrong", "seen": "Yours is <b>3</b>."},
        ],
        **changed,
    }
    return [new_output("execute_result", {"text/plain": "1.5", MARKS_MIME: data})]


def shown(
    course, exercise, notebook, tmp_path, scores=None, comments=None, record=None, given=None, waivers=()
):
    """The page of a submission that holds this executed notebook alone."""
    stage = course.with_grading(tmp_path)
    folder = stage.autograded / "ann" / "ps1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{FOURTH}.ipynb").write_text(to_text(notebook))
    writer = feedback.Writer(stage, "ps1")
    if waivers:
        vars(writer)["exercises"] = [
            (replace(each, waivers=waivers if each.name == FOURTH else ()), plan)
            for each, plan in writer.exercises
        ]
    given = {FOURTH: given or NotebookMarks(scores or {}, comments or {}, 0.0)}
    return writer.page("ann", given, record)


def test_a_page_is_readable_by_everybody(course, exercise, tmp_path):
    notebook = executed(exercise, ridge_gradient_hidden=marks())
    page = shown(course, exercise, notebook, tmp_path)
    assert_readable(feedback_page.notebook_html(page, page.notebooks[0]))
    assert_readable(feedback_page.index_html(page))


def test_each_check_says_what_was_asked_and_seen(course, exercise, tmp_path):
    page = shown(course, exercise, executed(exercise, ridge_gradient_hidden=marks()), tmp_path)
    text = feedback_page.notebook_html(page, page.notebooks[0])
    assert "We tried λ = 0." in text and "Yours is &lt;b&gt;3&lt;/b&gt;." in text
    assert "The penalty is missing." in text and "Passed in part" in text
    assert "The penalty is missing." in feedback_page.index_html(page)
    question = next(q for q in page.notebooks[0].questions if q.title == "ridge_gradient")
    assert question.score == 1.5 and question.section in text and "Read that section again" in text


@pytest.mark.parametrize(
    "mathml, kept", [(MATH, True), ("<math><script>1</script></math>", False), (None, False)]
)
def test_an_explanation_comes_before_the_hint(course, exercise, tmp_path, mathml, kept):
    told = {"text": "You forgot 2λx.", "mathml": mathml, "kind": "terms"}
    notebook = executed(exercise, ridge_gradient_hidden=marks(explanation=told))
    page = shown(course, exercise, notebook, tmp_path)
    text = feedback_page.notebook_html(page, page.notebooks[0])
    assert "You forgot 2λx." in text and "The penalty is missing." not in text
    assert ("<math>" in text) is kept and "<script" not in text


def test_questions_hold_their_cells_and_the_rest_comes_last(course, exercise, tmp_path):
    notebook = executed(exercise)
    answer = next(i for i, cell in enumerate(notebook.cells) if cell.id == "derivation-answer")
    notebook.cells[answer].source = "**So** $2x$ <img src=x onerror=alert(1)>"
    notebook.cells.append(new_markdown_cell("# Thanks\n\n![p](https://example.org/p.png)"))
    notebook.cells.append(new_code_cell("print('free')", outputs=[new_output("stream", text="free\n")]))
    page = shown(course, exercise, notebook, tmp_path, {"derivation": 4.0}, {"derivation": "Good."})
    written = page.notebooks[0]
    task = next(q for q in written.questions if q.by_hand)
    assert task.score == 4.0 and task.comment == "Good." and [c.kind for c in task.cells] == ["text"]
    assert [cell.kind for cell in written.other_cells] == ["text", "code"]
    text = feedback_page.notebook_html(page, written)
    assert_readable(text)
    assert "<strong>So</strong>" in text and "<img" not in text and 'href="http' not in text


def test_points_wait_until_somebody_marks(course, exercise, tmp_path):
    page = shown(course, exercise, executed(exercise), tmp_path, {"derivation": None})
    assert page.waiting and "waits for a marker" in feedback_page.notebook_html(page, page.notebooks[0])
    assert "still wait" in feedback_page.index_html(page)


def test_a_record_says_how_it_went_and_an_old_one_nothing(course, exercise, tmp_path):
    notebook = executed(exercise)
    cells = tuple(cell_grade(cell) for cell in notebook.cells if is_automatic(cell))
    graded = NotebookGrade(FOURTH, Status.TIMED_OUT, cells, ("A cell was put back.",), "It ran too long.")
    record = SubmissionGrade("ann", "ps1", "", (graded,), sandboxed=False)
    page = shown(course, exercise, notebook, tmp_path, record=record)
    text = feedback_page.notebook_html(page, page.notebooks[0])
    assert "ran too long" in text and "A cell was put back." in text
    assert "Graded without a sandbox" in text
    assert "Graded without a sandbox" in feedback_page.index_html(page)
    old = replace(record, notebooks=(replace(graded, cells=cells[:-1]),))
    assert shown(course, exercise, notebook, tmp_path, record=old).notebooks[0].status == "graded"


def test_without_a_record_the_notebook_says_that_there_was_no_sandbox(course, exercise, tmp_path):
    notebook = executed(exercise)
    marked = nbformat.reads(records.marked_unconfined(to_text(notebook)), as_version=4)
    assert shown(course, exercise, notebook, tmp_path).sandboxed
    assert not shown(course, exercise, marked, tmp_path).sandboxed
    graded = ungraded(exercise, Status.GRADED, "")
    record = SubmissionGrade("ann", "ps1", "", (graded,), sandboxed=True)
    assert shown(course, exercise, marked, tmp_path, record=record).sandboxed  # students write metadata too


@pytest.mark.parametrize("status", ["missing", "unreadable"])
def test_a_notebook_that_is_not_there_has_a_page_that_says_so(course, exercise, tmp_path, status):
    graded = ungraded(exercise, Status(status), "There is no such file.")
    record = SubmissionGrade("ann", "ps1", "", (graded,))
    writer = feedback.Writer(course.with_grading(tmp_path), "ps1")
    page = writer.page("ann", {}, record)
    text = feedback_page.notebook_html(page, page.notebooks[0])
    assert_readable(text)
    assert text.count("There is no such file.") == 1 and page.score == 0


def test_no_place_of_a_page_shows_a_line_of_a_test(course, exercise, tmp_path):
    """Planted wherever student code can put text: source, prints, errors, findings."""
    secret = next(
        line.strip()
        for cell in exercise.notebook.cells
        for line in cell.source.splitlines()
        if squeeze(line) in staff_lines(exercise.notebook)
    )
    seen = {"check": "c", "asks": "a", "outcome": "error", "seen": f"It raised {secret}"}
    notebook = executed(
        exercise,
        ridge_gradient_hidden=marks(verdicts=[seen]),
        ridge_loss_test=[new_output("error", ename="AssertionError", evalue=secret, traceback=[secret])],
    )
    notebook.cells.append(new_code_cell(f"# {secret}", outputs=[new_output("stream", text=secret)]))
    cell_of(notebook, "derivation-answer").source = secret
    page = shown(course, exercise, notebook, tmp_path)
    pages = (feedback_page.index_html(page), feedback_page.notebook_html(page, page.notebooks[0]))
    for text in pages:
        plain = html.unescape(re.sub(r"<[^>]*>", "", text))
        assert squeeze(secret) not in squeeze(plain)
    assert "left out" in plain


@pytest.mark.long
def test_a_notebook_without_end_has_a_page_that_ends(course, exercise, tmp_path):
    notebook = executed(exercise)
    notebook.cells += [new_code_cell("(" * 70_000) for _ in range(40)]
    page = shown(course, exercise, notebook, tmp_path)
    text = feedback_page.notebook_html(page, page.notebooks[0])
    assert len(text) < 10_000_000 and text.count("too long to show") == 1


def test_names_and_figures_that_attack_are_text(course, exercise, tmp_path):
    notebook = executed(exercise)
    picture = new_output("display_data", {"image/png": as_text(png(9, 9)), "text/plain": "<Figure>"})
    picture.metadata = nbformat.from_dict({"image/png": {"alt": '"><script>alert(1)</script>'}})
    drawn = new_output("display_data", {"image/png": "AAAA", "text/html": "<script>alert(2)</script>"})
    notebook.cells.append(new_code_cell("draw()", outputs=[picture, drawn]))
    page = replace(shown(course, exercise, notebook, tmp_path), student="</title><script>alert(3)</script>")
    text = feedback_page.notebook_html(page, page.notebooks[0])
    assert len(assert_readable(text).all("img")) == 1
    assert_readable(feedback_page.index_html(page))


def test_a_mark_given_in_place_of_a_tests_is_shown_as_that_with_its_reason(course, exercise, tmp_path):
    notebook = executed(exercise, ridge_gradient_hidden=marks())
    given = NotebookMarks(
        {"ridge-gradient-hidden": 8.0, "derivation": 3.0},
        {"ridge-gradient": "The test was wrong <here>."},
        0.0,
        automatic={"ridge-gradient-hidden": 1.5},
        extra={"derivation": 0.5},
    )
    page = shown(course, exercise, notebook, tmp_path, given=given)
    text = feedback_page.notebook_html(page, page.notebooks[0])
    assert_readable(text)
    assert text.count("A person gave this mark.") == 1 and re.search(
        r"The test itself gave\s+1\.5 / \d", text
    )
    assert "The test was wrong &lt;here&gt;." in text and "The reason stands above." in text
    assert text.count("0.5 of these points are extra credit.") == 1
    question = next(q for q in page.notebooks[0].questions if q.title == "ridge_gradient")
    assert question.score == 8.0 and question.failed is None


@pytest.mark.parametrize("outcome, said", [("waived", True), ("not-written", True), ("wrong", False)])
def test_a_waived_check_is_said_once_it_counts(course, exercise, tmp_path, outcome, said):
    """Whoever was graded before it was waived reads of it after the next grading."""
    verdict = {"check": "no penalty", "asks": "λ = 0", "outcome": outcome, "seen": "Yours is 3."}
    notebook = executed(exercise, ridge_gradient_hidden=marks(verdicts=[verdict]))
    waiver = Waiver(FOURTH, "ridge_gradient", "no penalty", "Nobody said <so>.")
    page = shown(course, exercise, notebook, tmp_path, waivers=(waiver,))
    text = feedback_page.notebook_html(page, page.notebooks[0])
    assert_readable(text)
    assert ("the check “no penalty” counts as passed" in text) is said
    assert ("It was not tried, and counts as passed." in text) is (outcome == "waived")
    index = feedback_page.index_html(page)
    assert_readable(index)
    assert ("Nobody said &lt;so&gt;." in index) is said
    assert text.count("Nobody said &lt;so&gt;.") == said


def test_a_request_stands_on_every_page_until_it_is_closed(course, exercise, tmp_path):
    secret = next(iter(staff_lines(exercise.notebook)))
    stage = course.with_grading(tmp_path)
    requests.ask(stage, "ps1", "ann", "<script>alert(1)</script> Why 2?")
    requests.ask(stage, "ps1", "bob", "Mine is right.")
    for answer in (None, f"See {secret}"):
        if answer:
            requests.close(stage, "ps1", "ann", answer)
        page = shown(course, exercise, executed(exercise), tmp_path)
        for text in (feedback_page.notebook_html(page, page.notebooks[0]), feedback_page.index_html(page)):
            assert_readable(text)
            assert ("&lt;script&gt;alert(1)&lt;/script&gt; Why 2?" in text) is (answer is None)
            assert ("is answered:" in text) is (answer is not None)
            assert "Mine is right." not in text and squeeze(secret) not in squeeze(html.unescape(text))


def _light(colour):
    """Relative luminance of #rgb or #rrggbb, as WCAG 2 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_of_text_has_contrast_in_light_dark_and_print():
    style = (REPOSITORY / "autograder" / "pages" / "templates" / "page.css").read_text()
    palettes = [
        dict(re.findall(r"--(\w+): (#\w+);", block)) for block in re.findall(r":root \{[^}]*\}", style)
    ]
    assert len(palettes) == 3
    for palette in palettes:
        for text in ("ink", "soft", "good", "bad", "open", "link", "word", "string"):
            for ground in ("paper", "fill"):
                one, other = sorted((_light(palette[text]), _light(palette[ground])))
                assert (other + 0.05) / (one + 0.05) >= 4.5, (text, ground)
