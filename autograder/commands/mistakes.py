"""`course mistakes`: what a class got wrong, and what the answer keys do not know yet."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.shared import one_problem_set, open_course


@click.command()
@one_problem_set
@click.option("--unexplained", is_flag=True, help="Only answers that nothing explains, as entries to paste.")
@click.pass_obj
def mistakes(course_dir: Path, ps: str, unexplained: bool) -> None:
    """List the mistakes of a graded class, most frequent first. Names no student."""
    with open_course(course_dir) as course:
        from autograder.analysis.mistakes import UNEXPLAINED, entry
        from autograder.analysis.report import read_report

        made = sorted(read_report(course, ps).mistakes, key=lambda mistake: -mistake.count)
        shown = [m for m in made if m.kind == UNEXPLAINED] if unexplained else made
        for mistake in shown:
            who = "person" if mistake.count == 1 else "people"
            what = mistake.name or mistake.kind
            click.echo(
                f"{mistake.count} {who}, {mistake.cost:.3g} points each: "
                f"{mistake.question} in {mistake.notebook}, {what}"
            )
            click.echo(f"  {'# ' if unexplained else ''}{mistake.text}")
            if unexplained:
                click.echo(
                    "".join(f"  {line}\n" for line in (entry(mistake) or mistake.example).splitlines())
                )
        if not shown:
            click.echo("None." if unexplained else "No mistake was found.")
