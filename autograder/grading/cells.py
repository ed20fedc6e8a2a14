"""Cells that came to a problem set, or went, after students' work on it was entered.

nbgrader refuses such a change. Here, rows for what is new are added to each submission, and rows of what
is gone are taken out; every mark and comment of a cell that stays is left as it is. What a person gave to
a cell that is gone is never taken out unasked, and kept in a file before it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec
from nbformat.notebooknode import NotebookNode

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import write_whole
from autograder.problem_sets.notebooks import ProblemSet, grade_id, is_solution, is_task, metadata, points

Row = Any  # of nbgrader's database, or the Gradebook that gives them: a package without types
Part = tuple[
    str, str
]  # what nbgrader enters for a cell, and the cell's id: ("GradeCell", "squared-norm-test")


@dataclass(frozen=True)
class HandMark:
    """What a person gave to one cell of one student's work; None or empty where nothing was given."""

    assignment: str
    student: str
    notebook: str
    cell: str
    score: float | None
    extra_credit: float | None
    comment: str

    @property
    def words(self) -> str:
        """What was given, for staff."""
        said = [] if self.score is None else [f"{self.score:g} points"]
        said += [f"{self.extra_credit:g} points of extra credit"] if self.extra_credit else []
        said += [f"the comment {json.dumps(self.comment, ensure_ascii=False)}"] if self.comment else []
        return ", ".join(said)


def parts(notebook: NotebookNode) -> set[Part]:
    """What nbgrader enters for the cells of a source notebook."""
    found = set()
    for cell in notebook.cells:
        name = grade_id(cell)
        if name:
            found.add(("SourceCell", name))
            if metadata(cell).get("grade"):
                found.add(("GradeCell", name))
            if is_solution(cell):
                found.add(("SolutionCell", name))
            if is_task(cell):
                found.add(("TaskCell", name))
    return found


def entered_parts(notebook: Row) -> dict[Part, Row]:
    """What stands in the gradebook for the cells of a notebook."""
    rows = (*notebook.source_cells, *notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells)
    return {(type(row).__name__, row.name): row for row in rows}


def fit(course: Course, gradebook: Row, problem_set: ProblemSet, letting_go: bool) -> tuple[HandMark, ...]:
    """Make the cells in the gradebook those of the problem set, where work was entered; does not commit.

    Returns what people gave to cells that are gone, which is in the file of removed_path now. Raises
    CourseError when there is any and it may not go. Where no work was entered, nbgrader does it all.
    """
    by_name = {exercise.name: exercise for exercise in problem_set.exercises}
    gone: list[tuple[Row, Part, Row]] = []
    come: list[tuple[Row, NotebookNode, set[Part]]] = []
    for notebook in gradebook.find_assignment(problem_set.name).notebooks:
        exercise = by_name.get(notebook.name)
        if exercise is None or not notebook.submissions:
            continue
        wanted, entered = parts(exercise.notebook), entered_parts(notebook)
        gone += [(notebook, part, row) for part, row in entered.items() if part not in wanted]
        if fresh := wanted - entered.keys():
            come.append((notebook, exercise.notebook, fresh))
    given = tuple(mark for place in gone for mark in _given(problem_set.name, *place))
    if given and not letting_go:
        cells = sorted({f"{mark.cell} of {mark.notebook}" for mark in given})
        raise CourseError(
            f"{problem_set.name} no longer has {' and '.join(cells)}, where {len(given)} marks or comments "
            f"were given by hand. Put the cells back, or let `course release {problem_set.name} --amend` "
            "take them out and keep them in a file."
        )
    _keep(course, problem_set.name, given)
    for _, part, row in gone:
        _take_out(gradebook, part, row)
    gradebook.db.flush()
    for notebook, source, fresh in come:
        _add(gradebook, notebook, source, fresh)
    gradebook.db.flush()
    return given


def _given(assignment: str, notebook: Row, part: Part, row: Row) -> Iterator[HandMark]:
    """What people gave in one row that is gone, and its comment with it."""
    if part[0] == "SourceCell":
        return
    found: dict[str, list[Any]] = {}
    for grade in row.grades:
        if grade.manual_score is not None or grade.extra_credit:
            found.setdefault(grade.student.id, [None, None, ""])[:2] = grade.manual_score, grade.extra_credit
    for comment in row.comments:
        if comment.manual_comment:
            student = comment.notebook.student.id
            found.setdefault(student, [None, None, ""])[2] = comment.manual_comment
    for student, marks in sorted(found.items()):
        yield HandMark(assignment, student, notebook.name, part[1], *marks)


def _take_out(gradebook: Row, part: Part, row: Row) -> None:
    if part[0] != "SourceCell":
        for each in (*row.grades, *row.comments):
            gradebook.db.delete(each)
    gradebook.db.delete(row)


def _add(gradebook: Row, notebook: Row, source: NotebookNode, fresh: set[Part]) -> None:
    """Rows for new cells, and in each submission what nbgrader's `add_submission` makes for them."""
    from nbgrader import api

    for cell in source.cells:
        name = grade_id(cell)
        about = {"name": name, "notebook": notebook}
        worth = {"max_score": points(cell), "cell_type": cell.cell_type}
        made: list[Row] = []
        if ("SourceCell", name) in fresh:
            said = {"source": cell.source, "cell_type": cell.cell_type, "locked": not is_solution(cell)}
            gradebook.db.add(api.SourceCell(**about, **said))
        if ("GradeCell", name) in fresh:
            made.append(api.GradeCell(**about, **worth))
        if ("SolutionCell", name) in fresh:
            made.append(api.SolutionCell(**about))
        if ("TaskCell", name) in fresh:
            made.append(api.TaskCell(**about, **worth))
        for row in made:
            gradebook.db.add(row)
            gradebook.db.flush()  # it has an id from here on
            for submitted in notebook.submissions:
                if not isinstance(row, api.SolutionCell):
                    gradebook.db.add(api.Grade(cell_id=row.id, notebook=submitted))
                if not isinstance(row, api.GradeCell):
                    gradebook.db.add(api.Comment(cell_id=row.id, notebook=submitted))


# ------------------------------------------------------------------ what was taken out


def removed_path(course: Course, assignment: str) -> Path:
    """Where marks and comments are kept whose cells are gone."""
    return course.records / f"{assignment}-removed-marks.json"


def _keep(course: Course, assignment: str, given: tuple[HandMark, ...]) -> None:
    """Add to the file, before anything is taken out. Raises CourseError when the file is damaged."""
    if not given:
        return
    path = removed_path(course, assignment)
    try:
        before = msgspec.json.decode(path.read_bytes(), type=list[HandMark])
    except FileNotFoundError:
        before = []
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise CourseError(f"{path} is damaged; move it away, so that marks can be kept there.") from None
    rows = [asdict(mark) for mark in dict.fromkeys([*before, *given])]
    write_whole(path, json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


def cells_of(gradebook: Row, assignment: Row) -> list[Row]:
    """The cells of an assignment that nbgrader keeps scores or comments of, in one query."""
    from nbgrader.api import BaseCell, Notebook

    cells = gradebook.db.query(BaseCell).join(Notebook, BaseCell.notebook_id == Notebook.id)
    return list(cells.filter(Notebook.assignment_id == assignment.id))


def blank_entry(submission: Row, issued: Row, cells: Iterable[Row]) -> Row:
    """A notebook's rows in a submission, as nbgrader's `add_submission` makes them for these cells."""
    from nbgrader.api import Comment, Grade, GradeCell, SolutionCell, SubmittedNotebook, TaskCell

    entry = SubmittedNotebook(notebook=issued, assignment=submission)
    for cell in (cell for cell in cells if cell.notebook_id == issued.id):
        if isinstance(cell, (GradeCell, TaskCell)):
            Grade(cell_id=cell.id, notebook=entry)
        if isinstance(cell, (SolutionCell, TaskCell)):
            Comment(cell_id=cell.id, notebook=entry)
    return entry
