"""The command: help, errors in one sentence, exit codes, the doctor."""

import json
import os
import subprocess
import sys
import tomllib

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course import find_course
from tests.helpers import FIRST, REPOSITORY


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
    for command in ("build", "check", "grade", "feedback", "report", "demo", "doctor"):
        assert f"  {command} " in done.stdout
    for heavy in ("nbgrader", "numpy", "nbformat", "jinja2"):
        assert f" {heavy}\n" not in done.stderr


def test_a_command_that_reads_notebooks_compiles_no_grammar_for_it():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "autograder", "report", "ps9"],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
    )
    assert done.returncode == 2
    assert " jsonschema\n" in done.stderr
    assert " lark\n" not in done.stderr  # see autograder/startup.py


def test_the_command_listens_for_ctrl_c_before_it_imports_anything_that_takes_long():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    assert project["project"]["scripts"] == {"course": "autograder.__main__:main"}
    code = "import sys, autograder.__main__; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY)
    assert {"autograder.stopping", "signal"} <= set(done.stdout.split())
    assert not {"click", "rich", "sqlite3", "multiprocessing", "subprocess"} & set(done.stdout.split())


def test_importing_the_package_changes_nothing():
    code = "import sys; before = dict(sys.modules); import autograder; after = dict(sys.modules)"
    code += "; print(sorted(after.keys() - before.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY)
    assert done.stdout == "['autograder']\n"


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("grade", "ps9"), "There is no problem set 'ps9'; there "),
        (("check", "ps9"), "no problem set 'ps9'"),
        (("build", "../source/ps1"), "no problem set"),
        (("feedback", "ps9"), "There is no problem set 'ps9'; there is: ps0, ps1, ps2."),
        (("report", "../ps1"), "There is no problem set '../ps1'"),
        (("grade", "ps1/", "--student", "nobody-by-this-name"), "no submission for ps1"),
        (("grade", "ps1", "--json", "/proc/none/grades.json"), "cannot be written"),
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


@pytest.mark.parametrize("command", ["build", "check", "grade"])
@pytest.mark.parametrize("points", ["two", None, -1, float("nan")])
def test_broken_content_is_a_sentence_and_exit_code_1(small_course, command, points):
    path = small_course.source / "ps1" / f"{FIRST}.ipynb"
    notebook = json.loads(path.read_text())
    hidden = next(cell for cell in notebook["cells"] if cell["id"] == "squared-norm-hidden")
    hidden["metadata"]["nbgrader"]["points"] = points
    path.write_text(json.dumps(notebook))
    done = course_command("--course-dir", str(small_course.root), command, "ps1")
    assert done.exit_code == 1, done.output
    assert "cell squared-norm-hidden" in done.output and "no number of points" in done.output


@pytest.mark.long
def test_a_file_where_a_folder_belongs(small_course):
    small_course.release.rename(small_course.root / "aside")
    small_course.release.write_text("")
    done = course_command("--course-dir", str(small_course.root), "build", "ps1")
    assert done.exit_code == 1
    assert done.stderr == f"course: {small_course.release}: File exists.\n"


def test_a_damaged_gradebook_is_one_sentence(small_course):
    folder = small_course.submitted / "ann" / "ps1"
    folder.mkdir(parents=True)
    (small_course.grading / "gradebook.db").write_text("no database " * 1000)
    for command in ("grade", "report"):
        done = course_command("--course-dir", str(small_course.root), command, "ps1")
        assert done.exit_code == 2
        assert "\n" not in done.stderr.strip() and "file is not a database" in done.stderr
        assert "`course restore` lists its snapshots" in done.stderr


def test_outside_a_course_the_remedy_is_said(tmp_path):
    done = course_command("--course-dir", str(tmp_path), "check")
    assert done.exit_code == 2 and "--course-dir" in done.stderr


def test_a_configuration_that_does_not_run(tmp_path):
    (tmp_path / "course_config.py").write_text("c = get_config()\nc.Execute.timeout = 1 / 0\n")
    done = course_command("--course-dir", str(tmp_path), "check")
    assert done.exit_code == 2 and "ZeroDivisionError" in done.stderr


def test_the_course_is_found_from_a_folder_inside_it():
    assert find_course(REPOSITORY / "source" / "ps1").root == REPOSITORY


@pytest.mark.parametrize("level", ["1", "2"])
def test_python_without_assertions_is_refused_in_a_sentence(level):
    environment = {**os.environ, "PYTHONOPTIMIZE": level}
    command = [sys.executable, "-m", "autograder", "doctor"]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True)
    assert done.returncode == 2 and "Unset PYTHONOPTIMIZE." in done.stderr and done.stdout == ""


def test_a_terminal_without_the_signs_we_print_ends_no_command():
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [sys.executable, "-m", "autograder", "doctor"]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True)
    assert "? Python: " in done.stdout and "Traceback" not in done.stderr
