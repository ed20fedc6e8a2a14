"""What several commands share: their arguments, the course they work on, and what they show."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.status import Status

    from autograder.course import Course
    from autograder.grading.changes import Changes, CheckChange
    from autograder.grading.classroom import ClassGrades
    from autograder.releasing.scaffold import Scaffold

FOUND_SOMETHING = 1  # an exit code; errors carry their own


def _without_slash(context: click.Context, parameter: click.Parameter, name: str | None) -> str | None:
    """The name without the slash that a shell puts behind a folder it completes."""
    return name and name.rstrip("/")


problem_set = click.argument("ps", metavar="[PS]", required=False, callback=_without_slash)
one_problem_set = click.argument("ps", metavar="PS", callback=_without_slash)
workers = click.option(
    "--workers", type=click.IntRange(1, 256), help="Submissions at once; as many as cores unless given."
)


@contextmanager
def open_course(course_dir: Path) -> Iterator[Course]:
    """The course, with its errors turned into one sentence and an exit code."""
    from autograder.course import find_course
    from autograder.errors import NOT_WRITABLE, CourseError, sentence

    try:
        yield find_course(course_dir)
    except CourseError as error:
        click.echo(f"course: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # whoever read what we print has enough; click knows what to do
        raise
    except OSError as error:
        said = sentence(error)
        if error.filename is None and error.errno in NOT_WRITABLE:  # all files that are written have a name
            said = f"What is printed cannot be written: {error.strerror}."
        click.echo(f"course: {said}", err=True)
        sys.exit(FOUND_SOMETHING)


def problem_sets(course: Course, ps: str | None) -> list[str]:
    """The problem set that was named, or all there are."""
    from autograder.errors import CourseError

    if ps is not None:
        return [ps]
    found = sorted({path.parent.name for path in course.source.glob("*/*.ipynb")})
    if not found:
        raise CourseError(f"{course.source} holds no problem set.")
    return found


def short(course: Course, path: Path) -> str:
    """A path as it reads from the course's own folder."""
    return str(path.relative_to(course.root)) if path.is_relative_to(course.root) else str(path)


def show_scaffold(course: Course, made: Scaffold) -> None:
    """The files that were made, and what their author has to write."""
    for path in made.files:
        click.echo(f"{short(course, path)}: made.")
    click.echo("To write, in this order:")
    for missing in made.missing:
        click.echo(f"  {missing.where}: {missing.what.partition(': ')[2]}")


def spinner() -> Status:
    """Shown beside what is printed, so that it stays out of pipes."""
    from rich.console import Console

    return Console(stderr=True).status("Checking")


def grade_and_show(
    course: Course,
    ps: str,
    student: str | None,
    workers: int | None,
    force: bool,
    sandboxed: bool = True,
    dry: bool = False,
    address: str | None = None,
) -> ClassGrades:
    """Grade a class, over the cluster at an address if there is one, and show how far it is, on stderr.

    Raises Stopped when Ctrl-C left something to do.
    """
    from autograder import stopping
    from autograder.commands.progress import GradingProgress
    from autograder.grading.classroom import grade_class
    from autograder.grading.cluster import Cluster

    with GradingProgress(ps) as progress, ExitStack() as opened:
        cluster = opened.enter_context(Cluster(address, progress.say)) if address else None
        grades = grade_class(
            course,
            ps,
            student,
            workers,
            force,
            progress,
            sandboxed,
            cluster=cluster,
            dry=dry,
            seen=progress.graded,
        )
    if grades.left:
        show_changes(grades.changes, dry)
        show_failures(grades)
        everyone = len(grades.left) + len(grades.graded) + len(grades.failed)
        raise stopping.Stopped(
            f"{len(grades.left)} of {everyone} submissions of {ps} are not graded yet: run it again to go on."
        )
    return grades


def show_failures(grades: ClassGrades) -> bool:
    """Say for whom grading itself failed, and whether there is anybody."""
    from autograder.problem_sets.notebooks import as_label

    for student, problem in grades.failed:
        click.echo(f"course: {as_label(student)} could not be graded: {problem}", err=True)
    return bool(grades.failed)


def show_grades(course: Course, grades: ClassGrades) -> None:
    """The table of points, one line a student, and what lateness takes of all points."""
    if not grades.graded:
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from autograder.grading.gradebook import is_there, read_class
    from autograder.problem_sets.notebooks import as_label

    only = grades.graded[0].student if len(grades.graded) == 1 else None
    marks = (
        read_class(course, grades.assignment, only).marks if is_there(course) else {}
    )  # a dry run makes none
    late = {student: sum(m.penalty for m in notebooks.values()) for student, notebooks in marks.items()}
    table = Table(title=f"{grades.assignment}: automatic points", title_justify="left")
    table.add_column("student", overflow="fold")
    for notebook in grades.graded[0].notebooks:
        table.add_column(notebook.notebook.split("_")[0], justify="right")
    table.add_column("sum", justify="right")
    if any(late.values()):
        table.add_column("late", justify="right")
    table.add_column("trouble")
    for submission in grades.graded:
        trouble = {str(notebook.status) for notebook in submission.notebooks if notebook.status != "graded"}
        repaired = any(notebook.repairs for notebook in submission.notebooks)
        table.add_row(
            escape(as_label(submission.student)),
            *(f"{notebook.score:g}" for notebook in submission.notebooks),
            f"{submission.score:g} / {submission.max_score:g}",
            *([_taken_off(late.get(submission.student, 0.0))] if any(late.values()) else ()),
            ", ".join(sorted(trouble) + ["repaired"] * repaired),
        )
    Console().print(table)
    if not all(submission.sandboxed for submission in grades.graded):
        click.echo("Graded WITHOUT a sandbox: student code ran unconfined, and could have forged its marks.")
    if grades.skipped:
        click.echo(
            f"{len(grades.skipped)} of {len(grades.graded)} had not changed and were not graded again."
        )


def _taken_off(points: float) -> str:
    return f"−{points:g}" if points else ""


def show_changes(changes: Changes, dry: bool = False) -> None:
    """Who gains and who loses, by which check, and why they were graded again; equal results are a count."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from autograder.problem_sets.notebooks import as_label

    if changes.changed:
        table = Table(title="What this would change" if dry else "What this changed", title_justify="left")
        table.add_column("student", overflow="fold")
        table.add_column("notebook")
        for name in ("before", "now", "change"):
            table.add_column(name, justify="right")
        table.add_column("by which check", overflow="fold")
        table.add_column("because of", overflow="fold")
        for change in changes.changed:
            table.add_row(
                escape(as_label(change.student)),
                change.notebook.split("_")[0],
                f"{change.before:g}",
                f"{change.after:g}",
                f"{round(change.gained, 2) + 0.0:+g}",
                escape("\n".join(map(_check_in_words, change.checks))),
                ", ".join(change.because),
            )
        Console().print(table)
    again = len({change.student for change in changes.changed}) + changes.equal
    if again:
        causes = ", ".join(f"{cause} ({count})" for cause, count in changes.because)
        click.echo(
            f"{again} graded again, because of: {causes}. "
            f"{changes.gaining} gain, {changes.losing} lose, {changes.equal} have the same points."
        )
    if dry:
        click.echo("This was a dry run: gradebook and records are as they were.")


def _check_in_words(check: CheckChange) -> str:
    what = f"{check.function}/{check.check}" if check.check else f"{check.function}, the whole test"
    turned = "other points" if check.before == check.after else f"{check.before} → {check.after}"
    return f"{what}: {turned}" + (" (a mark given by hand stands)" if check.by_hand else "")
