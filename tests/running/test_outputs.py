"""A cell's outputs from a kernel's messages: as nbclient collects them, bounded, and never malformed."""

import contextlib
import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from autograder.running import outputs
from autograder.running.outputs import Outputs, error_output
from tests.pictures import as_text, gif, jpeg, png


def stream(text, name="stdout"):
    return "stream", {"name": name, "text": text}


def display(text, display_id=None, kind="display_data", **more):
    transient = {"display_id": display_id} if display_id else {}
    return kind, {"data": {"text/plain": text}, "metadata": {}, "transient": transient, **more}


ROOM = 2_000_000


def collected(*messages):
    found = Outputs(ROOM)
    for message in messages:
        found.add(*message)
    valid(found.outputs)
    return found


def valid(found):
    nbformat.validate(new_notebook(cells=[new_code_cell("", outputs=found, id="c")]))


def texts(found):
    return [output.get("text") or output.data["text/plain"] for output in found.outputs]


def test_streams_of_one_kind_are_joined():
    found = collected(stream("a"), stream("b"), stream("c", "stderr"), stream("d"))
    assert [(output.name, output.text) for output in found.outputs] == [
        ("stdout", "ab"),
        ("stderr", "c"),
        ("stdout", "d"),
    ]


def test_clearing_at_once_and_when_more_comes():
    assert texts(collected(stream("a"), ("clear_output", {"wait": False}))) == []
    assert texts(collected(stream("a"), ("clear_output", {"wait": True}))) == ["a"]
    assert texts(collected(stream("a"), ("clear_output", {"wait": True}), stream("b"))) == ["b"]


def test_an_update_changes_every_display_of_that_id_and_nothing_else():
    update = display("new", "d", "update_display_data")
    found = collected(display("1", "d"), display("2", "e"), display("3", "d"), update)
    assert texts(found) == ["new", "2", "new"]
    assert texts(collected(update)) == []


def test_an_update_reaches_earlier_cells_that_share_their_displays():
    shown = {}
    first, second = Outputs(ROOM, shown=shown), Outputs(ROOM, shown=shown)
    first.add(*display("old", "d"))
    second.add(*display("new", "d", "update_display_data"))
    assert texts(first) == ["new"] and second.outputs == []


def test_output_has_a_bound_and_says_so_once():
    found = collected(*[display(str(k)) for k in range(2 * outputs.MAX_OUTPUTS)])
    assert len(found.outputs) == outputs.MAX_OUTPUTS + 1 and "left out" in texts(found)[-1]
    found = collected(*[display("x" * 300_000)] * 20)
    assert len(json.dumps(found.outputs)) < 1.1 * ROOM


@pytest.mark.parametrize("pieces", [1, 20])
@pytest.mark.parametrize("character, smallest", [("x", 0.9), ("é", 0.9), ("\x00", 0.1)])
def test_a_flood_of_text_is_cut_and_says_so(pieces, character, smallest):
    """A control character is spelled with six."""
    found = collected(*[stream(character * (5_000_000 // pieces))] * pieces, stream("more"), stream("more"))
    assert smallest * ROOM < len(texts(found)[0]) <= ROOM
    assert texts(found)[1:] == ["\n… the rest of the output is left out."]
    assert len(json.dumps(found.outputs, ensure_ascii=False)) < 1.1 * ROOM


def test_the_notebook_as_a_whole_has_a_bound():
    first = Outputs(ROOM, total=3_000_000)
    first.add(*stream("x" * 1_900_000))
    second = first.next_cell([], {})
    second.add(*stream("x" * 1_900_000))
    third = second.next_cell([], {})
    third.add(*stream("x" * 100))
    assert 1_000_000 < len(texts(second)[0]) < 1_100_000 and "left out" in texts(second)[1]
    assert len(texts(third)) == 1 and "left out" in texts(third)[0]


def test_what_is_left_out_is_said_again_after_clearing():
    found = collected(
        *[display("x" * 1_500_000)] * 2, ("clear_output", {"wait": True}), display("y" * 900_000)
    )
    assert len(found.outputs) == 1 and "left out" in texts(found)[0]


def test_updates_count_too():
    big = display("x" * 300_000, "d", "update_display_data")
    found = collected(*[display(str(k), "d") for k in range(100)], big, big, big)
    assert len(json.dumps(found.outputs)) < 1.1 * ROOM


def test_a_long_traceback_is_cut():
    content = {"ename": "E" * 5000, "evalue": "v" * 50_000, "traceback": ["t" * 50_000] * 500}
    (output,) = collected(("error", content)).outputs
    assert len(output.ename) == 200 and len(output.evalue) == outputs.MAX_ERROR_CHARACTERS
    assert len(output.traceback) == 100


@pytest.mark.parametrize(
    "text, read", [("2.5", [2.5]), ("-1", [-1.0]), ("array([1.])", []), ("nan", None), ("'3'", [])]
)
def test_numbers_are_what_nbgrader_takes_for_points(text, read):
    found = collected(display(text, kind="execute_result", execution_count=1)).numbers()
    assert found == read if read is not None else len(found) == 1 and found[0] != found[0]


def test_a_number_displayed_is_no_result():
    assert collected(display("5")).numbers() == []


def test_results_can_be_cleared():
    found = collected(stream("kept"), display("5", kind="execute_result"))
    found.clear_results()
    assert texts(found) == ["kept"]


def test_an_error_of_ours_is_one_sentence():
    output = error_output("NotRun", "This cell was not reached.")
    valid([output])
    assert output.traceback == ["NotRun: This cell was not reached."]
    assert error_output("NotRun", "").traceback == ["NotRun"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
fields = "name text data metadata transient execution_count ename evalue traceback wait"
media = st.sampled_from(["text/plain", "image/png", "application/json", "application/x+json", "a b", ""])
contents = st.dictionaries(
    st.sampled_from(fields.split()),
    anything
    | st.sampled_from(["stdout", "stderr", "text"])
    | st.dictionaries(media, anything, max_size=3)
    | st.fixed_dictionaries({"display_id": anything}),
)
kinds = ["stream", "display_data", "update_display_data", "execute_result", "error", "clear_output", "status"]


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(kinds) | anything, contents | anything), max_size=6))
def test_whatever_is_sent_the_notebook_stays_valid(messages):
    found = Outputs(ROOM)
    for message in messages:
        found.add(*message)
    valid(found.outputs)
    json.dumps(found.outputs)
    with contextlib.suppress(ValueError):
        found.numbers()


# ---------------------------------------------------------------- what takes more than its length


def shows(data):
    return "display_data", {"data": {"text/plain": "x", **data}, "metadata": {}}


SMALL, LARGE = as_text(png(640, 480)), as_text(png(30_000, 30_000))
URI = "data:image/png;base64,"


@pytest.mark.parametrize(
    "media, good, bad",
    [
        ("image/png", SMALL, LARGE),
        ("image/jpeg", as_text(jpeg(640, 480)), as_text(jpeg(60_000, 60_000))),
        ("image/gif", as_text(gif(640, 480)), as_text(gif(2000, 2000, frames=10_000))),
        ("image/svg+xml", "<svg width='9' height='9'/>", "<svg width='90000' height='90000'/>"),
        ("text/html", f"<img src='{URI}{SMALL}'><table>", f"<img src='{URI}{LARGE}'>"),
        ("text/markdown", f"![]({URI}{SMALL})", f"![]({URI}{LARGE})"),
        ("image/png", SMALL, "no picture"),
        ("image/tiff", None, SMALL + "x"),
    ],
)
def test_a_picture_that_no_browser_opens_is_left_out(media, good, bad):
    if good is not None:
        (output,) = collected(shows({media: good})).outputs
        assert output.data == {"text/plain": "x", media: good}
    (output,) = collected(shows({media: bad})).outputs
    assert output.data == {"text/plain": outputs.TOO_LARGE}


def test_many_pictures_together_have_a_bound():
    picture = shows({"image/png": as_text(png(4000, 4000))})
    first = collected(*[picture] * 9)
    assert sum("image/png" in output.get("data", {}) for output in first.outputs) == 3
    cells = [Outputs(ROOM)]
    for _ in range(30):
        cells.append(cells[-1].next_cell([], {}))
        for _ in range(3):
            cells[-1].add(*picture)
    drawn = sum("image/png" in output.get("data", {}) for cell in cells for output in cell.outputs)
    assert 10 < drawn < 20


def test_twenty_figures_in_a_cell_are_no_trouble():
    figure = shows({"image/png": as_text(png(1200, 900) + bytes(30_000))})
    assert len([o for o in collected(*[figure] * 20).outputs if "image/png" in o.data]) == 20


def test_many_values_count_for_more_than_their_characters():
    found = collected(*[shows({"application/json": [{}] * 10_000})] * 9)
    assert 1 <= sum("application/json" in output.get("data", {}) for output in found.outputs) <= 4


def test_json_beyond_what_can_be_held_is_left_out():
    for data in ([{}] * 100_000, {"x": [[0] * 10] * 10_000}):
        (output,) = collected(shows({"application/json": data})).outputs
        assert output.data == {"text/plain": outputs.TOO_LARGE}
    kind, content = shows({})
    (output,) = collected((kind, {**content, "metadata": {"x": [{}] * 100_000}})).outputs
    assert output.data == {"text/plain": "x"} and output.metadata == {}


@pytest.mark.long
def test_a_loop_that_prints_line_by_line_is_no_trouble():
    found = collected(*[stream(f"step {number}\n") for number in range(20_000)])
    assert len(found.outputs) == 1 and found.outputs[0].text.endswith("step 19999\n")
