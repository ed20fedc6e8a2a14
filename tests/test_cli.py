"""The command: help, errors in one sentence, exit codes, the doctor."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder import doctor
from autograder.cli import main
from autograder.course import find_course
from tests.conftest import REPOSITORY


def course_command(*arguments):
    return CliRunner().invoke(main, arguments)


def test_help_lists_the_commands_and_stays_light():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "autograder", "--help"],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=True,
    )
    for command in ("build", "check", "grade", "feedback", "demo", "doctor"):
        assert f"  {command} " in done.stdout
    for heavy in ("nbgrader", "numpy", "nbformat", "jinja2"):
        assert f" {heavy}\n" not in done.stderr


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("grade", "ps9"), "There is no problem set 'ps9'; there is: ps0, ps1"),
        (("check", "ps9"), "no problem set 'ps9'"),
        (("build", "../source/ps1"), "no problem set"),
        (("feedback", "ps9"), "Nothing of ps9 is graded yet."),
        (("grade", "ps1", "--student", "nobody-by-this-name"), "no submission for ps1"),
        (("grade",), "Missing argument"),
        (("grade", "ps1", "--workers", "0"), "Invalid value"),
        (("dance",), "No such command"),
    ],
)
def test_a_wrong_call_is_a_sentence_and_exit_code_2(arguments, said):
    done = course_command("--course-dir", str(REPOSITORY), *arguments)
    assert done.exit_code == 2
    assert said in done.stderr and "Traceback" not in done.stderr


def test_outside_a_course_the_remedy_is_said(tmp_path):
    done = course_command("--course-dir", str(tmp_path), "check")
    assert done.exit_code == 2 and "--course-dir" in done.stderr


def test_a_configuration_that_does_not_run(tmp_path):
    (tmp_path / "course_config.py").write_text("c = get_config()\nc.Execute.timeout = 1 / 0\n")
    done = course_command("--course-dir", str(tmp_path), "check")
    assert done.exit_code == 2 and "ZeroDivisionError" in done.stderr


def test_the_course_is_found_from_a_folder_inside_it():
    assert find_course(REPOSITORY / "source" / "ps1").root == REPOSITORY


def test_the_doctor_finds_this_machine_well(course):
    done = course_command("--course-dir", str(REPOSITORY), "doctor")
    assert done.exit_code == 0, done.output
    assert "✗" not in done.output


def test_the_doctor_names_a_remedy(course, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    findings = {finding.what: finding for finding in doctor.examine_machine(course)}
    assert "Activate .venv" in findings["alembic"].remedy
    locked = doctor._locked_versions(Path(REPOSITORY / "requirements.lock"))
    assert locked["nbgrader"] == {"0.9.6"}
