"""Reading notebooks, the canonical form, and putting locked cells back."""

import copy
import json
import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.problem_sets.notebooks import (
    AssignmentError,
    automatic_points,
    canonical,
    grade_id,
    is_automatic,
    is_locked,
    points,
    read_notebook,
    read_problem_set,
    to_text,
)
from autograder.problem_sets.repair import repair
from autograder.releasing.build import released
from tests.helpers import FIRST, cell_of


@pytest.fixture(scope="module")
def source(problem_set):
    return problem_set.exercises[0].notebook


@pytest.fixture
def handed_in(course, source):
    return copy.deepcopy(released(course, source))


# ---------------------------------------------------------------- reading


def test_the_five_notebooks_and_the_harness(problem_set):
    assert [exercise.name for exercise in problem_set.exercises] == [
        "01_squared_norm",
        "02_linear_form",
        "03_frobenius_loss",
        "04_ridge_descent",
        "05_softmax_cross_entropy",
    ]
    assert [str(path) for path in problem_set.extra_files] == ["gradcheck.py"]


@pytest.mark.parametrize("name", ["ps9", "", "../source/ps1", ".", "ps1/../ps1", "ps 1"])
def test_an_unknown_problem_set_is_named(course, name):
    with pytest.raises(AssignmentError, match="ps1"):
        read_problem_set(course.source, name)


DAMAGE = {
    "empty": b"",
    "cut off": b'{"cells": [',
    "a list": b"[]",
    "a number": b"7",
    "no cells": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
    "not text": b"\xff\xfe\x00\x01",
    "wrong cells": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "magic"}]}',
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_one_sentence(tmp_path, content):
    path = tmp_path / "damaged.ipynb"
    path.write_bytes(content)
    with pytest.raises(AssignmentError, match=r"^damaged\.ipynb .*\.$") as error:
        read_notebook(path)
    assert "\n" not in str(error.value) and len(str(error.value)) < 300


def test_a_huge_file_is_not_read(tmp_path):
    path = tmp_path / "huge.ipynb"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 300_000_000)
    with pytest.raises(AssignmentError, match="larger than"):
        read_notebook(path)


def test_doubled_and_missing_cell_ids_are_mended(tmp_path, source):
    path = tmp_path / "old.ipynb"
    text = to_text(source).replace('"id": "how-to"', '"id": "title"')
    path.write_text(text.replace('   "id": "setup",\n', ""))
    ids = [cell.id for cell in read_notebook(path).cells]
    assert len(set(ids)) == len(ids)


# ---------------------------------------------------------------- the canonical form


def test_canonical_form_is_a_fixed_point(problem_set):
    for exercise in problem_set.exercises:
        once = canonical(exercise.notebook)
        assert canonical(once) == once
        assert exercise.path.read_text() == to_text(once)


def test_canonical_form_drops_what_working_in_jupyter_leaves(source):
    used = copy.deepcopy(source)
    used.metadata["widgets"] = {"state": {}}
    used.cells[2].metadata["collapsed"] = True
    used.cells[2].execution_count = 7
    used.cells[2].outputs = [nbformat.v4.new_output("stream", text="secret")]
    used.cells[0].source += "  \n\n"
    assert to_text(canonical(used)) == to_text(source)


# ---------------------------------------------------------------- repair


def test_an_honest_submission_needs_no_repair(source, handed_in):
    repaired = repair(handed_in, source)
    assert repaired.repairs == ()
    assert [cell.id for cell in repaired.notebook.cells] == [cell.id for cell in source.cells]
    assert "BEGIN HIDDEN TESTS" in cell_of(repaired.notebook, "squared-norm-hidden").source


def test_deleted_cells_come_back_in_place(source, handed_in):
    handed_in.cells = [cell for cell in handed_in.cells if not is_locked(cell)]
    repaired = repair(handed_in, source)
    kept = [grade_id(cell) for cell in repaired.notebook.cells if grade_id(cell)]
    assert kept == [grade_id(cell) for cell in source.cells if grade_id(cell)]
    assert "The cell squared-norm-hidden was missing and was put back." in repaired.repairs
    order = [cell.id for cell in repaired.notebook.cells]
    assert order.index("squared-norm") < order.index("squared-norm-test") < order.index("squared-norm-hidden")


def test_edited_tests_are_put_back_and_points_cannot_be_raised(source, handed_in):
    cell = cell_of(handed_in, "squared-norm-hidden")
    cell.source, cell.metadata.nbgrader["points"] = "1000", 1000
    repaired = repair(handed_in, source)
    assert repaired.repairs == ("The cell squared-norm-hidden had been edited and was put back.",)
    restored = cell_of(repaired.notebook, "squared-norm-hidden")
    assert (restored.source, points(restored)) == (
        cell_of(source, "squared-norm-hidden").source,
        1.5,
    )


def test_a_test_turned_into_text_is_put_back(source, handed_in):
    place = handed_in.cells.index(cell_of(handed_in, "squared-norm-test"))
    text = new_markdown_cell("gone", metadata=handed_in.cells[place].metadata)
    handed_in.cells[place] = text
    repaired = repair(handed_in, source).notebook
    assert cell_of(repaired, "squared-norm-test").cell_type == "code"


def test_of_a_duplicated_cell_the_last_counts(source, handed_in):
    twin = copy.deepcopy(cell_of(handed_in, "squared-norm"))
    twin.id, twin.source = "twin", "def squared_norm(x):\n    return 2"
    handed_in.cells.append(twin)
    repaired = repair(handed_in, source)
    found = [cell for cell in repaired.notebook.cells if grade_id(cell) == "squared-norm"]
    assert [cell.source for cell in found] == [twin.source]
    assert any("stood more than once" in sentence for sentence in repaired.repairs)


def test_foreign_nbgrader_cells_lose_their_standing(source, handed_in):
    meta = {"grade": True, "grade_id": "gift", "points": 50, "locked": True, "schema_version": 3}
    handed_in.cells.append(new_code_cell("50", metadata={"nbgrader": {**meta, "solution": False}}))
    repaired = repair(handed_in, source).notebook
    assert automatic_points(repaired) == automatic_points(source)


def test_a_notebook_without_nbgraders_metadata_is_known_by_its_cell_ids(source, handed_in):
    for cell in handed_in.cells:
        cell.metadata.pop("nbgrader", None)
    repaired = repair(handed_in, source).notebook
    assert [grade_id(cell) for cell in repaired.cells] == [grade_id(cell) for cell in source.cells]


def test_where_nothing_is_known_the_tests_come_last(source, handed_in):
    for number, cell in enumerate(handed_in.cells):
        cell.metadata.pop("nbgrader", None)
        cell.id = f"cell-{number}"
    repaired = repair(handed_in, source).notebook
    first_test = next(k for k, cell in enumerate(repaired.cells) if is_automatic(cell))
    assert first_test > len(handed_in.cells)
    nbformat.validate(repaired)


def test_byte_order_marks_and_half_characters_are_read(tmp_path, source):
    path = tmp_path / "odd.ipynb"
    text = to_text(source).replace("The idea", "The idea \\ud83d")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    notebook = read_notebook(path)
    assert "The idea ?" in cell_of(notebook, "idea").source
    to_text(notebook).encode()


@pytest.mark.parametrize("meta", ["text", 7, None, [], {"grade": True}, {"grade": True, "grade_id": ["x"]}])
def test_nonsense_in_nbgraders_metadata_is_harmless(source, handed_in, meta):
    handed_in.cells[0].metadata["nbgrader"] = meta
    assert repair(handed_in, source).notebook.cells


def test_what_students_wrote_is_kept(source, handed_in):
    cell_of(handed_in, "squared-norm").source = "def squared_norm(x):\n    return 1"
    cell_of(handed_in, "derivation-answer").source = "Because."
    handed_in.cells.insert(3, new_code_cell("my_own = 1"))
    repaired = repair(handed_in, source).notebook
    sources = [cell.source for cell in repaired.cells]
    assert (
        "def squared_norm(x):\n    return 1" in sources and "Because." in sources and "my_own = 1" in sources
    )


def test_the_names_of_notebooks_lead_to_answer_keys(problem_set):
    assert problem_set.exercises[0].name == FIRST
    assert [exercise.key.name for exercise in problem_set.exercises] == [
        exercise.name[3:] for exercise in problem_set.exercises
    ]


def test_a_notebook_saved_in_an_older_format_is_read(tmp_path, problem_set):
    """Some editors write format 4.0 to this day, where cells have no ids."""
    exercise = problem_set.exercises[0]
    content = json.loads(to_text(exercise.notebook))
    content["nbformat_minor"] = 0
    for cell in content["cells"]:
        del cell["id"]
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps(content))
    submitted = read_notebook(path)
    assert all(cell.id for cell in submitted.cells)
    assert repair(submitted, exercise.notebook).repairs == ()


def test_a_notebook_with_nothing_to_solve_is_material(problem_set):
    assert [material.name for material in problem_set.materials] == ["00_primer"]
    assert problem_set.notebooks == problem_set.materials + problem_set.exercises
