"""`course check`: the release gate, what a person accepts, and the certificate of the hidden tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.commands.shared import (
    FOUND_SOMETHING,
    open_course,
    problem_set,
    problem_sets,
    short,
    spinner,
)

if TYPE_CHECKING:
    from autograder.course import Course


@click.command()
@problem_set
@click.option("--certificate", is_flag=True, help="Also write what each check of the hidden tests catches.")
@click.option(
    "--accept",
    metavar="FILE",
    multiple=True,
    help="A picture, a file or a cell that you looked at, as the gate names it: it may go out as it is.",
)
@click.option("--because", metavar="TEXT", help="With --accept: why it may.")
@click.pass_obj
def check(
    course_dir: Path, ps: str | None, certificate: bool, accept: tuple[str, ...], because: str | None
) -> None:
    """The release gate: exit 1 and a list when anything is off."""
    with open_course(course_dir) as course:
        from autograder.releasing import accepted, gate

        if accept or because is not None:
            reason = _reason(ps, accept, because)
            for entry in accepted.accept(course, str(ps), accept, reason):
                click.echo(f"{entry.file} is accepted, in {accepted.FILE_NAME}.")
        found = 0
        for name in problem_sets(course, ps):
            with spinner() as status:
                result = gate.check(course, name, status.update, noted=course.records)
            for title in result.passed:
                click.echo(f"✓ {title}.")
            for problem in result.problems:
                click.echo(f"✗ {problem.where}: {problem.what}")
            found += len(result.problems)
            verdict = f"{len(result.problems)} problems" if result.problems else "ready to release"
            click.echo(f"{name}: {verdict}.")
            if certificate:
                path, problems = _certify(course, name)
                click.echo(f"The certificate is {short(course, path)}.")
                found += problems
        if found:
            sys.exit(FOUND_SOMETHING)


def _reason(ps: str | None, accept: tuple[str, ...], because: str | None) -> str:
    """Why things are accepted. Raises CourseError when something is missing."""
    from autograder.errors import CourseError

    said = " ".join((because or "").split())
    if not accept or not said:
        missing = "--because says why" if accept else "--because goes with --accept FILE"
        raise CourseError(f'{missing}: course check PS --accept FILE --because "what you saw".')
    if ps is None:
        raise CourseError('--accept needs the problem set: course check PS --accept FILE --because "…".')
    return said


def _certify(course: Course, ps: str) -> tuple[Path, int]:
    """Write a problem set's certificate for staff; where it is, and how many problems it found."""
    from autograder.problem_sets.notebooks import read_problem_set
    from autograder.releasing.certificate import certificate_path, write_certificate
    from autograder.releasing.proven import Proven

    problem_set = read_problem_set(course.source, ps)
    proven, path = Proven(course, problem_set, course.records), certificate_path(course.records, ps)
    if path.is_file() and proven.is_known("certificate", path.read_text(encoding="utf-8")):
        click.echo(
            f"{ps}: nothing has changed since every check was tried on every wrong answer, 0 problems."
        )
        return path, 0
    path, made = write_certificate(problem_set, course.records)
    problems = [problem for certificate in made for problem in certificate.problems]
    for problem in problems:
        click.echo(f"✗ {problem}")
    wrong = sum(c.mistakes + c.mutants for c in made)
    checks = sum(len(c.checks) for c in made)
    click.echo(f"{ps}: {checks} checks tried on {wrong} wrong answers, {len(problems)} problems.")
    if not problems:
        proven.note("certificate", path.read_text(encoding="utf-8"))
    return path, len(problems)
