"""Reading notebooks, and the canonical form."""

import copy
import json
import os

import nbformat
import pytest

from autograder.problem_sets.notebooks import (
    AssignmentError,
    canonical,
    read_notebook,
    read_problem_set,
    to_text,
)
from autograder.problem_sets.repair import repair
from tests.helpers import FIRST, cell_of


@pytest.fixture(scope="module")
def source(problem_set):
    return problem_set.exercises[0].notebook


# ---------------------------------------------------------------- reading


def test_the_five_notebooks_and_the_harness(problem_set):
    assert [exercise.name for exercise in problem_set.exercises] == [
        "01_squared_norm",
        "02_linear_form",
        "03_frobenius_loss",
        "04_ridge_descent",
        "05_softmax_cross_entropy",
    ]
    assert [str(path) for path in problem_set.extra_files] == ["derivation.py", "gradcheck.py"]


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


def test_byte_order_marks_and_half_characters_are_read(tmp_path, source):
    path = tmp_path / "odd.ipynb"
    text = to_text(source).replace("The idea", "The idea \\ud83d")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    notebook = read_notebook(path)
    assert "The idea ?" in cell_of(notebook, "idea").source
    to_text(notebook).encode()


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
