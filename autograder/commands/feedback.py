"""`course feedback`: the pages students read."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.shared import one_problem_set, open_course, short


@click.command()
@one_problem_set
@click.pass_obj
def feedback(course_dir: Path, ps: str) -> None:
    """Write pages for every graded submission: one a notebook, and an index."""
    with open_course(course_dir) as course:
        from autograder.pages.feedback_page import write_feedback

        pages = write_feedback(course, ps)
        click.echo(f"Pages of {len(pages)} submissions in {short(course, course.feedback)}, for example:")
        click.echo(f"  {short(course, pages[0])}")
