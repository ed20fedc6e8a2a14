"""What lies among the submissions and is none."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course import Course, find_course
from autograder.grading.ignored import Why, find_ignored
from tests.helpers import FIRST, REPOSITORY

NOTEBOOK = f"{FIRST}.ipynb"


@pytest.fixture
def bare_course(tmp_path) -> Course:
    (tmp_path / "course" / "source" / "ps1").mkdir(parents=True)
    shutil.copy(REPOSITORY / "course_config.py", tmp_path / "course")
    return find_course(tmp_path / "course")


@pytest.fixture
def place(bare_course):
    def write(*names):
        for name in names:
            path = bare_course.submitted / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("{}")

    write(f"good/ps1/{NOTEBOOK}")
    return write


def ignored(course, student=None):
    found = find_ignored(course, "ps1", [NOTEBOOK], student)
    return {str(one.path.relative_to(course.submitted)): one.why for one in found}


@pytest.mark.parametrize(
    "names, path, why",
    [
        (["01.ipynb"], "01.ipynb", Why.LOOSE),
        (["submissions.zip"], "submissions.zip", Why.LOOSE),
        ([f"ps1/ann/{NOTEBOOK}", f"ps1/bob/{NOTEBOOK}"], "ps1", Why.TURNED),
        ([f"PS1/ann/{NOTEBOOK}"], "PS1", Why.TURNED),
        ([f".ann/ps1/{NOTEBOOK}"], ".ann", Why.HIDDEN),
        ([f"ann/{NOTEBOOK}"], "ann", Why.ELSEWHERE),
        (["ann/ps1.zip"], "ann", Why.ELSEWHERE),
        ([f"ann/PS1/{NOTEBOOK}"], "ann/PS1", Why.ELSEWHERE),
        (["ann/homework/mine.ipynb"], "ann/homework", Why.ELSEWHERE),
        ([f"ann/old/{NOTEBOOK}", f"ann/ps1/{NOTEBOOK}"], "ann/old", Why.ELSEWHERE),
        (["ann/mine.ipynb", f"ann/ps1/{NOTEBOOK}"], "ann", Why.ELSEWHERE),
        (["ann/ps1/ps1.zip"], "ann/ps1", Why.PACKED),
        ([f"ann/ps1/{NOTEBOOK}.gz"], "ann/ps1", Why.PACKED),
        (["ann/ps1/work/PS1.TAR.GZ", "ann/ps1/gradcheck.py"], "ann/ps1", Why.PACKED),
    ],
)
def test_what_grading_passes_over_is_found(bare_course, place, names, path, why):
    place(*names)
    assert ignored(bare_course) == {path: why}
    assert ignored(bare_course, "good") == {}


@pytest.mark.parametrize(
    "names",
    [
        ["ann/ps0/00_a.ipynb"],
        ["ann/ps0/00_a.ipynb", "ann/ps2/a.ipynb", f"ann/ps1/{NOTEBOOK}"],
        ["ps0/ann/00_a.ipynb"],
        [f"ann/ps1/deep/er/{NOTEBOOK}", "ann/ps1/all.zip"],
        ["ann/ps1/notes.txt"],
        [f"ann/.ipynb_checkpoints/{NOTEBOOK}", ".ipynb_checkpoints/x.ipynb"],
        [".DS_Store", "Thumbs.db", "ann/.DS_Store"],
        ["ann/quiz/quiz.ipynb", f"ann/ps1/{NOTEBOOK}"],
        ["ann/readme.txt"],
        [f"ann/.ps1-abc/old/{NOTEBOOK}"],
    ],
)
def test_what_is_no_work_for_this_problem_set_is_not(bare_course, place, names):
    (bare_course.source / "ps0").mkdir()
    (bare_course.source / "ps2").mkdir()
    place(*names)
    assert ignored(bare_course) == {}


def test_a_copy_of_what_lies_in_place_is_not(bare_course, place):
    place(f"ann/{NOTEBOOK}", f"ann/ps1/{NOTEBOOK}")
    (bare_course.submitted / "ann" / "ps1" / NOTEBOOK).write_text("{ }")
    assert ignored(bare_course) == {"ann": Why.ELSEWHERE}
    (bare_course.submitted / "ann" / "ps1" / NOTEBOOK).write_text("{}")
    assert ignored(bare_course) == {}


def test_what_cannot_be_looked_into_stops_nothing(bare_course, place, monkeypatch):
    place("01.ipynb", f"ann/{NOTEBOOK}")
    real = Path.iterdir

    def refuse(path):
        if path.name == "ann":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert ignored(bare_course) == {"01.ipynb": Why.LOOSE}


def test_links_are_found(bare_course, place, tmp_path):
    (bare_course.submitted / "ann").mkdir()
    (bare_course.submitted / "ann" / "ps1").symlink_to(tmp_path)
    (bare_course.submitted / "bob").symlink_to(bare_course.submitted / "good")
    assert ignored(bare_course) == {"ann/ps1": Why.LINK, "bob": Why.LINK}


def test_no_folder_is_nothing_ignored(bare_course):
    assert find_ignored(bare_course, "ps1", [NOTEBOOK]) == []


def test_an_unopened_zip_is_said_though_there_is_nothing_to_grade(small_course):
    path = small_course.submitted / "ann\x1b[31m" / NOTEBOOK
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    done = CliRunner().invoke(main, ["--course-dir", str(small_course.root), "grade", "ps1"])
    assert done.exit_code == 2 and "\x1b" not in done.stderr
    assert "grading/submitted/ann\\x1b[31m was ignored: the work in it is not in a folder ps1" in done.stderr
    assert "No submission for ps1" in done.stderr


@pytest.mark.slow
def test_the_rest_is_graded_and_the_exit_code_says_that_something_was_not(class_of_four):
    small, _ = class_of_four
    packed = small.submitted / "packed" / "ps1" / "ps1.zip"
    packed.parent.mkdir(parents=True)
    packed.write_bytes(b"")
    done = CliRunner().invoke(main, ["--course-dir", str(small.root), "grade", "ps1"])
    assert done.exit_code == 1 and "missing" in done.stdout
    assert "grading/submitted/packed/ps1 was ignored" in done.stderr
    assert "`course collect ps1 grading/submitted` opens .zip and .tar.gz" in done.stderr
    one = CliRunner().invoke(main, ["--course-dir", str(small.root), "grade", "ps1", "--student", "right"])
    assert one.exit_code == 0 and "ignored" not in one.stderr
