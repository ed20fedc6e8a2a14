"""`course collect`: a platform's download, put where grading looks for it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence, Sized
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.commands.shared import FOUND_SOMETHING, one_problem_set, open_course, short

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.exchange.collect import Outcome

PLATFORMS = {
    "canvas": "a Canvas download",
    "moodle": "a Moodle download",
    "exchange": "nbgrader's exchange",
    "attempts": "files named as nbgrader's zip_collect takes them",
    "folders": "folders named for students",
}
BECAME = {
    "new": "new",
    "replaced": "replaced",
    "unchanged": "unchanged",
    "outdated": "older than what is there, so put aside",
}
NONE = "-"


@click.command()
@one_problem_set
@click.argument("download", metavar="FILE|FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--roster",
    metavar="CSV",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The platform's list of people; it is kept.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@click.pass_obj
def collect(course_dir: Path, ps: str, download: Path, roster: Path | None, dry_run: bool) -> None:
    """Put the hand-ins of a download into grading/submitted/.

    The download is a .zip, or the folder it was unpacked into. It comes from Canvas, Moodle or nbgrader's
    exchange, or has a folder for each student. Run it again with a newer download: what is replaced is kept
    in grading/collected/.
    """
    with open_course(course_dir) as course:
        from rich.console import Console

        from autograder.exchange.collect import collect as collect_download

        ask = _ask if sys.stdin.isatty() and sys.stderr.isatty() else None
        if ask and roster:
            outcome = collect_download(course, ps, download, roster, ask, dry_run)
        else:
            with Console(stderr=True).status("Collecting"):
                outcome = collect_download(course, ps, download, roster, None, dry_run)
        _show(course, ps, outcome, dry_run)
        if outcome.refused:
            sys.exit(FOUND_SOMETHING)


def _ask(meaning: str, columns: Sequence[str]) -> str | None:
    """Which column of the roster holds something; None for none of them."""
    choice = click.Choice([*columns, NONE])
    answer: str = click.prompt(f"Which column holds {meaning}", type=choice, default=NONE, err=True)
    return None if answer == NONE else answer


def _show(course: Course, ps: str, outcome: Outcome, dry_run: bool) -> None:
    from autograder.exchange.collect import older_attempts
    from autograder.problem_sets.notebooks import as_label

    for place, why in outcome.refused:
        click.echo(f"✗ {as_label(place)}: not placed, {as_label(why)}.")
    for place, why in outcome.remarks:
        click.echo(f"· {as_label(place)}: {why}.")
    for person in outcome.missing:
        name = f" ({as_label(person.name)})" if person.name and person.name != person.student else ""
        click.echo(f"? {as_label(person.student)}{name}: no work.")
    counts = Counter(outcome.students.values())
    became = ", ".join(f"{counts[became]} {words}" for became, words in BECAME.items() if counts[became])
    where = short(course, course.submitted)
    would = " would be" if dry_run else ""
    click.echo(
        f"{ps}: {_count(outcome.students, 'student')}{would} in {where}, from {PLATFORMS[outcome.platform]}"
        f"{': ' + became if became else ''}."
    )
    if outcome.kept:
        where = short(course, older_attempts(course, ps))
        click.echo(f"Older attempts{would} kept in {where}: {outcome.kept}.")
    if outcome.passed_over:
        click.echo(f"Passed over, as typed on the platform or of other problem sets: {outcome.passed_over}.")
    if outcome.refused:
        click.echo(f"Not placed: {_count(outcome.refused, 'file')}.")


def _count(things: Sized, noun: str) -> str:
    return f"{len(things)} {noun}{'s' * (len(things) != 1)}"
