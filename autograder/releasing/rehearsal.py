"""Run test cells on functions of our own, in this process, and read the points off.

For the answer keys' catalogues: hundreds of trusted functions, each put in place of one that
the reference notebook defines. Points are read as nbgrader reads them: an error gives none, a
number as last expression is that many, anything else gives all.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode

from autograder import derivation, gradcheck
from autograder.exam.calls import quietly
from autograder.problem_sets.key import Answer
from autograder.problem_sets.notebooks import Exercise, grade_id, is_automatic, points
from autograder.problem_sets.waivers import Waiver, waiving


@dataclass(frozen=True)
class Outcome:
    """What one test cell gave."""

    grade_id: str
    score: float
    max_score: float
    error: str = ""

    @property
    def lost(self) -> bool:
        """Whether it took points, or would have, if the test had any."""
        return self.score < self.max_score or bool(self.error)


@contextlib.contextmanager
def _student_imports() -> Iterator[None]:
    """Let `from gradcheck import ...` find the harness, as it does in a student's folder."""
    harness = {"gradcheck": gradcheck, "derivation": derivation}
    before = {name: sys.modules.get(name) for name in harness}
    sys.modules.update(harness)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def reference_namespace(exercise: Exercise) -> dict[str, object]:
    """The names a finished notebook defines: its locked set-up and its solution cells."""
    namespace: dict[str, object] = {"__name__": "notebook", "display": lambda *_, **__: None}
    written: list[str] = []
    with _student_imports(), quietly():
        for cell in exercise.notebook.cells:
            if cell.cell_type == "code" and (name := grade_id(cell)) and not is_automatic(cell):
                exec(compile(cell.source, name, "exec"), namespace)
                written += [cell.source]
    for value in namespace.values():
        if inspect.isfunction(value) and value.__module__ == "notebook":
            vars(value)["sources"] = tuple(written)  # where hidden tests find a student's code
    return namespace


def run_tests(exercise: Exercise, namespace: dict[str, object]) -> list[Outcome]:
    """Every test cell of the exercise on the functions in `namespace`."""
    with _student_imports(), quietly():
        return [run_test(cell, dict(namespace)) for cell in exercise.automatic_cells]


def score_with(
    exercise: Exercise,
    namespace: dict[str, object],
    name: str,
    answer: Answer,
    waivers: Iterable[Waiver] = (),
) -> Iterator[Outcome]:
    """The test cells that mention the function called `name`, one by one, with `answer` in its place.

    Those with points come first: they tell soonest. These checks count as passed.
    """
    cells = [cell for cell in exercise.automatic_cells if name in cell.source]
    for cell in sorted(cells, key=points, reverse=True):
        with _student_imports(), quietly(), waiving(waivers):
            outcome = run_test(cell, {**namespace, name: answer})
        yield outcome


def run_test(cell: NotebookNode, namespace: dict[str, object]) -> Outcome:
    """One test cell in `namespace`."""
    name, full = str(grade_id(cell)), points(cell)
    tree = ast.parse(cell.source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    try:
        exec(compile(tree, name, "exec"), namespace)
        value = eval(compile(ast.Expression(last.value), name, "eval"), namespace) if last else None
    except Exception as error:
        return Outcome(name, 0.0, full, f"{type(error).__name__}: {error}")
    try:
        return Outcome(name, float(repr(value)), full)
    except ValueError:
        return Outcome(name, full, full)
