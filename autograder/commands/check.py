"""`course check`: the release gate, and the certificate of the hidden tests."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands.shared import (
    FOUND_SOMETHING,
    certify,
    open_course,
    problem_set,
    problem_sets,
    short,
    spinner,
)


@click.command()
@problem_set
@click.option("--certificate", is_flag=True, help="Also write what each check of the hidden tests catches.")
@click.pass_obj
def check(course_dir: Path, ps: str | None, certificate: bool) -> None:
    """The release gate: exit 1 and a list when anything is off."""
    with open_course(course_dir) as course:
        from autograder.releasing import gate

        found = 0
        for name in problem_sets(course, ps):
            with spinner() as status:
                result = gate.check(course, name, status.update)
            for title in result.passed:
                click.echo(f"✓ {title}.")
            for problem in result.problems:
                click.echo(f"✗ {problem.where}: {problem.what}")
            found += len(result.problems)
            verdict = f"{len(result.problems)} problems" if result.problems else "ready to release"
            click.echo(f"{name}: {verdict}.")
            if certificate:
                path, problems = certify(course, name)
                click.echo(f"The certificate is {short(course, path)}.")
                found += problems
        if found:
            sys.exit(FOUND_SOMETHING)
