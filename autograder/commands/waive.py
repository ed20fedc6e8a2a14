"""`course waive`: a bad check counts as passed for all."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.commands.shared import one_problem_set, open_course, short

if TYPE_CHECKING:
    from autograder.problem_sets.checks import AskedCheck
    from autograder.problem_sets.waivers import Waiver


@click.command()
@one_problem_set
@click.argument("check", metavar="CHECK")
@click.option("--because", metavar="TEXT", help="The reason, for students: it stands on every page.")
@click.option("--by", metavar="NAME", help="Who decided it, for staff.")
@click.option("--undo", is_flag=True, help="Take the waiver back.")
@click.pass_obj
def waive(course_dir: Path, ps: str, check: str, because: str | None, by: str | None, undo: bool) -> None:
    """Let a bad check count as passed for everybody who wrote the function.

    CHECK is a title as on the pages and in the report, or its beginning. Where several have the same, put the
    function or the id of the test's cell before it, with a slash. The waiver stands in source/waivers.toml,
    to be committed, and holds from the next `course grade` on.
    """
    with open_course(course_dir) as course:
        from autograder.errors import CourseError
        from autograder.problem_sets.checks import find_check
        from autograder.problem_sets.notebooks import read_problem_set
        from autograder.problem_sets.waivers import read_waivers, write_waivers

        if undo == bool((because or "").strip()):
            raise CourseError(
                "Say why, with --because: students read it. Or take a waiver back, with --undo."
            )
        found = find_check(read_problem_set(course.source, ps), check)
        waivers = read_waivers(course.source)
        known = waivers.get(ps, ())
        kept = tuple(waiver for waiver in known if not found.is_waived_by(waiver))
        if undo and len(kept) == len(known):
            raise CourseError(f"{found.full_name} of {ps} is not waived.")
        waivers[ps] = kept if undo else (*kept, _made(found, because or "", by or ""))
        path = write_waivers(course.source, waivers)
        said = "is not waived any more" if undo else f"is waived in {short(course, path)}"
        click.echo(f"{ps}: {found.full_name} {said}.")
        click.echo(f"See who gains or loses with `course grade {ps} --dry-run`; `course grade {ps}` does it.")


def _made(found: AskedCheck, because: str, by: str) -> Waiver:
    """The waiver of a check from today on. Raises CourseError when a text is too long, or does not print."""
    from autograder.errors import CourseError
    from autograder.problem_sets.waivers import MAX_REASON, Waiver, is_a_line

    because, by = " ".join(because.split()), " ".join(by.split())
    if not (is_a_line(because) and is_a_line(by)):
        raise CourseError(f"Write --because and --by in {MAX_REASON} characters that print, at most.")
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return Waiver(found.notebook, found.function, found.check, because, by, today)
