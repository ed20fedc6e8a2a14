"""Grade a class: many submissions at once, what is new only, the gradebook written by one hand."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path

from autograder import stopping
from autograder.course import Course
from autograder.errors import NO_DISK, CourseError, DiskError, sentence
from autograder.exam.prove import prove_tests
from autograder.files import writing
from autograder.grading import records
from autograder.grading.backups import keep_snapshot
from autograder.grading.cells import HandMark
from autograder.grading.changes import NO_CHANGES, Changes, Marks, compare
from autograder.grading.gradebook import (
    enter,
    enter_assignment,
    is_assignment_entered,
    is_entered,
    is_there,
    read_class,
)
from autograder.grading.seed import course_secret
from autograder.grading.submission import SubmissionGrade, fingerprint, grade_again, grade_submission
from autograder.grading.timestamps import read_timestamp
from autograder.problem_sets.notebooks import (
    AssignmentError,
    ProblemSet,
    is_locked,
    plain_text,
    read_notebook,
    read_problem_set,
)
from autograder.running import sandbox
from autograder.running.workers import Workers

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
    dry: bool = False,
) -> ClassGrades:
    """Grade all submissions, or one student's, that changed since they were graded last.

    workers defaults to the number of cores; executor, if given, grades in their place. progress is
    told (done, total, student). Only this process writes the gradebook and the autograded folder.
    sandboxed is False when the instructor insists on grading unconfined. A dry run grades into nothing:
    gradebook, records and autograded folder stay as they are. Raises CourseError when
    there is nothing to grade, when another run is grading here, or when there is no sandbox;
    ContentError when a source notebook is damaged, or when a hidden test would take points from the
    answer key itself.
    """
    if sandboxed and (problem := sandbox.why_not(course.root)):
        raise CourseError(f"{problem} `--unsafe-no-sandbox` grades anyway.")
    problem_set = read_problem_set(course.source, assignment)
    everyone = students(course, assignment)
    chosen = everyone if student is None else [name for name in everyone if name == student]
    if not chosen:
        who = "No submission" if student is None else f"{student} has no submission"
        raise CourseError(f"{who} for {assignment} in {course.submitted}.")
    for exercise in problem_set.exercises:
        prove_tests(exercise)
    with alone(course):
        course_secret(course)  # one sentence for all if it cannot be had
        if not dry:
            keep_snapshot(course, f"grade {assignment}")
        if not dry and not is_assignment_entered(course, problem_set):
            enter_assignment(course, problem_set)
        grader = _Grader(course, assignment, workers or os.cpu_count() or 1, sandboxed, executor)
        return _grade_chosen(course, problem_set, chosen, grader, force, progress, dry)


def enter_amended(course: Course, assignment: str) -> tuple[HandMark, ...]:
    """Enter a problem set whose cells came or went; what people gave to those that are gone, kept in a file.

    Raises CourseError when another run is grading here, or a notebook was removed that has work entered.
    """
    problem_set = read_problem_set(course.source, assignment)
    with alone(course):
        keep_snapshot(course, f"release-{assignment}")
        return enter_assignment(course, problem_set, letting_go=True)


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
    grader: _Grader,
    force: bool,
    progress: Callable[[int, int, str], None],
    dry: bool,
) -> ClassGrades:
    known: dict[str, SubmissionGrade] = {}
    failed: dict[str, str] = {}
    todo: list[str] = []
    for name in chosen:
        if not is_a_name(name):
            limits = f"{MAX_NAME} characters and {MAX_NAME_BYTES} bytes at most, in UTF-8"
            failed[name] = f"Rename the folder: {limits}."
            continue
        try:
            record = None if force else _still_good(course, problem_set, name, grader.sandboxed)
        except Exception as error:  # one student's files must not stop the class
            failed[name] = sentence(error)
            continue
        if record is None:
            todo.append(name)
        else:
            known[name] = record
    skipped = tuple(known)
    before = {name: records.load(course, problem_set.name, name) for name in todo}
    progress(0, len(todo), "")
    with stopping.finishing():
        for done, (name, graded, problem) in enumerate(_run(grader, todo), start=1):
            try:
                if graded is not None:
                    if not dry:
                        _keep(course, problem_set, graded)
                    known[name] = graded
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
    made = compare(pairs, _marks(course, problem_set.name) if any(before.values()) else {})
    return ClassGrades(problem_set.name, everyone, skipped, tuple(failed.items()), left, made, dry)


def _marks(course: Course, assignment: str) -> Marks:
    try:
        return read_class(course, assignment).marks if is_there(course) else {}
    except CourseError:  # what is graded is graded, and that is to be said
        return {}


def is_a_name(name: str) -> bool:
    """Whether a student can be called that: as a key of the gradebook, and as a file's name."""
    return len(name) <= MAX_NAME and len(os.fsencode(name)) <= MAX_NAME_BYTES and name == plain_text(name)


def _still_good(
    course: Course, problem_set: ProblemSet, student: str, sandboxed: bool
) -> SubmissionGrade | None:
    """The record of a submission that need not be graded again."""
    record = records.load(course, problem_set.name, student)
    folder = course.submitted / student / problem_set.name
    if record is None or record.fingerprint != fingerprint(course, problem_set, folder):
        return None
    if sandboxed and not record.sandboxed:
        return None
    return record if is_there(course) and is_entered(course, record) else None


@dataclass(frozen=True)
class _Grader:
    """Grades submissions somewhere else: in workers of its own, or by the executor it was given."""

    course: Course
    assignment: str
    workers: int
    sandboxed: bool
    executor: Executor | None

    def grade(self, names: list[str]) -> Iterator[tuple[str, SubmissionGrade | BaseException]]:
        """(student, grade or what went wrong), as they come."""
        if not names:
            return
        if self.executor is not None:
            elsewhere = self.executor
            yield from _as_they_come(
                lambda name: elsewhere.submit(
                    _grade_apart, self.sandboxed, self.course, self.assignment, name
                ),
                names,
            )
        else:
            count = min(self.workers, len(names))
            with Workers(count, self.sandboxed) as workers:
                yield from _as_they_come(
                    lambda name: workers.submit(grade_submission, self.course, self.assignment, name),
                    names,
                    at_once=count + 1,  # one is ready when a worker is
                )

    def grade_again(self, graded: SubmissionGrade) -> SubmissionGrade | BaseException:
        """One submission, its notebooks that ran into a limit run once more; or what went wrong."""
        with Workers(1, self.sandboxed) as workers:
            future = workers.submit(grade_again, self.course, graded)
            error = future.exception()
            return future.result() if error is None else error


def _grade_apart(sandboxed: bool, course: Course, assignment: str, student: str) -> SubmissionGrade:
    """Grade one submission from a process or thread that is not ours to fork."""
    with Workers(1, sandboxed) as worker:
        return worker.submit(grade_submission, course, assignment, student).result()


def _as_they_come(
    submit: Callable[[str], Future[SubmissionGrade]], names: list[str], at_once: int | None = None
) -> Iterator[tuple[str, SubmissionGrade | BaseException]]:
    """Once whatever grades is broken, or Ctrl-C was pressed, nobody else is handed to it."""
    waiting: dict[Future[SubmissionGrade], str] = {}
    coming, broken = iter(names), False
    try:
        while True:
            with contextlib.suppress(BrokenExecutor):  # those under way will say so
                room = at_once and at_once - len(waiting)
                for name in () if broken or stopping.asked() else itertools.islice(coming, room):
                    waiting[submit(name)] = name
            if stopping.asked():
                waiting = {future: name for future, name in waiting.items() if not future.cancel()}
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                error = future.exception()
                broken = broken or isinstance(error, BrokenExecutor)
                yield waiting.pop(future), error if error is not None else future.result()
    finally:
        for future in waiting:
            future.cancel()


def _run(grader: _Grader, names: list[str]) -> Iterator[tuple[str, SubmissionGrade | None, str]]:
    """(student, grade, "") as they come; (student, None, why) where grading itself failed.

    When a worker dies, nobody can say whose submission killed it. Those that were under way are
    graded one by one at the end, each in a worker of its own. Then, alone too, notebooks that ran into
    a limit are run once more: a machine that is busy with others has no part in that. After Ctrl-C
    only those under way come, of all whose last notebook that was.
    """
    suspects, to_come, limited = [], list(names), []
    while to_come and not stopping.asked():
        said = {}
        for name, outcome in grader.grade(to_come):
            said[name] = outcome
            if isinstance(outcome, stopping.Stopped):
                continue
            if isinstance(outcome, BrokenExecutor):
                suspects.append(name)
            elif isinstance(outcome, SubmissionGrade) and outcome.limited:
                limited.append(outcome)
            else:
                yield _judged(name, outcome)
        to_come = [name for name in to_come if name not in said]
        grader = replace(grader, executor=None)
    alone = replace(grader, workers=1, executor=None)
    for suspect in suspects:
        for name, outcome in alone.grade([] if stopping.asked() else [suspect]):
            if isinstance(outcome, stopping.Stopped):
                continue
            if isinstance(outcome, SubmissionGrade) and outcome.limited:
                limited.append(outcome)
            else:
                yield _judged(name, outcome)
    for graded in limited:
        outcome = stopping.Stopped() if stopping.asked() else alone.grade_again(graded)
        if not isinstance(outcome, stopping.Stopped):
            yield _judged(graded.student, outcome)


def _judged(name: str, outcome: SubmissionGrade | BaseException) -> tuple[str, SubmissionGrade | None, str]:
    if isinstance(outcome, SubmissionGrade):
        return name, outcome, ""
    if isinstance(outcome, OSError) and outcome.errno in NO_DISK:  # ours: a student's process has its own
        place = outcome.filename or os.path.join(tempfile.gettempdir(), "course")
        raise DiskError(sentence(OSError(outcome.errno, outcome.strerror, place))) from outcome
    if isinstance(outcome, BrokenExecutor):
        return name, None, "The process that graded this submission was ended. Run `course grade` again."
    return name, None, sentence(outcome)


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
        rewritten = _rewritten(graded, folder, new)
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


def _rewritten(graded: SubmissionGrade, old: Path, new: Path) -> frozenset[str]:
    """The notebooks whose texts are not what they were at the last grading: derivations are among them."""
    names = [notebook.notebook for notebook in graded.notebooks]
    return frozenset(
        name
        for name in names
        if (old / f"{name}.ipynb").is_file()
        and _texts(old / f"{name}.ipynb") != _texts(new / f"{name}.ipynb")
    )


def _texts(path: Path) -> list[tuple[str, object]]:
    try:
        cells = read_notebook(path).cells
    except AssignmentError:
        return []
    return [
        (cell.source, cell.get("attachments"))
        for cell in cells
        if cell.cell_type == "markdown" and not is_locked(cell)
    ]
