"""`course doctor`: whether this machine can do what the course asks of it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands.shared import FOUND_SOMETHING, open_course


@click.command()
@click.pass_obj
def doctor(course_dir: Path) -> None:
    """What this machine can and cannot do, with the remedy."""
    with open_course(course_dir) as course:
        from autograder.doctor import examine_machine

        findings = examine_machine(course)
        for finding in findings:
            click.echo(f"{'✗' if finding.remedy else '✓'} {finding.what}: {finding.seen}")
            if finding.remedy:
                click.echo(f"  → {finding.remedy}")
        if any(finding.remedy for finding in findings):
            sys.exit(FOUND_SOMETHING)
