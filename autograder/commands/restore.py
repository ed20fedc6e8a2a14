"""`course restore`: the gradebook as it was."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.commands.shared import open_course, short

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.grading.backups import Snapshot


@click.command()
@click.argument("snapshot", metavar="[SNAPSHOT]", required=False)
@click.pass_obj
def restore(course_dir: Path, snapshot: str | None) -> None:
    """List the snapshots of the gradebook, or put one in its place.

    What is there now is kept first.
    """
    with open_course(course_dir) as course:
        from autograder.grading import backups
        from autograder.grading.classroom import alone

        if snapshot is None:
            _show(course, backups.snapshots(course))
            return
        with alone(course):
            restored, kept = backups.restore(course, snapshot)
        if kept:
            click.echo(f"What was there is now {short(course, kept)}.")
        click.echo(f"The gradebook is what it was on {_moment(restored)}, before {restored.before}.")
        click.echo(
            "Run `course grade` for each problem set: it enters again what was graded since. "
            "Marks by hand since then are gone; look at derivations that were handed in anew. "
            "If the formgrader is open, load its page again."
        )


def _show(course: Course, kept: list[Snapshot]) -> None:
    if course.database is None:
        click.echo(f"{course.gradebook} is no SQLite file. Keep it by the means of its own server.")
        return
    if not kept:
        click.echo(f"There is no snapshot in {short(course, course.backups)} yet.")
        return
    for one in kept:
        click.echo(one.path.stem)
        inside = (
            f"{one.students} students, {one.submissions} submissions, {one.by_hand} marks by hand"
            if one.intact
            else "damaged, or no gradebook"
        )
        click.echo(f"  {_moment(one)}, before {one.before}: {inside}.")
    click.echo("`course restore SNAPSHOT` puts one in the place of the gradebook.")


def _moment(snapshot: Snapshot) -> str:
    """In the time of this machine."""
    return f"{snapshot.moment.astimezone():%Y-%m-%d %H:%M:%S}"
