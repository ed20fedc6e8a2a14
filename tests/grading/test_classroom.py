"""A class at once: what is new only, troubles of one student, feedback, JSON, executors."""

import html
import json
import multiprocessing
import os
import shutil
import sys
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace

import psutil
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell

from autograder.cli import main
from autograder.errors import ContentError, CourseError
from autograder.grading import classroom, graders, records
from autograder.grading.classroom import grade_class
from autograder.grading.submission import NotebookGrade, SubmissionGrade, fingerprint
from autograder.pages.feedback_page import write_feedback
from autograder.problem_sets.key import load_key
from autograder.problem_sets.regions import squeeze, staff_lines
from tests.grading.helpers import NAMES, SCORES
from tests.helpers import FIRST, cell_of, edit

pytestmark = pytest.mark.slow


def test_everyone_has_a_grade(class_of_four):
    _, grades = class_of_four
    assert {g.student: g.score for g in grades.graded} == SCORES
    assert grades.skipped == ()


def test_a_second_run_grades_what_is_new(class_of_four):
    small, _ = class_of_four
    told = []
    again = grade_class(small, "ps1", progress=lambda *said: told.append(said))
    assert set(again.skipped) == set(NAMES) and told == [(0, 0, "")]

    def answer(notebook):
        cell_of(notebook, "derivation-answer").source = "Because of the product rule."

    edit(small.submitted / "right" / "ps1" / f"{FIRST}.ipynb", answer)
    third = grade_class(small, "ps1")
    assert set(third.skipped) == set(NAMES) - {"right"}


def test_json_has_the_promised_form(class_of_four, tmp_path):
    small, _ = class_of_four
    target = tmp_path / "grades.json"
    done = CliRunner().invoke(main, ["--course-dir", str(small.root), "grade", "ps1", "--json", str(target)])
    assert done.exit_code == 0, done.output
    rows = json.loads(target.read_text())
    assert [set(row) for row in rows] == [
        {"student", "assignment", "notebook", "score", "max_score", "status", "cells"}
    ] * 4
    assert all(
        set(cell) == {"grade_id", "score", "max_score", "finding"} for row in rows for cell in row["cells"]
    )
    assert all(row["score"] == sum(cell["score"] for cell in row["cells"]) for row in rows)
    assert {row["status"] for row in rows} == {"graded"}
    printed = CliRunner().invoke(main, ["--course-dir", str(small.root), "grade", "ps1", "--json", "-"])
    assert json.loads(printed.stdout) == rows


def test_the_mistakes_of_a_class_name_nobody_and_what_nothing_explains_can_be_pasted(class_of_four):
    small, _ = class_of_four
    path = small.submitted / "right" / "ps1" / f"{FIRST}.ipynb"
    odd = "def squared_norm_gradient(x):\n    return 2 * x + np.arange(len(x)) ** 2  # mine"
    edit(path, lambda notebook: cell_of(notebook, "squared-norm-gradient").update(source=odd))
    grade_class(small, "ps1")
    listed = CliRunner().invoke(main, ["--course-dir", str(small.root), "mistakes", "ps1"])
    assert listed.exit_code == 0 and "squared_norm_gradient in 01_squared_norm, " in listed.stdout
    assert not [name for name in NAMES if f"{name}:" in listed.stdout or f"/{name}/" in listed.stdout]
    unknown = CliRunner().invoke(main, ["--course-dir", str(small.root), "mistakes", "ps1", "--unexplained"])
    assert '@mistake("squared_norm_gradient")' in unknown.stdout and "mine" not in unknown.stdout


def test_feedback_pages_show_no_test_and_run_no_script(class_of_four, problem_set):
    small, _ = class_of_four
    assert len(write_feedback(small, "ps1")) == 4
    pages = list(small.feedback.glob("*/ps1/*.html"))
    assert len(pages) == 8
    secrets = staff_lines(problem_set.exercises[0].notebook)
    assert len(secrets) > 8
    for page in pages:
        text = html.unescape(page.read_text())
        assert not [line for line in secrets if line in squeeze(text)]
        assert "Traceback" not in text and "autograder" not in text
        assert "<script" not in page.read_text()
        assert "http://" not in text and "https://" not in text
    wrong = (small.feedback / "wrong" / "ps1" / f"{FIRST}.html").read_text()
    assert "&lt;script&gt;" in wrong and "exactly half" in wrong and "data:image/png;base64" in wrong
    assert "Circular contours" in wrong  # the figure's alternative text


def test_autograded_notebooks_are_where_nbgrader_looks(class_of_four):
    small, _ = class_of_four
    for name in NAMES:
        assert (small.autograded / name / "ps1" / f"{FIRST}.ipynb").is_file()


@pytest.mark.parametrize("student", ["nobody", "../right", "", ".hidden"])
def test_a_student_who_is_not_there(class_of_four, student):
    small, _ = class_of_four
    with pytest.raises(CourseError, match="no submission"):
        grade_class(small, "ps1", student=student)


def test_a_damaged_record_is_graded_again(class_of_four):
    small, _ = class_of_four
    small.record("ps1", "blank").write_text("{")
    assert "blank" not in grade_class(small, "ps1", student="blank").skipped


@pytest.mark.parametrize("room, step, again", [(classroom, "enter", set()), (records, "save", {"blank"})])
def test_a_run_that_was_killed_leaves_the_old_grade_or_is_done_again(
    class_of_four, monkeypatch, room, step, again
):
    small, _ = class_of_four

    def killed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(room, step, killed)
    with pytest.raises(KeyboardInterrupt):
        grade_class(small, "ps1", student="blank", force=True)
    monkeypatch.undo()
    assert (small.autograded / "blank" / "ps1" / f"{FIRST}.ipynb").is_file()
    done = grade_class(small, "ps1")
    assert set(done.skipped) == set(NAMES) - again and len(done.graded) == 4
    grade_class(small, "ps1", student="blank", force=True)
    assert [path.name for path in (small.autograded / "blank").iterdir()] == ["ps1"]  # nothing half made


@pytest.mark.parametrize(
    "breaks, said",
    [
        (lambda x: 1 / 0, "own squared_norm_gradient does not pass its tests. .*ZeroDivisionError"),
        (lambda x: 3 * x, "own squared_norm_gradient does not pass its tests"),
        (None, "squared_norm's answer key for squared_norm_gradient fails: KeyError"),
    ],
)
def test_a_broken_answer_key_takes_nobodys_points(class_of_four, monkeypatch, breaks, said):
    small, _ = class_of_four
    key = load_key("squared_norm")
    question = key.questions["squared_norm_gradient"]

    def squared_norm_gradient(x):
        return breaks(x)

    questions = {**key.questions, question.name: replace(question, reference=squared_norm_gradient)}
    if breaks is None:
        del questions[question.name]
    broken = replace(key, questions=questions)
    for module in ("autograder.exam.prove", "autograder.exam.examine"):
        monkeypatch.setattr(sys.modules[module], "load_key", lambda name: broken)
    with pytest.raises(ContentError, match=said):
        grade_class(small, "ps1", force=True)


def test_a_student_cannot_kill_the_grader(class_of_four):
    """Its parent is process 1 of its own small world, which cannot be killed from inside."""
    small, _ = class_of_four
    path = small.submitted / "wrong" / "ps1" / f"{FIRST}.ipynb"

    def shoot(notebook):
        cell_of(
            notebook, "squared-norm-try"
        ).source = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"

    edit(path, shoot)
    grades = grade_class(small, "ps1", workers=2, force=True)
    assert {g.student: g.score for g in grades.graded} == SCORES
    assert {g.notebooks[0].status for g in grades.graded} == {"graded"}


@pytest.mark.parametrize("name", ["x" * 200, "學" * 81, os.fsdecode(b"caf\xe9")])
def test_a_folder_name_that_cannot_be_used_is_said_and_stops_nobody(class_of_four, name):
    small, _ = class_of_four
    folder = small.submitted / name / "ps1"
    folder.mkdir(parents=True)
    done = CliRunner().invoke(main, ["--course-dir", str(small.root), "grade", "ps1"])
    assert done.exit_code == 1 and "Rename the folder" in done.stderr
    assert "right" in done.stdout


def test_the_longest_name_there_can_be(class_of_four):
    small, _ = class_of_four
    folder = small.submitted / ("學" * 80)
    shutil.copytree(small.submitted / "right", folder)
    grades = grade_class(small, "ps1", student=folder.name)
    assert grades.failed == () and grades.graded[0].score == 7.5
    write_feedback(small, "ps1")
    assert (small.feedback / folder.name / "ps1" / "index.html").is_file()


def test_a_file_that_cannot_be_read_stops_nobody(class_of_four, monkeypatch):
    small, _ = class_of_four

    def refused(course, problem_set, folder, shared):
        if folder.parent.name == "blank":
            raise PermissionError(13, "Permission denied", str(folder / "notes.txt"))
        return fingerprint(course, problem_set, folder, shared)

    monkeypatch.setattr(classroom, "fingerprint", refused)
    again = grade_class(small, "ps1")
    assert again.failed == (
        ("blank", f"{small.submitted / 'blank' / 'ps1' / 'notes.txt'}: Permission denied."),
    )
    assert set(again.skipped) == set(NAMES) - {"blank"}


def ends_the_worker(runner, course, assignment, student):
    """Stands in for `grade_submission`, in a worker."""
    if student == "s5":
        os._exit(1)
    time.sleep(0.3)
    return SubmissionGrade(student, assignment, "", ())


def test_a_worker_that_ends_costs_only_those_under_way_their_speed(class_of_four, monkeypatch):
    small, _ = class_of_four
    names, pools = [f"s{n}" for n in range(12)], []

    class Counted(graders.Workers):
        def __init__(self, count, sandboxed):
            pools.append(count)
            super().__init__(count, sandboxed)

    monkeypatch.setattr(graders, "Workers", Counted)
    monkeypatch.setattr(graders, "grade_submission", ends_the_worker)
    outcomes = list(graders.run(graders.Grader(small, "ps1", 2, True, None), names))
    assert sorted(name for name, _, _ in outcomes) == sorted(names)
    assert [name for name, graded, _ in outcomes if graded is None] == ["s5"]
    assert next(problem for name, _, problem in outcomes if name == "s5").startswith("The process that")
    assert pools.count(1) <= 3  # two were being graded, and one was ready


def limited_at_first(runner, course, assignment, student):
    """Stands in for `grade_submission`: a limit, for some, on a machine that is busy with the others."""
    limited = student in ("s1", "s3")
    status = "timed-out" if limited else "graded"
    return SubmissionGrade(student, assignment, "", (NotebookGrade(FIRST, status, (), limited=limited),))


def graded_alone(runner, course, graded):
    """Stands in for `grade_again`: s1 had met a busy machine only, s3 stops again."""
    assert graded.limited
    limited = graded.student == "s3"
    status = "timed-out" if limited else "graded"
    return replace(graded, notebooks=(NotebookGrade(FIRST, status, (), limited=limited),))


def test_what_ran_into_a_limit_is_run_once_more_after_the_others_and_that_counts(class_of_four, monkeypatch):
    small, _ = class_of_four
    monkeypatch.setattr(graders, "grade_submission", limited_at_first)
    monkeypatch.setattr(graders, "grade_again", graded_alone)
    names = [f"s{n}" for n in range(6)]
    outcomes = list(graders.run(graders.Grader(small, "ps1", 2, True, None), names))
    assert sorted(name for name, _, _ in outcomes[:4]) == ["s0", "s2", "s4", "s5"]
    ended = {name: graded.notebooks[0].status for name, graded, _ in outcomes}
    assert ended == {name: "timed-out" if name == "s3" else "graded" for name in names}


def test_a_worker_that_is_killed_while_it_waits_costs_nobody_the_second_run(class_of_four, monkeypatch):
    small, _ = class_of_four
    monkeypatch.setattr(graders, "grade_again", graded_alone)
    limited = [limited_at_first(None, small, "ps1", "s1") for _ in range(3)]
    known, seen = {child.pid for child in psutil.Process().children(recursive=True)}, []
    for name, graded in graders.Grader(small, "ps1", 1, True, None).grade_again(limited):
        seen.append((name, graded.notebooks[0].status))
        workers = [child for child in psutil.Process().children() if child.pid not in known]
        for worker in workers:
            if "spawn_main" in " ".join(worker.cmdline()):
                worker.kill()
                worker.wait()
    assert seen == [("s1", "graded")] * 3


def test_one_run_at_a_time(class_of_four):
    small, _ = class_of_four
    with classroom.alone(small), pytest.raises(CourseError, match="Another run is grading"):
        grade_class(small, "ps1")


def test_a_page_never_shows_a_line_of_a_test_that_student_code_printed(class_of_four, problem_set):
    """Student code never meets a hidden test; somebody may still have told the line."""
    small, _ = class_of_four
    path = small.submitted / "wrong" / "ps1" / f"{FIRST}.ipynb"
    line = next(iter(staff_lines(problem_set.exercises[0].notebook)))
    edit(path, lambda notebook: notebook.cells.append(new_code_cell(f"print({line!r})")))
    grade_class(small, "ps1", student="wrong")
    write_feedback(small, "ps1")
    text = html.unescape((small.feedback / "wrong" / "ps1" / f"{FIRST}.html").read_text())
    assert not [s for s in staff_lines(problem_set.exercises[0].notebook) if s in squeeze(text)]
    assert "is left out" in text


def test_an_empty_class_is_said_so(small_course):
    done = CliRunner().invoke(main, ["--course-dir", str(small_course.root), "grade", "ps1"])
    assert done.exit_code == 2 and "No submission for ps1" in done.stderr


class Inline(Executor):
    """The smallest executor there is: it grades where it is asked to, at once."""

    def submit(self, function, /, *args, **kwargs):
        future = Future()
        future.set_result(function(*args, **kwargs))
        return future


EXECUTORS = {
    "inline": Inline,
    "threads": lambda: ThreadPoolExecutor(2),
    "forked": lambda: ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")),
    "spawned": lambda: ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")),
}


@pytest.mark.parametrize("make", EXECUTORS.values(), ids=EXECUTORS)
def test_any_executor_gives_the_same_grades(class_of_four, make):
    small, _ = class_of_four
    before = _cells(small)
    for student in NAMES[2:]:  # two are enough
        shutil.rmtree(small.submitted / student)
    with make() as executor:
        grades = grade_class(small, "ps1", force=True, executor=executor)
    assert grades.failed == () and len(grades.graded) == 2
    assert _cells(small) == before


def _cells(small):
    return [
        (record.student, notebook.status, cell.grade_id, cell.score, cell.finding)
        for record in records.load_all(small, "ps1")
        for notebook in record.notebooks
        for cell in notebook.cells
    ]
