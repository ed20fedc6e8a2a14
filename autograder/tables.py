"""Cells of tables that people open in a spreadsheet: no text of a student's is run there."""

from __future__ import annotations

STARTS_A_FORMULA = tuple("=+-@|%＝＋－＠")
BREAKS = ("\t", "\r", "\n")
MARK = "'"  # in front of a cell, it makes a text of it


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula: with a mark in front where it would."""
    return MARK + text if _is_risky(text) else text


def as_written(cell: str) -> str:
    """What `harmless` made the cell of."""
    return cell[1:] if cell.startswith(MARK) and _is_risky(cell[1:]) else cell


def _is_risky(text: str) -> bool:
    """Whether it needs a mark; also where it has one of its own, which would be lost."""
    bare = text.lstrip(MARK)
    return bare.lstrip().startswith(STARTS_A_FORMULA) or bare.startswith(BREAKS)
