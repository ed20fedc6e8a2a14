"""Put right what a student did to a notebook's locked cells: edited, lost, doubled, moved."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.problem_sets.notebooks import (
    KERNELSPEC,
    grade_id,
    is_automatic,
    is_locked,
    is_solution,
    metadata,
)
from autograder.problem_sets.regions import without_region

MAX_SHOWN = 5  # names of tests that were left out


@dataclass(frozen=True)
class Repaired:
    """A submitted notebook with its locked cells as issued, and what had to be done."""

    notebook: NotebookNode
    repairs: tuple[str, ...]


def repair(submitted: NotebookNode, source: NotebookNode) -> Repaired:
    """Put locked cells back as in `source`, restore lost ones in place, drop duplicates.

    Where a cell with an id of the assignment stands more than once, the last is kept: students
    copy a cell and go on in the copy. A solution cell that was deleted comes back empty. What somebody
    wrote for another version stays, as a free cell; tests of another version, which are ours, go.
    """
    issued = {name: cell for cell in source.cells if (name := grade_id(cell))}
    names = [_issued_name(cell, issued) for cell in submitted.cells]
    last = {name: place for place, name in enumerate(names) if name}
    cells: list[NotebookNode] = []
    repairs: list[str] = []
    old: list[str] = []
    for place, (cell, name) in enumerate(zip(submitted.cells, names, strict=True)):
        if name is None and _is_old_test(cell):
            old.append(str(grade_id(cell)))
        elif name is None:
            cells.append(_as_free(cell, place))
        elif last[name] != place:
            cells.append(_as_free(cell, place, keep_code=is_solution(issued[name])))
            repairs.append(f"The cell {name} stood more than once; the last one counts.")
        else:
            cells.append(_restored(cell, issued[name], repairs.append))
    if old:
        repairs.append(_left_out(old))
    present = {grade_id(cell) for cell in cells}
    for cell, anchor in _with_anchors(source):
        name = grade_id(cell)
        if name not in present:
            cells.insert(_place_after(cells, anchor), _blank(cell))
            repairs.append(f"The cell {name} was missing and was put back.")
    notebook = copy.deepcopy(submitted)
    notebook.cells = cells
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNELSPEC, "language_info": {"name": "python"}})
    return Repaired(notebook, tuple(dict.fromkeys(repairs)))


def _issued_name(cell: NotebookNode, issued: dict[str, NotebookNode]) -> str | None:
    """Which cell of the assignment this is: by nbgrader's id, or by the cell's own where that is lost."""
    return next((name for name in (grade_id(cell), cell.id) if name in issued), None)


def _is_old_test(cell: NotebookNode) -> bool:
    """Whether a cell that is not of the assignment is a test of ours, from another version of it."""
    return is_automatic(cell) and bool(grade_id(cell)) and bool(metadata(cell).get("locked"))


def _left_out(names: list[str]) -> str:
    """What students read of old tests. The names are from a file of theirs: plain ones are shown, and few."""
    plain = [name for name in dict.fromkeys(names) if re.fullmatch(r"[a-z0-9-]{1,60}", name)]
    shown = ", ".join(plain[:MAX_SHOWN]) + (" and more" if len(plain) > MAX_SHOWN else "")
    return f"Tests that are no part of this version were left out{f': {shown}' if shown else ''}."


def _as_free(cell: NotebookNode, place: int, keep_code: bool = True) -> NotebookNode:
    free = copy.deepcopy(cell)
    if free.metadata.pop("nbgrader", None):
        free.id = f"free-{place}"  # its old id may be that of the cell it was copied from
    if free.cell_type == "code":
        free.outputs, free.execution_count = [], None
        if not keep_code:
            free.source = ""
    return free


def _restored(cell: NotebookNode, issued: NotebookNode, report: Callable[[str], None]) -> NotebookNode:
    if is_locked(issued):
        if cell.cell_type != issued.cell_type or _visible(cell.source) != _visible(issued.source):
            report(f"The cell {grade_id(issued)} had been edited and was put back.")
        return _copy(issued)
    kept = _copy(issued)
    if cell.cell_type != issued.cell_type:
        report(f"The cell {grade_id(issued)} had changed its type, which was put back.")
    kept.source = cell.source
    return kept


def _copy(issued: NotebookNode) -> NotebookNode:
    cell = copy.deepcopy(issued)
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    return cell


def _blank(issued: NotebookNode) -> NotebookNode:
    cell = _copy(issued)
    if is_solution(cell):
        cell.source = ""
    return cell


def _visible(source: str) -> str:
    """A cell's text as students get it, so that an unedited test is not called edited."""
    source = without_region(without_region(source, "HIDDEN TESTS"), "MARK SCHEME")
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _with_anchors(source: NotebookNode) -> Iterator[tuple[NotebookNode, str | None]]:
    """Each cell of the assignment with the id of the one before it."""
    before = None
    for cell in source.cells:
        if grade_id(cell):
            yield cell, before
            before = grade_id(cell)


def _place_after(cells: list[NotebookNode], anchor: str | None) -> int:
    places = [place for place, cell in enumerate(cells) if grade_id(cell) == anchor]
    if anchor and places:
        return places[0] + 1
    return 0 if any(grade_id(cell) for cell in cells) else len(cells)  # nothing known: tests go last
