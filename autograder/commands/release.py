"""`course release`: the gate, then one archive for students; what is different in a later one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.commands.shared import FOUND_SOMETHING, one_problem_set, open_course, short, spinner

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.grading.cells import HandMark
    from autograder.releasing.amend import Amendment


@click.command()
@one_problem_set
@click.option("--amend", is_flag=True, help="Release a new version, and say what is different in it.")
@click.pass_obj
def release(course_dir: Path, ps: str, amend: bool) -> None:
    """Check a problem set, and write the archive that students get."""
    with open_course(course_dir) as course:
        from autograder.errors import CourseError
        from autograder.lateness.deadlines import due_in_words
        from autograder.releasing import gate, package
        from autograder.releasing.amend import is_worked_on, prepare

        with spinner() as status:
            result = gate.check(course, ps, status.update)
        if result.problems:
            for problem in result.problems:
                click.echo(f"✗ {problem.where}: {problem.what}")
            click.echo(f"{ps}: {len(result.problems)} problems. Nothing was written.")
            sys.exit(FOUND_SOMETHING)
        click.echo(f"{ps}: the gate is green.")
        made = prepare(course, ps, due_in_words(course, ps))
        if amend and made.last is None:
            raise CourseError(f"{ps} was never released, so there is nothing to amend. Leave out --amend.")
        if made.is_new and made.last and not amend:
            raise CourseError(
                f"{ps} is no longer what students have as version {made.last.number}. "
                f"`course release {ps} --amend` releases version {made.package.version.number} and says "
                "what is different."
            )
        if made.last and made.is_new:
            from autograder.grading.classroom import enter_amended

            again = {(change.notebook, change.cell) for change in made.changes if change.to_read_again}
            removed = enter_amended(course, ps, again) if is_worked_on(course, ps) else ()
        archive = package.write_package(course, made.package)
        version = made.package.version.number
        click.echo(f"{short(course, archive)}: version {version}, {len(made.package.archive) // 1000} kB.")
        click.echo(f"{short(course, archive)}.sha256: {made.package.version.archive}")
        if not made.is_new:
            click.echo(f"Nothing changed since version {version} was released.")
            if version > 1:
                click.echo(f"Its {package.START} says what is different from version {version - 1}.")
            return
        click.echo(f"{short(course, package.record_path(course, ps))}: commit it. --amend compares with it.")
        if made.last:
            _show(course, ps, made, removed)


def _show(course: Course, ps: str, made: Amendment, removed: tuple[HandMark, ...]) -> None:
    """What is different, whose work is concerned, and the text for students."""
    from autograder.grading.cells import removed_path
    from autograder.problem_sets.notebooks import as_label, read_problem_set
    from autograder.releasing.amend import letter, to_grade_again

    click.echo("\nFor staff, cell by cell:")
    for change in made.changes:
        place = change.file or ", ".join(filter(None, (change.notebook, change.cell)))
        worth = f": {change.before:g} → {change.now:g}" if change.before != change.now else ""
        click.echo(f"  {place}: {change.what}{worth}")
    regrades = to_grade_again(course, read_problem_set(course.source, ps), made.changes)
    for regrade in regrades:
        who = ", ".join(map(as_label, regrade.students[:10])) + ("…" if len(regrade.students) > 10 else "")
        count = f"{len(regrade.students)} handed it in" + (f": {who}" if who else "")
        if regrade.causes:
            click.echo(f"  {regrade.notebook}: grade again ({', '.join(regrade.causes)}). {count}.")
        for cell in regrade.by_hand:
            click.echo(f"  {regrade.notebook}, {cell}: read marks given by hand again. {count}.")
    if any(regrade.causes and regrade.students for regrade in regrades):
        click.echo(f"Run `course grade {ps}`: it grades again what was handed in.")
    else:
        click.echo(
            "No work that was handed in has to be graded again. Where a notebook changed, `course grade` "
            "does so all the same, and points stay as they are."
        )
    for mark in removed:
        click.echo(f"  {as_label(mark.student)}, {mark.notebook}, {mark.cell}: {mark.words}")
    if removed:
        click.echo(
            f"{len(removed)} marks and comments given by hand belonged to cells that are gone. They are out "
            f"of the gradebook, and kept in {short(course, removed_path(course, ps))}."
        )
    click.echo("\nFor students:\n")
    click.echo(letter(made), nl=False)
