"""`course grade`: a class, its points on the screen or as JSON."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from autograder.commands.shared import (
    FOUND_SOMETHING,
    grade_with_a_bar,
    one_problem_set,
    open_course,
    show_changes,
    show_failures,
    show_grades,
    workers,
)


@click.command()
@one_problem_set
@click.option("--student", metavar="ID", help="Grade one student only.")
@workers
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
    force: bool,
    dry: bool,
    json_file: Path | None,
    unsafe: bool,
) -> None:
    """Grade the submissions in grading/submitted/ that are new or changed.

    After a regrade, or a dry run of one, a table says whose points changed, by which check, and why.
    """
    with open_course(course_dir) as course:
        from autograder.files import write_whole
        from autograder.grading import records

        if json_file and str(json_file) != "-":
            _must_be_writable(json_file)
        grades = grade_with_a_bar(course, ps, student, workers, force, not unsafe, dry)
        text = records.as_json(list(grades.graded), grades.changes)
        if str(json_file) == "-":
            click.echo(text, nl=False)
        else:
            if json_file:
                write_whole(json_file.absolute(), text)
            show_grades(course, grades)
            show_changes(grades.changes, dry)
        if show_failures(grades):
            sys.exit(FOUND_SOMETHING)


def _must_be_writable(path: Path) -> None:
    """Raise CourseError before grading, not after it, when the file cannot be written."""
    from autograder.errors import CourseError

    try:
        path.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.absolute().parent):
            pass
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}.") from error
