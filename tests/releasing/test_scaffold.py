"""Scaffolds pass the gate but for what their author has to write, and say what that is, in order."""

import re

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course import find_course
from autograder.errors import CourseError
from autograder.problem_sets.notebooks import (
    AssignmentError,
    UnknownProblemSet,
    automatic_points,
    hand_points,
    read_problem_set,
)
from autograder.releasing import gate, scaffold
from autograder.releasing.scaffold import MARK, left_to_write, new_exercise, new_problem_set
from tests.helpers import FIRST, cell_of, copy_course, edit, run_course


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A course with a package of its own, so that no answer key is written beside the real ones."""
    course = find_course(copy_course(tmp_path, f"{FIRST}.ipynb"))
    monkeypatch.setattr(scaffold, "PACKAGE", tmp_path / "autograder")
    monkeypatch.setattr(scaffold, "KEYS", tmp_path / "autograder" / "answer_keys")
    here = tuple(tmp_path / "autograder" / path.name for path in scaffold.HARNESS)
    monkeypatch.setattr(scaffold, "HARNESS", here)
    return course


def files_of(course):
    return {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()}


def test_a_new_exercise_is_two_files_under_the_next_number(small):
    before = files_of(small)
    made = new_exercise(small, "ps1", "cube_sum")
    after = files_of(small)
    key, notebook = made.files
    assert set(after) - set(before) == {key, notebook} and before.items() <= after.items()
    assert (key.name, notebook.name) == ("cube_sum.py", "02_cube_sum.ipynb")
    compile(key.read_text(), key.name, "exec")
    _, exercise = read_problem_set(small.source, "ps1").exercises
    assert (automatic_points(exercise.notebook), hand_points(exercise.notebook)) == (7.5, 2.5)
    text = key.read_text() + notebook.read_text()
    assert not re.search(r"\b(NAME|CELL|NUMBER|TITLE)\b", text)
    assert exercise.notebook.cells[0].source.startswith("# 2 · Cube sum\n")


def test_what_is_missing_is_listed_in_the_order_to_write_it(small):
    made = new_exercise(small, "ps1", "cube_sum")
    text = "".join(path.read_text() for path in made.files)
    assert len(made.missing) == text.count(MARK) > 15
    places = [fault.where for fault in made.missing]
    assert places[0] == "autograder/answer_keys/cube_sum.py, line 1"
    in_key = [place for place in places if place.startswith("autograder")]
    assert places[: len(in_key)] == in_key and places[-1] == "02_cube_sum.ipynb, cell whats-next"
    assert all(len(fault.what) > len(MARK) + 8 for fault in made.missing)
    problem_set = read_problem_set(small.source, "ps1")
    assert tuple(left_to_write(problem_set)) == made.missing  # the older notebook is written


def test_all_but_what_is_to_write_passes_the_cheap_guards(small):
    new_problem_set(small, "ps3")
    new_exercise(small, "ps3", "cube_sum")
    problem_set = read_problem_set(small.source, "ps3")
    for guard in gate.GUARDS[0]:
        if guard is gate.answer_key_fits or guard is gate.points_add_up:
            continue  # they load the key, of this package
        found = list(guard(small, problem_set))
        assert bool(found) == (guard is scaffold.nothing_is_left_to_write), found


def test_a_new_problem_set_has_the_harness_and_a_notebook(small):
    made = new_problem_set(small, "ps3")
    assert [path.name for path in made.files] == ["gradcheck.py", "derivation.py", "00_overview.ipynb"]
    for file in ("gradcheck.py", "derivation.py"):
        assert (small.source / "ps3" / file).resolve() == small.root / "autograder" / file
    assert made.missing and read_problem_set(small.source, "ps3").exercises == ()
    first, second = (new_exercise(small, "ps3", name).files[1].name for name in ("cube_sum", "log_sum"))
    assert (first, second) == ("01_cube_sum.ipynb", "02_log_sum.ipynb")


def test_a_harness_elsewhere_is_copied(small, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("package") / "gradcheck.py"
    elsewhere.write_text("x = 1\n")
    monkeypatch.setattr(scaffold, "HARNESS", (elsewhere,))
    new_problem_set(small, "ps3")
    harness = small.source / "ps3" / "gradcheck.py"
    assert not harness.is_symlink() and harness.read_text() == "x = 1\n"


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../ps3", "a/b", "/tmp/x", "ps 3", "Ps3", "ps3\n", "ps3.", "-ps", "ü", "p" * 41),
        *("ps1", "taken", "issued"),
    ],
)
def test_a_name_for_a_problem_set_that_will_not_do(small, name):
    (small.source / "taken").symlink_to("nowhere")
    (small.release / "issued").mkdir()
    before = files_of(small)
    with pytest.raises(CourseError, match=r"is no name for a problem set|is there already"):
        new_problem_set(small, name)
    assert files_of(small) == before


@pytest.mark.parametrize(
    "name",
    [
        *("", "../x", "a/b", "Cube", "cube sum", "cube-sum", "cube__sum", "_cube", "cube_", "2x", "ü", "x\n"),
        *("c" * 41, "lambda", "match", "sum", "print", "np", "gradient_check", "squared_norm"),
        *("ridge_loss", "ridge", "gradcheck_", "taken", "linear_map_jacobian"),
    ],
)
def test_a_name_for_an_exercise_that_will_not_do(small, name):
    (small.root / "autograder" / "answer_keys" / "taken").symlink_to("nowhere")
    before = files_of(small)
    with pytest.raises(
        CourseError, match=r"is no name|means something else|is there already|another exercise"
    ):
        new_exercise(small, "ps1", name)
    assert files_of(small) == before


def test_an_exercise_needs_its_problem_set(small):
    for name in ("ps9", "../source/ps1"):
        with pytest.raises(UnknownProblemSet):
            new_exercise(small, name, "cube_sum")


def test_numbers_end_at_99(small):
    (small.source / "ps1" / f"{FIRST}.ipynb").rename(small.source / "ps1" / "99_squared_norm.ipynb")
    with pytest.raises(CourseError, match="numbers have two digits"):
        new_exercise(small, "ps1", "cube_sum")


def test_a_notebook_that_cannot_be_written_leaves_no_key(small, monkeypatch):
    def fails(text):
        raise OSError(28, "No space left on device", "x")

    monkeypatch.setattr(scaffold, "_notebook", fails)
    before = files_of(small)
    with pytest.raises(OSError):
        new_exercise(small, "ps1", "cube_sum")
    assert files_of(small) == before


def test_a_damaged_problem_set_gets_no_exercise(small):
    (small.source / "ps1" / f"{FIRST}.ipynb").write_text("{")
    with pytest.raises(AssignmentError):
        new_exercise(small, "ps1", "cube_sum")
    assert not (scaffold.KEYS / "cube_sum.py").exists()


def test_the_commands_say_what_was_made_and_what_is_missing(small):
    def run(*arguments):
        return CliRunner().invoke(main, ["--course-dir", str(small.root), *arguments])

    done = run("new", "ps3")
    assert done.exit_code == 0 and "source/ps3/00_overview.ipynb: made." in done.output
    assert "course new-exercise ps3 NAME" in done.output
    done = run("new-exercise", "ps3", "cube_sum")
    assert done.exit_code == 0 and "To write, in this order:" in done.output
    assert "cube_sum.py, line 12: the reference of cube_sum." in done.output
    assert run("new", "ps3").exit_code == 2 and run("new-exercise", "ps3", "cube_sum").exit_code == 2


# ------------------------------------------------------------------ filled in

IN_KEY = (
    ('TO WRITE: f(x) = …, with gradient ∇f = …"""', 'f(x) = Σ xᵢ³, with gradient ∇f = 3x²."""'),
    (
        "    # TO WRITE: the reference of cube_sum. It takes lists and whole numbers too.\n"
        "    raise NotImplementedError",
        "    return float(np.sum(np.asarray(x, dtype=float) ** 3))",
    ),
    (
        "    # TO WRITE: the reference of cube_sum_gradient, as a formula\n    raise NotImplementedError",
        "    return 3 * np.asarray(x, dtype=float) ** 2",
    ),
    ("# TO WRITE: a line or two for each mistake you expect, with the hint that its student reads\n", ""),
    ("np.mean(x)", "np.mean(x**3)"),
    ("TO WRITE: You averaged. f is …", "You averaged. f is a sum."),
    (
        "    # TO WRITE: a right answer to cube_sum in another style\n    raise NotImplementedError",
        "    total = 0.0\n    for entry in x:\n        total += float(entry) ** 3\n    return total",
    ),
    (
        "    # TO WRITE: a right answer to cube_sum_gradient in another style\n    raise NotImplementedError",
        "    return [3 * float(entry) * float(entry) for entry in x]",
    ),
)
UNSOLVED = (
    "raise NotImplementedError  # TO WRITE: the solution, in other words than the answer key's reference"
)
IN_CELLS = {
    "cube-sum": [
        ("TO WRITE: Return … of x.", "Return the sum of the cubes of the entries of x."),
        (
            UNSOLVED,
            "return np.sum(np.array(x) ** 3.0)",
        ),
    ],
    "cube-sum-gradient": [
        (
            UNSOLVED,
            "return 3.0 * np.array(x) * np.array(x)",
        )
    ],
    "cube-sum-test": [
        ("4.0], ...)", "4.0], 91.0)"),
        ("2.0], ...)", "2.0], 1.0)"),
        ("  # TO WRITE: the answers, in place of the dots", ""),
    ],
    "cube-sum-gradient-test": [("...  # TO WRITE: cube_sum of the vector (1, 2, 2)", "17")],
}


@pytest.mark.slow
def test_a_scaffold_that_is_filled_in_is_green(tmp_path):
    """Of the whole gate, after a build, as an author would come there."""
    copy_course(tmp_path, "00_primer.ipynb")
    run_course(tmp_path, "new", "ps3")
    run_course(tmp_path, "new-exercise", "ps3", "cube_sum")
    unwritten = run_course(tmp_path, "build", "ps3", check=False)
    assert unwritten.returncode == 1 and "NotImplementedError" in unwritten.stderr

    key = tmp_path / "autograder" / "answer_keys" / "cube_sum.py"
    text = key.read_text()
    for old, new in IN_KEY:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    key.write_text(text)

    def fill(notebook):
        for name, changes in IN_CELLS.items():
            cell = cell_of(notebook, name)
            for old, new in changes:
                assert old in cell.source, (name, old)
                cell.source = cell.source.replace(old, new)
        words(notebook)

    def words(notebook):
        for cell in notebook.cells:
            cell.source = re.sub(
                rf"(  # )?{MARK} [^\n\"]*", "" if cell.cell_type == "code" else "Words.", cell.source
            )

    edit(tmp_path / "source" / "ps3" / "01_cube_sum.ipynb", fill)
    edit(tmp_path / "source" / "ps3" / "00_overview.ipynb", words)
    run_course(tmp_path, "build", "ps3")
    checked = run_course(tmp_path, "check", "ps3", check=False)
    assert "✗ 0" not in checked.stdout and "ps3: ready to release." in checked.stdout, checked.stdout
