"""The rig tells what differs; and a part of its table that is small enough for every run of the tests."""

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest

from tests.elsewhere.__main__ import _other_scores, main
from tests.elsewhere.rows import Row, rows, why_not
from tests.helpers import FIRST, REPOSITORY, cell_of, copy_course, edit


def column(folder, row, *arguments):
    environment = {**os.environ, **row.environment, "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "tests.elsewhere.columns", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=570)


def row_called(name):
    (row,) = (row for row in rows() if row.name == name)
    assert why_not(row) == ""  # NumPy's own wheels bring the kernels of every x86-64 processor
    return row


@pytest.mark.slow
@pytest.mark.parametrize("problem_set", ["ps1", "ps2"])
def test_an_old_processor_shows_what_the_solutions_show(problem_set):
    """Without AVX and FMA, with other kernels of OpenBLAS: all that rounding decides comes out otherwise."""
    done = column(REPOSITORY, row_called("prescott"), "solutions", problem_set)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_digit_that_differs_is_told(tmp_path):
    def change(notebook):
        (output,) = cell_of(notebook, "squared-norm-try").outputs
        output.data["text/plain"] += "1"

    edit(copy_course(tmp_path, f"{FIRST}.ipynb") / "solutions" / "ps1" / f"{FIRST}.ipynb", change)
    done = column(tmp_path, Row("here"), "solutions", "ps1")
    assert done.returncode == 1 and "cell squared-norm-try: " in done.stdout


def test_another_score_is_told():
    scores = {}
    every = ("ps0", "ps1", "ps2")
    here = "right 01_a one: 5 \nright 02_b two: 5 \n"
    assert _other_scores(here, scores, Row("here", problem_sets=every)) == []
    assert _other_scores(here, scores, Row("there", problem_sets=every)) == []
    assert _other_scores("right 01_a one: 5 \n", scores, Row("there")) == []  # one notebook of them
    changed = _other_scores(here.replace("two: 5", "two: 4"), scores, Row("there", problem_sets=every))
    assert changed == ["-right 02_b two: 5 ", "+right 02_b two: 4 "]


def test_a_row_that_there_is_not_is_refused(capsys):
    assert main("prescot") == 2
    assert "no row prescot. There are: here, prescott" in capsys.readouterr().out


@pytest.mark.slow
def test_the_course_starts_in_a_folder_with_an_accent_without_a_locale(tmp_path):
    """Installed as the Makefile does: by a file that Python reads in the locale's encoding as it starts."""
    root = tmp_path / "élan vital"
    root.mkdir()
    copy_course(root, f"{FIRST}.ipynb")
    venv.create(root / ".venv", with_pip=False, symlinks=True)
    (library,) = (root / ".venv").glob("lib/python*/site-packages")
    for package in Path(np.__file__).parent.parent.iterdir():
        if (
            package.suffix != ".pth"
            and package.name != "autograder"
            and "matrix_calculus" not in package.name
        ):
            (library / package.name).symlink_to(package)
    (library / "autograder.pth").write_text(str(root), encoding="utf-8")  # as pip leaves it
    alembic = root / ".venv" / "bin" / "alembic"  # nbgrader starts it by its name
    alembic.write_text('#!/bin/sh\nexec python -m alembic "$@"\n')
    alembic.chmod(0o755)
    makefile = (REPOSITORY / "Makefile").read_text()
    (step,) = re.findall(r"^\t@(for link in .*autograder\.pth.*)$", makefile, re.MULTILINE)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "LANG", "LC_"))}
    environment |= {"LC_ALL": "C", "PATH": f"{root / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", step.replace("$$", "$")], cwd=root, env=environment, check=True)

    def course(*arguments):
        command = [root / ".venv" / "bin" / "python", "-m", "autograder", "--course-dir", root, *arguments]
        done = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, timeout=570)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "ps1: ready to release." in course("check", "ps1")
    shutil.copytree(root / "release" / "ps1", root / "grading" / "submitted" / "zoë" / "ps1")
    # Another program makes the gradebook. The packages are links, which the sandbox does not follow.
    assert "zoë" in course("grade", "ps1", "--unsafe-no-sandbox")
