"""Which of the files in a submission's folder is meant."""

import contextlib
import os
import shutil

import pytest

from autograder.demo import solution_cell
from autograder.problem_sets import handed_in
from autograder.problem_sets.notebooks import AssignmentError, to_text
from autograder.releasing.build import _filled, released
from tests.helpers import FIRST

NAME = f"{FIRST}.ipynb"


@pytest.fixture(scope="module")
def texts(course, problem_set):
    """The notebook as issued, as solved, and as solved otherwise."""
    source = problem_set.exercises[0].notebook
    blank, solved, other = (
        released(course, source),
        *(_filled(course, source) for _ in range(2)),
    )
    solution_cell(other, "squared_norm_gradient").source = "def squared_norm_gradient(x):\n    return x"
    return {"blank": to_text(blank), "solved": to_text(solved), "other": to_text(other), "damaged": "{"}


@pytest.fixture
def find(course, problem_set, texts, tmp_path):
    """Hands in files, by name with what is in them; returns what is found, by name, and its remark."""

    def run(files, released=course.release / "ps1"):
        for name, kind in files.items():
            path = tmp_path / "ps1" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(texts[kind])
        found = handed_in.find(problem_set, problem_set.exercises[0], tmp_path / "ps1", released)
        return str(found.path.relative_to(tmp_path / "ps1")), found.remark

    return run


@pytest.mark.parametrize(
    "files, meant, remark",
    [
        ({NAME: "solved"}, NAME, ""),
        ({NAME: "blank"}, NAME, ""),
        ({"ps1_01 (1).ipynb": "solved"}, "ps1_01 (1).ipynb", "There is no 01_squared_norm.ipynb."),
        ({"homework.IPYNB": "solved"}, "homework.IPYNB", "There is no"),
        ({f"ps1/{NAME}": "solved"}, f"ps1/{NAME}", "There is no"),
        ({f"{FIRST} (1).ipynb": "blank"}, f"{FIRST} (1).ipynb", "There is no"),
        ({NAME: "blank", f"{FIRST} (1).ipynb": "solved"}, f"{FIRST} (1).ipynb", f"{NAME} holds no work."),
        ({NAME: "damaged", "copy.ipynb": "solved"}, "copy.ipynb", "breaks off at line 1"),
        ({NAME: "solved", "copy.ipynb": "solved"}, NAME, ""),
        ({NAME: "solved", "copy.ipynb": "blank"}, NAME, ""),
        ({NAME: "solved", "copy.ipynb": "damaged"}, NAME, ""),
        ({NAME: "solved", "copy.ipynb": "other"}, NAME, "though copy.ipynb has its cells too"),
        ({NAME: "blank", "a.ipynb": "solved", "b.ipynb": "other"}, NAME, "a.ipynb and b.ipynb"),
        ({"a.ipynb": "solved", "b.ipynb": "solved"}, "a.ipynb", "There is no"),
        ({"a.ipynb": "blank", "b.ipynb": "solved"}, "b.ipynb", "There is no"),
    ],
)
def test_the_file_that_is_meant(find, files, meant, remark):
    path, said = find(files)
    assert path == meant
    assert remark in said and bool(remark) == bool(said)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"notes.txt": "solved"},
        {".ipynb_checkpoints/01_squared_norm-checkpoint.ipynb": "solved"},
        {f"a/b/{NAME}": "solved"},
        {"02_linear_form.ipynb": "solved"},
        {"a.ipynb": "solved", "b.ipynb": "other"},
    ],
)
def test_nothing_that_is_meant(find, files):
    with pytest.raises(handed_in.Missing, match="was not handed in"):
        find(files)


def test_what_cannot_be_read(find):
    with pytest.raises(AssignmentError, match="breaks off at line 1"):
        find({NAME: "damaged", "a.ipynb": "solved", "b.ipynb": "other"})


def test_links_lead_nowhere(find, tmp_path, texts):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / NAME).write_text(texts["solved"])
    (tmp_path / "ps1").mkdir()
    (tmp_path / "ps1" / "folder").symlink_to("../elsewhere")
    (tmp_path / "ps1" / "file.ipynb").symlink_to(f"../elsewhere/{NAME}")
    with pytest.raises(handed_in.Missing):
        find({})
    shutil.move(tmp_path / "ps1", tmp_path / "aside")
    os.symlink("elsewhere", tmp_path / "ps1")
    with pytest.raises(AssignmentError, match="is a link to another folder"):
        find({})


@pytest.mark.parametrize("name", [b"caf\xe9.ipynb", b"caf\xe9/a.ipynb", b"<b>\n.ipynb"])
def test_a_name_that_is_no_text_can_be_shown(find, name):
    _, remark = find({os.fsdecode(name): "solved"})
    assert remark.encode()


def test_without_a_release_no_notebook_is_known_to_hold_no_work(find, tmp_path):
    files = {NAME: "blank", "copy.ipynb": "solved"}
    assert find(files, tmp_path / "nowhere")[0] == NAME


def test_each_file_is_read_once_for_all_exercises(problem_set, texts, tmp_path, monkeypatch):
    read = []
    real = handed_in.read_submitted
    monkeypatch.setattr(handed_in, "read_submitted", lambda path: read.append(path.name) or real(path))
    for number in range(10):
        (tmp_path / f"{number}.ipynb").write_text(texts["solved"] if number else "{")
    (tmp_path / NAME).write_text("{")
    files = handed_in.Files(problem_set, tmp_path)
    for exercise in problem_set.exercises:
        with contextlib.suppress(handed_in.Missing, AssignmentError):
            handed_in.find(problem_set, exercise, tmp_path, tmp_path, files)
    assert sorted(read) == sorted([*(f"{number}.ipynb" for number in range(10)), NAME])


@pytest.mark.parametrize("limit", ["MAX_OTHERS", "MAX_OTHER_BYTES", "MAX_OTHER_VALUES"])
def test_of_very_many_others_the_first_are_read(problem_set, texts, tmp_path, monkeypatch, limit):
    one = {"MAX_OTHERS": 1, "MAX_OTHER_BYTES": len(texts["solved"].encode())}
    one["MAX_OTHER_VALUES"] = handed_in.count_values(texts["solved"])
    monkeypatch.setattr(handed_in, limit, 3 * one[limit])
    for number in range(9):
        (tmp_path / f"{number}.ipynb").write_text(texts["solved"])
    files = handed_in.Files(problem_set, tmp_path)
    assert [path.name for path, _ in files.others] == ["0.ipynb", "1.ipynb", "2.ipynb"]
