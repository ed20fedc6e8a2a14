"""A notebook file as a student handed it in: of it only what a student may write is read.

Cells, their texts, nbgrader's marks on them, and pictures pasted into text. Outputs are made anew, and
metadata of other programs means nothing here: neither gets past this room.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.problem_sets import pictures
from autograder.problem_sets.json_text import MAX_VALUES
from autograder.problem_sets.notebooks import (
    NBGRADER_FLAGS,
    AssignmentError,
    as_format_4,
    parsed,
    plain_text,
    reading,
)

MAX_CELLS = 2_000
MAX_SOURCE = 1_000_000  # characters of all cells together
MAX_NAME = 200  # characters of what nbgrader calls a cell, and of a picture's name
MAX_OLD_VALUES = 50_000  # of a file in a format that is converted as a whole
ID = re.compile(r"[\w-]{1,64}", re.ASCII)
TYPES = ("code", "markdown", "raw")

Json = dict[str, Any]


def read_submitted(path: Path, most: int = MAX_VALUES) -> NotebookNode:
    """A student's notebook in format 4.5, without outputs. Cells that have no id get one by their place.

    Raises AssignmentError when it is no notebook, or larger than anybody can write.
    """
    with reading(path):
        content: Any = parsed(path, most)
        if isinstance(content, dict) and content.get("nbformat") in (1, 2, 3):
            content = as_format_4(parsed(path, min(most, MAX_OLD_VALUES)))
        if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
            raise ValueError("no notebook")
        cells = content["cells"]
        if not isinstance(cells, list):
            raise ValueError("no list of cells")
        if len(cells) > MAX_CELLS:
            raise AssignmentError(f"{path.name} has more than {MAX_CELLS:,} cells.")
        kept = [_cell(cell) for cell in cells]
        if sum(len(cell["source"]) for cell in kept) > MAX_SOURCE:
            raise AssignmentError(f"The cells of {path.name} hold more than {MAX_SOURCE:,} characters.")
        _name(kept)
        made: NotebookNode = nbformat.from_dict(
            {"cells": kept, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        )
        return made


def _cell(cell: Json) -> Json:
    """What is kept of one cell. Raises ValueError, or what else nonsense leads to, when it is none."""
    kind = cell["cell_type"]
    if kind not in TYPES or not isinstance(cell.get("metadata", {}), dict):
        raise ValueError("no cell")
    kept: Json = {"cell_type": kind, "metadata": {}, "source": _text(cell["source"])}
    if isinstance(cell.get("id"), str) and ID.fullmatch(cell["id"]):
        kept["id"] = cell["id"]
    marks = cell.get("metadata", {}).get("nbgrader")
    if isinstance(marks, dict):
        kept["metadata"]["nbgrader"] = {n: marks[n] for n in NBGRADER_FLAGS if _is_plain(marks.get(n))}
    if kind == "code":
        kept |= {"outputs": [], "execution_count": None}
        return kept
    if not pictures.all_fit(kept["source"]):
        kept["source"] = pictures.IN_TEXT.sub(_if_it_fits, pictures.RAW_SVG.sub("&lt;svg", kept["source"]))
    if kind == "markdown" and (attached := dict(_attachments(cell.get("attachments")))):
        kept["attachments"] = attached
    return kept


def _text(said: object) -> str:
    text = "".join(said) if isinstance(said, list) else said
    if not isinstance(text, str):
        raise ValueError("no text")
    return plain_text(text)


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= MAX_NAME and value == plain_text(value)
    return isinstance(value, (bool, int, float))


def _if_it_fits(found: re.Match[str]) -> str:
    return found[0] if pictures.all_fit(found[0]) else "picture-too-large"


def _attachments(attached: object) -> Iterator[tuple[str, dict[str, str]]]:
    """The pictures pasted into a text, without those that no browser can draw."""
    room = pictures.MAX_PIXELS * 2
    for name, bundle in attached.items() if isinstance(attached, dict) else ():
        for media, data in bundle.items() if isinstance(bundle, dict) else ():
            text = "".join(map(str, data)) if isinstance(data, list) else data
            size = pictures.pixels(media, text)
            if size is not None and size <= room and len(name) <= MAX_NAME and name == plain_text(name):
                room -= size
                yield name, {media: text}
                break


def _name(cells: list[Json]) -> None:
    """Give an id to cells that have none, or one that stood before: the same at every reading."""
    taken = {cell["id"] for cell in cells if "id" in cell}
    seen: set[str] = set()
    free = (name for number in itertools.count() if (name := f"cell-{number}") not in taken)
    for cell in cells:
        if cell.setdefault("id", "") in seen or not cell["id"]:
            cell["id"] = next(free)
        seen.add(cell["id"])
