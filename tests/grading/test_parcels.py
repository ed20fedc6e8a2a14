"""A hand-in that travels as bytes is the same hand-in on the other side, however odd it is."""

import contextlib
import math
import os
import re
import shutil
from dataclasses import replace

import pytest

from autograder.errors import CourseError
from autograder.grading import parcels
from autograder.grading.seed import course_secret
from autograder.grading.submission import grade_notebooks, ungraded, ungraded_submission
from autograder.problem_sets.notebooks import MAX_NOTEBOOK_BYTES, read_problem_set
from autograder.running import run
from tests.helpers import FIRST

NAME = f"{FIRST}.ipynb"


class Asked:
    """Stands in for a `Runner`: keeps what it was to run, and runs nothing."""

    sandboxed = True

    def __init__(self):
        self.jobs = []

    def run(self, job):
        self.jobs.append(job)
        return run._nothing(job.notebook, run.Status.TIMED_OUT, "not run")


@pytest.fixture
def handed_in(small_course):
    folder = small_course.submitted / "Ünal, José (2)" / "ps1"
    folder.mkdir(parents=True)
    shutil.copy(small_course.solutions / "ps1" / NAME, folder / NAME)
    return small_course, folder


def linked(folder):
    (folder / NAME).rename(folder / "mine.ipynb")
    (folder / NAME).symlink_to("mine.ipynb")


def linked_as_a_whole(folder):
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")


def in_a_folder(folder):
    (folder / "again").mkdir()
    (folder / NAME).rename(folder / "again" / "mine.ipynb")
    (folder / "again" / "data.csv").write_text("1,2")
    with (folder / "a-large.bin").open("wb") as file:  # there is room for what lies beside the notebook
        file.truncate(run.MAX_EXTRA_BYTES)


def with_files(folder):
    (folder / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"\x00\xff")
    (folder / "sub").mkdir()
    (folder / "sub" / "table.npy").write_bytes(b"12")
    (folder / "gradcheck.py").write_text("raise SystemExit")
    with (folder / "too-large.bin").open("wb") as file:
        file.truncate(run.MAX_EXTRA_BYTES + 1)


def too_large(folder):
    with (folder / NAME).open("ab") as file:
        file.truncate(MAX_NOTEBOOK_BYTES + 1)


def a_folder_of_that_name(folder):
    (folder / NAME).unlink()
    (folder / NAME).mkdir()


ODD = [
    lambda folder: None,
    linked,
    linked_as_a_whole,
    in_a_folder,
    with_files,
    too_large,
    a_folder_of_that_name,
    lambda folder: (folder / NAME).write_text("{"),
    lambda folder: (folder / NAME).unlink(),
]


def _id(change):
    return change.__name__.strip("<>")


@pytest.mark.parametrize("change", ODD, ids=_id)
def test_what_is_run_on_the_other_side_is_what_would_be_run_here(handed_in, change):
    course, folder = handed_in
    course = replace(course, limits=replace(course.limits, seconds_per_cell=7))
    change(folder)
    problem_set = read_problem_set(course.source, "ps1")
    given = ungraded_submission(course, problem_set, folder.parent.name)
    here, there = Asked(), Asked()
    notebooks = grade_notebooks(here, course, problem_set, folder, given.seed)
    parcel = parcels.pack(course, problem_set, parcels.pack_issued(course, problem_set), given)
    with contextlib.closing(parcels.Unpacked()) as unpacked:
        said = parcels.read_grades(unpacked.grade(there, parcel), problem_set.exercises)
    assert [_without_new_ids(one) for one in said] == [_without_new_ids(one) for one in notebooks]
    assert there.jobs == here.jobs


def _without_new_ids(graded):
    """A page about what cannot be read begins with a cell of its own."""
    return replace(graded, executed=re.sub(r'"id": "[0-9a-f]{8}"', "", graded.executed))


def test_a_parcel_says_neither_who_it_is_nor_what_seeds_are_made_of(handed_in):
    course, folder = handed_in
    problem_set = read_problem_set(course.source, "ps1")
    given = ungraded_submission(course, problem_set, folder.parent.name)
    parcel = parcels.pack(course, problem_set, parcels.pack_issued(course, problem_set), given)
    sent = parcels._unpacked(parcel, parcels.Parcel)
    everything = [parcel, repr(sent).encode(), *parcels._unpacked(sent.issued, dict[str, bytes]).values()]
    assert not [part for part in everything if "Ünal".encode() in part or b"nal, Jos" in part]
    assert not [part for part in everything if course_secret(course) in part]


@pytest.mark.parametrize("name", [b"x" * 256, b"/".join([b"x" * 250] * 20)])
def test_a_name_that_is_too_long_there_is_left_out_when_nobody_reads_it(tmp_path, course, name):
    """The folder of a worker may lie deeper than the course's."""
    asked = parcels.Parcel("ps1", b"", course.limits, bytes(32), (), (), None)
    right = parcels.Sent(b"y", 2, b"12")
    parcels._write(replace(asked, files=(parcels.Sent(name, 5, None), right)), tmp_path / "ps1")
    assert (tmp_path / "ps1" / "y").read_bytes() == b"12"
    with pytest.raises(OSError, match="too long"):
        parcels._write(replace(asked, files=(parcels.Sent(name, 1, b"1"),)), tmp_path / "again")


def test_only_some_notebooks_are_graded_again(course):
    problem_set = read_problem_set(course.source, "ps1")
    asked = parcels.Parcel("ps1", b"", course.limits, bytes(32), (), (), ("02_linear_form",))
    packed = parcels._packed(replace(asked, issued=parcels.pack_issued(course, problem_set)))
    with contextlib.closing(parcels.Unpacked()) as unpacked:
        (only,) = parcels.read_grades(unpacked.grade(Asked(), packed), problem_set.exercises[1:2])
    assert (only.notebook, only.status) == ("02_linear_form", "missing")


def cell(**other):
    return lambda grades: (
        replace(grades[0], cells=(replace(grades[0].cells[0], **other), *grades[0].cells[1:])),
    )


WRONG = [
    (lambda grades: (replace(grades[0], notebook="../../x"),), "not the notebooks"),
    (lambda grades: grades * 2, "not the notebooks"),
    (lambda grades: (), "not the notebooks"),
    (lambda grades: (replace(grades[0], cells=grades[0].cells[1:]),), "other tests"),
    (lambda grades: (replace(grades[0], cells=grades[0].cells * 2),), "other tests"),
    (cell(grade_id="other"), "other tests"),
    (cell(max_score=1e9, score=1e9), "other points"),
    (cell(score=1e9), "no part of its points"),
    (cell(score=-0.5), "no part of its points"),
    (cell(score=math.nan), "no part of its points"),
    (cell(score=math.inf), "no part of its points"),
    (lambda grades: (replace(grades[0], executed=" " * 200_000),), "more than 100000 bytes"),
]


def test_an_answer_holds_a_grade_of_what_was_asked_and_nothing_else(course, monkeypatch):
    exercise = read_problem_set(course.source, "ps1").exercises[0]
    right = (ungraded(exercise, run.Status.MISSING, "It is missing."),)
    assert parcels.read_grades(parcels._packed(right), [exercise]) == right
    monkeypatch.setattr(parcels, "MAX_ANSWER_BYTES", 100_000)
    for change, said in WRONG:
        with pytest.raises(ValueError, match=said):
            parcels.read_grades(parcels._packed(change(right)), [exercise])


@pytest.mark.parametrize(
    "damaged", [b"", b"x" * 100, parcels._packed([1, 2]), parcels._packed([])[:-1], parcels._packed("{")]
)
def test_what_is_no_parcel_is_said(damaged):
    with pytest.raises(ValueError, match="these bytes hold no"):
        parcels.Unpacked().grade(Asked(), damaged)
    with pytest.raises(ValueError, match="these bytes hold no"):
        parcels.read_grades(damaged, ())
    assert not issubclass(ValueError, CourseError)
