"""Work on version 1, graded by version 2: the command that amends, and what becomes of marks and cells."""

import copy
import io
import json
import zipfile

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.grading import gradebook
from autograder.grading.cells import removed_path
from autograder.grading.classroom import grade_class
from autograder.pages.feedback_page import write_feedback
from autograder.problem_sets.notebooks import read_notebook
from autograder.releasing import gate
from tests.grading.test_cells import give, source_of, without
from tests.helpers import FIRST, cell_of, edit

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("workers_are_kept")]


def release(course, *words):
    done = CliRunner().invoke(main, ["--course-dir", str(course.root), "release", "ps1", *words])
    assert done.exit_code == 0, done.output
    return done.output


def second_version(notebook):
    """One test is gone and one is new, one gives more points; a function is asked for that nobody wrote."""
    hidden = cell_of(notebook, "squared-norm-hidden")
    hidden.metadata.nbgrader["points"] = 3
    hidden.source = hidden.source.replace("points=2.5", "points=3")
    for name, new, source in (
        (
            "squared-norm",
            "halved",
            "def halved(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION",
        ),
        (
            "squared-norm-hidden",
            "halved-hidden",
            "### BEGIN HIDDEN TESTS\nassert halved(2.0) == 1.0\n### END HIDDEN TESTS",
        ),
    ):
        place = notebook.cells.index(cell_of(notebook, name))
        twin = copy.deepcopy(notebook.cells[place])
        twin.id = twin.metadata.nbgrader["grade_id"] = new
        twin.source = source
        notebook.cells.insert(notebook.cells.index(hidden) + 1 + (new != "halved"), twin)


def test_work_on_version_1_is_graded_by_version_2(class_of_four, monkeypatch):
    small, _ = class_of_four
    monkeypatch.setattr(gate, "check", lambda course, name, progress=None: gate.Audit(name, (), ()))
    release(small)
    with zipfile.ZipFile(small.root / "dist" / "ps1-1.zip") as archive:
        issued = json.load(io.BytesIO(archive.read(f"ps1-1/{FIRST}.ipynb")))
    handed_in = small.submitted / "right" / "ps1" / f"{FIRST}.ipynb"
    edit(handed_in, lambda notebook: notebook.metadata.update(issued["metadata"]))  # as it was unpacked
    give(small, "right", "derivation", 2.0, "Good.")
    give(small, "wrong", "squared-norm-test", 1.0, None, on="squared-norm")

    edit(source_of(small), second_version)
    edit(source_of(small), without("squared-norm-test"))
    said = release(small, "--amend")
    assert f"{FIRST}: grade again (test, points, locked or asked-for cells). 4 handed it in: blank" in said
    assert "wrong, 01_squared_norm, squared-norm-test: 1 points" in said
    assert "kept in grading/reports/ps1-removed-marks.json" in said
    assert "Run `course grade ps1`" in said and "Something new is asked for." in said

    grades = {graded.student: graded.notebooks[0] for graded in grade_class(small, "ps1").graded}
    right = grades["right"]
    assert {cell.grade_id: cell.score for cell in right.cells} == {
        "squared-norm-hidden": 3.0,
        "halved-hidden": 0.0,
        "squared-norm-gradient-test": 0.0,
        "squared-norm-gradient-hidden": 5.0,
    }
    assert "Tests that are no part of this version were left out: squared-norm-test." in right.repairs
    assert "The cell halved was missing and was put back." in right.repairs
    marks = gradebook.read_marks(small, "ps1", "right")[FIRST]
    assert marks.scores["derivation"] == 2.0 and marks.comments["derivation"] == "Good."
    assert sum(filter(None, marks.scores.values())) == 10.0
    assert [row["student"] for row in json.loads(removed_path(small, "ps1").read_text())] == ["wrong"]
    write_feedback(small, "ps1")
    assert "10</span> of " in (small.feedback / "right" / "ps1" / f"{FIRST}.html").read_text()
    assert read_notebook(small.autograded / "right" / "ps1" / f"{FIRST}.ipynb").cells
    assert "Nothing changed since version 2" in release(small)
