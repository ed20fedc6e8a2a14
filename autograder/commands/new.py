"""`course new`: a problem set to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.shared import one_problem_set, open_course, show_scaffold


@click.command()
@one_problem_set
@click.pass_obj
def new(course_dir: Path, ps: str) -> None:
    """Begin a problem set: its folder, the harness, a first notebook."""
    with open_course(course_dir) as course:
        from autograder.releasing.scaffold import new_problem_set

        show_scaffold(course, new_problem_set(course, ps))
        click.echo(f"Add exercises: `course new-exercise {ps} NAME`. Then `course build {ps}`.")
