"""`course new-exercise`: a notebook and its answer key to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.shared import one_problem_set, open_course, show_scaffold


@click.command()
@one_problem_set
@click.argument("name")
@click.pass_obj
def new_exercise(course_dir: Path, ps: str, name: str) -> None:
    """Begin an exercise on the function NAME: its notebook and its answer key."""
    with open_course(course_dir) as course:
        from autograder.releasing.scaffold import new_exercise

        show_scaffold(course, new_exercise(course, ps, name))
        click.echo(f"When all of it is written: `course build {ps}`, then `course check {ps}`.")
