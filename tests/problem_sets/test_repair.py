"""Locked cells are put back, lost ones restored, and what students wrote is kept."""

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.problem_sets.notebooks import automatic_points, grade_id, is_automatic, is_locked, points
from autograder.problem_sets.repair import repair
from autograder.releasing.build import released
from tests.helpers import cell_of


@pytest.fixture
def source(problem_set):
    return problem_set.exercises[0].notebook


@pytest.fixture
def handed_in(course, source):
    return copy.deepcopy(released(course, source))


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
        2.5,
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


def test_tests_of_another_version_go_and_what_students_wrote_for_it_stays(source, handed_in):
    later = copy.deepcopy(source)
    later.cells = [
        cell for cell in later.cells if cell.id not in ("squared-norm", "squared-norm-test", "setup")
    ]
    cell_of(handed_in, "squared-norm").source = "def squared_norm(x):\n    return 1"
    repaired = repair(handed_in, later)
    assert repaired.repairs == ("Tests that are no part of this version were left out: squared-norm-test.",)
    kept = {cell.source: grade_id(cell) for cell in repaired.notebook.cells}
    assert kept["def squared_norm(x):\n    return 1"] is None  # free: a later cell may call it
    assert kept[cell_of(source, "setup").source] is None
    assert not any("three vectors" in text for text in kept)


def test_forged_names_of_old_tests_fill_no_page(source, handed_in):
    for name in ("<b>", "\u202e", "x" * 99, *(f"old-{number}" for number in range(3000))):
        meta = {"grade": True, "grade_id": name, "points": 5, "locked": True, "solution": False}
        handed_in.cells.append(new_code_cell("5", metadata={"nbgrader": {**meta, "schema_version": 3}}))
    repaired = repair(handed_in, source)
    shown = "old-0, old-1, old-2, old-3, old-4 and more"
    assert repaired.repairs == (f"Tests that are no part of this version were left out: {shown}.",)
    assert len(repaired.notebook.cells) == len(source.cells)


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
