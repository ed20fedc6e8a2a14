"""`course try`: what an answer key makes of its own answers."""

from __future__ import annotations

import sys

import click

from autograder.commands.shared import FOUND_SOMETHING


@click.command("try")
@click.argument("key", metavar="KEY")
@click.argument("name", metavar="[NAME]", default="")
def try_answers(key: str, name: str) -> None:
    """Try a mistake of an answer key, or a function's, or all: what catches it, and is its hint unique?"""
    from autograder.errors import CourseError
    from autograder.problem_sets.key import load_key
    from autograder.releasing.trial import trials

    wrong = 0
    try:
        known = load_key(key)
    except LookupError as error:
        click.echo(f"course: {error.args[0]}", err=True)
        sys.exit(CourseError.exit_code)
    try:
        for trial in trials(known, name):
            click.echo(f"{'✗' if trial.problem else '✓'} {trial.entry.name} ({trial.entry.function})")
            click.echo(
                f"  fails {len(trial.failed)} of {trial.checks} checks: {', '.join(trial.failed) or 'none'}"
            )
            if trial.told:
                click.echo(f"  told: {trial.told.text}")
            if trial.alike:
                click.echo(f"  answers like: {', '.join(trial.alike)}")
            if trial.problem:
                click.echo(f"  → {trial.problem}")
            wrong += bool(trial.problem)
    except CourseError as error:
        click.echo(f"course: {error}", err=True)
        sys.exit(error.exit_code)
    if wrong:
        sys.exit(FOUND_SOMETHING)
