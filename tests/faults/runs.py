"""Runs of `course grade` that are disturbed, and what is left of them."""

from __future__ import annotations

import contextlib
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course import Course, find_course
from autograder.demo import answer_source, solution_cell
from autograder.grading import records
from autograder.grading.classroom import grade_class
from autograder.grading.gradebook import read_class
from autograder.problem_sets.key import load_key
from autograder.problem_sets.notebooks import read_problem_set, to_text
from autograder.releasing.build import solved_submission
from tests.faults.kinds import Kind, environment
from tests.helpers import FIRST, copy_course, edit

MOST_SECONDS = 900.0  # of one run
KEPT = ("submitted", "secret", ".lock")  # of grading/, when all is forgotten
ENDINGS = {0, 1, 2, -9}  # done; could not go on, or begin, and said so; killed


@dataclass(frozen=True)
class Left:
    """What is left of a class that was graded: its records, and the points in the gradebook."""

    grades: dict[str, object]
    marks: dict[str, object]
    entered: dict[str, int]


@dataclass(frozen=True)
class Suffered:
    """What a kind of process went through, and what was wrong in the end."""

    kills: int
    runs: int
    classes: int
    seconds: float
    wrong: tuple[str, ...]


def make_class(folder: Path, submissions: int) -> Course:
    """A course of one notebook; every third student has it wrong, and each wrote something of their own."""
    course = find_course(copy_course(folder, f"{FIRST}.ipynb"))
    solved = to_text(solved_submission(course, read_problem_set(course.source, "ps1"))[FIRST])
    key = load_key("squared_norm")
    mistake = key.catalogue(key.mistakes, "squared_norm_gradient")[0]
    for number in range(submissions):
        path = course.submitted / f"student-{number:03}" / "ps1" / f"{FIRST}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(solved)

        def write(notebook, number=number):
            function = solution_cell(notebook, "squared_norm_gradient")
            function.source = answer_source(mistake) if number % 3 == 2 else function.source
            function.source += f"\n# {number}"

        edit(path, write)
    return course


def forget(course: Course, kind: Kind) -> None:
    """As before the first grading, but for the secret: so that inputs are drawn alike."""
    for path in course.grading.iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    kind.forget()


def left(course: Course) -> Left:
    """What there is, without what says of which settings it is."""
    kept = records.load_all(course, "ps1")
    grades = {record.student: replace(record, fingerprint="", parts={}) for record in kept}
    entered = Counter(student for student, _ in _entered(course))
    return Left(grades, dict(read_class(course, "ps1").marks), dict(entered))


def _entered(course: Course) -> list[tuple[str, str]]:
    """(student, notebook) of every notebook in the gradebook."""
    from nbgrader.api import Gradebook

    with contextlib.closing(Gradebook(course.db_url, "matrix-calculus")) as book:
        found = book.assignment_submissions("ps1")
        return [(one.student.id, notebook.name) for one in found for notebook in one.notebooks]


def undisturbed(course: Course) -> Left:
    grade_class(course, "ps1", workers=2)
    return left(course)


def suffer(
    course: Course, kind: Kind, expected: Left, kills: int, chance: random.Random, most_seconds: float = 9.0
) -> Suffered:
    """Kill so often, each time between nothing and most_seconds after the last, and complete the class."""
    config = course.root / "course_config.py"
    told = config.read_text()
    began, done, runs, classes, wrong = time.monotonic(), 0, 0, 0, []
    try:
        with kind:
            config.write_text(f"{told}\n{kind.settings}\n")
            course = find_course(course.root)
            forget(course, kind)
            while True:
                run, said, here = _disturbed(course, kind, kills - done, chance, most_seconds)
                done, runs = done + here, runs + 1
                if run.returncode not in ENDINGS or "Traceback" in said:
                    wrong.append(f"exit code {run.returncode}: {said[-300:]}")
                if run.returncode == 0:
                    classes += 1
                    wrong += compared(expected, left(course))
                    if done >= kills:
                        break
                    forget(course, kind)
                elif runs > 3 * kills + 3:
                    wrong.append(f"no end after {runs} runs: {said[-300:]}")
                    break
    finally:
        config.write_text(told)
    return Suffered(done, runs, classes, time.monotonic() - began, tuple(wrong))


def _disturbed(
    course: Course, kind: Kind, kills: int, chance: random.Random, most_seconds: float
) -> tuple[subprocess.Popen[str], str, int]:
    """One run, disturbed until it has ended: by so many kills at most, or by one that ends it."""
    command = [sys.executable, "-m", "autograder", "grade", "ps1", *kind.options]
    done = 0
    with subprocess.Popen(
        command,
        cwd=course.root,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        while done < kills:
            try:
                run.wait(chance.uniform(0.0, most_seconds))
                break
            except subprocess.TimeoutExpired:
                killed = kind.kill(run, chance)
                done += killed
                if killed and kind.ends_the_run:
                    break
                kind.restart()
        said = run.communicate(timeout=MOST_SECONDS)[1]
    kind.restart()
    return run, said, done


def compared(expected: Left, found: Left) -> list[str]:
    """What is wrong, a line each."""
    wrong = [
        f"{student} has another grade"
        for student in expected.grades
        if found.grades.get(student) != expected.grades[student]
    ]
    wrong += [
        f"{student} has other points"
        for student in expected.marks
        if found.marks.get(student) != expected.marks[student]
    ]
    if found.entered != expected.entered:
        wrong.append(
            f"the gradebook has {sum(found.entered.values())} notebooks, not {sum(expected.entered.values())}"
        )
    return wrong
