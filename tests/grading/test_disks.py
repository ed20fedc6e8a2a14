"""A disk that is full or read-only, for real: mounted in a namespace, which the sandbox needs too.

What is asked for ends with exit code 1 and one sentence, and leaves nothing half-written.
"""

import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys

import pytest

from autograder.errors import ContentError, DiskError, not_written, sentence
from autograder.grading import records
from autograder.grading.classroom import grade_class
from autograder.grading.gradebook import is_entered, read_entered
from tests.grading.helpers import NAMES
from tests.helpers import FIRST, REPOSITORY

linux = pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
COMMANDS = """
import json, sys
from click.testing import CliRunner
from autograder.cli import main
for arguments in json.loads(sys.argv[1]):
    done = CliRunner().invoke(main, arguments)
    print(json.dumps([done.exit_code, done.stderr.strip(), "".join(map(str, done.exc_info[:2]))]))
"""


def on_another_disk(small, mount, *commands):
    """What commands say while `mount` has put a disk where $1 is, a copy of which is in $2; what is left."""
    outside = small.root.parent
    shutil.copytree(small.root, outside / "copy", symlinks=True)
    script = f'set -e; {mount}; set +e; "$3" -W error -c "$4" "$5"; cp -a "$1/." "$2/../left"'
    arguments = [small.root, outside / "copy", sys.executable, COMMANDS, json.dumps(commands)]
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", *arguments],
        cwd=outside,
        env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "PYTHONPATH": str(REPOSITORY), "HOME": str(outside)},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], outside / "left"


def full(folder, room):
    """A disk with so many bytes left."""
    plenty = sum(-(-path.stat().st_size // 4096) * 4096 + 4096 for path in folder.rglob("*")) + 10_000_000
    return (
        f'mount -t tmpfs -o size={plenty} tmpfs "$1"; cp -a "$2/." "$1"; '
        f'dd if=/dev/zero of="$1/room" bs=4096 count={room // 4096} 2>/dev/null; '
        'dd if=/dev/zero of="$1/filled" bs=4096 2>/dev/null || rm "$1/room"'
    )


def forget(small):
    """As before the first grading."""
    for path in small.grading.iterdir():
        if path != small.submitted:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def assert_whole(small, left):
    """No unfinished file; records and gradebook agree; snapshots are whole."""
    assert [path for path in left.rglob(".*") if path.name not in (".lock", ".hidden")] == []
    shutil.rmtree(small.grading)
    shutil.copytree(left / "grading", small.grading)
    kept = list((small.records / "ps1").glob("*.json"))
    for path in kept:
        record = records.load(small, "ps1", path.stem)
        assert record is not None and is_entered(record, read_entered(small, "ps1"))
    for path in filter(lambda path: path.exists(), [small.database, *small.backups.glob("*.db")]):
        assert sqlite3.connect(path).execute("pragma integrity_check").fetchall() == [("ok",)]
    for name in ("release", "solutions"):
        assert {p.name for p in (left / name / "ps1").iterdir()} == {
            p.name for p in (small.root / name / "ps1").iterdir()
        }
    return kept


@linux
@pytest.mark.slow
def test_a_full_disk_is_named_by_its_folder(class_of_four):
    small, _ = class_of_four
    source = small.source / "ps1" / f"{FIRST}.ipynb"
    source.write_text(json.dumps(json.loads(source.read_text()), indent=4))  # so that `build` tidies it
    commands = (
        ["grade", "ps1", "--force"],
        ["feedback", "ps1"],
        ["report", "ps1"],
        ["build", "ps1"],
        ["restore", "x"],
    )
    said, left = on_another_disk(
        small, full(small.root, 0), *(["--course-dir", str(small.root), *c] for c in commands)
    )
    folders = ("grading/backups", f"grading/feedback/{sorted(NAMES)[0]}/ps1", "grading/reports", "source/ps1")
    for folder, (code, told, raised) in zip(folders, said[:-1], strict=True):
        assert code == 1 and "\n" not in told and "SystemExit" in raised, (told, raised)
        assert told.startswith(f"course: {small.root / folder} is full: "), told
    assert said[-1][0] == 2
    (left / "filled").unlink()
    assert len(assert_whole(small, left)) == 4


@linux
@pytest.mark.slow
@pytest.mark.parametrize("room, kept", [(0, set()), (360_000, {0, 1, 2, 3})])
def test_what_was_graded_before_the_disk_was_full_is_kept(class_of_four, room, kept):
    small, _ = class_of_four
    forget(small)
    command = ["--course-dir", str(small.root), "grade", "ps1", "--workers", "2"]
    ((code, said, raised),), left = on_another_disk(small, full(small.root, room), command)
    assert code == 1 and "\n" not in said and "SystemExit" in raised, (said, raised)
    assert f"course: {small.grading}" in said and " is full: " in said
    assert len(assert_whole(small, left)) in (kept or {0})


@linux
@pytest.mark.slow
def test_a_read_only_disk_is_named_by_the_file_that_was_to_be_written(class_of_four):
    small, _ = class_of_four
    commands = (["grade", "ps1", "--force"], ["feedback", "ps1"], ["report", "ps1"], ["build", "ps1"])
    said, left = on_another_disk(
        small,
        'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"',
        *(["--course-dir", str(small.root), *c] for c in commands),
    )
    files = (
        "grading/.lock",
        f"grading/feedback/{sorted(NAMES)[0]}/ps1/{FIRST}.html",
        "grading/reports/ps1.html",
        "release/ps1",
    )
    for file, (code, told, raised) in zip(files, said, strict=True):
        assert code == 1 and "\n" not in told and "SystemExit" in raised, (told, raised)
        assert (
            told == f"course: {small.root / file} cannot be written: Read-only file system. "
            "Make it writable, and run the command again."
        )
    assert len(assert_whole(small, left)) == 4


@pytest.mark.slow
def test_a_gradebook_that_somebody_holds_costs_a_run_and_nothing_else(class_of_four):
    small, _ = class_of_four
    before = {record.student: record for record in records.load_all(small, "ps1")}
    with contextlib.closing(sqlite3.connect(small.database)) as other:

        def hold(done, total, student):
            if done in (1, 2):  # while the second is entered
                other.execute("begin exclusive") if done == 1 else other.rollback()

        grades = grade_class(small, "ps1", force=True, workers=2, progress=hold)
    ((student, said),) = grades.failed
    assert "locked" in said and str(small.database) in said
    kept = records.load_all(small, "ps1")
    assert {record.student for record in kept} >= set(NAMES) - {student}
    assert grade_class(small, "ps1").failed == ()
    assert {record.student: record for record in records.load_all(small, "ps1")} == before


def sqlite_error(statement, path):
    """What SQLite itself raises."""
    with pytest.raises(sqlite3.Error) as raised:
        sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True).execute(statement)
    return raised.value


def test_what_sqlite_says_of_disks_becomes_the_same_sentence(tmp_path):
    book = tmp_path / "gradebook.db"
    sqlite3.connect(book).execute("create table grade (score)")
    told = not_written(book, sqlite_error("insert into grade values (1)", book))
    assert isinstance(told, DiskError)
    assert str(told).startswith(f"{book} cannot be written: attempt to write a readonly database. ")
    limited = sqlite3.connect(book)
    limited.execute("pragma max_page_count=2")
    with pytest.raises(sqlite3.Error) as raised:
        limited.execute("insert into grade values (zeroblob(100000))")
    assert str(not_written(book, raised.value)).startswith(f"{tmp_path} is full: database or disk is full. ")
    assert not_written(book, sqlite_error("select * from nothing", book)) is None
    missing = tmp_path / "none" / "gradebook.db"
    assert "unable to open database file" in str(not_written(missing, sqlite_error("select 1", missing)))


@pytest.mark.parametrize("path, kind", [("/dev/full", DiskError), ("/proc/none", None)])
def test_what_the_system_says_of_disks(path, kind, tmp_path):
    with pytest.raises(OSError) as raised, open(path, "w", buffering=1) as file:
        file.write("x\n")
    told = not_written(tmp_path / "page.html", raised.value)
    assert told is None if kind is None else type(told) is kind and str(tmp_path) in str(told)


def test_one_folder_without_the_right_to_write_stops_nobody_else(tmp_path):
    error = PermissionError(13, "Permission denied", "x")
    told = not_written(tmp_path / "x", error)
    assert isinstance(told, ContentError) and not isinstance(told, DiskError)
    assert sentence(error) == "x: Permission denied."
