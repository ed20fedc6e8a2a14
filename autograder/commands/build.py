"""`course build`: what students and staff get, from what instructors edit."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.shared import open_course, problem_set, problem_sets, short


@click.command()
@problem_set
@click.pass_obj
def build(course_dir: Path, ps: str | None) -> None:
    """Make release/ and solutions/ from source/."""
    with open_course(course_dir) as course:
        from autograder.releasing.build import build

        for name in problem_sets(course, ps):
            built = build(course, name)
            for notebook in built.tidied:
                click.echo(f"{short(course, course.source / name / notebook)}: tidied.")
            click.echo(f"{short(course, course.release / name)}: {len(built.released)} files.")
            click.echo(
                f"{short(course, course.solutions / name)}: {len(built.solved)} files; "
                f"{built.kept} worked solutions were still good."
            )
