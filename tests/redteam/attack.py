"""What an attack is, and how one becomes a submission.

Every module here called forge_*, steal_* or break_* is one attack. Its docstring says how it works
and what it would earn from stock nbgrader; its names, all optional, say what is handed in:

    CELLS              source by solution function, or by one of the two places below
    change(notebook)   alters the notebook after that
    hand_in(folder)    alters the submission's folder after that, for attacks made of files
    NOTEBOOK, ALSO     the notebook it attacks, and others of the set that get the same free cells
    STUDENT            the folder's name, where that is the attack
    HONEST             the most points its honest code would earn
    WINS_UNDER_STOCK   whether stock nbgrader gives it more than that

A solution cell it does not mention holds a wrong answer. Free cells, with their figures, are left out.
In sources, @COURSE@ stands for the course's folder and @PORT@ for a port of this machine on which
somebody listens: an attacker may know both.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from autograder.course import Course
from autograder.problem_sets.notebooks import ProblemSet, grade_id, is_solution, read_notebook, to_text
from autograder.running.names import names_bound

FIRST_CELL, LAST_CELL = "extra first cell", "extra last cell"
CANARY = "CANARY-41c7"  # stands where no student may read; no attack's source holds it
STOLEN = "STOLEN"  # what an attack prints when it got through to something else


@dataclass(frozen=True)
class Attack:
    """One hostile submission."""

    name: str
    story: str
    cells: Mapping[str, str] = field(default_factory=dict)
    change: Callable[[NotebookNode], None] | None = None
    hand_in: Callable[[Path], None] | None = None
    notebook: str = "01_squared_norm"
    also: tuple[str, ...] = ()
    student: str = ""
    honest: float = 0.0
    wins_under_stock: bool = False

    def write(self, course: Course, problem_set: ProblemSet, port: int) -> Path:
        """Write the submission into the course; returns its folder."""
        folder = course.submitted / self.student / problem_set.name
        folder.mkdir(parents=True)
        for name in (self.notebook, *self.also):
            notebook = read_notebook(course.release / problem_set.name / f"{name}.ipynb")
            notebook.cells = [c for c in notebook.cells if c.cell_type != "code" or grade_id(c)]
            for cell in [cell for cell in notebook.cells if is_solution(cell)]:
                (function,) = names_bound([cell.source])
                wrong = f"def {function}(*arguments):\n    return 0.5"
                cell.source = self._filled(function, wrong, course, port)
            if FIRST_CELL in self.cells:
                notebook.cells.insert(0, new_code_cell(self._filled(FIRST_CELL, "", course, port)))
            if LAST_CELL in self.cells:
                notebook.cells.append(new_code_cell(self._filled(LAST_CELL, "", course, port)))
            if self.change is not None:
                self.change(notebook)
            (folder / f"{name}.ipynb").write_text(to_text(notebook), encoding="utf-8")
        if self.hand_in is not None:
            self.hand_in(folder)
        return folder

    def _filled(self, place: str, otherwise: str, course: Course, port: int) -> str:
        source = self.cells.get(place, otherwise).strip("\n")
        return source.replace("@COURSE@", str(course.root)).replace("@PORT@", str(port))


def load_attacks() -> list[Attack]:
    """Every attack beside this file, in alphabetical order."""
    package = importlib.import_module(__package__)
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return [_load(name) for name in names if name.partition("_")[0] in ("forge", "steal", "break")]


def _load(name: str) -> Attack:
    module = importlib.import_module(f"{__package__}.{name}")
    given = vars(module)
    known = {"CELLS", "HONEST", "NOTEBOOK", "ALSO", "STUDENT", "WINS_UNDER_STOCK"}
    assert {n for n in given if n.isupper()} <= known, f"{name} sets a name that means nothing"
    return Attack(
        name=name,
        story=(module.__doc__ or "").strip(),
        cells=given.get("CELLS", {}),
        change=given.get("change"),
        hand_in=given.get("hand_in"),
        notebook=given.get("NOTEBOOK", "01_squared_norm"),
        also=given.get("ALSO", ()),
        student=given.get("STUDENT", name),
        honest=given.get("HONEST", 0.0),
        wins_under_stock=given.get("WINS_UNDER_STOCK", False),
    )
