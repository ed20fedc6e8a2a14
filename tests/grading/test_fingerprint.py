"""What a grade depends on, in one number."""

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
