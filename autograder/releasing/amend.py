"""What became different since students got a problem set, cell by cell, and what follows from it.

Compared are the record of the last release and what would be released now. Of hidden tests and marking
schemes it is said that they changed, never how.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from autograder.course import Course
from autograder.errors import CourseError
from autograder.grading import records
from autograder.grading.classroom import students
from autograder.problem_sets.notebooks import ProblemSet, read_problem_set
from autograder.releasing.package import START, NotebookRecord, Package, Version, pack, read_releases
from autograder.running.outputs import Status


class What(StrEnum):
    """What happened to a cell, a notebook or a file."""

    ADDED = "added"
    REMOVED = "removed"
    TEXT = "text changed"
    KIND = "another kind of cell"
    POINTS = "points changed"
    HIDDEN = "hidden part changed"
    KEY = "answer key changed"
    ORDER = "cells in another order"


class Cause(StrEnum):
    """Why work that was handed in has to be graded again."""

    TEST = "test"
    KEY = "answer key"
    POINTS = "points"
    CELLS = "locked or asked-for cells"
    FILE = "file beside the notebooks"


@dataclass(frozen=True)
class Change:
    """One difference. `cell` is empty where it is of a whole notebook, `notebook` where it is of a file.

    `kind`, `section` and `about` are those of the cell: see CellRecord. `before` and `now` are points.
    """

    what: What
    notebook: str = ""
    cell: str = ""
    kind: str = ""
    section: str = ""
    about: str = ""
    before: float = 0.0
    now: float = 0.0
    file: str = ""

    @property
    def causes(self) -> frozenset[Cause]:
        """Why automatic points may be others because of it; empty when they stay."""
        found = set()
        if self.file and self.file != START:
            found.add(Cause.FILE)
        if self.what is What.KEY:
            found.add(Cause.KEY)
        if self.before != self.now and self.kind != "task":
            found.add(Cause.POINTS)
        judges = self.kind == "hidden test" or (self.kind == "test" and self.before + self.now > 0)
        if judges and self.what is not What.POINTS:
            found.add(Cause.TEST)
        if self.kind == "locked" or (
            self.kind == "solution" and self.what in (What.ADDED, What.REMOVED, What.KIND)
        ):
            found.add(Cause.CELLS)
        return frozenset(found)

    @property
    def to_read_again(self) -> bool:
        """Whether marks given by hand rest on what was different."""
        return self.kind == "task" and bool(self.cell)


@dataclass(frozen=True)
class Amendment:
    """What a problem set would be released as, and how that differs from `last`, what students have.

    Without `last` it is the first release. `package` is that of the last version when nothing changed.
    """

    package: Package
    last: Version | None
    changes: tuple[Change, ...]

    @property
    def is_new(self) -> bool:
        """Whether it would be a version of its own."""
        return self.last is None or self.package.version.number > self.last.number


@dataclass(frozen=True)
class Regrade:
    """A notebook whose submissions have to be graded again, why, and who handed it in."""

    notebook: str
    causes: tuple[Cause, ...]
    by_hand: tuple[str, ...]
    students: tuple[str, ...]


def prepare(course: Course, name: str, due: str = "") -> Amendment:
    """The next release of a problem set, and what is different in it. Writes nothing.

    due is the moment it is due, in words. Raises CourseError when the record of releases is damaged,
    AssignmentError or ContentError when the problem set cannot be released.
    """
    problem_set = read_problem_set(course.source, name)
    versions = read_releases(course, name)
    if not versions:
        return Amendment(pack(course, problem_set, due=due), None, ())
    last = versions[-1]
    same = pack(course, problem_set, last.number, due, last.changes)
    if same.version == last:
        return Amendment(same, last, ())
    changes = tuple(compare(last, same.version))
    if not changes and due == last.due:
        changes = (Change(What.TEXT, file=START),)  # all that is left of an archive
    said = tuple(for_students(changes, last.due, due))
    return Amendment(pack(course, problem_set, last.number + 1, due, said), last, changes)


def compare(old: Version, new: Version) -> Iterator[Change]:
    """Every difference between two versions, file by file, notebook by notebook and cell by cell."""
    for name in sorted(old.files.keys() | new.files.keys()):
        if name not in new.files or name not in old.files:
            yield Change(What.REMOVED if name in old.files else What.ADDED, file=name)
        elif old.files[name] != new.files[name]:
            yield Change(What.TEXT, file=name)
    before = {notebook.name: notebook for notebook in old.notebooks}
    now = {notebook.name: notebook for notebook in new.notebooks}
    for name in sorted(before.keys() | now.keys()):
        if name in before and name in now:
            yield from _within(before[name], now[name])
        else:
            yield Change(What.REMOVED if name in before else What.ADDED, name)


def _within(old: NotebookRecord, new: NotebookRecord) -> Iterator[Change]:
    before, now = ({cell.id: cell for cell in notebook.cells} for notebook in (old, new))
    for cell in old.cells:
        if cell.id not in now:
            place = (new.name, cell.id, cell.kind, cell.section, cell.about)
            yield Change(What.REMOVED, *place, cell.points, 0.0)
    for cell in new.cells:
        place = (new.name, cell.id, cell.kind, cell.section, cell.about)
        known = before.get(cell.id)
        if known is None:
            yield Change(What.ADDED, *place, 0.0, cell.points)
            continue
        if known.kind != cell.kind:
            yield Change(What.KIND, *place, known.points, cell.points)
        elif known.points != cell.points:
            yield Change(What.POINTS, *place, known.points, cell.points)
        if known.shown != cell.shown:
            yield Change(What.TEXT, *place, known.points, cell.points)
        if known.hidden != cell.hidden:
            yield Change(What.HIDDEN, *place, known.points, cell.points)
    if old.key != new.key:
        yield Change(What.KEY, new.name)
    kept = [[cell.id for cell in one.cells if cell.id in other] for one, other in ((old, now), (new, before))]
    if kept[0] != kept[1]:
        yield Change(What.ORDER, new.name)


# ------------------------------------------------------------------ who is concerned


def to_grade_again(
    course: Course, problem_set: ProblemSet, changes: tuple[Change, ...]
) -> tuple[Regrade, ...]:
    """The notebooks whose grades may be others now, in order, with the students who handed them in.

    Who handed in what is known from the records of grading; of who was never graded, the folder counts
    for each notebook.
    """
    graded = {record.student: record for record in records.load_all(course, problem_set.name)}
    everyone = sorted({*graded, *students(course, problem_set.name)})
    of_files = frozenset[Cause]().union(*(change.causes for change in changes if change.file))
    found = []
    for exercise in problem_set.exercises:
        mine = [change for change in changes if change.notebook == exercise.name]
        causes = of_files.union(*(change.causes for change in mine))
        by_hand = tuple(dict.fromkeys(change.cell for change in mine if change.to_read_again))
        if causes or by_hand:
            missing = {
                student
                for student, record in graded.items()
                for notebook in record.notebooks
                if notebook.notebook == exercise.name and notebook.status is Status.MISSING
            }
            handed_in = tuple(student for student in everyone if student not in missing)
            ordered = tuple(cause for cause in Cause if cause in causes)
            found.append(Regrade(exercise.name, ordered, by_hand, handed_in))
    return tuple(found)


def is_worked_on(course: Course, name: str) -> bool:
    """Whether anybody's work on a problem set is here, so that the gradebook may hold it."""
    return bool(students(course, name) or records.load_all(course, name))


# ------------------------------------------------------------------ in words


def for_students(changes: tuple[Change, ...], due_before: str = "", due: str = "") -> Iterator[str]:
    """What became different, one line each, without what is for staff."""
    if due != due_before:
        yield f"It is due: {due}" if due else "It has no due date any more."
    lines = dict.fromkeys(line for change in changes for line in [_line(change)] if line)
    yield from lines


def _line(change: Change) -> str:
    if change.file:
        if change.file == START:
            return f"{START}: says it in other words."
        if change.what is What.TEXT:
            return f"{change.file}: changed. Put the new one beside your notebooks."
        return f"{change.file}: {change.what}."
    if not change.cell:
        return {
            What.ADDED: f"{change.notebook}: a new notebook.",
            What.REMOVED: f"{change.notebook}: is no longer asked for.",
            What.KEY: f"{change.notebook}: the tests that run after you hand in ask for something else.",
            What.ORDER: f"{change.notebook}: parts stand in another order.",
        }[change.what]
    place = f"{change.notebook}, {change.section or change.cell}"
    thing = _thing(change)
    worth = f", for {change.now:g} points" if change.now else ""
    return {
        What.ADDED: f"{place}: {thing} is new{worth}.",
        What.REMOVED: f"{place}: {thing} is gone{_lost(change)}.",
        What.TEXT: f"{place}: {thing} has another text.",
        What.KIND: f"{place}: {thing} takes the place of another part{worth}.",
        What.POINTS: f"{place}: {thing} gives {change.now:g} points, before {change.before:g}.",
        What.HIDDEN: f"{place}: {thing} changed."
        if change.kind != "task"
        else f"{place}: the task is marked in another way.",
    }[change.what]


def _lost(change: Change) -> str:
    return f", and its {change.before:g} points with it" if change.before else ""


def _thing(change: Change) -> str:
    of = f" of {change.about}" if change.about else ""
    return {
        "test": f"the test{of} that you see",
        "hidden test": f"the test{of} that runs after you hand in",
        "solution": f"the function {change.about}" if change.about else "an answer of yours",
        "task": "the task",
        "locked": "a cell that you cannot edit",
        "code": "a cell of code",
        "text": "a paragraph",
    }[change.kind]


def letter(amendment: Amendment) -> str:
    """What goes to students with a new version, as it can be sent. Raises CourseError at a first one."""
    if amendment.last is None:
        raise CourseError("Nothing was released before, so there is nothing to tell students about it.")
    name, version = amendment.package.problem_set, amendment.package.version
    asked = any(
        change.what is What.ADDED
        and (change.kind in ("solution", "task") or not (change.cell or change.file))
        for change in amendment.changes
    )
    again = any(change.causes or change.to_read_again for change in amendment.changes)
    lines = [
        f"{name} has a new version, {version.number}: {amendment.package.name}.zip.",
        "",
        f"What is different from version {amendment.last.number}:",
        *(f"- {line}" for line in version.changes),
        "",
        "What to do:",
        f"- If you have not begun, use version {version.number}.",
        f"- If you have begun, go on in your own notebooks. The archive unpacks into a folder of its own, "
        f"{amendment.package.name}. Do not copy its notebooks over yours.",
    ]
    if asked:
        lines.append(
            "- Something new is asked for. Copy those cells into your notebook, or your answers into the new "
            "notebook. If you handed in before, hand in again."
        )
    elif again:
        lines.append(
            "- If you have handed in, you need not do so again. Your work is graded by the new version."
        )
    else:
        lines.append("- If you have handed in, nothing changes for you.")
    return "\n".join(lines) + "\n"
