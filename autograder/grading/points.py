"""What an executed test cell earned, and what it says of why: where points and verdicts are read off."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import msgspec
from nbformat.notebooknode import NotebookNode

from autograder.exam.examine import MARKS_MIME, Marks, Outcome, Verdict
from autograder.exam.explain import Explanation
from autograder.problem_sets.notebooks import grade_id, points
from autograder.running.outputs import NOT_REACHED, NOT_RUN, TIMEOUT_ERROR

STOPPED = (TIMEOUT_ERROR, "KeyboardInterrupt", NOT_RUN)  # the second is how a kernel is interrupted


@dataclass(frozen=True)
class CellGrade:
    """One automatically graded cell: its points, how it came out, and what was found.

    `finding` says what was wrong, if anything; at full points it may hold a remark, such as that a formula
    was asked for. A visible test has no points, and its finding is all it gives. A hidden test also has the
    function it judged, a verdict a check, an explanation if there is one, and else the function's
    behaviour: see exam/examine.py.
    """

    grade_id: str
    score: float
    max_score: float
    finding: str
    outcome: Outcome
    function: str = ""
    verdicts: tuple[Verdict, ...] = ()
    explanation: Explanation | None = None
    behaviour: str = ""


def cell_grade(cell: NotebookNode) -> CellGrade:
    """What an executed test cell earned, and what it says went wrong."""
    name, full = str(grade_id(cell)), points(cell)
    if cell.execution_count is None and not cell.outputs:  # never ran: stock nbgrader gives full points
        return CellGrade(name, 0.0, full, "This test was not reached.", Outcome.NOT_REACHED)
    score, marks = read_score(cell), _marks(cell)
    right = score >= full and not went_wrong(cell)  # a test that only advises has no points to lose
    if marks is None:
        outcome, finding = (Outcome.PASSED, "") if right else _of_outputs(cell)
        return CellGrade(name, score, full, finding, outcome)
    failed = {v.outcome for v in marks.verdicts if not v.passed} - {Outcome.NOT_JUDGED}
    outcome = Outcome.PASSED if right else failed.pop() if len(failed) == 1 else Outcome.WRONG
    verdicts, told = marks.verdicts, marks.explanation
    return CellGrade(
        name, score, full, marks.sentence, outcome, marks.function, verdicts, told, marks.behaviour
    )


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


def _marks(cell: NotebookNode) -> Marks | None:
    """What `examine` found, when the cell ended with that."""
    for output in cell.outputs:
        if output.output_type == "error":
            return None
        if (data := output.get("data", {}).get(MARKS_MIME)) is not None:
            with contextlib.suppress(msgspec.ValidationError):
                return msgspec.convert(data, Marks)
    return None


def _of_outputs(cell: NotebookNode) -> tuple[Outcome, str]:
    """How a test came out that gave less than its points, and what it says, in a student's words."""
    for output in cell.outputs:
        if output.output_type == "error":
            return _of_an_error(output.get("ename", ""), output.get("evalue", ""))
        if MARKS_MIME in output.get("data", {}):
            return Outcome.WRONG, "Part of the checks did not pass."  # written by another version
    return Outcome.ERROR, "This test printed a warning or an error."


def _of_an_error(name: str, value: str) -> tuple[Outcome, str]:
    first = value.strip().splitlines()[0][:500] if value.strip() else ""
    if name == NOT_REACHED:
        return Outcome.NOT_REACHED, first
    if name in STOPPED:
        too_long = "This test ran too long and was stopped. Is there a loop that never ends?"
        return Outcome.STOPPED, first if name == NOT_RUN and first else too_long
    if name == "NotImplementedError":
        return Outcome.NOT_WRITTEN, "Not written yet."
    if name == "AssertionError" and first:
        return Outcome.WRONG, first
    if name == "NameError" and first:
        return (
            Outcome.ERROR,
            f"{first[0].upper()}{first[1:]}. Is it misspelt, or did its cell end in an error?",
        )
    return Outcome.ERROR, f"{name}: {first}" if first else name
