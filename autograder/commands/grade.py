"""`course grade`: a class, its points on the screen or as JSON."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.commands.shared import (
    FOUND_SOMETHING,
    grade_and_show,
    one_problem_set,
    open_course,
    short,
    show_changes,
    show_failures,
    show_grades,
    workers,
)
from autograder.errors import CourseError

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.grading.ignored import Ignored

IGNORED = {
    "loose": "it is in no student's folder. Move it elsewhere, and run `course collect {ps}` on it there.",
    "link": "it is a link. Put a folder in its place.",
    "turned": "students' folders hold {ps}, not the other way round. Move it elsewhere, and run "
    "`course collect {ps}` on it there.",
    "hidden": "its name begins with a dot. Rename it.",
    "elsewhere": "the work in it is not in a folder {ps} of its student. Move it there.",
    "packed": "it holds an archive, and notebooks are missing. `course collect {ps} {submitted}` opens .zip "
    "and .tar.gz; unpack others yourself.",
}


@click.command()
@one_problem_set
@click.option("--student", metavar="ID", help="Grade one student only.")
@workers
@click.option(
    "--cluster", metavar="ADDRESS", help="Grade on a Dask cluster: its scheduler's address, or local:N."
)
@click.option("--force", is_flag=True, help="Grade again what has not changed.")
@click.option("--dry-run", "dry", is_flag=True, help="Only show who would gain or lose, by which check.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the grades; - prints."
)
@click.option("--unsafe-no-sandbox", "unsafe", is_flag=True, help="Run student code unconfined, as yourself.")
@click.pass_obj
def grade(
    course_dir: Path,
    ps: str,
    student: str | None,
    workers: int | None,
    cluster: str | None,
    force: bool,
    dry: bool,
    json_file: Path | None,
    unsafe: bool,
) -> None:
    """Grade the submissions in grading/submitted/ that are new or changed.

    After a regrade, or a dry run of one, a table says whose points changed, by which check, and why.
    """
    if cluster and workers:
        raise click.UsageError("--workers is for this machine, and a cluster has its own. Leave one out.")
    if cluster and unsafe:
        raise click.UsageError("--unsafe-no-sandbox is for this machine: a cluster's workers always confine.")
    with open_course(course_dir) as course:
        from autograder.files import write_whole
        from autograder.grading import records

        if json_file and str(json_file) != "-":
            _must_be_writable(json_file)
        ignored = _find_ignored(course, ps, student)
        try:
            grades = grade_and_show(course, ps, student, workers, force, not unsafe, dry, cluster)
        except CourseError:
            _show_ignored(course, ps, ignored)  # which may be all there is
            raise
        text = records.as_json(list(grades.graded), grades.changes)
        if str(json_file) == "-":
            click.echo(text, nl=False)
        else:
            if json_file:
                write_whole(json_file.absolute(), text)
            show_grades(course, grades)
            show_changes(grades.changes, dry)
        _show_ignored(course, ps, ignored)
        _show_dates_of_nobody(course, ps)
        if show_failures(grades) or ignored:
            sys.exit(FOUND_SOMETHING)


def _show_dates_of_nobody(course: Course, ps: str) -> None:
    """Say which due dates and extensions fit nobody: a name may be misspelt."""
    from autograder.exchange.roster import read_roster
    from autograder.grading.classroom import students
    from autograder.lateness.deadlines import EXTENSIONS, read_deadlines
    from autograder.problem_sets.notebooks import as_label

    deadlines = read_deadlines(course)
    sets = {path.name for path in course.source.glob("[!.]*") if path.is_dir()}
    known = {*students(course, ps), *(person.student for person in read_roster(course))}
    for name in sorted(set(deadlines.due) - sets):
        click.echo(
            f"course: c.Deadlines.due names {as_label(name)}, and there is no such problem set.", err=True
        )
    for extension in (deadlines.extensions or {}).values():
        where = f"course: {EXTENSIONS}, line {extension.line}:"
        if extension.problem_set not in sets:
            said = as_label(extension.problem_set)
            click.echo(f"{where} there is no problem set {said}.", err=True)
        elif extension.problem_set == ps and extension.student not in known:
            said = as_label(extension.student)
            click.echo(f"{where} nobody called {said} has handed in {ps} or is on the roster.", err=True)


def _find_ignored(course: Course, ps: str, student: str | None) -> list[Ignored]:
    from autograder.grading.ignored import find_ignored
    from autograder.problem_sets.notebooks import read_problem_set

    issued = [exercise.path.name for exercise in read_problem_set(course.source, ps).exercises]
    return find_ignored(course, ps, issued, student)


def _show_ignored(course: Course, ps: str, ignored: list[Ignored]) -> None:
    """One line for each thing that nobody grades, and what to do about it."""
    from autograder.problem_sets.notebooks import as_label

    submitted = as_label(short(course, course.submitted))
    for one in ignored:
        path = as_label(short(course, one.path))
        said = IGNORED[one.why].format(ps=ps, submitted=submitted)
        click.echo(f"course: {path} was ignored: {said}", err=True)


def _must_be_writable(path: Path) -> None:
    """Raise CourseError before grading, not after it, when the file cannot be written."""
    try:
        path.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.absolute().parent):
            pass
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}.") from error
