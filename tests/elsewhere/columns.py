"""The results that must come out the same: each a process in the row's folder and environment.

    python -m tests.elsewhere.columns solutions ps0 ps1

Prints what is red, a line each, and exits 1; `scores` prints what the class got, to compare with another row.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.course import find_course
from autograder.demo import CLASS, clear, demo_course, make_class
from autograder.grading.classroom import grade_class
from autograder.grading.seed import SECRET_BYTES
from autograder.problem_sets.notebooks import read_notebook, read_problem_set
from autograder.releasing.build import worked_solution
from autograder.running.workers import Workers
from autograder.startup import write_names_in_utf8

# Whose points rounding could decide. The others are what they are by what they break.
HONEST = tuple(member.name for member in CLASS if member.name.startswith(("right", "wrong")))


def solutions(names: list[str]) -> Iterator[str]:
    """The committed solutions show to the letter what running the source shows here."""
    course = find_course(Path.cwd())
    with Workers(sandboxed=False) as runner:
        for name in names:
            problem_set = read_problem_set(course.source, name)
            for source in problem_set.notebooks:
                committed = read_notebook(course.solutions / name / source.path.name)
                made = worked_solution(runner, course, problem_set, source)
                for old, new in zip(committed.cells, made.cells, strict=True):
                    for before, after in zip(_shown(old), _shown(new), strict=True):
                        if before != after:
                            yield f"{name}/{source.path.stem}, cell {old.id}: {after!r} instead of {before!r}"


def _shown(cell: dict) -> list[str]:
    """Every line of text that a code cell shows."""
    outputs = cell.get("outputs", [])
    texts = [output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs]
    return "\n".join(texts).splitlines()


def _six_digits(text: str) -> str:
    """A test that quotes a student's number quotes all of its digits, rounding too."""
    return re.sub(r"\d+\.\d+(?:e[-+]\d+)?", lambda number: f"{float(number[0]):.6g}", text)


def scores(names: list[str]) -> Iterator[str]:
    """What the honest part of the made-up class gets, cell by cell, and is told."""
    course = find_course(Path.cwd())
    clear(course)
    stage = demo_course(course)
    stage.secret.parent.mkdir(exist_ok=True)
    stage.secret.write_bytes(bytes(SECRET_BYTES))  # every row draws the same hidden inputs
    for name in names:
        for member in make_class(course, read_problem_set(course.source, name)):
            if member.name not in HONEST:
                shutil.rmtree(stage.submitted / member.name)
        for submission in grade_class(stage, name).graded:
            for notebook in submission.notebooks:
                for cell in notebook.cells:
                    where = f"{submission.student} {notebook.notebook} {cell.grade_id}"
                    yield f"{where}: {cell.score:g} {_six_digits(cell.finding)}"


COLUMNS: dict[str, Callable[[list[str]], Iterator[str]]] = {"solutions": solutions, "scores": scores}


def main(column: str, *names: str) -> int:
    write_names_in_utf8()  # as the command does
    lines = list(COLUMNS[column](list(names)))
    print(*lines, sep="\n")
    return int(bool(lines) and column != "scores")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
