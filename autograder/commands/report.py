"""`course report`: what the class understood, for its instructor."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.shared import one_problem_set, open_course, short


@click.command()
@one_problem_set
@click.pass_obj
def report(course_dir: Path, ps: str) -> None:
    """Write the instructor's report: one page, and the same as JSON and CSV."""
    with open_course(course_dir) as course:
        from autograder.analysis.report_page import write_report

        for path in write_report(course, ps):
            click.echo(short(course, path))
