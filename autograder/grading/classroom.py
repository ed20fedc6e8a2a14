"""Grade a class: many submissions at once, what is new only, the gradebook written by one hand."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from autograder import stopping
from autograder.course import Course
from autograder.errors import CourseError, DiskError, sentence
from autograder.exam.prove import prove_tests
from autograder.files import writing
from autograder.grading import records
from autograder.grading.backups import keep_snapshot
from autograder.grading.cells import HandMark
from autograder.grading.changes import NO_CHANGES, Changes, Marks, compare
from autograder.grading.cluster import Cluster
from autograder.grading.entering import enter
from autograder.grading.gradebook import (
    Entered,
    enter_assignment,
    is_assignment_entered,
    is_entered,
    is_there,
    kept_open,
    look_again,
    read_class,
    read_entered,
)
from autograder.grading.graders import Grader, run
from autograder.grading.seed import course_secret
from autograder.grading.submission import SubmissionGrade, digest_of_texts, fingerprint, shared_parts
from autograder.lateness.deadlines import read_deadlines
from autograder.lateness.timestamps import read_timestamp
from autograder.problem_sets.notebooks import (
    AssignmentError,
    ProblemSet,
    plain_text,
    read_notebook,
    read_problem_set,
)
from autograder.running import sandbox

MAX_NAME, MAX_NAME_BYTES = 120, 240  # of a student's name: a key of the gradebook, and a file's name


@dataclass(frozen=True)
class ClassGrades:
    """Every submission of an assignment with its grade.

    `skipped` were graded before and have not changed. `failed` says for whom grading itself
    failed, and why; what they had before is left as it was, and the next run tries again. `left` are those
    that were not graded since Ctrl-C was pressed. `changes` compares what was graded now with the records of
    before. `dry` grades are not kept.
    """

    assignment: str
    graded: tuple[SubmissionGrade, ...]
    skipped: tuple[str, ...]
    failed: tuple[tuple[str, str], ...] = ()
    left: tuple[str, ...] = ()
    changes: Changes = NO_CHANGES
    dry: bool = False


def students(course: Course, assignment: str) -> list[str]:
    """Who has handed something in for the assignment, or has a folder that nobody can look into."""
    folders = sorted(course.submitted.glob("[!.]*")) if course.submitted.is_dir() else []
    return [folder.name for folder in folders if not folder.is_symlink() and _is_there(folder / assignment)]


def _is_there(folder: Path) -> bool:
    try:
        return stat.S_ISDIR(folder.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:  # grading will say what is wrong with it
        return True


def grade_class(
    course: Course,
    assignment: str,
    student: str | None = None,
    workers: int | None = None,
    force: bool = False,
    progress: Callable[[int, int, str], None] = lambda done, total, student: None,
    sandboxed: bool = True,
    executor: Executor | None = None,
    cluster: Cluster | None = None,
    dry: bool = False,
    seen: Callable[[SubmissionGrade], None] = lambda graded: None,
) -> ClassGrades:
    """Grade all submissions, or one student's, that changed since they were graded last.

    workers defaults to the number of cores; executor or cluster, if given, grades in their place. progress is
    told (done, total, student), and before that seen what was graded. Only this process writes the gradebook
    and the autograded folder. sandboxed is False when the instructor insists on grading unconfined. A dry
    run grades into nothing: gradebook, records and autograded folder stay as they are. Raises CourseError
    when there is nothing to grade, when another run is grading here, or when there is no sandbox;
    ContentError when a source notebook is damaged, or when a hidden test would take points from the
    answer key itself.
    """
    if sandboxed and cluster is None and (problem := sandbox.why_not(course.root)):
        raise CourseError(f"{problem} `--unsafe-no-sandbox` grades anyway.")
    problem_set = read_problem_set(course.source, assignment)
    everyone = students(course, assignment)
    chosen = everyone if student is None else [name for name in everyone if name == student]
    if not chosen:
        who = "No submission" if student is None else f"{student} has no submission"
        raise CourseError(f"{who} for {assignment} in {course.submitted}.")
    read_deadlines(course)  # one sentence, before anybody is graded
    with alone(course):
        course_secret(course)  # one sentence for all if it cannot be had
        if not dry:
            keep_snapshot(course, f"grade {assignment}")
        if not dry and not is_assignment_entered(course, problem_set):
            enter_assignment(course, problem_set)
        grader = Grader(course, assignment, workers or os.cpu_count() or 1, sandboxed, executor, cluster)
        return _grade_chosen(course, problem_set, chosen, grader, force, progress, dry, seen)


def enter_amended(
    course: Course, assignment: str, again: Collection[tuple[str, str]] = ()
) -> tuple[HandMark, ...]:
    """Enter a problem set whose cells came or went; what people gave to those that are gone, kept in a file.

    `again` are (notebook, cell) where a mark given by hand was for something else: it waits for another look.
    Raises CourseError when another run is grading here, or a notebook was removed that has work entered.
    """
    problem_set = read_problem_set(course.source, assignment)
    with alone(course):
        keep_snapshot(course, f"release-{assignment}")
        removed = enter_assignment(course, problem_set, letting_go=True)
        look_again(course, assignment, again)
        return removed


@contextlib.contextmanager
def alone(course: Course) -> Iterator[None]:
    """Hold the grading folder; the lock goes when this process ends, even when it is killed.

    Raises CourseError when another process holds it.
    """
    place = course.grading / ".lock"
    with writing(place):
        course.grading.mkdir(parents=True, exist_ok=True)
        file = place.open("w")
    with file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CourseError(f"Another run is grading in {course.grading}. Wait until it ends.") from None
        yield


def _grade_chosen(
    course: Course,
    problem_set: ProblemSet,
    chosen: list[str],
    grader: Grader,
    force: bool,
    progress: Callable[[int, int, str], None],
    dry: bool,
    seen: Callable[[SubmissionGrade], None],
) -> ClassGrades:
    known: dict[str, SubmissionGrade] = {}
    failed: dict[str, str] = {}
    todo: list[str] = []
    shared = shared_parts(course, problem_set)
    only = chosen[0] if len(chosen) == 1 else None
    entered = {} if force else read_entered(course, problem_set.name, only)
    for name in chosen:
        if not is_a_name(name):
            limits = f"{MAX_NAME} characters and {MAX_NAME_BYTES} bytes at most, in UTF-8"
            failed[name] = f"Rename the folder: {limits}."
            continue
        try:
            record = (
                None if force else _still_good(course, problem_set, name, grader.sandboxed, shared, entered)
            )
        except Exception as error:  # one student's files must not stop the class
            failed[name] = sentence(error)
            continue
        if record is None:
            todo.append(name)
        else:
            known[name] = record
    for exercise in problem_set.exercises if todo else ():
        prove_tests(exercise)
    skipped = tuple(known)
    before = {name: records.load(course, problem_set.name, name) for name in todo}
    progress(0, len(todo), "")
    with stopping.finishing(), kept_open():
        for done, (name, graded, problem) in enumerate(run(grader, todo), start=1):
            try:
                if graded is not None:
                    if not dry:
                        _keep(course, problem_set, graded)
                    known[name] = graded.slim()
                    seen(known[name])
            except DiskError:  # and nobody else's can be kept
                raise
            except Exception as error:  # one student's files must not stop the class
                problem = sentence(error)
            if problem:
                failed[name] = problem
            progress(done, len(todo), name)
    everyone = tuple(known[name] for name in chosen if name in known)
    left = tuple(name for name in todo if name not in known and name not in failed)
    pairs = [(before[name], known[name]) for name in todo if name in known]
    made = compare(pairs, _marks(course, problem_set.name, only) if any(before.values()) else {})
    return ClassGrades(problem_set.name, everyone, skipped, tuple(failed.items()), left, made, dry)


def _marks(course: Course, assignment: str, student: str | None) -> Marks:
    try:
        return read_class(course, assignment, student).marks if is_there(course) else {}
    except CourseError:  # what is graded is graded, and that is to be said
        return {}


def is_a_name(name: str) -> bool:
    """Whether a student can be called that: as a key of the gradebook, and as a file's name."""
    return len(name) <= MAX_NAME and len(os.fsencode(name)) <= MAX_NAME_BYTES and name == plain_text(name)


def _still_good(
    course: Course,
    problem_set: ProblemSet,
    student: str,
    sandboxed: bool,
    shared: Mapping[str, str],
    entered: Entered,
) -> SubmissionGrade | None:
    """The record of a submission that need not be graded again.

    shared is what all submissions depend on, entered what the gradebook holds of them.
    """
    record = records.load(course, problem_set.name, student)
    folder = course.submitted / student / problem_set.name
    if record is None or record.fingerprint != fingerprint(course, problem_set, folder, shared):
        return None
    if sandboxed and not record.sandboxed:
        return None
    return record if is_entered(record, entered) else None


def _keep(course: Course, problem_set: ProblemSet, graded: SubmissionGrade) -> None:
    """Write the gradebook, the executed notebooks, and last the record that says it is done.

    What was there before stays until the gradebook has the new grade, and is there or not as a whole.
    """
    folder = course.autograded / graded.student / graded.assignment
    record = course.record(graded.assignment, graded.student)
    with writing(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        for left in folder.parent.glob(f".{graded.assignment}-*"):  # by a run that was killed
            shutil.rmtree(left)
        new = Path(tempfile.mkdtemp(prefix=f".{graded.assignment}-", dir=folder.parent))
    try:
        with writing(folder):
            _write_executed(problem_set, graded, new)
        rewritten = _rewritten(course, graded, folder)
        handed_in = read_timestamp(course, course.submitted / graded.student / graded.assignment)
        enter(course, graded, handed_in, rewritten)
        with writing(record):
            record.unlink(missing_ok=True)
        with writing(folder):
            shutil.rmtree(folder, ignore_errors=True)
            new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    records.save(course, graded)


def _write_executed(problem_set: ProblemSet, graded: SubmissionGrade, folder: Path) -> None:
    folder.chmod(0o755)
    for extra in problem_set.extra_files:
        (folder / extra).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(problem_set.directory / extra, folder / extra)
    for notebook in graded.notebooks:
        if notebook.executed:
            text = notebook.executed if graded.sandboxed else records.marked_unconfined(notebook.executed)
            (folder / f"{notebook.notebook}.ipynb").write_text(text, encoding="utf-8")


def _rewritten(course: Course, graded: SubmissionGrade, old: Path) -> frozenset[str]:
    """The notebooks whose texts are not what they were at the last grading."""
    before = records.load(course, graded.assignment, graded.student)
    known = {notebook.notebook: notebook.texts for notebook in before.notebooks} if before else {}
    return frozenset(
        notebook.notebook
        for notebook in graded.notebooks
        if (path := old / f"{notebook.notebook}.ipynb").is_file()
        and (known.get(notebook.notebook) or _texts(path)) != notebook.texts
    )


def _texts(path: Path) -> str:
    try:
        return digest_of_texts(read_notebook(path))
    except AssignmentError:
        return ""
