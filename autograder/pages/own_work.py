"""A student's own cells out of an executed notebook, as they are shown again."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode

from autograder.grading.gradebook import NotebookMarks
from autograder.pages import markup
from autograder.problem_sets.notebooks import grade_id, is_automatic, is_locked
from autograder.problem_sets.outline import Outline, has_heading, is_text
from autograder.problem_sets.regions import squeeze

MAX_TEXT = 4000  # characters of one output that is shown
MAX_PAGE = 500_000  # characters of all cells together; a figure's count a twentieth


@dataclass(frozen=True)
class CellShown:
    """One of the student's own cells: code or text, what it printed, figures with their alt text."""

    kind: str
    source: str
    texts: tuple[str, ...]
    figures: tuple[tuple[str, str], ...]
    comment: str = ""


def own_cells(cells: list[NotebookNode], plan: Outline, marks: NotebookMarks) -> dict[str, list[CellShown]]:
    """What the student wrote and what it drew, by the question it stands under; "" for the rest."""
    questions = {question.id for question in plan.questions}
    found: dict[str, list[CellShown]] = {}
    home, room = "", MAX_PAGE
    for cell in cells:
        name = grade_id(cell) or ""
        as_issued = plan.issued.get(cell.id) == cell.source
        if name in questions:
            home = name
        elif as_issued and has_heading(cell):
            home = ""
        if is_automatic(cell) or is_locked(cell):
            continue
        shown = _own_cell(
            cell, plan, marks.comments.get(name, "") if home != name else "", as_issued and not name
        )
        if shown and room >= 0:
            room -= _size(shown)
            rest = CellShown("text", "*The rest of this notebook is too long to show.*", (), ())
            found.setdefault(home, []).append(shown if room >= 0 else rest)
    return found


def _size(cell: CellShown) -> int:
    text = len(cell.source) + sum(map(len, cell.texts))
    return text + sum(len(data) // 20 + len(alt) for data, alt in cell.figures)


def _own_cell(cell: NotebookNode, plan: Outline, comment: str, as_issued: bool) -> CellShown | None:
    outputs = cell.get("outputs", [])
    figures = tuple(figure for output in outputs if (figure := _figure(output)))
    kind = "text" if is_text(cell) else "code"
    if as_issued:  # its text is ours; what it drew is the student's
        return CellShown(kind, "", (), figures) if figures else None
    if not cell.source.strip():
        return None
    texts = tuple(_clip(without(plan.secrets, text)) for output in outputs if (text := _plain(output)))
    source = _clip(without(plan.secrets, cell.source), 20 * MAX_TEXT)
    return CellShown(kind, source, texts, figures, comment)


def without(secrets: frozenset[str], text: str) -> str:
    """text, unless it shows a line of a hidden test or marking scheme: code can print its tests."""
    squeezed = squeeze(text)
    hidden = any(secret in squeezed for secret in secrets)
    return "This text showed a line of a test and is left out." if hidden else text


def _plain(output: NotebookNode) -> str:
    if output.output_type == "error":
        return f"{output.get('ename', '')}: {output.get('evalue', '')}".rstrip(": ")
    if output.output_type == "stream":
        text: str = output.get("text", "")
        return text
    return "" if "image/png" in output.get("data", {}) else str(output.get("data", {}).get("text/plain", ""))


def _figure(output: NotebookNode) -> tuple[str, str] | None:
    """A PNG as (base64, alternative text), if it is one and not too large."""
    image = markup.png(output.get("data", {}).get("image/png"))
    if image is None:
        return None
    meta = output.get("metadata", {}).get("image/png", {})
    alt = meta.get("alt") if isinstance(meta, dict) else None
    return image, _clip(str(alt or "A figure drawn by this cell."), MAX_TEXT)


def _clip(text: str, limit: int = MAX_TEXT) -> str:
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    return text if len(text) <= limit else text[:limit] + "\n… the rest is left out."
