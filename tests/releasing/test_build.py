"""What a build writes, and that it writes the same on any machine."""

import copy
import os
import subprocess
import sys

import nbformat
import pytest

from autograder.errors import CourseError
from autograder.problem_sets.notebooks import read_notebook, read_problem_set
from autograder.problem_sets.regions import REGIONS
from autograder.releasing.build import build, release_files, released, same_solution
from tests.helpers import FIRST, REPOSITORY, cell_of, edit

pytestmark = pytest.mark.usefixtures("workers_are_kept")


@pytest.mark.parametrize("problem_set", sorted(path.name for path in (REPOSITORY / "source").glob("*/")))
def test_the_committed_release_is_what_the_source_produces(course, problem_set):
    read = read_problem_set(course.source, problem_set)
    for name, content in release_files(course, read).items():
        assert (course.release / problem_set / name).read_bytes() == content, name


@pytest.mark.long
def test_the_bytes_do_not_depend_on_locale_hash_seed_or_time_zone(course):
    program = (
        "import hashlib, sys; from pathlib import Path\n"
        "from autograder.releasing.build import release_files; from autograder.course import find_course\n"
        "from autograder.problem_sets.notebooks import read_problem_set\n"
        "course = find_course(Path(sys.argv[1])); ps = read_problem_set(course.source, 'ps1')\n"
        "files = release_files(course, ps)\n"
        "print(hashlib.sha256(b''.join(k.encode() + v for k, v in files.items())).hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program, str(REPOSITORY)],
            env={**os.environ, "LC_ALL": "C", "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "Asia/Tokyo"), ("2", "America/Lima"))
    }
    assert len(digests) == 1


def test_students_get_stubs_without_secrets_and_tests_they_cannot_edit(course, problem_set):
    for exercise in problem_set.exercises:
        notebook = released(course, exercise.notebook)
        for cell in notebook.cells:
            assert not any(f"BEGIN {region}" in cell.source for region in REGIONS)
            assert not cell.get("outputs") and cell.get("execution_count") is None
        tests = [cell for cell in notebook.cells if cell.id.endswith(("-test", "-hidden"))]
        assert tests and all(cell.metadata.editable is False for cell in tests)


def test_solutions_show_the_marking_scheme_but_no_hidden_test():
    notebook = read_notebook(REPOSITORY / "solutions" / "ps1" / f"{FIRST}.ipynb")
    text = nbformat.writes(notebook)
    assert "Model answer" in text and "examine(" not in text and "BEGIN" not in text


@pytest.mark.parametrize(
    "one, other, alike",
    [
        ("x = [6.5 22.]", "x = [ 6.5 22.]", True),
        ("error 2.46e-10", "error 2.47e-10", True),
        ("loss 3.285170", "loss 3.285171", True),
        ("loss 3.285170", "loss 3.3", False),
        ("passed", "failed", False),
        ("[1 2]", "[1 2 3]", False),
    ],
)
def test_outputs_may_differ_in_last_digits_only(one, other, alike):
    def notebook(text):
        cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("stream", text=text)])
        cell.id = "one"
        return nbformat.v4.new_notebook(cells=[cell])

    assert same_solution(notebook(one), notebook(other)) is alike


@pytest.mark.long
def test_a_solution_that_does_not_run_stops_the_build(small_course):
    def spoil(notebook):
        cell_of(
            notebook, "squared-norm"
        ).source = "def squared_norm(x):\n    ### BEGIN SOLUTION\n    return 1 / 0\n    ### END SOLUTION"

    edit(small_course.source / "ps1" / f"{FIRST}.ipynb", spoil)
    before = {path: path.read_bytes() for path in (small_course.release / "ps1").iterdir()}
    with pytest.raises(CourseError, match="squared-norm-try does not run cleanly: division by zero"):
        build(small_course, "ps1")
    assert before == {path: path.read_bytes() for path in (small_course.release / "ps1").iterdir()}


def test_a_notebook_that_nbgrader_refuses_is_named(course, problem_set):
    notebook = copy.deepcopy(problem_set.exercises[0].notebook)
    cell_of(notebook, "idea").source += "\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS"
    with pytest.raises(CourseError, match="ClearHiddenTests refuses it"):
        released(course, notebook)


@pytest.mark.slow
def test_a_damaged_solution_is_made_again(small_course):
    path = small_course.solutions / "ps1" / f"{FIRST}.ipynb"
    before = read_notebook(path)
    path.write_text("x")
    build(small_course, "ps1")
    assert same_solution(read_notebook(path), before)


@pytest.mark.slow
def test_an_image_pasted_into_the_source_stays(small_course):
    path = small_course.source / "ps1" / f"{FIRST}.ipynb"

    def paste(notebook):
        cell = cell_of(notebook, "idea")
        cell.source += "\n\n![a sketch](attachment:sketch.png)"
        cell["attachments"] = {"sketch.png": {"image/png": "iVBORw0KGgo="}}

    edit(path, paste)
    build(small_course, "ps1")
    for folder in (small_course.source, small_course.release):
        assert cell_of(read_notebook(folder / "ps1" / path.name), "idea").attachments


@pytest.mark.slow
def test_a_build_replaces_the_folders_whole(small_course):
    stray = small_course.release / "ps1" / "stray.txt"
    stray.write_text("old")
    build(small_course, "ps1")
    assert not stray.exists()
    assert {path.name for path in small_course.release.iterdir()} == {
        path.name for path in small_course.source.iterdir()
    }
    assert build(small_course, "ps1").kept == 1
