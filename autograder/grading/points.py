"""What an executed test cell earned, and the sentence that says why: where points are read off."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbformat.notebooknode import NotebookNode

from autograder.exam.examine import MARKS_MIME
from autograder.problem_sets.notebooks import grade_id, points
from autograder.running.outputs import TIMEOUT_ERROR


@dataclass(frozen=True)
class CellGrade:
    """The points of one automatically graded cell; `finding` says what was wrong, if anything.

    At full points it may hold a remark, such as that a formula was asked for. A visible test has no
    points, and its finding is all it gives.
    """

    grade_id: str
    score: float
    max_score: float
    finding: str


def cell_grade(cell: NotebookNode) -> CellGrade:
    """What an executed test cell earned, and what it says went wrong."""
    name, full = str(grade_id(cell)), points(cell)
    if cell.execution_count is None and not cell.outputs:  # never ran: stock nbgrader gives full points
        return CellGrade(name, 0.0, full, "This test was not reached.")
    score = read_score(cell)
    right = score >= full and not went_wrong(cell)  # a test that only advises has no points to lose
    return CellGrade(name, score, full, _remark(cell) if right else _finding(cell))


def went_wrong(cell: NotebookNode) -> bool:
    """Whether a test ended in an error, or wrote to stderr: then it gives no points."""
    return any(o.output_type == "error" or o.get("name") == "stderr" for o in cell.outputs)


def read_score(cell: NotebookNode) -> float:
    """A test cell's points as nbgrader reads them from its outputs, without importing nbgrader.

    An error gives none, so does anything on stderr; a number as result is that many; else all.
    The examiner has made an error of numbers that are no points of this cell.
    """
    full = points(cell)
    if went_wrong(cell):
        return 0.0
    for output in cell.outputs:
        if output.output_type == "execute_result":
            with contextlib.suppress(KeyError, ValueError, TypeError):
                return float(output["data"]["text/plain"])
    return full


def _finding(cell: NotebookNode) -> str:
    """What a test cell says went wrong, in a student's words."""
    for output in cell.outputs:
        marks = output.get("data", {}).get(MARKS_MIME)
        if isinstance(marks, dict):
            return _marks_sentence(marks)
        if output.output_type == "error":
            return _error_sentence(output.get("ename", ""), output.get("evalue", ""))
    return "This test printed a warning or an error."


def _remark(cell: NotebookNode) -> str:
    """What a test cell says about an answer that earned everything."""
    marks = next((m for output in cell.outputs if (m := output.get("data", {}).get(MARKS_MIME))), None)
    return _marks_sentence(marks) if isinstance(marks, dict) else ""


def _marks_sentence(marks: Mapping[str, Any]) -> str:
    seen = [str(f.get("seen", "")) for f in marks.get("findings", []) if not f.get("passed")]
    return " ".join(part for part in (*seen[:1], marks.get("hint") or "") if part)


def _error_sentence(name: str, value: str) -> str:
    first = value.strip().splitlines()[0][:500] if value.strip() else ""
    if name in (TIMEOUT_ERROR, "KeyboardInterrupt"):  # the second is how a kernel is interrupted
        return "This test ran too long and was stopped. Is there a loop that never ends?"
    if name == "NotImplementedError":
        return "Not written yet."
    if name in ("AssertionError", "NotRun") and first:
        return first
    if name == "NameError" and first:
        return f"{first[0].upper()}{first[1:]}. Did the cell that defines it run without an error?"
    return f"{name}: {first}" if first else name
