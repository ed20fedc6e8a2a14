"""What must not leave for students: lines of solutions, hidden tests, marking schemes, answer keys."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from autograder.course import Course
from autograder.problem_sets.key import key_sources
from autograder.problem_sets.notebooks import AssignmentError, ProblemSet, SourceNotebook, read_notebook
from autograder.problem_sets.regions import REGIONS, region_lines, squeeze, telling

MIN_TELLING_INSIDE = 14  # a line this long is looked for inside other lines too


@dataclass(frozen=True)
class Fault:
    """One thing that is off: where, and what to do about it."""

    where: str
    what: str


def at(source: SourceNotebook, cell: NotebookNode | None = None) -> str:
    """How a problem names its place."""
    return source.path.name + (f", cell {cell.id}" if cell is not None else "")


def nothing_leaks(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """No line of a solution, hidden test, marking scheme or answer key stands in the release."""
    folder = course.release / problem_set.name
    places = [
        (f"release/{problem_set.name}/{path.relative_to(folder)}{where}", line)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for where, line in _lines_of(path)
    ]
    for where, line in places:
        if re.search(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)", line):
            yield Fault(where, "shows a marker.")
    squeezed = [(where, squeeze(line)) for where, line in places]
    everything = "\n".join(line for _, line in squeezed)
    for origin, secrets in _secrets(problem_set):
        for secret, spelled in secrets.items():
            if secret not in everything:
                continue
            for where, line in squeezed:
                if line == secret or (len(secret) >= MIN_TELLING_INSIDE and secret in line):
                    yield Fault(where, f"shows a line of {origin}: {spelled}")


def _secrets(problem_set: ProblemSet) -> Iterator[tuple[str, dict[str, str]]]:
    for exercise in problem_set.notebooks:
        for cell in exercise.notebook.cells:
            for region in REGIONS:
                lines = telling(region_lines(cell.source, region))
                if lines:
                    yield f"the {region.lower()} of {at(exercise, cell)}", lines
    for exercise in problem_set.exercises:
        for module, source in key_sources(exercise.key.name).items():
            yield f"the answer key {module}", telling(_code_lines(source))


def _code_lines(source: str) -> list[str]:
    """The lines of a module, without their comments."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    return lines


def _lines_of(path: Path) -> Iterator[tuple[str, str]]:
    """Every line a file shows, with where: for a notebook, each cell's text and outputs."""
    if path.suffix != ".ipynb":
        yield from (("", line) for line in path.read_text("utf-8", "replace").splitlines())
        return
    try:
        notebook = read_notebook(path)
    except AssignmentError:
        return  # said by another guard: it is not what the source produces
    for cell in notebook.cells:
        for text in _strings({name: part for name, part in cell.items() if name != "id"}):
            yield from ((f", cell {cell.id}", line) for line in text.splitlines())
    for text in _strings(notebook.metadata):
        yield from ((", metadata", line) for line in text.splitlines())


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)
