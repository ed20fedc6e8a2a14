"""What is read of a notebook that a student handed in, and what is not."""

import copy
import json

import nbformat
import pytest

from autograder.problem_sets.notebooks import AssignmentError, grade_id, to_text
from autograder.problem_sets.repair import repair
from autograder.problem_sets.submitted import MAX_CELLS, MAX_SOURCE, read_submitted
from autograder.releasing.build import released
from tests.helpers import FIRST, cell_of
from tests.pictures import as_text, jpeg, png
from tests.problem_sets.test_notebooks import DAMAGE

NAME = f"{FIRST}.ipynb"


@pytest.fixture(scope="module")
def source(problem_set):
    return problem_set.exercises[0].notebook


@pytest.fixture
def read(course, source, tmp_path):
    """Reads the released notebook after a change of its JSON."""

    def run(change=lambda content: None):
        content = json.loads(to_text(released(course, source)))
        change(content)
        (tmp_path / NAME).write_text(json.dumps(content))
        return read_submitted(tmp_path / NAME)

    return run


def code(source="1", **more):
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source,
        **more,
    }


def test_what_a_student_writes_is_read_as_it_stands(read, source):
    notebook = read(lambda content: content["cells"].append(code(["a = 1\n", "a"], id="mine")))
    nbformat.validate(notebook)
    assert notebook.cells[-1].source == "a = 1\na" and notebook.cells[-1].id == "mine"
    issued = [(grade_id(cell), cell.cell_type) for cell in source.cells]
    assert [(grade_id(cell), cell.cell_type) for cell in notebook.cells[:-1]] == issued
    assert repair(notebook, source).repairs == ()


def test_outputs_and_foreign_metadata_are_not_read(read):
    def spoil(content):
        content["metadata"] = {"widgets": {"state": [{}] * 1000}, "kernelspec": 7}
        content["cells"][0]["metadata"]["slideshow"] = {"deep": [[[]]]}
        content["cells"][0]["nonsense"] = [{}] * 1000
        content["cells"].append(code(outputs=[{"output_type": "nonsense"}] * 1000, execution_count="x"))

    notebook = read(spoil)
    nbformat.validate(notebook)
    assert len(to_text(notebook)) < len(to_text(read())) + 300
    assert notebook.cells[-1].outputs == [] and notebook.metadata == {}


def test_honest_outputs_are_no_hindrance(read):
    """A loop that printed 100,000 lines, 200 figures, and a drawing made of 100,000 numbers."""

    def work(content):
        lines = {"output_type": "stream", "name": "stdout", "text": ["step\n"] * 100_000}
        figure = {"output_type": "display_data", "data": {"image/png": "A" * 40_000}, "metadata": {}}
        drawing = {
            "output_type": "display_data",
            "data": {"x/json": [0.5] * 100_000},
            "metadata": {},
        }
        content["cells"].append(code(outputs=[lines, *[figure] * 200, drawing]))

    assert len(read(work).cells) == len(read().cells) + 1


TOO_MUCH = {
    "values": (
        lambda content: content["metadata"].update(x=[{}] * 2_000_000),
        r"holds too much to be read\. Clear its outputs",
    ),
    "cells": (
        lambda content: content["cells"].extend([code()] * MAX_CELLS),
        "has more than 2,000 cells",
    ),
    "text": (
        lambda content: content["cells"].append(code("x" * MAX_SOURCE)),
        "hold more than 1,000,000 characters",
    ),
    "digits": (lambda content: content["metadata"].update(x=10**4000), None),
}


@pytest.mark.parametrize("change, said", TOO_MUCH.values(), ids=TOO_MUCH)
def test_too_much_is_one_sentence(read, change, said):
    if said is None:
        assert read(change).cells
        return
    with pytest.raises(AssignmentError, match=said) as error:
        read(change)
    assert NAME in str(error.value) and str(error.value).endswith(".")


def test_a_number_with_a_million_digits_is_one_sentence(tmp_path):
    (tmp_path / NAME).write_text('{"cells": [], "x": ' + "7" * 1_000_000 + "}")
    with pytest.raises(AssignmentError, match="is not a notebook"):
        read_submitted(tmp_path / NAME)


ODD_CELLS = (
    [],
    7,
    "cell",
    {},
    {"cell_type": "magic", "source": ""},
    {"cell_type": ["code"], "source": ""},
    {"cell_type": "code", "source": {"a": 1}},
    {"cell_type": "code", "source": ["a", 1]},
    {"cell_type": "code", "source": "", "metadata": 7},
)


@pytest.mark.parametrize("cell", ODD_CELLS, ids=repr)
def test_what_is_no_cell_is_one_sentence(read, cell):
    with pytest.raises(AssignmentError, match=r"it holds something else than cells\.$"):
        read(lambda content: content["cells"].append(cell))


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_one_sentence(tmp_path, content):
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(AssignmentError, match=rf"^{NAME} .*\.$") as error:
        read_submitted(tmp_path / NAME)
    assert "\n" not in str(error.value) and len(str(error.value)) < 300


@pytest.mark.parametrize("marks", [7, [], {"grade_id": "x" * 10_000}, {"points": [[]], "grade_id": {}}])
def test_odd_marks_of_nbgrader_are_not_read(read, source, marks):
    notebook = read(lambda content: content["cells"].append(code(metadata={"nbgrader": marks})))
    assert not any(notebook.cells[-1].metadata.get("nbgrader", {}).values())
    assert repair(notebook, source).notebook.cells


def test_ids_are_mended_in_the_same_way_each_time(read):
    def spoil(content):
        for cell in content["cells"][:3]:
            del cell["id"]
        content["cells"][4]["id"] = content["cells"][3]["id"]
        content["cells"] += [code(id="ä"), code(id=7), code(id="x" * 65), code(id="cell-0")]

    notebook = read(spoil)
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids) and ids[-1] == "cell-0"
    assert [cell.id for cell in read(spoil).cells] == ids
    kept = [cell.id for cell in read().cells]
    assert ids[3] == kept[3] and ids[5:-4] == kept[5:]


def test_an_older_format_is_read(course, source, tmp_path):
    content = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": []}
    content["worksheets"].append({"metadata": {}, "cells": [{"cell_type": "code", "language": "python"}]})
    content["worksheets"][0]["cells"][0] |= {"input": ["a = 1"], "outputs": [], "metadata": {}}
    (tmp_path / NAME).write_text(json.dumps(content))
    (cell,) = read_submitted(tmp_path / NAME).cells
    assert cell.source == "a = 1" and cell.id
    content["worksheets"] *= 30_000
    (tmp_path / NAME).write_text(json.dumps(content))
    with pytest.raises(AssignmentError, match="holds too much"):
        read_submitted(tmp_path / NAME)


def test_halves_of_characters_become_text(read):
    notebook = read(lambda content: content["cells"].append(code("'\ud83d'")))
    assert notebook.cells[-1].source == "'?'"


# ---------------------------------------------------------------- pictures


def test_a_photograph_of_a_derivation_is_kept(read, source):
    photo = {"photo.jpg": {"image/jpeg": as_text(jpeg(8000, 6000))}}

    def paste(content):
        answer = next(cell for cell in content["cells"] if cell["id"] == "derivation-answer")
        answer["attachments"] = photo

    assert cell_of(read(paste), "derivation-answer").attachments == photo


@pytest.mark.parametrize(
    "attached",
    [
        {"a.png": {"image/png": as_text(png(30_000, 30_000))}},
        {"a.png": {"image/png": [[]]}},
        {"a.png": {"text/html": "<b>"}},
        {"a.png": {}},
        {"a.png": 7},
        {"x" * 10_000: {"image/png": as_text(png(3, 3))}},
        [],
        7,
    ],
)
def test_other_attachments_are_not(read, attached):
    def paste(content):
        answer = next(cell for cell in content["cells"] if cell["id"] == "derivation-answer")
        answer["attachments"] = attached

    notebook = read(paste)
    assert "attachments" not in cell_of(notebook, "derivation-answer")
    nbformat.validate(notebook)


def test_a_hundred_large_pictures_are_too_many(read):
    def paste(content):
        answer = next(cell for cell in content["cells"] if cell["id"] == "derivation-answer")
        picture = {"image/png": as_text(png(6000, 6000))}
        answer["attachments"] = {f"{number}.png": copy.copy(picture) for number in range(100)}

    assert len(cell_of(read(paste), "derivation-answer").attachments) == 3


def test_a_picture_written_into_text_is_taken_out_when_it_is_too_large(read):
    large, small = as_text(png(30_000, 30_000)), as_text(png(300, 300))
    text = "![a](data:image/png;base64,{}) and <svg> and $x$"

    def answer(data):
        def change(content):
            cell = next(cell for cell in content["cells"] if cell["id"] == "derivation-answer")
            cell["source"] = text.format(data)

        return cell_of(read(change), "derivation-answer").source

    assert answer(large) == "![a](picture-too-large) and &lt;svg> and $x$"
    assert small in answer(small)
