"""Make `release/` (for students) and `solutions/` (for staff) from `source/`.

The release is made by nbgrader's own preprocessors, in the order of its generate_assignment,
only without the gradebook: `course build` and the stock command write the same bytes.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode

from autograder import hosts
from autograder.course import Course
from autograder.errors import ContentError
from autograder.files import replace_folder, write_whole
from autograder.problem_sets.notebooks import (
    AssignmentError,
    ProblemSet,
    SourceNotebook,
    canonical,
    is_solution,
    read_notebook,
    read_problem_set,
    to_text,
)
from autograder.problem_sets.regions import markers, without_markers, without_region
from autograder.running.run import Runs, make_job
from autograder.running.workers import Workers

LAST_DIGITS = 1e-6  # relative: solutions made on another machine may differ by this much


@dataclass(frozen=True)
class Built:
    """What a build wrote, what it tidied, and how many worked solutions were still good."""

    problem_set: str
    tidied: tuple[str, ...]
    released: tuple[str, ...]
    solved: tuple[str, ...]
    kept: int


def build(course: Course, name: str) -> Built:
    """Tidy source/<name>, write release/<name> and solutions/<name>.

    Raises ContentError when nbgrader refuses a notebook or a solution does not run; then nothing has
    changed but the tidied sources. A worked solution that differs only in pixels and last digits stays.
    """
    tidied = tidy(read_problem_set(course.source, name))
    problem_set = read_problem_set(course.source, name)
    release = release_files(course, problem_set)
    solved, kept = {}, 0
    with Workers(sandboxed=False) as runner:
        for source in problem_set.notebooks:
            path = course.solutions / name / source.path.name
            made = worked_solution(runner, course, problem_set, source)
            if _is_still_good(path, made):
                solved[source.path.name] = path.read_bytes()
                kept += 1
            else:
                solved[source.path.name] = to_text(made).encode()
    for extra in problem_set.extra_files:
        solved[str(extra)] = (problem_set.directory / extra).read_bytes()
    replace_folder(course.release / name, release, public=True)
    replace_folder(course.solutions / name, solved)
    return Built(name, tidied, tuple(release), tuple(solved), kept)


def _is_still_good(path: Path, made: NotebookNode) -> bool:
    try:
        return same_solution(read_notebook(path), made)
    except AssignmentError:  # missing or damaged
        return False


def tidy(problem_set: ProblemSet) -> tuple[str, ...]:
    """Rewrite source notebooks that are not in canonical form; returns their names."""
    changed = []
    for source in problem_set.notebooks:
        text = to_text(canonical(source.notebook))
        if source.path.read_text(encoding="utf-8") != text:
            write_whole(source.path, text)
            changed.append(source.path.name)
    return tuple(changed)


def release_files(course: Course, problem_set: ProblemSet) -> dict[str, bytes]:
    """Every file of the release, by its path in the problem set's folder."""
    files = {}
    for source in problem_set.notebooks:
        try:
            files[source.path.name] = to_text(released(course, source.notebook)).encode()
        except ContentError as error:
            raise ContentError(f"{source.path.name}: {error}") from error
    files |= {str(extra): (problem_set.directory / extra).read_bytes() for extra in problem_set.extra_files}
    return dict(sorted(files.items()))


def released(course: Course, notebook: NotebookNode) -> NotebookNode:
    """The notebook as students get it."""
    notebook = copy.deepcopy(notebook)
    resources: dict[str, Any] = {}
    for step in hosts.release_chain():
        try:
            notebook, resources = hosts.preprocess(step, course.config, notebook, resources)
        except Exception as error:
            raise ContentError(f"nbgrader's {step.__name__} refuses it: {error}") from error
    return notebook


# ------------------------------------------------------------------ worked solutions


def worked_solution(
    runner: Runs, course: Course, problem_set: ProblemSet, source: SourceNotebook
) -> NotebookNode:
    """The source notebook, executed, without hidden tests and without nbgrader's markers.

    Marking schemes stay: `solutions/` is for staff. Raises ContentError when a cell fails.
    """
    executed = runner.run(make_job(course, problem_set, source, source.notebook))
    for cell in executed.notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error" or output.get("name") == "stderr":
                said = output.get("evalue") or output.get("text") or output.get("ename", "")
                raise ContentError(f"The solution of {cell.id} does not run cleanly: {said.strip()}")
    solved = executed.notebook
    solved.metadata = canonical(source.notebook).metadata
    for cell in solved.cells:
        hidden = markers(cell.source, "HIDDEN TESTS")
        cell.source = without_markers(without_region(cell.source, "HIDDEN TESTS")).strip("\n")
        cell.metadata.pop("nbgrader", None)
        cell.metadata.pop("execution", None)
        if hidden:
            cell.outputs = []
    return solved


def same_solution(one: NotebookNode, other: NotebookNode) -> bool:
    """Equal but for what running again may change: pixels and last digits."""
    return len(one.cells) == len(other.cells) and all(
        (a.id, a.cell_type, a.source, a.metadata) == (b.id, b.cell_type, b.source, b.metadata)
        and _same_outputs(a.get("outputs", []), b.get("outputs", []))
        for a, b in zip(one.cells, other.cells, strict=True)
    )


def _same_outputs(one: list[NotebookNode], other: list[NotebookNode]) -> bool:
    return len(one) == len(other) and all(
        a.output_type == b.output_type
        and set(a.get("data", {})) == set(b.get("data", {}))
        and _same_text(_text(a), _text(b))
        for a, b in zip(one, other, strict=True)
    )


def _text(output: NotebookNode) -> str:
    return str(output.get("text", "")) + str(output.get("data", {}).get("text/plain", ""))


_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


def _same_text(one: str, other: str) -> bool:
    """Same words, and numbers that agree but for rounding, however they are spaced."""
    numbers = [[float(n) for n in _NUMBER.findall(text)] for text in (one, other)]
    words = [re.sub(r"\s+", "", _NUMBER.sub("#", text)) for text in (one, other)]
    return (
        words[0] == words[1]
        and len(numbers[0]) == len(numbers[1])
        and all(abs(a - b) <= LAST_DIGITS * max(1.0, abs(a)) for a, b in zip(*numbers, strict=True))
    )


# ------------------------------------------------------------------ as a student who is right


def solved_submission(course: Course, problem_set: ProblemSet) -> dict[str, NotebookNode]:
    """What a student would hand in who wrote the reference solutions, by notebook name."""
    return {exercise.name: _filled(course, exercise.notebook) for exercise in problem_set.exercises}


def _filled(course: Course, source: NotebookNode) -> NotebookNode:
    notebook = released(course, source)
    for cell, original in zip(notebook.cells, source.cells, strict=True):
        if is_solution(original):
            cell.source = without_markers(original.source)
    return notebook
