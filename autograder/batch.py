"""Grade a class: many submissions at once, what is new only, the gradebook written by one hand."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from autograder import gradebook, records
from autograder.assignment import AssignmentError, ProblemSet, read_problem_set
from autograder.course import Course, CourseError
from autograder.grade import SubmissionGrade, fingerprint, grade_submission, ungraded


@dataclass(frozen=True)
class ClassGrades:
    """Every submission of an assignment with its grade; `skipped` were graded before."""

    assignment: str
    graded: tuple[SubmissionGrade, ...]
    skipped: tuple[str, ...]


def students(course: Course, assignment: str) -> list[str]:
    """Who has handed something in for the assignment."""
    folders = sorted(course.submitted.glob("*")) if course.submitted.is_dir() else []
    return [
        folder.name
        for folder in folders
        if not folder.name.startswith(".") and not folder.is_symlink() and (folder / assignment).is_dir()
    ]


def grade_class(
    course: Course,
    assignment: str,
    student: str | None = None,
    workers: int | None = None,
    force: bool = False,
    progress: Callable[[int, int, str], None] = lambda done, total, student: None,
    executor: Executor | None = None,
) -> ClassGrades:
    """Grade all submissions, or one student's, that changed since they were graded last.

    workers defaults to the number of cores. progress is told (done, total, student). Only this
    process writes the gradebook and the autograded folder. Raises CourseError when there is
    nothing to grade.
    """
    try:
        problem_set = read_problem_set(course.source, assignment)
    except AssignmentError as error:
        raise CourseError(str(error)) from error
    everyone = students(course, assignment)
    chosen = everyone if student is None else [name for name in everyone if name == student]
    if not chosen:
        who = "No submission" if student is None else f"{student} has no submission"
        raise CourseError(f"{who} for {assignment} in {course.submitted}.")
    if not gradebook.is_recorded(course, problem_set):
        gradebook.record_assignment(course, problem_set)

    known = {} if force else {name: _still_good(course, problem_set, name) for name in chosen}
    todo = [name for name in chosen if not known.get(name)]
    progress(0, len(todo), "")
    own = executor is None and todo
    if own:
        context = multiprocessing.get_context("spawn")
        executor = ProcessPoolExecutor(min(workers or os.cpu_count() or 1, len(todo)), mp_context=context)
    try:
        waiting = {executor.submit(grade_submission, course, assignment, name): name for name in todo}
        for done, future in enumerate(as_completed(waiting), start=1):
            name = waiting[future]
            graded = _result(future, problem_set, name)
            _keep(course, problem_set, graded)
            known[name] = graded
            progress(done, len(todo), name)
    finally:
        if own:
            executor.shutdown(cancel_futures=True)
    return ClassGrades(
        assignment, tuple(known[name] for name in chosen), tuple(name for name in chosen if name not in todo)
    )


def _still_good(course: Course, problem_set: ProblemSet, student: str) -> SubmissionGrade | None:
    """The record of a submission that need not be graded again."""
    record = records.load(course, problem_set.name, student)
    folder = course.submitted / student / problem_set.name
    if record is None or record.fingerprint != fingerprint(problem_set, folder):
        return None
    return record if gradebook.is_saved(course, record) else None


def _result(future: Future, problem_set: ProblemSet, student: str) -> SubmissionGrade:
    """The graded submission; if grading itself failed, a record that says so and is tried again."""
    try:
        return future.result()
    except Exception as error:
        problem = f"Grading failed: {type(error).__name__}: {error}"
        crashed = tuple(ungraded(exercise, "crashed", problem) for exercise in problem_set.exercises)
        return SubmissionGrade(student, problem_set.name, "", crashed)


def _keep(course: Course, problem_set: ProblemSet, graded: SubmissionGrade) -> None:
    """Write the executed notebooks, the gradebook, and last the record that says it is done.

    The old record goes first, so that a run killed in between is done again.
    """
    records.path_of(course, graded.assignment, graded.student).unlink(missing_ok=True)
    folder = course.autograded / graded.student / graded.assignment
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for extra in problem_set.extra_files:
        (folder / extra).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(problem_set.directory / extra, folder / extra)
    for notebook in graded.notebooks:
        if notebook.executed:
            (folder / f"{notebook.notebook}.ipynb").write_text(notebook.executed, encoding="utf-8")
    stamp = course.submitted / graded.student / graded.assignment / "timestamp.txt"
    gradebook.save(course, graded, _timestamp(stamp))
    records.save(course, graded)


def _timestamp(path: Path) -> str | None:
    """When a submission was handed in, from the file nbgrader's collect leaves beside it."""
    from nbgrader.utils import parse_utc

    if path.is_symlink() or not path.is_file() or path.stat().st_size > 200:
        return None
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    try:
        parse_utc(text)
    except (ValueError, OverflowError):
        return None
    return text or None
