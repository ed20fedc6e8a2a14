"""What is different in a new version: found cell by cell, and told to students and to staff."""

import copy
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from autograder.cli import main
from autograder.course import find_course
from autograder.errors import CourseError
from autograder.problem_sets.notebooks import read_problem_set
from autograder.releasing import amend, gate, package
from autograder.releasing.amend import Cause, Change, What, compare, letter, prepare, to_grade_again
from autograder.releasing.package import pack, write_package
from tests.helpers import FIRST, REPOSITORY, cell_of, copy_course, edit

NOTEBOOK = f"{FIRST}.ipynb"


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A course of one notebook whose first version was released, never to be changed."""
    course = find_course(copy_course(tmp_path_factory.mktemp("small"), NOTEBOOK))
    write_package(course, prepare(course, "ps1").package)
    return course


@pytest.fixture
def small(released, tmp_path):
    """That course, with a source and a record of its own to change."""
    for name in ("source", "releases"):
        shutil.copytree(released.root / name, tmp_path / name)
    shutil.copy(released.root / "requirements.lock", tmp_path)
    return replace(released, root=tmp_path, source=tmp_path / "source").with_grading(tmp_path / "grading")


def change(course, name, do):
    edit(course.source / "ps1" / NOTEBOOK, lambda notebook: do(cell_of(notebook, name)))


def changed(course):
    made = prepare(course, "ps1")
    return [(c.what, c.cell or c.notebook or c.file) for c in made.changes], list(
        made.package.version.changes
    )


def without(course, name):
    def drop(notebook):
        notebook.cells = [cell for cell in notebook.cells if cell.id != name]

    edit(course.source / "ps1" / NOTEBOOK, drop)


def test_a_second_release_is_the_first(small, released):
    made = prepare(small, "ps1")
    assert not made.is_new and made.changes == () and made.package.version.number == 1
    assert made.package.archive == (released.root / "dist" / "ps1-1.zip").read_bytes()


def replaced(old, new):
    def do(cell):
        assert old in cell.source
        cell.source = cell.source.replace(old, new)

    return do


def worth(points):
    return lambda cell: cell.metadata.nbgrader.update(points=points)


HIDDEN = "the test of squared_norm that runs after you hand in"


@pytest.mark.parametrize(
    "cell, do, what, said, causes",
    [
        ("idea", replaced("Two facts", "Two short facts"), What.TEXT, "a paragraph has another text", set()),
        (
            "squared-norm-test",
            replaced("three vectors", "vectors"),
            What.TEXT,
            "Part A · The function: the test of squared_norm that you see has another text.",
            set(),
        ),
        (
            "squared-norm-hidden",
            replaced("points=2.5)", "points=2.5)\nsquared_norm"),
            What.HIDDEN,
            f"{HIDDEN} changed.",
            {Cause.TEST},
        ),
        (
            "squared-norm-hidden",
            worth(3),
            What.POINTS,
            f"{HIDDEN} gives 3 points, before 2.5.",
            {Cause.POINTS},
        ),
        ("derivation", worth(4), What.POINTS, "the task gives 4 points, before 2.5.", set()),
        (
            "derivation",
            replaced("- 1 point:", "- 1.5 points:"),
            What.HIDDEN,
            "the task is marked in another way.",
            set(),
        ),
        (
            "setup",
            replaced("import numpy as np", "import numpy as np\nfrom math import pi"),
            What.TEXT,
            "a cell that you cannot edit has another text.",
            {Cause.CELLS},
        ),
        (
            "squared-norm",
            replaced("the squares of", "all squares of"),
            What.TEXT,
            "the function squared_norm has another text.",
            set(),
        ),
    ],
)
def test_a_changed_cell(small, cell, do, what, said, causes):
    change(small, cell, do)
    made = prepare(small, "ps1")
    (found,) = made.changes
    assert (found.what, found.cell, found.causes) == (what, cell, causes)
    (line,) = made.package.version.changes
    assert line.startswith(FIRST) and said in line
    assert made.is_new and made.package.name == "ps1-2" and made.last.number == 1


def test_a_solution_may_change_and_nothing_is_released_again(small):
    change(small, "squared-norm", replaced("np.dot(x, x)", "np.sum(x * x)"))
    assert not prepare(small, "ps1").is_new


def test_cells_that_came_and_went(small):
    without(small, "squared-norm-test")
    without(small, "derivation")

    def add(notebook):
        twin = copy.deepcopy(cell_of(notebook, "squared-norm-hidden"))
        twin.id = twin.metadata.nbgrader["grade_id"] = "squared-norm-more"
        notebook.cells.append(twin)

    edit(small.source / "ps1" / NOTEBOOK, add)
    found, said = changed(small)
    assert found == [
        (What.REMOVED, "squared-norm-test"),
        (What.REMOVED, "derivation"),
        (What.ADDED, "squared-norm-more"),
    ]
    assert said[0].endswith("the test of squared_norm that you see is gone.")
    assert said[1].endswith("the task is gone, and its 2.5 points with it.")
    assert said[2].endswith("that runs after you hand in is new, for 2.5 points.")


def test_a_cell_of_another_kind_and_another_order(small):
    def move(notebook):
        notebook.cells.append(notebook.cells.pop(3))

    edit(small.source / "ps1" / NOTEBOOK, move)
    change(small, "squared-norm-test", lambda cell: cell.metadata.nbgrader.update(grade=False))
    found, said = changed(small)
    assert (What.KIND, "squared-norm-test") in found and (What.ORDER, FIRST) in found
    assert any("parts stand in another order" in line for line in said)


def test_notebooks_and_files_that_came_changed_and_went(small):
    folder = small.source / "ps1"
    shutil.copy(REPOSITORY / "source" / "ps1" / "02_linear_form.ipynb", folder)
    (folder / "data.csv").write_text("1,2\n")
    harness = (folder / "gradcheck.py").read_text()
    (folder / "gradcheck.py").write_text(harness + "# longer\n")
    found, said = changed(small)
    assert found == [
        (What.ADDED, "data.csv"),
        (What.TEXT, "gradcheck.py"),
        (What.ADDED, "02_linear_form"),
    ]
    assert said == [
        "data.csv: added.",
        "gradcheck.py: changed. Put the new one beside your notebooks.",
        "02_linear_form: a new notebook.",
    ]
    text = letter(prepare(small, "ps1"))
    assert "Something new is asked for." in text
    again = compare(prepare(small, "ps1").package.version, prepare(small, "ps1").last)
    assert [(c.what, c.notebook or c.file) for c in again] == [
        (What.REMOVED, "data.csv"),
        (What.TEXT, "gradcheck.py"),
        (What.REMOVED, "02_linear_form"),
    ]


def test_a_key_that_asks_for_something_else(small, monkeypatch):
    monkeypatch.setattr(package, "judging_sources", lambda name: ["other"])
    found, said = changed(small)
    assert found == [(What.KEY, FIRST)]
    assert said == [f"{FIRST}: the tests that run after you hand in ask for something else."]
    assert Change(What.KEY, FIRST).causes == {Cause.KEY}


def test_a_due_date_that_moved(small):
    made = prepare(small, "ps1", due="Friday, 18:00")
    assert made.is_new and made.package.version.changes == ("It is due: Friday, 18:00",)
    write_package(small, made.package)
    assert not prepare(small, "ps1", due="Friday, 18:00").is_new
    assert prepare(small, "ps1").package.version.changes == ("It has no due date any more.",)


def test_words_of_ours_that_changed_are_a_version_too(small, monkeypatch):
    monkeypatch.setattr(package, "PYTHON", "3.12")
    found, said = changed(small)
    assert found == [(What.TEXT, "START-HERE.txt")] and said == ["START-HERE.txt: says it in other words."]
    assert prepare(small, "ps1").changes[0].causes == frozenset()


def test_the_letter_shows_nothing_that_is_hidden(small):
    change(
        small, "squared-norm-hidden", replaced("points=2.5)", "points=2.5)\nassert squared_norm([7]) == 49")
    )
    change(small, "derivation", replaced("- 1 point:", "- 1.5 points:"))
    text = letter(prepare(small, "ps1"))
    assert "49" not in text and "1.5" not in text and "differentiates" not in text
    assert "Your work is graded by the new version." in text and "ps1-2.zip" in text
    assert max(map(len, text.splitlines())) < 160


def test_who_handed_in_is_named_by_notebook(small):
    for student in ("ann", "bob"):
        (small.submitted / student / "ps1").mkdir(parents=True)
    change(small, "squared-norm-hidden", worth(3))
    change(small, "derivation", replaced("- 1 point:", "- 1.5 points:"))
    made = prepare(small, "ps1")
    (regrade,) = to_grade_again(small, read_problem_set(small.source, "ps1"), made.changes)
    assert regrade.notebook == FIRST and regrade.causes == (Cause.POINTS,)
    assert regrade.by_hand == ("derivation",) and regrade.students == ("ann", "bob")
    change(small, "idea", replaced("Two facts", "Two short facts"))
    words = [c for c in prepare(small, "ps1").changes if c.cell == "idea"]
    assert to_grade_again(small, read_problem_set(small.source, "ps1"), tuple(words)) == ()


IDS = st.lists(st.sampled_from("abcdef"), unique=True)


@given(IDS, IDS, st.data())
def test_of_any_two_versions_each_difference_is_found_once(before, now, data):
    def version(ids):
        cells = tuple(
            package.CellRecord(
                name,
                "test",
                "",
                "",
                data.draw(st.sampled_from([0.0, 1.0])),
                data.draw(st.sampled_from("xy")),
                "",
            )
            for name in ids
        )
        return package.Version(1, "", "", (), {}, (package.NotebookRecord("n", "", cells),))

    old, new = version(before), version(now)
    found = list(compare(old, new))
    assert len({(c.what, c.cell) for c in found}) == len(found) and not list(compare(old, old))
    assert {c.cell for c in found if c.what is What.ADDED} == set(now) - set(before)
    assert {c.cell for c in found if c.what is What.REMOVED} == set(before) - set(now)
    cells = [{c.id: c for c in v.notebooks[0].cells} for v in (old, new)]
    both = cells[0].keys() & cells[1].keys()
    assert {c.cell for c in found if c.what in (What.TEXT, What.POINTS)} == {
        name for name in both if cells[0][name] != cells[1][name]
    }
    assert bool(found) == (old != new)
    assert all(list(amend.for_students((one,))) for one in found)


# ------------------------------------------------------------------ the command


@pytest.fixture
def green(monkeypatch):
    """A gate that lets everything pass: its own tests are elsewhere, and it takes seconds."""
    monkeypatch.setattr(gate, "check", lambda course, name, progress=None: gate.Audit(name, (), ()))


def run(course, *arguments):
    done = CliRunner().invoke(main, ["--course-dir", str(course.root), *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_release_twice_then_amend(tmp_path, green):
    course = find_course(copy_course(tmp_path, NOTEBOOK))
    code, said = run(course, "release", "ps1", "--amend")
    assert code == 2 and "was never released" in said and not (tmp_path / "dist").exists()
    code, said = run(course, "release", "ps1")
    assert code == 0 and "dist/ps1-1.zip: version 1" in said and "releases/ps1.json: commit it" in said
    first = (tmp_path / "dist" / "ps1-1.zip").read_bytes()
    for words in ([], ["--amend"]):
        code, said = run(course, "release", "ps1", *words)
        assert code == 0 and "Nothing changed since version 1 was released." in said
        assert (tmp_path / "dist" / "ps1-1.zip").read_bytes() == first

    change(course, "squared-norm-hidden", worth(3))
    code, said = run(course, "release", "ps1")
    assert code == 2 and "`course release ps1 --amend` releases version 2" in said
    assert not (tmp_path / "dist" / "ps1-2.zip").exists()
    code, said = run(course, "release", "ps1", "--amend")
    assert code == 0 and f"{FIRST}, squared-norm-hidden: points changed: 2.5 → 3" in said
    assert "No work that was handed in has to be graded again." in said
    assert "ps1 has a new version, 2: ps1-2.zip." in said
    assert (tmp_path / "dist" / "ps1-1.zip").read_bytes() == first
    second = (tmp_path / "dist" / "ps1-2.zip").read_bytes()
    shutil.rmtree(tmp_path / "dist")
    code, said = run(course, "release", "ps1")
    assert code == 0 and "Nothing changed since version 2" in said
    assert (tmp_path / "dist" / "ps1-2.zip").read_bytes() == second


def test_an_unknown_problem_set_is_a_wrong_call(tmp_path):
    course = find_course(copy_course(tmp_path, NOTEBOOK))
    for name in ("ps9", "../ps1", ""):
        code, said = run(course, "release", name)
        assert code == 2 and "There is no problem set" in said


def test_a_red_gate_writes_nothing(tmp_path):
    course = find_course(copy_course(tmp_path, NOTEBOOK))
    change(course, "squared-norm-test", worth(1))
    code, said = run(course, "release", "ps1")
    assert code == 1 and "✗" in said and "Nothing was written." in said
    assert not (tmp_path / "dist").exists() and not (tmp_path / "releases").exists()


def test_what_cannot_be_written_leaves_no_record(tmp_path, green, monkeypatch):
    course = find_course(copy_course(tmp_path, NOTEBOOK))
    (tmp_path / "dist").write_text("in the way")
    code, said = run(course, "release", "ps1")
    assert code == 1 and "dist" in said and not (tmp_path / "releases").exists()
    (tmp_path / "dist").unlink()
    write = package.write_whole

    def no_record(path, content):
        if path.suffix == ".json":
            raise OSError(28, "No space left on device", str(path))
        write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(package, "write_whole", no_record)
        code, said = run(course, "release", "ps1")
    assert code == 1 and "No space left" in said and not (tmp_path / "releases").exists()
    assert (tmp_path / "dist" / "ps1-1.zip").is_file()
    code, said = run(course, "release", "ps1")
    assert code == 0 and "version 1" in said


@pytest.mark.slow
def test_the_gate_is_the_real_one(tmp_path):
    course = find_course(copy_course(tmp_path, NOTEBOOK))
    code, said = run(course, "release", "ps1")
    assert code == 0 and "the gate is green" in said


def test_a_first_release_has_no_letter(small):
    made = amend.Amendment(pack(small, read_problem_set(small.source, "ps1")), None, ())
    assert made.is_new
    with pytest.raises(CourseError, match="Nothing was released before"):
        letter(made)
