"""The command `course`. What each of its commands does stands in `commands/`.

Heavy imports stand inside the commands, so that `course --help` answers at once.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import click

from autograder.commands.build import build
from autograder.commands.check import check
from autograder.commands.collect import collect
from autograder.commands.demo import demo
from autograder.commands.doctor import doctor
from autograder.commands.export import export
from autograder.commands.feedback import feedback
from autograder.commands.grade import grade
from autograder.commands.mistakes import mistakes
from autograder.commands.new import new
from autograder.commands.new_exercise import new_exercise
from autograder.commands.release import release
from autograder.commands.report import report
from autograder.commands.request import request
from autograder.commands.restore import restore
from autograder.commands.try_answers import try_answers
from autograder.commands.waive import waive
from autograder.errors import CourseError
from autograder.startup import leave_out_iri_formats, write_names_in_utf8


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    commands=[
        build,
        check,
        release,
        collect,
        grade,
        feedback,
        report,
        mistakes,
        waive,
        request,
        export,
        restore,
        try_answers,
        new,
        new_exercise,
        demo,
        doctor,
    ],
)
@click.option(
    "--course-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The course.",
)
@click.version_option(package_name="matrix-calculus-course")
@click.pass_context
def main(context: click.Context, course_dir: Path) -> None:
    """Build, check and grade the problem sets of this course.

    The course is the nearest folder, from here upwards, that holds course_config.py.
    """
    if sys.flags.optimize:
        click.echo(
            "course: Python leaves out assertions and docstrings here, which tests and hints are made of. "
            "Unset PYTHONOPTIMIZE.",
            err=True,
        )
        sys.exit(CourseError.exit_code)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a ✓ that a terminal cannot show ends no command
    write_names_in_utf8()
    leave_out_iri_formats()
    context.obj = course_dir
