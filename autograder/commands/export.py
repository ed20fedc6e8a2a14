"""`course export`: grades and pages, as files for a learning platform."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands.shared import FOUND_SOMETHING, one_problem_set, open_course, short


@click.command()
@one_problem_set
@click.option(
    "--for",
    "platform",
    type=click.Choice(["canvas", "moodle", "csv"]),
    required=True,
    help="Who reads the file; csv has everything.",
)
@click.option("--zeros", is_flag=True, help="Give 0 to who handed in nothing, in place of an empty cell.")
@click.option("--partial", is_flag=True, help="Export the points so far while marking is open.")
@click.option("--feedback", is_flag=True, help="Zip the feedback pages too.")
@click.option("--column", metavar="NAME", default="", help="What the assignment is called in Canvas.")
@click.pass_obj
def export(
    course_dir: Path, ps: str, platform: str, zeros: bool, partial: bool, feedback: bool, column: str
) -> None:
    """Write grades, and pages, as files that Canvas or Moodle takes in."""
    with open_course(course_dir) as course:
        from autograder.errors import CourseError
        from autograder.exchange.export import Wanted
        from autograder.exchange.export import export as write
        from autograder.exchange.worksheets import Platform

        if column and platform != Platform.CANVAS:
            raise CourseError("Only Canvas's file has a column to name: leave out --column.")
        done = write(course, ps, Wanted(Platform(platform), zeros, partial, feedback, column))
        for remark in done.remarks:
            click.echo(remark)
        for path in done.files:
            click.echo(f"{short(course, path)} ({_size(path)})")
        for problem in done.problems:
            click.echo(f"course: {problem}", err=True)
        if done.problems:
            sys.exit(FOUND_SOMETHING)


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
