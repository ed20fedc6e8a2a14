"""Which file of a submission is an exercise's notebook: students rename, copy, nest and damage them.

The file with the issued name is meant, unless it holds no work and another one does. Cells tell
which notebook another file is, whatever its name.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from autograder.files import plain_files
from autograder.problem_sets.json_text import count_values
from autograder.problem_sets.notebooks import (
    AssignmentError,
    Exercise,
    ProblemSet,
    grade_id,
    is_solution,
    plain_text,
    read_notebook,
)
from autograder.problem_sets.submitted import read_submitted

MAX_OTHERS = 20  # notebooks under other names that are looked into
MAX_OTHER_BYTES, MAX_OTHER_VALUES = 20_000_000, 1_000_000  # of all these together

Work = tuple[str, ...]  # what stands in the cells a student is to fill in


@dataclass(frozen=True)
class HandedIn:
    """The file that is an exercise's notebook; `remark` tells its student what was odd, if anything."""

    path: Path
    notebook: NotebookNode
    remark: str = ""


class Missing(Exception):
    """Nothing of the exercise was handed in, in one sentence."""


class Files:
    """The notebook files of one submission's folder: each is read once, whichever exercise asks.

    Of those under other names no more are read than there is room for, the nearest first.
    """

    def __init__(self, problem_set: ProblemSet, folder: Path):
        self.problem_set, self.folder = problem_set, folder
        self._issued: dict[Path, NotebookNode | AssignmentError] = {}

    def read(self, path: Path) -> NotebookNode:
        """A file with an issued name. Raises AssignmentError."""
        if path not in self._issued:
            try:
                self._issued[path] = _read(path)
            except AssignmentError as error:
                self._issued[path] = error
        found = self._issued[path]
        if isinstance(found, AssignmentError):
            raise found
        return found

    @functools.cached_property
    def others(self) -> list[tuple[Path, NotebookNode]]:
        """The readable notebooks under other names."""
        found, values = [], MAX_OTHER_VALUES
        for path in other_notebooks(self.problem_set, self.folder):
            with contextlib.suppress(AssignmentError, ValueError):
                values -= count_values(path.read_text(encoding="utf-8", errors="replace"), values)
                found.append((path, _read(path)))
        return found


def other_notebooks(problem_set: ProblemSet, folder: Path) -> Iterator[Path]:
    """The notebooks under other names that are looked into: those that there is room for."""
    room = MAX_OTHER_BYTES
    for path in itertools.islice(_candidates(problem_set, folder), MAX_OTHERS):
        size = path.stat().st_size
        if size <= room:
            room -= size
            yield path


def find(
    problem_set: ProblemSet, exercise: Exercise, folder: Path, released: Path, files: Files | None = None
) -> HandedIn:
    """The notebook of one exercise in a submission's folder; `released` is the problem set as issued.

    `files` are those of the folder, to be read once for all exercises. Raises Missing, or
    AssignmentError when what was handed in cannot be read.
    """
    if folder.is_symlink():
        raise AssignmentError(f"{folder.name} is a link to another folder.")
    files = files or Files(problem_set, folder)
    issued = folder / exercise.path.name
    found, problem = None, None
    if issued.exists() or issued.is_symlink():
        try:
            found = files.read(issued)
        except AssignmentError as error:
            problem = error
    others = list(_others(exercise, files))
    if others:
        return _of_several(exercise, folder, found, problem, others, _untouched(exercise, released))
    if found:
        return HandedIn(issued, found)
    raise problem or Missing(f"{issued.name} was not handed in.")


def _of_several(
    exercise: Exercise,
    folder: Path,
    found: NotebookNode | None,
    problem: AssignmentError | None,
    others: list[tuple[Path, NotebookNode]],
    untouched: Work | None,
) -> HandedIn:
    name = exercise.path.name
    work = _work(exercise, found) if found else untouched
    different: dict[Work, HandedIn] = {}
    for path, notebook in others:
        different.setdefault(_work(exercise, notebook), HandedIn(path, notebook))
    meant = [other for done, other in different.items() if done not in (work, untouched)]
    names = " and ".join(_shown(other.path, folder) for other in meant)
    if len(meant) == 1 and work == untouched:
        why = problem or (f"{name} holds no work." if found else f"There is no {name}.")
        return replace(meant[0], remark=f"{why} {names} was graded, whose cells are the same.")
    if found:
        remark = f"Only {name} was graded, though {names} has its cells too." if meant else ""
        return HandedIn(folder / name, found, remark)
    if problem:
        raise problem
    if meant:
        raise Missing(f"{name} was not handed in, and {names} look like it.")
    path, notebook = others[0]  # all of them as they were issued
    why = f"There is no {name}. {_shown(path, folder)} was graded, whose cells are the same."
    return HandedIn(path, notebook, why)


def _shown(path: Path, folder: Path) -> str:
    return plain_text(str(path.relative_to(folder)))


def _untouched(exercise: Exercise, released: Path) -> Work | None:
    try:
        return _work(exercise, read_notebook(released / exercise.path.name))
    except AssignmentError:  # not built here: then no notebook is known to hold no work
        return None


def _read(path: Path) -> NotebookNode:
    if path.is_symlink() or not path.is_file():
        raise AssignmentError(f"{path.name} is not a plain file.")
    return read_submitted(path)


def _work(exercise: Exercise, notebook: NotebookNode) -> Work:
    asked = {grade_id(cell) for cell in exercise.notebook.cells if is_solution(cell)}
    return tuple(cell.source.strip() for cell in notebook.cells if {grade_id(cell), cell.id} & asked)


def _others(exercise: Exercise, files: Files) -> Iterator[tuple[Path, NotebookNode]]:
    """Notebooks under other names that hold this exercise's cells, and more of them than any other's."""
    for path, notebook in files.others:
        cells = {grade_id(cell) or cell.id for cell in notebook.cells}
        shared = {other.name: len(cells & _issued_names(other)) for other in files.problem_set.exercises}
        most = max(shared.values())
        of_most = [name for name, count in shared.items() if count == most]
        if of_most == [exercise.name] and most * 2 > len(_issued_names(exercise)):
            yield path, notebook


def _candidates(problem_set: ProblemSet, folder: Path) -> list[Path]:
    """Notebooks with names that nobody issued, and those in folders inside the folder."""
    issued = {notebook.path.name for notebook in problem_set.notebooks}
    found = []
    for path in plain_files(folder, depth=1):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        if path.suffix.lower() == ".ipynb" and not hidden and (len(parts) > 1 or path.name not in issued):
            found.append((len(parts), path))
    return [path for _, path in sorted(found)]


def _issued_names(exercise: Exercise) -> set[str]:
    return {name for cell in exercise.notebook.cells if (name := grade_id(cell))}
