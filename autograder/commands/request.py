"""`course request`: a regrade request is noted, or closed with an answer."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.shared import one_problem_set, open_course


@click.command()
@one_problem_set
@click.argument("student", metavar="STUDENT")
@click.argument("text", metavar="[TEXT]", required=False)
@click.option("--close", "answer", metavar="ANSWER", help="Close the student's open requests with an answer.")
@click.pass_obj
def request(course_dir: Path, ps: str, student: str, text: str | None, answer: str | None) -> None:
    """Note what a student asks about their grade, or close it with --close.

    TEXT stands on the student's pages and in the report until it is closed. Then the answer stands on the
    pages. Requests are kept in grading/requests.csv.
    """
    with open_course(course_dir) as course:
        from autograder.errors import CourseError
        from autograder.grading import requests
        from autograder.grading.classroom import students
        from autograder.problem_sets.notebooks import as_label, read_problem_set

        if (text is None) == (answer is None):
            raise CourseError("Give what the student asks, or --close with an answer.")
        read_problem_set(course.source, ps)
        who = as_label(student)
        if text is not None:
            if student not in students(course, ps):
                raise CourseError(f"{who} has no submission for {ps} in {course.submitted}.")
            requests.ask(course, ps, student, text)
            said = f"{who} has an open request on {ps}."
        else:
            closed = requests.close(course, ps, student, answer or "")
            said = f"{closed} of {who}'s requests on {ps} {'is' if closed == 1 else 'are'} closed."
        click.echo(f"{said} `course feedback {ps}` and `course report {ps}` show it.")
