"""The archive students get: the same bytes everywhere, pinned versions, and what to do first."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace

import pytest

from autograder.course import find_course
from autograder.errors import ContentError, CourseError
from autograder.files import zipped
from autograder.problem_sets import key_text
from autograder.problem_sets.notebooks import read_notebook, read_problem_set
from autograder.releasing import package
from autograder.releasing.package import pack, read_releases, requirements, write_package
from tests.helpers import FIRST, REPOSITORY, cell_of, copy_course, edit


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A course of one notebook, never to be changed."""
    return find_course(copy_course(tmp_path_factory.mktemp("small"), f"{FIRST}.ipynb"))


@pytest.fixture(scope="module")
def made(small):
    return pack(small, read_problem_set(small.source, "ps1"))


def opened(made):
    with zipfile.ZipFile(io.BytesIO(made.archive)) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def test_an_archive_has_names_in_order_one_date_one_mode_and_nothing_compressed(made):
    with zipfile.ZipFile(io.BytesIO(made.archive)) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == [
        *(f"ps1-1/{name}" for name in (f"{FIRST}.ipynb", "START-HERE.txt")),
        *(f"ps1-1/{name}" for name in ("derivation.py", "gradcheck.py", "requirements.txt")),
    ]
    for entry in entries:
        assert entry.date_time == (1980, 1, 1, 0, 0, 0) and entry.compress_type == zipfile.ZIP_STORED
        assert entry.external_attr == 0o100644 << 16 and entry.create_system == 3 and not entry.extra


def test_an_archive_is_the_same_for_every_python():
    """Known once and for all: whatever packs these two files must come to this."""
    digest = hashlib.sha256(zipped([("ps1-1/a/é", b"one"), ("ps1-1/b", b"two")])).hexdigest()
    assert digest == "a922b3d506322e4641d944ab896238ce90659a773f4601406edff0a10d0f68fb"


@pytest.mark.long
def test_an_archive_is_the_same_on_another_machine(made, tmp_path):
    """Another folder, time zone, umask, order of hashes and locale."""
    root = copy_course(tmp_path, f"{FIRST}.ipynb")
    (root / "source" / "ps1" / f"{FIRST}.ipynb").chmod(0o600)
    program = (
        "import os, sys, hashlib; os.umask(0o077)\n"
        "from pathlib import Path\n"
        "from autograder.course import find_course\n"
        "from autograder.problem_sets.notebooks import read_problem_set\n"
        "from autograder.releasing.package import pack\n"
        "course = find_course(Path(sys.argv[1]))\n"
        "print(pack(course, read_problem_set(course.source, 'ps1')).version.archive)\n"
    )
    odd = {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7", "LC_ALL": "C", "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", program, root], env={**os.environ, **odd}, capture_output=True, text=True
    )
    assert done.stdout.strip() == made.version.archive, done.stderr


def test_the_version_stands_in_each_notebook_and_nowhere_in_the_release(small, made):
    text = opened(made)[f"ps1-1/{FIRST}.ipynb"].decode()
    issued = json.loads((small.release / "ps1" / f"{FIRST}.ipynb").read_text())
    content = json.loads(text)
    assert content["metadata"].pop("course") == {"problem_set": "ps1", "version": "1"}
    assert content == issued and "course" not in issued["metadata"]
    assert "examine(" not in text and "BEGIN" not in text


def test_students_install_what_grades_them(small):
    lines = requirements(small).splitlines()
    names = [re.match(r"[\w-]+", line)[0] for line in lines if not line.startswith("#")]
    assert set(names) == set(package.NEEDED) and all("==" in line for line in lines[1:])
    lock = (small.root / "requirements.lock").read_text()
    assert all(f"\n{line} \\\n" in lock for line in lines[1:])
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == f">={package.PYTHON}"


def test_a_lock_without_what_students_need_is_refused(small, tmp_path):
    other = replace(small, root=tmp_path)
    with pytest.raises(ContentError, match="is missing"):
        requirements(other)
    (tmp_path / "requirements.lock").write_text("numpy-stubs==1.0 \\\n    --hash=sha256:0\n")
    with pytest.raises(ContentError, match="has no line for ipykernel"):
        requirements(other)


def test_start_here_says_what_is_so(made, small):
    text = opened(made)["ps1-1/START-HERE.txt"].decode()
    assert text.isascii() and max(map(len, text.splitlines())) <= 110
    assert "\n\n\n" not in text and text.startswith("ps1, version 1\n")
    assert (
        f"       {FIRST}.ipynb  10 points\n" in text
        and "the notebooks need derivation.py and gradcheck.py" in text
    )
    assert "10 points in all. Tests that run after you hand in give 7.5 of them." in text
    assert "ps1-2.zip" in text and "due" not in text
    problem_set = read_problem_set(small.source, "ps1")
    second = pack(small, problem_set, 2, "2026-12-04, 18:00", ("Part A is longer.",))
    text = opened(second)["ps1-2/START-HERE.txt"].decode()
    assert "3. It is due: 2026-12-04, 18:00\n" in text
    assert "CHANGED SINCE VERSION 1\n\n- Part A is longer.\n" in text


@pytest.mark.parametrize("name", ["ps0", "ps1", "ps2"])
def test_every_problem_set_has_a_start(course, name):
    made = pack(course, read_problem_set(course.source, name))
    text = opened(made)[f"{name}-1/START-HERE.txt"].decode()
    assert "\n\n\n" not in text and all(line == line.rstrip() for line in text.splitlines())
    assert ("gradcheck.py" in text) == (name != "ps0") and ("00_primer.ipynb" in text) == (name == "ps1")


def test_a_problem_set_without_an_exercise_is_not_released(small):
    problem_set = read_problem_set(small.source, "ps1")
    with pytest.raises(ContentError, match="course new-exercise ps1"):
        pack(small, replace(problem_set, notebooks=()))


def test_what_is_released_is_recorded_and_read_again(small, made, tmp_path):
    here = replace(small, root=tmp_path)
    path = write_package(here, made)
    assert path == tmp_path / "dist" / "ps1-1.zip" and path.read_bytes() == made.archive
    said = (tmp_path / "dist" / "ps1-1.zip.sha256").read_text()
    assert said == f"{hashlib.sha256(made.archive).hexdigest()}  ps1-1.zip\n"
    assert path.stat().st_mode & 0o777 == 0o644
    assert read_releases(here, "ps1") == (made.version,)
    before = package.record_path(here, "ps1").read_bytes()
    write_package(here, made)
    assert package.record_path(here, "ps1").read_bytes() == before
    second = replace(made, version=replace(made.version, number=2))
    write_package(here, second)
    first, last = read_releases(here, "ps1")
    assert last == second.version and (first.notebooks, first.files) == ((), {})
    assert first.archive == made.version.archive and read_releases(here, "ps2") == ()


@pytest.mark.parametrize("damage", ["", "[", "[1]", '[{"number": 1}]', "\udc80"])
def test_a_damaged_record_is_one_sentence(small, tmp_path, damage):
    here = replace(small, root=tmp_path)
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / "ps1.json").write_bytes(damage.encode(errors="surrogateescape"))
    with pytest.raises(CourseError, match=r"is damaged .*; take it from the repository again"):
        read_releases(here, "ps1")


def test_a_record_that_misses_a_version_is_refused(small, made, tmp_path):
    here = replace(small, root=tmp_path)
    write_package(here, replace(made, version=replace(made.version, number=2)))
    with pytest.raises(CourseError, match="misses a version"):
        read_releases(here, "ps1")


def test_the_record_tells_nothing_that_is_hidden(made):
    assert "examine" not in repr(made.version) and "BEGIN" not in repr(made.version)


def test_a_key_is_told_by_what_it_judges_by(monkeypatch):
    """Hints, variants and terms may change: nobody earns another point by them."""
    text = (REPOSITORY / "autograder" / "answer_keys" / "squared_norm.py").read_text()

    def judged(changed):
        monkeypatch.setattr(
            key_text, "key_sources", lambda name: {"autograder.answer_keys.squared_norm": changed}
        )
        return key_text.judging_sources("squared_norm")

    same = judged(text)
    assert any("def squared_norm_gradient(x):" in part for part in same)
    for old, new in (
        ("You averaged the squares.", "A mean it is."),
        ("return 2 * np.abs(", "return 3 * np.abs("),
        ('Term("1", lambda x', 'Term("one", lambda x'),
        ("def by_adding(x):\n    return x + x", "def by_adding(x):\n    return x - -x"),
        ("whose x @ x is the same", "and all is well"),
        ("\n\n\ndef _far", "\n\n\n# far away\n\n\ndef _far"),
    ):
        assert old in text and judged(text.replace(old, new)) == same, old
    for old, new in (
        ("rng.uniform(0.5, 3.0, n)", "rng.uniform(0.5, 4.0, n)"),
        (
            "return 2 * np.asarray(x, dtype=float)\n\n\nloss",
            "return 3 * np.asarray(x, dtype=float)\n\n\nloss",
        ),
        ('Check("whole numbers", "vectors of whole numbers", 1,', 'Check("whole numbers", "vectors", 2,'),
    ):
        assert old in text and judged(text.replace(old, new)) != same, old


def test_a_changed_notebook_is_recorded_as_another(small, made, tmp_path):
    folder = tmp_path / "ps1"
    shutil.copytree(small.source / "ps1", folder, symlinks=False)

    def change(notebook):
        cell = cell_of(notebook, "squared-norm-hidden")
        cell.source = cell.source.replace("points=2.5)", "points=2.5)\nassert True")

    edit(folder / f"{FIRST}.ipynb", change)
    other = pack(small, read_problem_set(tmp_path, "ps1"))
    assert other.archive == made.archive  # nothing that students see
    assert other.version != made.version
    assert read_notebook(folder / f"{FIRST}.ipynb")
