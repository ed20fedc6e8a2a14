"""What must not leave for students: lines, answers and derivations of staff, and what nobody looked at."""

from __future__ import annotations

import hashlib
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode

from autograder.course import PACKAGE, Course
from autograder.errors import ContentError
from autograder.problem_sets.key_text import key_sources
from autograder.problem_sets.notebooks import (
    ProblemSet,
    SourceNotebook,
    grade_id,
    is_automatic,
    is_task,
)
from autograder.problem_sets.regions import MARKER, REGIONS, region_lines, squeeze, telling
from autograder.releasing.accepted import accepted_in
from autograder.searching.contents import Contents, read_contents
from autograder.searching.derivations import Scheme, Schemes
from autograder.searching.suspects import Piece, Suspect, suspects
from autograder.searching.trying import Asked

HARNESS = (PACKAGE / "gradcheck.py", PACKAGE / "derivation.py")  # what travels with a problem set
MIN_TELLING_INSIDE = 14  # a line this long is looked for inside other lines too
PLACEHOLDER = re.compile(r"[*_]{1,2}(?:[^\W\d]+[,.]? ?|[-'’]){2,20}[*_]{1,2}|YOUR ANSWER HERE|")


@dataclass(frozen=True)
class Fault:
    """One thing that is off: where, and what to do about it."""

    where: str
    what: str


def at(source: SourceNotebook, cell: NotebookNode | None = None) -> str:
    """How a problem names its place."""
    return source.path.name + (f", cell {cell.id}" if cell is not None else "")


def _contents(course: Course, problem_set: ProblemSet) -> Contents:
    return read_contents(course.release / problem_set.name, f"release/{problem_set.name}")


# ------------------------------------------------------------------ lines


def nothing_leaks(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """No line of a solution, hidden test, marking scheme or answer key stands in the release."""
    texts = _contents(course, problem_set).texts
    places = list(dict.fromkeys((text.where, line) for text in texts for line in text.text.splitlines()))
    for where, line in places:
        if MARKER.search(line):
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


# ------------------------------------------------------------------ answers


def nothing_computes_an_answer(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """No function or expression in the release computes what a graded function returns, in whatever words.

    The harness as it stands in this package is searched by its own tests, not in every release again.
    """
    accepted = accepted_in(course, problem_set.name)
    ours = {hashlib.sha256(path.read_bytes()).hexdigest() for path in HARNESS}
    texts = [
        one
        for one in _contents(course, problem_set).texts
        if (one.name, one.sha256) not in accepted and one.sha256 not in ours
    ]
    materials = {material.name for material in problem_set.materials}
    try:
        found = list(suspects(texts, _asked(problem_set), materials, _code_of_staff(problem_set)))
    except ContentError as error:
        yield Fault(f"release/{problem_set.name}", str(error))
        return
    yield from dict.fromkeys(Fault(one.text.where, _said(one)) for one in _whole(found))


def _said(one: Suspect | Piece) -> str:
    if isinstance(one, Piece):
        return f"shows a part of {one.origin}: {one.spelled}"
    held = one.snippet is None or one.snippet.is_function
    does = "holds a function that returns what" if held else "computes what"
    return f"{does} {one.answer.function} of {one.answer.exercise}.ipynb returns: {one.spelled}"


def _whole(found: list[Suspect | Piece]) -> Iterator[Suspect | Piece]:
    """Without what is part of something longer in the same place: of a function, what it returns."""
    for one in found:
        if not any(
            other.text.where == one.text.where
            and len(other.spelled) > len(one.spelled)
            and one.spelled in other.spelled
            for other in found
        ):
            yield one


def _code_of_staff(problem_set: ProblemSet) -> dict[str, str]:
    """The code of solutions and hidden tests, by what it is called."""
    return {
        f"the {region.lower()} of {at(exercise, cell)}": "\n".join(region_lines(cell.source, region))
        for exercise in problem_set.exercises
        for cell in exercise.notebook.cells
        for region in ("SOLUTION", "HIDDEN TESTS")
        if cell.cell_type == "code"
    }


def _asked(problem_set: ProblemSet) -> list[Asked]:
    """The exercises, each with the code of its set-up and its solutions."""
    return [
        Asked(
            exercise.name,
            exercise.key.name,
            tuple(
                cell.source
                for cell in exercise.notebook.cells
                if cell.cell_type == "code" and grade_id(cell) and not is_automatic(cell)
            ),
        )
        for exercise in problem_set.exercises
    ]


# ------------------------------------------------------------------ derivations


def derivations_are_blank(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """Where students derive, only a placeholder stands; no sentence of a marking scheme is told elsewhere."""
    schemes = []
    for source in problem_set.notebooks:
        cells = source.notebook.cells
        for cell, following in zip(cells, [*cells[1:], None], strict=True):
            if lines := region_lines(cell.source, "MARK SCHEME"):
                schemes.append(Scheme(at(source, cell), "\n".join(lines)))
            if not is_task(cell):
                continue
            if following is None or following.cell_type != "markdown" or grade_id(following):
                continue  # students answer elsewhere
            blank = PLACEHOLDER.fullmatch(" ".join(following.source.split()))
            if not blank or following.get("attachments"):
                yield Fault(
                    at(source, following),
                    f"holds more than a placeholder, though students answer {cell.id} there; leave a line in "
                    "italics, such as *Write your derivation here.*",
                )
    secret = Schemes(schemes)
    for text in _contents(course, problem_set).texts:
        for origin, told in secret.told_in(text.text).items():
            yield Fault(text.where, f"tells what the mark scheme of {origin} says: {told}")


# ------------------------------------------------------------------ what only a person can see


def everything_was_looked_at(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """Pictures and whatever else no program reads were looked at by a person, as accepted.toml says."""
    accepted = accepted_in(course, problem_set.name)
    names = {name for name, _ in accepted}
    for one in _contents(course, problem_set).opaque:
        if (one.name, one.sha256) in accepted:
            continue
        changed = " and has changed since it was accepted" if one.name in names else ""
        yield Fault(
            one.where,
            f"{one.what}{changed}; look at it, then run "
            f"`course check {problem_set.name} --accept '{one.name}' --because \"…\"`.",
        )
