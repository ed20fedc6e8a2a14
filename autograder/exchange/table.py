"""Cells of CSV files that people open in spreadsheets and platforms read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from autograder.problem_sets.notebooks import plain_text

STARTS_A_FORMULA = tuple("=+-@|%＝＋－＠")


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula: with a `'` in front where it would."""
    risky = text.lstrip().startswith(STARTS_A_FORMULA) or text.startswith(("\t", "\r", "\n"))
    return "'" + text if risky else text


def one_line(text: str) -> str:
    """A name to be read by people: on one line, without what does not print or turns text around."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def number(value: float) -> str:
    """Points with a decimal point, four decimals at most: 7.5, 10, 0."""
    return f"{round(value, 4) + 0.0:.4f}".rstrip("0").rstrip(".")


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """A CSV file's text: commas, quotes where they are needed, UTF-8 when it is written."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return plain_text(file.getvalue())
