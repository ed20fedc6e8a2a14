"""The notebooks as students meet them: structure, writing, figures, and running them alone."""

import base64
import re
import shutil
import struct
import subprocess
import venv
from pathlib import Path

import nbformat
import numpy as np
import pytest

from autograder.problem_sets.notebooks import (
    automatic_points,
    grade_id,
    hand_points,
    is_automatic,
    is_solution,
    is_task,
    read_notebook,
    read_problem_set,
)
from autograder.releasing.build import solved_submission
from tests.helpers import REPOSITORY

SETS = [
    read_problem_set(REPOSITORY / "source", path.name) for path in sorted((REPOSITORY / "source").glob("*/"))
]
EXERCISES = [f"{ps.name}/{exercise.name}" for ps in SETS for exercise in ps.exercises]
MATERIALS = [f"{ps.name}/{material.name}" for ps in SETS for material in ps.materials]
POINTS = {
    "ps0/01": (15, 5),
    "ps1/01": (7.5, 2.5),
    "ps1/02": (7.5, 2.5),
    "ps1/03": (15, 5),
    "ps1/04": (30, 10),
    "ps1/05": (15, 5),
    "ps2/01": (15, 5),
    "ps2/02": (22.5, 7.5),
    "ps2/03": (22.5, 7.5),
}
each_notebook = pytest.mark.parametrize("name", EXERCISES)
each_material = pytest.mark.parametrize("name", MATERIALS)
each_notebook_or_material = pytest.mark.parametrize("name", EXERCISES + MATERIALS)


def source_of(name):
    return read_notebook(REPOSITORY / "source" / f"{name}.ipynb")


def solved_of(name):
    return read_notebook(REPOSITORY / "solutions" / f"{name}.ipynb")


@each_notebook
def test_twenty_to_forty_cells_and_the_declared_points(name):
    notebook = source_of(name)
    assert 20 <= len(notebook.cells) <= 40
    assert (automatic_points(notebook), hand_points(notebook)) == POINTS[name[:6]]


@each_notebook
def test_every_function_has_mathematics_stub_free_cell_visible_and_hidden_test(name):
    cells = source_of(name).cells
    for place, cell in enumerate(cells):
        if not is_solution(cell):
            continue
        before, free, visible, hidden = cells[place - 1], cells[place + 1], cells[place + 2], cells[place + 3]
        assert before.cell_type == "markdown" and "shape" in before.source
        assert '"""' in cell.source and "BEGIN SOLUTION" in cell.source
        assert free.id == f"{cell.id}-try" and not grade_id(free)
        assert visible.id == f"{cell.id}-test" and is_automatic(visible) and "HIDDEN" not in visible.source
        assert hidden.id == f"{cell.id}-hidden" and "BEGIN HIDDEN TESTS" in hidden.source


@each_notebook
def test_the_fixed_parts_are_there(name):
    notebook = source_of(name)
    ids = [cell.id for cell in notebook.cells]
    for part in ("title", "setup", "idea", "derivation", "derivation-answer", "reflection", "checklist"):
        assert part in ids
    title = notebook.cells[0].source
    assert re.search(r"\*\*Time:\*\* about \d+ minutes", title) and "**Points:**" in title
    assert "you will be able to" in title
    assert all("MARK SCHEME" in cell.source for cell in notebook.cells if is_task(cell))
    text = "\n".join(cell.source for cell in notebook.cells)
    assert not re.search("[₀-₉]", text), "subscript glyphs are missing from many fonts; use $x_1$"


@each_material
def test_material_has_its_parts_and_nothing_to_solve(name):
    notebook = source_of(name)
    assert {"title", "setup", "worked-example", "reflection", "whats-next"} <= {c.id for c in notebook.cells}
    assert "**Points:** none" in notebook.cells[0].source
    assert (automatic_points(notebook), hand_points(notebook)) == (0, 0)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert not re.search("[₀-₉]", text)


@each_notebook_or_material
def test_mathematics_is_closed(name):
    for cell in source_of(name).cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"`[^`]*`", "", cell.source)
            assert prose.count("$") % 2 == 0, cell.id
            assert prose.count("{") == prose.count("}"), cell.id


@each_notebook_or_material
def test_figures_have_alternative_text_labels_and_no_warning(name):
    figures = 0
    for cell in solved_of(name).cells:
        for output in cell.get("outputs", []):
            assert output.get("name") != "stderr" and output.output_type != "error", cell.id
            if "image/png" not in output.get("data", {}):
                continue
            figures += 1
            assert len(output.metadata["image/png"]["alt"]) > 30
            width, height = struct.unpack(">II", base64.b64decode(output.data["image/png"])[16:24])
            assert 400 <= width <= 1400 and 250 <= height <= 1200
            labelled = cell.source.count("xlabel") + cell.source.count("supxlabel")
            assert labelled and "ylabel" in cell.source, cell.id
    assert figures >= 1


@each_notebook
def test_visible_tests_need_numpy_and_the_harness_alone(name):
    notebook = source_of(name)
    for cell in notebook.cells:
        if is_automatic(cell) and "HIDDEN" not in cell.source:
            assert "import" not in cell.source and "autograder" not in cell.source
    setup = next(cell for cell in notebook.cells if cell.id == "setup").source
    imported = set(re.findall(r"^(?:import|from) (\w+)", setup, re.MULTILINE))
    assert imported <= {"numpy", "matplotlib", "gradcheck", "derivation"}
    assert ("gradcheck" in imported) == ("\nexplain_errors()" in setup)


# ---------------------------------------------------------------- alone, without the package


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A folder with the release, and a Python that has the third-party packages but not ours."""
    folder = tmp_path_factory.mktemp("student")
    for ps in SETS:
        shutil.copytree(REPOSITORY / "release" / ps.name, folder / ps.name)
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    (library,) = (folder / "venv").glob("lib/python*/site-packages")
    for package in Path(np.__file__).parent.parent.iterdir():  # all but the course itself
        if (
            "matrix_calculus" not in package.name
            and package.suffix != ".pth"
            and package.name != "autograder"
        ):
            (library / package.name).symlink_to(package)
    python = folder / "venv" / "bin" / "python"
    found = subprocess.run([python, "-c", "import autograder"], capture_output=True, text=True, cwd=folder)
    assert "No module named 'autograder'" in found.stderr
    return folder, python


def run_alone(alone, notebook, name):
    folder, python = alone
    path = folder / f"{name}.ipynb"
    path.write_text(nbformat.writes(notebook))
    program = (
        "import sys, warnings, nbformat; from nbclient import NotebookClient\n"
        "nb = nbformat.read(sys.argv[1], 4)\n"
        "client = NotebookClient(nb, timeout=120, allow_errors=sys.argv[2] == 'yes')\n"
        "client.create_kernel_manager()\n"
        "client.km.kernel_spec.argv[0] = sys.executable\n"
        "client.execute(cwd=sys.argv[3])\n"
        "nbformat.write(nb, sys.argv[1])\n"
    )
    done = subprocess.run(
        [python, "-c", program, path, "yes", path.parent], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return nbformat.read(path, as_version=4)


def errors(notebook):
    return [
        (cell.id, output.ename)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


@pytest.mark.slow
@each_notebook
def test_the_release_runs_to_the_first_unwritten_function(alone, name):
    notebook = read_notebook(REPOSITORY / "release" / f"{name}.ipynb")
    ran = run_alone(alone, notebook, name)
    first_solution = next(place for place, cell in enumerate(ran.cells) if is_solution(cell))
    assert not [cell.id for cell in ran.cells[:first_solution] if errors_of(cell)]
    assert errors(ran)[0][1] == "NotImplementedError"
    assert {kind for _, kind in errors(ran)} <= {"NotImplementedError", "NameError"}


def errors_of(cell):
    return [output for output in cell.get("outputs", []) if output.output_type == "error"]


@pytest.mark.slow
@each_notebook
def test_with_the_solution_pasted_in_it_runs_to_the_end(alone, course, name):
    problem_set, notebook = name.split("/")
    solved = solved_submission(course, read_problem_set(course.source, problem_set))
    assert_runs_cleanly(alone, solved[notebook], name)


@pytest.mark.slow
@each_material
def test_released_material_runs_to_the_end(alone, name):
    assert_runs_cleanly(alone, read_notebook(REPOSITORY / "release" / f"{name}.ipynb"), name)


def assert_runs_cleanly(alone, notebook, name):
    ran = run_alone(alone, notebook, name)
    assert errors(ran) == []
    stderr = [o.text for c in ran.cells for o in c.get("outputs", []) if o.get("name") == "stderr"]
    assert stderr == []


@pytest.mark.parametrize("file", ["gradcheck.py", "derivation.py"])
@pytest.mark.parametrize("ps", SETS, ids=lambda ps: ps.name)
def test_the_released_harness_is_the_harness(ps, file):
    link = ps.directory / file
    if ps.name == "ps0":  # there, students build it
        assert not ps.extra_files
        return
    for folder in ("release", "solutions"):
        issued = (REPOSITORY / folder / ps.name / file).read_bytes()
        assert issued == (REPOSITORY / "autograder" / file).read_bytes()
    assert link.is_symlink() and link.resolve() == REPOSITORY / "autograder" / file
