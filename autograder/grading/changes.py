"""What a new grading changes: who gains and who loses, by which check, and why they were graded again.

A record is compared with the one before. Points are those of the tests, before any penalty; where a person
has given another mark, that one stands, and nobody gains or loses.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from autograder.exam.examine import Outcome
from autograder.grading.gradebook import NotebookMarks
from autograder.grading.points import CellGrade
from autograder.grading.submission import NotebookGrade, Part, SubmissionGrade
from autograder.running.outputs import Status

UNKNOWN = "unknown"  # the record of before does not say what it was made of
RUN_AGAIN = "run again"  # nothing has changed: somebody asked for it, or the gradebook lacked it
LIMIT_MET = "a limit was met"  # in one of the two runs
CLOSE = 1e-9  # points: sums of the same numbers in another order

Marks = Mapping[str, Mapping[str, NotebookMarks]]  # by student and notebook


@dataclass(frozen=True)
class CheckChange:
    """One check that came out another way; of the whole test, when it has none in both runs.

    `function` is the test cell's id where the test judges no function. `by_hand` says that a person has
    marked this test, so that it changes no points.
    """

    function: str
    check: str
    before: Outcome
    after: Outcome
    by_hand: bool = False


@dataclass(frozen=True)
class Change:
    """One notebook of one student whose tests give other points; what counts goes from `before` to `after`.

    `because` is what has changed since: names of `Part`, or one of the words above.
    """

    student: str
    notebook: str
    before: float
    after: float
    checks: tuple[CheckChange, ...]
    because: tuple[str, ...]

    @property
    def gained(self) -> float:
        return self.after - self.before


@dataclass(frozen=True)
class Changes:
    """All that a grading changed.

    `equal` submissions were graded again and have the same points; `new` for the first time. `because`
    counts, by cause, the submissions that were graded again.
    """

    changed: tuple[Change, ...] = ()
    equal: int = 0
    new: int = 0
    because: tuple[tuple[str, int], ...] = ()

    @property
    def gaining(self) -> int:
        """How many students have more points than before."""
        return sum(total > CLOSE for total in self._totals().values())

    @property
    def losing(self) -> int:
        return sum(total < -CLOSE for total in self._totals().values())

    def _totals(self) -> Mapping[str, float]:
        totals: dict[str, float] = defaultdict(float)
        for change in self.changed:
            totals[change.student] += change.gained
        return totals


NO_CHANGES = Changes()


def compare(pairs: Iterable[tuple[SubmissionGrade | None, SubmissionGrade]], marks: Marks) -> Changes:
    """What has changed between the records of before, if there are any, and those of now."""
    found: list[Change] = []
    equal, new = 0, 0
    because: Counter[str] = Counter()
    for before, after in pairs:
        if before is None:
            new += 1
            continue
        causes = _causes(before, after)
        because.update(causes)
        own = list(_of_submission(before, after, causes, marks.get(after.student, {})))
        found += own
        equal += not own
    return Changes(tuple(found), equal, new, tuple(because.most_common()))


def _causes(before: SubmissionGrade, after: SubmissionGrade) -> tuple[str, ...]:
    if not before.parts:
        return (UNKNOWN,)
    changed = tuple(str(part) for part in Part if before.parts.get(part) != after.parts.get(part))
    return changed or (RUN_AGAIN,)


def _of_submission(
    before: SubmissionGrade,
    after: SubmissionGrade,
    causes: tuple[str, ...],
    marks: Mapping[str, NotebookMarks],
) -> Iterator[Change]:
    old = {notebook.notebook: notebook for notebook in before.notebooks}
    for notebook in after.notebooks:
        was = old.pop(notebook.notebook, None)
        yield from _of_notebook(after.student, was, notebook, causes, marks.get(notebook.notebook))
    for gone in old.values():
        yield Change(after.student, gone.notebook, gone.score, 0.0, (), causes)


def _of_notebook(
    student: str,
    before: NotebookGrade | None,
    after: NotebookGrade,
    causes: tuple[str, ...],
    marks: NotebookMarks | None,
) -> Iterator[Change]:
    old = {cell.grade_id: cell for cell in before.cells} if before else {}
    new = {cell.grade_id: cell for cell in after.cells}
    given = {name: float(marks.scores[name] or 0.0) for name in marks.automatic} if marks else {}
    differing = [name for name in old if name in new and abs(old[name].score - new[name].score) > CLOSE]
    if before is not None and set(old) == set(new) and not differing:
        return
    checks = (check for name in differing for check in _of_test(old[name], new[name], name in given))
    if any(run is not None and run.status in (Status.TIMED_OUT, Status.CRASHED) for run in (before, after)):
        causes = (*(cause for cause in causes if cause != RUN_AGAIN), LIMIT_MET)
    was, now = (
        math.fsum(given.get(name, cell.score) for name, cell in cells.items()) for cells in (old, new)
    )
    yield Change(student, after.notebook, was, now, tuple(checks), causes)


def _of_test(before: CellGrade, after: CellGrade, by_hand: bool) -> Iterator[CheckChange]:
    function = after.function or before.function or after.grade_id
    was = {verdict.check: verdict for verdict in before.verdicts}
    both = [(was[v.check], v) for v in after.verdicts if v.check in was]
    turned = [(one, other) for one, other in both if one.passed != other.passed]
    for one, other in turned:
        yield CheckChange(function, one.check, one.outcome, other.outcome, by_hand)
    if not turned:
        yield CheckChange(function, "", before.outcome, after.outcome, by_hand)
