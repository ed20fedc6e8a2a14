"""The command `course`: parses, calls one function a command, prints.

Heavy imports stand inside the commands, so that `course --help` answers at once.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.grading.classroom import ClassGrades

FOUND_SOMETHING = 1  # an exit code; errors carry their own


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--course-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The course.",
)
@click.version_option(package_name="matrix-calculus-course")
@click.pass_context
def main(context: click.Context, course_dir: Path) -> None:
    """Build, check and grade the problem sets of this course.

    The course is the nearest folder, from here upwards, that holds course_config.py.
    """
    context.obj = course_dir


def _without_slash(context: click.Context, parameter: click.Parameter, name: str | None) -> str | None:
    """Shells complete the name of a folder with one."""
    return name and name.rstrip("/")


problem_set = click.argument("ps", metavar="[PS]", required=False, callback=_without_slash)
one_problem_set = click.argument("ps", metavar="PS", callback=_without_slash)


@main.command()
@problem_set
@click.pass_obj
def build(course_dir: Path, ps: str | None) -> None:
    """Make release/ and solutions/ from source/."""
    with _course(course_dir) as course:
        from autograder.releasing.build import build

        for name in _problem_sets(course, ps):
            built = build(course, name)
            for notebook in built.tidied:
                click.echo(f"{_short(course, course.source / name / notebook)}: tidied.")
            click.echo(f"{_short(course, course.release / name)}: {len(built.released)} files.")
            click.echo(
                f"{_short(course, course.solutions / name)}: {len(built.solved)} files; "
                f"{built.kept} worked solutions were still good."
            )


@main.command()
@problem_set
@click.option("--certificate", is_flag=True, help="Also write what each check of the hidden tests catches.")
@click.pass_obj
def check(course_dir: Path, ps: str | None, certificate: bool) -> None:
    """The release gate: exit 1 and a list when anything is off."""
    with _course(course_dir) as course:
        from autograder.releasing import gate

        found = 0
        for name in _problem_sets(course, ps):
            with _spinner() as spinner:
                result = gate.check(course, name, lambda guard: spinner.update(guard))
            for title in result.passed:
                click.echo(f"✓ {title}.")
            for problem in result.problems:
                click.echo(f"✗ {problem.where}: {problem.what}")
            found += len(result.problems)
            verdict = f"{len(result.problems)} problems" if result.problems else "ready to release"
            click.echo(f"{name}: {verdict}.")
            if certificate:
                path, problems = _certify(course, name)
                click.echo(f"The certificate is {_short(course, path)}.")
                found += problems
        if found:
            sys.exit(FOUND_SOMETHING)


@main.command()
@one_problem_set
@click.option("--student", metavar="ID", help="Grade one student only.")
@click.option(
    "--workers", type=click.IntRange(1, 256), help="Submissions at once; as many as cores unless given."
)
@click.option("--force", is_flag=True, help="Grade again what has not changed.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the grades; - prints."
)
@click.option("--unsafe-no-sandbox", "unsafe", is_flag=True, help="Run student code unconfined, as yourself.")
@click.pass_obj
def grade(
    course_dir: Path,
    ps: str,
    student: str | None,
    workers: int | None,
    force: bool,
    json_file: Path | None,
    unsafe: bool,
) -> None:
    """Grade the submissions in grading/submitted/ that are new or changed."""
    with _course(course_dir) as course:
        from autograder.files import write_whole
        from autograder.grading import records

        if json_file and str(json_file) != "-":
            _must_be_writable(json_file)
        grades = _grade(course, ps, student, workers, force, not unsafe)
        text = records.as_json(list(grades.graded))
        if str(json_file) == "-":
            click.echo(text, nl=False)
        else:
            if json_file:
                write_whole(json_file.absolute(), text)
            _show_grades(grades)
        if _show_failures(grades):
            sys.exit(FOUND_SOMETHING)


@main.command()
@one_problem_set
@click.pass_obj
def feedback(course_dir: Path, ps: str) -> None:
    """Write pages for every graded submission: one a notebook, and an index."""
    with _course(course_dir) as course:
        from autograder.pages.feedback_page import write_feedback

        pages = write_feedback(course, ps)
        click.echo(f"Pages of {len(pages)} submissions in {_short(course, course.feedback)}, for example:")
        click.echo(f"  {_short(course, pages[0])}")


@main.command()
@one_problem_set
@click.pass_obj
def report(course_dir: Path, ps: str) -> None:
    """Write the instructor's report: one page, and the same as JSON and CSV."""
    with _course(course_dir) as course:
        from autograder.analysis.report_page import write_report

        for path in write_report(course, ps):
            click.echo(_short(course, path))


@main.command()
@click.option(
    "--workers", type=click.IntRange(1, 256), help="Submissions at once; as many as cores unless given."
)
@click.pass_obj
def demo(course_dir: Path, workers: int | None) -> None:
    """All of it on a made-up class, in demo/: build, check, grade, feedback, report."""
    with _course(course_dir) as course:
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
        stage, names, found, made = demo_course(course), _problem_sets(course, None), False, []
        clear(course)
        click.echo("1  Build release/ for students and solutions/ for staff, and check them.")
        for name in names:
            build(course, name)
            with _spinner() as spinner:
                result = gate.check(course, name, lambda guard: spinner.update(guard))
            click.echo(f"   {name}: {len(result.passed)} guards passed, {len(result.problems)} problems.")
            for problem in result.problems:
                click.echo(f"   ✗ {problem.where}: {problem.what}")
            certificate, unproven = _certify(stage, name, indent="   ")
            made.append(certificate)
            found = found or bool(result.problems) or bool(unproven)
            members = make_class(course, read_problem_set(course.source, name))
        click.echo(f"2  Grade a class of {len(members)}, each with something of its own:")
        for member in members:
            click.echo(f"   {member.name + ':':<22} {member.story}")
        classes = [_grade(stage, name, None, workers, True) for name in names]
        click.echo("3  Write feedback for students, and a report for instructors.")
        for grades in classes:
            pages = write_feedback(stage, grades.assignment)
            made += [pages[-1], write_report(stage, grades.assignment)[0]]
            _show_grades(grades)
            found = _show_failures(grades) or found
        click.echo("Open next:")
        for path in (*made, stage.grading / "gradebook.db", course.release):
            click.echo(f"  {_short(course, path)}")
        if found:
            sys.exit(FOUND_SOMETHING)


@main.command()
@click.pass_obj
def doctor(course_dir: Path) -> None:
    """What this machine can and cannot do, with the remedy."""
    with _course(course_dir) as course:
        from autograder.doctor import examine_machine

        findings = examine_machine(course)
        for finding in findings:
            click.echo(f"{'✗' if finding.remedy else '✓'} {finding.what}: {finding.seen}")
            if finding.remedy:
                click.echo(f"  → {finding.remedy}")
        if any(finding.remedy for finding in findings):
            sys.exit(FOUND_SOMETHING)


# ------------------------------------------------------------------ shared by the commands


@contextmanager
def _course(course_dir: Path) -> Iterator[Course]:
    """The course, with its errors turned into one sentence and an exit code."""
    from autograder.course import find_course
    from autograder.errors import CourseError, sentence

    try:
        yield find_course(course_dir)
    except CourseError as error:
        click.echo(f"course: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # whoever read what we print has enough; click knows what to do
        raise
    except OSError as error:
        click.echo(f"course: {sentence(error)}", err=True)
        sys.exit(FOUND_SOMETHING)


def _must_be_writable(path: Path) -> None:
    """Said before grading, not after it."""
    from autograder.errors import CourseError

    try:
        path.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.absolute().parent):
            pass
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}.") from error


def _problem_sets(course: Course, ps: str | None) -> list[str]:
    from autograder.errors import CourseError

    if ps is not None:
        return [ps]
    found = sorted({path.parent.name for path in course.source.glob("*/*.ipynb")})
    if not found:
        raise CourseError(f"{course.source} holds no problem set.")
    return found


def _short(course: Course, path: Path) -> str:
    return str(path.relative_to(course.root)) if path.is_relative_to(course.root) else str(path)


def _spinner():
    from rich.console import Console

    return Console(stderr=True).status("Checking")


def _grade(
    course: Course, ps: str, student: str | None, workers: int | None, force: bool, sandboxed: bool = True
) -> ClassGrades:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from autograder.grading.classroom import grade_class

    columns = (
        TextColumn("Grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[who]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", who="", rate="")

        def progress(done: int, total: int, who: str) -> None:
            elapsed = bar.tasks[task].elapsed
            rate = f"{done / elapsed:.1f} a second" if done and elapsed else ""
            bar.update(task, completed=done, total=total, who=who, rate=rate)

        return grade_class(course, ps, student, workers, force, progress, sandboxed)


def _certify(course: Course, ps: str, indent: str = "") -> tuple[Path, int]:
    """Write a problem set's certificate for staff; where it is, and how many problems it found."""
    from autograder.problem_sets.notebooks import read_problem_set
    from autograder.releasing.certificate import write_certificate

    path, made = write_certificate(read_problem_set(course.source, ps), course.records)
    problems = [problem for certificate in made for problem in certificate.problems]
    for problem in problems:
        click.echo(f"{indent}✗ {problem}")
    wrong = sum(c.mistakes + c.mutants for c in made)
    checks = sum(len(c.checks) for c in made)
    click.echo(f"{indent}{ps}: {checks} checks tried on {wrong} wrong answers, {len(problems)} problems.")
    return path, len(problems)


def _show_failures(grades: ClassGrades) -> bool:
    """Say for whom grading itself failed, and whether there is anybody."""
    for student, problem in grades.failed:
        name = student.encode("utf-8", "replace").decode()
        click.echo(f"course: {name} could not be graded: {problem}", err=True)
    return bool(grades.failed)


def _show_grades(grades: ClassGrades) -> None:
    """The table of points, one line a student."""
    if not grades.graded:
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{grades.assignment}: automatic points", title_justify="left")
    table.add_column("student", overflow="fold")
    for notebook in grades.graded[0].notebooks:
        table.add_column(notebook.notebook.split("_")[0], justify="right")
    table.add_column("sum", justify="right")
    table.add_column("trouble")
    for submission in grades.graded:
        trouble = {notebook.status for notebook in submission.notebooks} - {"graded"}
        repaired = any(notebook.repairs for notebook in submission.notebooks)
        table.add_row(
            submission.student,
            *(f"{notebook.score:g}" for notebook in submission.notebooks),
            f"{submission.score:g} / {submission.max_score:g}",
            ", ".join(sorted(trouble) + ["repaired"] * repaired),
        )
    Console().print(table)
    if not all(submission.sandboxed for submission in grades.graded):
        click.echo("Graded WITHOUT a sandbox: student code ran unconfined, and could have forged its marks.")
    if grades.skipped:
        click.echo(
            f"{len(grades.skipped)} of {len(grades.graded)} had not changed and were not graded again."
        )
