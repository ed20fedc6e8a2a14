"""What a grade depends on, in one number."""

import os

from autograder.grading import submission
from autograder.grading.submission import RUNS_IT, fingerprint, metadata
from autograder.problem_sets.notebooks import read_problem_set
from autograder.running.run import working_files
from tests.helpers import FIRST


def test_the_fingerprint_follows_everything_a_grade_depends_on(course, problem_set, tmp_path):
    before = fingerprint(course, problem_set, tmp_path)
    (tmp_path / "a.txt").write_text("1")
    with_file = fingerprint(course, problem_set, tmp_path)
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    renamed = fingerprint(course, problem_set, tmp_path)
    assert len({before, with_file, renamed}) == 3
    (tmp_path / "b.txt").unlink()
    assert fingerprint(course, problem_set, tmp_path) == before


def test_the_fingerprint_follows_the_release_and_what_runs_notebooks(small_course, monkeypatch):
    ps1 = read_problem_set(small_course.source, "ps1")
    folder = small_course.submitted / "somebody" / "ps1"
    seen = [fingerprint(small_course, ps1, folder)]
    with (small_course.release / "ps1" / f"{FIRST}.ipynb").open("a") as file:
        file.write("\n")
    seen.append(fingerprint(small_course, ps1, folder))
    for package in RUNS_IT:
        monkeypatch.setattr(metadata, "version", lambda name, newer=package: str(name == newer))
        seen.append(fingerprint(small_course, ps1, folder))
    assert len(set(seen)) == len(seen)


def test_a_folder_too_deep_for_recursion_has_a_fingerprint(course, problem_set, deep_folder):
    assert fingerprint(course, problem_set, deep_folder) == fingerprint(course, problem_set, deep_folder)
    assert working_files(problem_set, deep_folder)


def test_of_very_large_hand_ins_a_part_is_read_and_a_change_is_still_seen(
    course, problem_set, tmp_path, monkeypatch
):
    monkeypatch.setattr(submission, "MAX_HASHED_BYTES", 0)
    path = tmp_path / "a.txt"
    path.write_text("1")
    before = fingerprint(course, problem_set, tmp_path)
    assert fingerprint(course, problem_set, tmp_path) == before
    path.write_text("2")
    os.utime(path, ns=(1, 1))
    assert fingerprint(course, problem_set, tmp_path) != before


def test_a_file_too_large_leaves_room_for_the_others(problem_set, tmp_path):
    with (tmp_path / "a.bin").open("wb") as file:
        os.truncate(file.fileno(), 10**12)
    (tmp_path / "b.txt").write_text("1")
    found = working_files(problem_set, tmp_path)
    assert found["b.txt"] == b"1" and "a.bin" not in found


def test_what_was_issued_is_read_once_until_a_file_of_it_changes(small_course, monkeypatch):
    read = []
    monkeypatch.setattr(submission, "shared_parts", lambda *args: read.append(args) or {})
    notebook = small_course.source / "ps1" / f"{FIRST}.ipynb"
    first = submission.read_issued(small_course, "ps1")
    assert submission.read_issued(small_course, "ps1") is first and len(read) == 1
    for path in (
        notebook,
        small_course.release / "ps1" / f"{FIRST}.ipynb",
        small_course.root / "course_config.py",
    ):
        with path.open("a") as file:
            file.write("\n")
        submission.read_issued(small_course, "ps1")
    (small_course.source / "ps1" / "more.txt").write_text("")
    assert submission.read_issued(small_course, "ps1").problem_set.extra_files and len(read) == 5
