"""What belongs together in a notebook: a function, its tests, the section that explains it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode

from autograder.problem_sets.notebooks import Exercise, grade_id, is_automatic, is_solution, is_task
from autograder.problem_sets.regions import staff_lines, without_region


@dataclass(frozen=True)
class Question:
    """One thing a student writes, by the id of its cell: a function with its tests, or a task.

    `section` is the nearest heading above it. `tests` are ids of test cells; a task has none.
    """

    id: str
    title: str
    section: str
    tests: tuple[str, ...]
    by_hand: bool = False


@dataclass(frozen=True)
class Outline:
    """A notebook's title and questions, in order, the ids of hidden tests, and the lines for staff alone."""

    title: str
    questions: tuple[Question, ...]
    hidden: frozenset[str]
    issued: dict[str, str]
    secrets: frozenset[str]


def outline(exercise: Exercise) -> Outline:
    """The outline of an exercise's source notebook."""
    cells = exercise.notebook.cells
    headings = list(_headings("".join(cells[0].source))) if cells else []
    return Outline(
        headings[0] if headings else exercise.name,
        tuple(_questions(exercise)),
        frozenset(str(grade_id(cell)) for cell in exercise.automatic_cells if _is_hidden(cell.source)),
        {cell.id: cell.source for cell in cells},
        frozenset(staff_lines(exercise.notebook)),
    )


def _questions(exercise: Exercise) -> Iterator[Question]:
    section, solution, place = "", "", ""
    tests: list[str] = []

    def finished() -> Iterator[Question]:
        if solution or tests:
            name = solution or tests[0]
            yield Question(name, _title(exercise, name), place, tuple(tests))

    for cell in exercise.notebook.cells:
        section = next(reversed(list(_headings(cell.source))), section) if is_text(cell) else section
        name = str(grade_id(cell))
        if is_task(cell):
            yield from finished()
            solution, tests = "", []
            yield Question(name, name.replace("-", " "), section, (), by_hand=True)
        elif is_solution(cell) and not is_text(cell):
            yield from finished()
            solution, tests, place = name, [], section
        elif is_automatic(cell):
            place = place if solution or tests else section
            tests.append(name)
    yield from finished()


def sections(notebook: NotebookNode) -> dict[str, str]:
    """The heading that each cell stands under, by the cell's id: its own, if it has one."""
    placed, section = {}, ""
    for cell in notebook.cells:
        section = next(reversed(list(_headings(cell.source))), section) if is_text(cell) else section
        placed[str(cell.id)] = section
    return placed


def _is_hidden(source: str) -> bool:
    return without_region(source, "HIDDEN TESTS") != source


def is_text(cell: NotebookNode) -> bool:
    return bool(cell.cell_type == "markdown")


def has_heading(cell: NotebookNode) -> bool:
    return is_text(cell) and any(_headings(cell.source))


def _headings(source: str) -> Iterator[str]:
    for line in without_region(source, "MARK SCHEME").splitlines():
        if line.startswith("#") and line.lstrip("#").startswith(" "):
            yield line.lstrip("# ").strip()


def _title(exercise: Exercise, name: str) -> str:
    """The function a solution cell is for, as it is called; else the cell's id in words."""
    function = name.replace("-", "_")
    return function if function in exercise.key.questions else name.replace("-", " ")
