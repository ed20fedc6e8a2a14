"""Adding an exercise is one notebook and one answer key, and no other file."""

import json

import pytest

from tests.helpers import FIRST, cell_of, copy_course, edit, run_course

KEY = '''"""f(x) = Σ xᵢ³, with gradient 3x²: a toy."""

import numpy as np

from autograder.problem_sets.key import Check, Question, Term, mistake, variant

points = 10
points_by_hand = 2.5


def cube_sum(x):
    return float(np.sum(np.asarray(x, dtype=float) ** 3))


def cube_sum_gradient(x):
    return 3 * np.asarray(x, dtype=float) ** 2


loss, gradient = cube_sum, cube_sum_gradient


def instances(rng, scale=1.0):
    return [{"x": scale * rng.uniform(1, 2, n)} for n in (3, 5)]



questions = (
    Question(cube_sum, (Check("vectors", "vectors", 1, instances),)),
    Question(cube_sum_gradient, (Check("vectors", "vectors", 1, instances, harness=True),), cube_sum),
)
terms = {"cube_sum_gradient": (Term("x²", lambda x: x**2),)}


@mistake("cube_sum")
def squared(x):
    """You squared. Cube."""
    return np.sum(x**2)


@mistake("cube_sum_gradient")
def forgot_the_three(x):
    """The factor 3 is missing."""
    return x**2


@variant("cube_sum_gradient")
def multiplied_out(x):
    return 3 * x * x
'''


@pytest.mark.slow
def test_a_toy_exercise_is_built_checked_and_graded(tmp_path):
    copy_course(tmp_path, f"{FIRST}.ipynb")
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    (tmp_path / "autograder" / "answer_keys" / "cube_sum.py").write_text(KEY)

    notebook = tmp_path / "source" / "ps1" / "06_cube_sum.ipynb"
    text = (tmp_path / "source" / "ps1" / f"{FIRST}.ipynb").read_text()
    text = text.replace("squared_norm", "cube_sum").replace("squared-norm", "cube-sum")
    notebook.write_text(text.replace("np.isclose(value, 9)", "np.isclose(value, 17)"))

    def write(toy):
        cell_of(toy, "cube-sum").source = (
            'def cube_sum(x):\n    """Σ xᵢ³"""\n    ### BEGIN SOLUTION\n'
            "    return np.sum(np.asarray(x) ** 3.0)\n    ### END SOLUTION"
        )
        cell_of(toy, "cube-sum-gradient").source = (
            'def cube_sum_gradient(x):\n    """The gradient."""\n    ### BEGIN SOLUTION\n'
            "    return 3.0 * np.asarray(x) * np.asarray(x)\n    ### END SOLUTION"
        )
        cell_of(toy, "cube-sum-test").source = "assert cube_sum(np.array([1.0, 2.0])) == 9.0"

    edit(notebook, write)
    after = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.name for path in after - before} == {"06_cube_sum.ipynb", "cube_sum.py"}

    run_course(tmp_path, "build")
    checked = run_course(tmp_path, "check", "ps1")
    assert "ready to release" in checked.stdout

    submission = tmp_path / "grading" / "submitted" / "someone" / "ps1"
    submission.mkdir(parents=True)
    (submission / "06_cube_sum.ipynb").write_text((tmp_path / "release/ps1/06_cube_sum.ipynb").read_text())

    def answer(handed_in):
        cell_of(handed_in, "cube-sum").source = "def cube_sum(x):\n    return np.sum(x**3)"
        cell_of(handed_in, "cube-sum-gradient").source = "def cube_sum_gradient(x):\n    return x**2"

    edit(submission / "06_cube_sum.ipynb", answer)
    run_course(tmp_path, "grade", "ps1", "--json", "grades.json")
    rows = {row["notebook"]: row for row in json.loads((tmp_path / "grades.json").read_text())}
    assert rows["06_cube_sum"]["score"] == 2.5
    assert "The factor 3 is missing." in rows["06_cube_sum"]["cells"][3]["finding"]
    assert rows[FIRST]["status"] == "missing"
    run_course(tmp_path, "feedback", "ps1")
