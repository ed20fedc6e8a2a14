"""The demo: everyone has the grade their story promises, twice in a row, and nothing leaks."""

import ast
import html
import inspect
import json
import re
import shutil

import pytest
from click.testing import CliRunner

from autograder import demo
from autograder.cli import main
from autograder.course import find_course
from autograder.grading import records
from autograder.grading.classroom import grade_class
from autograder.problem_sets.key import load_key
from autograder.problem_sets.notebooks import read_problem_set
from autograder.problem_sets.regions import squeeze, staff_lines, telling
from tests.helpers import FIRST, copy_course, run_course

SCORES = {  # of the first notebook, out of 7.5; 2.5 of them for the function that is always right
    "agreeable-answer": (2.5, "graded"),
    "answer-thief": (2.5, "graded"),
    "blank": (0, "graded"),
    "damaged-file": (0, "unreadable"),
    "deleted-tests": (7.5, "graded"),
    "doubled-tests": (7.5, "graded"),
    "dropped-asserts": (2.5, "graded"),
    "edited-tests": (2.5, "graded"),
    "fork-bomb": (2.5, "crashed"),
    "infinite-loop": (2.5, "timed-out"),
    "killed-kernel": (2.5, "crashed"),
    "memory-bomb": (7.5, "graded"),
    "misspelt-name": (2.5, "graded"),
    "output-flood": (7.5, "timed-out"),
    "patched-numpy": (2.5, "graded"),
    "right": (7.5, "graded"),
    "right-renamed": (7.5, "graded"),
    "right-style-2": (7.5, "graded"),
    "right-style-3": (7.5, "graded"),
    "syntax-error": (2.5, "graded"),
    "wrong-everywhere": (0, "graded"),
    "wrong-gradients": (2.5, "graded"),
    "wrong-gradients-2": (2.5, "graded"),
    "wrong-losses": (5, "graded"),
}


BOMBS = {"fork-bomb", "infinite-loop", "killed-kernel", "memory-bomb", "output-flood"}


def answer_lines(exercise):
    """The telling lines of an exercise's answer key, squeezed, without what it says to students."""
    source = inspect.getsource(inspect.getmodule(exercise.key.loss))
    said = {
        number
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for number in range(node.lineno, node.end_lineno + 1)
    }
    lines = (line for number, line in enumerate(source.splitlines(), start=1) if number not in said)
    return set(telling(line for line in lines if not line.lstrip().startswith("#")))


def shorten(root, seconds):
    """A short leash, so that endless loops end soon."""
    config = root / "course_config.py"
    config.write_text(config.read_text().replace("seconds_per_cell = 10", f"seconds_per_cell = {seconds}"))


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    root = copy_course(tmp_path_factory.mktemp("demo"), f"{FIRST}.ipynb")
    shorten(root, 2)
    return find_course(root), run_course(root, "demo")


@pytest.mark.slow
def test_everyone_has_the_grade_of_their_story(staged):
    course, _ = staged
    graded = {record.student: record for record in records.load_all(demo.demo_course(course), "ps1")}
    assert {name: (r.score, r.notebooks[0].status) for name, r in graded.items()} == SCORES
    assert {member.name for member in demo.CLASS} == set(SCORES)


@pytest.mark.slow
def test_the_summary_reads_at_a_glance(staged):
    _, done = staged
    assert re.sub(r"(?m)^ps1: \d+ of \d+ submissions, .*$", "", done.stderr).strip() == ""
    assert "13 guards passed, 0 problems." in done.stdout
    for name in SCORES:
        assert name in done.stdout
    assert "demo/feedback/" in done.stdout and "demo/reports/ps1.html" in done.stdout
    assert "Warning" not in done.stdout


@pytest.mark.slow
def test_a_second_demo_starts_where_the_first_did(staged, tmp_path):
    """Nothing of the first class is left, and the second hands in the same."""
    course, _ = staged
    shutil.copytree(course.root, tmp_path / "course", symlinks=True)
    course = find_course(tmp_path / "course")
    demo_folder = course.root / "demo"
    before = {path: path.read_bytes() for path in (demo_folder / "submitted").rglob("*") if path.is_file()}
    demo.clear(course)
    assert {path.name for path in demo_folder.iterdir()} == {"secret", ".lock"}
    demo.make_class(course, read_problem_set(course.source, "ps1"))
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.slow
def test_the_demo_stays_out_of_grading(staged):
    course, _ = staged
    assert list((course.root / "grading").iterdir()) == []


@pytest.mark.slow
def test_no_page_of_the_whole_class_shows_a_secret(staged):
    course, _ = staged
    problem_set = read_problem_set(course.source, "ps1")
    pages = list((course.root / "demo" / "feedback").glob("*/ps1/*.html"))
    assert len(pages) == 2 * len(SCORES)
    secrets = {line for exercise in problem_set.exercises for line in staff_lines(exercise.notebook)}
    answers = {line for exercise in problem_set.exercises for line in answer_lines(exercise)}
    assert len(secrets) > 8 and len(answers) > 20
    for page in pages:
        text = html.unescape(re.sub(r"<[^>]*>", "", page.read_text()))
        own = (course.root / "demo" / "submitted" / page.parent.parent.name / "ps1").glob("*.ipynb")
        written = squeeze("".join(path.read_text() for path in own)).replace("\\n", "").replace('","', "")
        assert not [secret for secret in secrets if secret in squeeze(text)]
        assert not [line for line in answers if line in squeeze(text) and line not in written]
        assert "Traceback" not in text and "autograder/" not in text


@pytest.mark.slow
def test_the_report_says_what_the_class_did(staged):
    course, _ = staged
    made = json.loads((course.root / "demo" / "reports" / "ps1.json").read_text())
    assert {row["student"]: row["automatic"] for row in made["scores"]} == {
        name: score for name, (score, _) in SCORES.items()
    }
    troubled = {(row["student"], row["status"]) for row in made["trouble"]}
    assert troubled == {(name, status) for name, (_, status) in SCORES.items() if status != "graded"}
    assert sum(task["count"] for task in made["open_tasks"]) == len(SCORES)
    names = {row["name"] for row in made["mistakes"] if row["question"] == "squared_norm_gradient"}
    assert {"forgot the factor two", "not written"} <= names
    page = (course.root / "demo" / "reports" / "ps1.html").read_text()
    assert "forgot the factor two" in page.lower() and "infinite-loop" in page


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ps0", "ps2"])
def test_the_class_fares_as_well_on_the_other_problem_sets(course, tmp_path, name, monkeypatch):
    """Nobody gains by fooling: on the first notebook of the set. Bombs are the same everywhere."""
    monkeypatch.setattr(demo, "CLASS", [member for member in demo.CLASS if member.name not in BOMBS])
    shutil.copy(course.root / "course_config.py", tmp_path)
    shutil.copytree(course.source / name, tmp_path / "source" / name)
    for path in sorted((tmp_path / "source" / name).glob("*.ipynb"))[1:]:
        path.unlink()
    shorten(tmp_path, 2)
    copied = find_course(tmp_path)
    problem_set = read_problem_set(copied.source, name)
    demo.make_class(copied, problem_set)
    graded = {record.student: record for record in grade_class(demo.demo_course(copied), name).graded}
    assert set(graded) == set(SCORES) - BOMBS
    full = problem_set.exercises[0].key.points - problem_set.exercises[0].key.points_by_hand
    for member in (
        "right",
        "right-renamed",
        "right-style-2",
        "right-style-3",
        "deleted-tests",
        "doubled-tests",
    ):
        assert graded[member].score == full
    honest = graded["misspelt-name"].score
    assert 0 < honest < full
    for liar in ("patched-numpy", "dropped-asserts", "answer-thief", "agreeable-answer", "edited-tests"):
        assert graded[liar].score == honest
    statuses = {name: status for name, (_, status) in SCORES.items() if name not in BOMBS}
    assert {member: record.notebooks[0].status for member, record in graded.items()} == statuses


@pytest.mark.slow
def test_a_gate_that_is_red_makes_the_demo_red(tmp_path, monkeypatch, workers_are_kept):
    copy_course(tmp_path, f"{FIRST}.ipynb")
    monkeypatch.setattr(demo, "CLASS", demo.CLASS[:1])
    path = tmp_path / "source" / "ps1" / f"{FIRST}.ipynb"
    path.write_text(path.read_text().replace("The idea", "return np.dot(x, x)"))
    done = CliRunner().invoke(main, ["--course-dir", str(tmp_path), "demo", "--workers", "1"])
    assert done.exit_code == 1 and "shows a line of the solution" in done.output


def test_catalogued_answers_are_pasted_without_their_hints():
    key = load_key("squared_norm")
    for entry in key.mistakes + key.variants:
        source = demo.answer_source(entry)
        namespace: dict = {}
        exec("import numpy as np\n" + source, namespace)
        assert callable(namespace[entry.function])
        assert source.startswith(f"def {entry.function}(") and "@" not in source.splitlines()[0]
        assert not entry.text or entry.text[:30] not in source
