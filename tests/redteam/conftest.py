"""One class of attackers and honest neighbours, graded once for all tests of this folder."""

from __future__ import annotations

import tempfile

import pytest

from autograder.grading.classroom import grade_class
from autograder.problem_sets.notebooks import read_problem_set
from tests.redteam.attack import CANARY, load_attacks
from tests.redteam.helpers import (
    NEIGHBOURS,
    Graded,
    digest,
    hand_in_solutions,
    hostile_course,
    listener,
    watched_processes,
)


@pytest.fixture(scope="session")
def attacked(tmp_path_factory) -> Graded:
    """The class, graded by two workers."""
    course = hostile_course(tmp_path_factory.mktemp("hostile"))
    problem_set = read_problem_set(course.source, "ps1")
    hand_in_solutions(course, problem_set, NEIGHBOURS)
    with listener() as port, pytest.MonkeyPatch.context() as patch, watched_processes() as processes:
        patch.setenv("COURSE_TOKEN", CANARY)
        own_tmp = tmp_path_factory.mktemp("tmp")
        patch.setenv("TMPDIR", str(own_tmp))
        patch.setattr(tempfile, "tempdir", None)  # read the variable again
        for attack in load_attacks():
            attack.write(course, problem_set, port)
        before = digest(course.root, course.grading) | digest(course.submitted)
        grades = grade_class(course, "ps1", workers=2)
    after = digest(course.root, course.grading) | digest(course.submitted)
    touched = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    touched |= {str(path) for path in own_tmp.iterdir()}
    return Graded(course, grades, frozenset(processes), tuple(sorted(touched)))
