"""`course demo`: every step of a term, on a class that is made up."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.commands.shared import (
    FOUND_SOMETHING,
    certify,
    grade_with_a_bar,
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
    """All of it on a made-up class, in demo/: build, check, grade, feedback, report."""
    with open_course(course_dir) as course:
        from autograder.analysis.report_page import write_report
        from autograder.demo import clear, demo_course, make_class
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
        click.echo("1  Build release/ for students and solutions/ for staff, and check them.")
        for name in names:
            build(course, name)
            with spinner() as status:
                result = gate.check(course, name, status.update)
            click.echo(f"   {name}: {len(result.passed)} guards passed, {len(result.problems)} problems.")
            for fault in result.problems:
                click.echo(f"   ✗ {fault.where}: {fault.what}")
            certificate, unproven = certify(stage, name, indent="   ")
            made.append(certificate)
            found = found or bool(result.problems) or bool(unproven)
            members = make_class(course, read_problem_set(course.source, name))
        click.echo(f"2  Grade a class of {len(members)}, each with something of its own:")
        for member in members:
            click.echo(f"   {member.name + ':':<22} {member.story}")
        classes = [grade_with_a_bar(stage, name, None, workers, True) for name in names]
        click.echo("3  Write feedback for students, and a report for instructors.")
        for grades in classes:
            pages = write_feedback(stage, grades.assignment)
            made += [pages[-1], write_report(stage, grades.assignment)[0]]
            show_grades(stage, grades)
            found = show_failures(grades) or found
        click.echo("Open next:")
        for path in (*made, stage.grading / "gradebook.db", course.release):
            click.echo(f"  {short(course, path)}")
        if found:
            sys.exit(FOUND_SOMETHING)
