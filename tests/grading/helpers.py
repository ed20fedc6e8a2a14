"""A class of four, one with a strange name."""

import shutil
from pathlib import Path

from autograder.course import Course
from autograder.demo import answer_source, solution_cell
from autograder.problem_sets.key import load_key
from autograder.problem_sets.notebooks import read_problem_set, to_text
from autograder.releasing.build import solved_submission
from tests.helpers import FIRST, cell_of, edit

SCORES = {"blank": 0, "right": 7.5, "wrong": 2.5, "Ünal, José (2)": 7.5}
NAMES = list(SCORES)


def hand_in_four(course: Course) -> None:
    """Their submissions of the first notebook, and two folders that are none."""
    solved = to_text(solved_submission(course, read_problem_set(course.source, "ps1"))[FIRST])
    for name in NAMES:
        folder = course.submitted / name / "ps1"
        folder.mkdir(parents=True)
        (folder / f"{FIRST}.ipynb").write_text(solved)
    shutil.copy(course.release / "ps1" / f"{FIRST}.ipynb", course.submitted / "blank" / "ps1")
    key = load_key("squared_norm")
    mistake = key.catalogue(key.mistakes, "squared_norm_gradient")[0]

    def spoil(notebook):
        solution_cell(notebook, "squared_norm_gradient").source = answer_source(mistake)
        cell_of(notebook, "derivation-answer").source = "<script>alert('x')</script> $2x$"

    edit(course.submitted / "wrong" / "ps1" / f"{FIRST}.ipynb", spoil)
    (course.submitted / "right" / "ps1" / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
    (course.submitted / ".hidden" / "ps1").mkdir(parents=True)
    (course.submitted / "nothing-for-ps1").mkdir()


def trust_timestamps(root: Path) -> None:
    """Make it a course whose submissions nbgrader collects."""
    config = root / "course_config.py"
    told = config.read_text()
    assert "timestamps = False" in told
    config.write_text(told.replace("timestamps = False", "timestamps = True"))
