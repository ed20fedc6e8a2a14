"""`course demo`: every step of a term, on a class that is made up."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands.shared import (
    FOUND_SOMETHING,
    grade_and_show,
    open_course,
    problem_sets,
    short,
    show_failures,
    show_grades,
    spinner,
    workers,
)


@click.command()
@workers
@click.pass_obj
def demo(course_dir: Path, workers: int | None) -> None:
    """All of it on a made-up class, in demo/: build, grade, feedback, report, check."""
    with open_course(course_dir) as course:
        from autograder.analysis.report_page import write_report
        from autograder.demo import CLASS, clear, demo_course, make_class
        from autograder.errors import CourseError
        from autograder.pages.feedback_page import write_feedback
        from autograder.problem_sets.notebooks import read_problem_set
        from autograder.releasing import gate
        from autograder.releasing.build import build
        from autograder.running import sandbox

        if problem := sandbox.why_not(course.root):
            raise CourseError(f"{problem} The made-up class attacks its grader, so it needs the sandbox.")
        stage, names, found = demo_course(course), problem_sets(course, None), False
        made: list[Path] = []
        clear(course)
        click.echo("1  Make up a class:")
        for member in CLASS:
            click.echo(f"   {member.name + ':':<22} {member.story}")
        a_cell = f"with {stage.limits.seconds_per_cell:g} seconds for a cell"
        click.echo(
            "2  Build release/ for students and solutions/ for staff, and grade what the class hands in:"
        )
        click.echo(f"   {len(CLASS)} people, each with something of its own, {a_cell}.")
        for name in names:
            build(course, name)
            make_class(course, read_problem_set(course.source, name))
            grades = grade_and_show(stage, name, None, workers, True)
            show_grades(stage, grades)
            found = show_failures(grades) or found
        click.echo("3  Write feedback for students, and a report for instructors.")
        for name in names:
            made += [write_feedback(stage, name)[-1], write_report(stage, name)[0]]
        click.echo("4  Check what students would get: nothing leaks.")
        for name in names:
            with spinner() as status:
                result = gate.check(course, name, status.update, proofs=False)
            click.echo(f"   {name}: {len(result.passed)} guards passed, {len(result.problems)} problems.")
            for fault in result.problems:
                click.echo(f"   ✗ {fault.where}: {fault.what}")
            found = found or bool(result.problems)
        click.echo("   `course check` also tries the tests on every catalogued answer, and takes minutes.")
        click.echo("Open next:")
        for path in (*made, stage.grading / "gradebook.db", course.release):
            click.echo(f"  {short(course, path)}")
        if found:
            sys.exit(FOUND_SOMETHING)
