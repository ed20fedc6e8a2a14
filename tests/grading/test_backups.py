"""Snapshots of the gradebook: whole, ten, never of what is damaged; and the way back."""

import contextlib
import os
import re
import shutil
import sqlite3
import stat
import threading
import time
from dataclasses import replace

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.errors import CourseError
from autograder.grading import backups, gradebook
from autograder.grading.backups import keep_snapshot, restore, snapshots
from autograder.grading.classroom import alone, grade_class
from tests.grading.helpers import NAMES
from tests.helpers import FIRST

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("workers_are_kept")]


@contextlib.contextmanager
def opened(path):
    with contextlib.closing(sqlite3.connect(path)) as book:
        yield book
        book.commit()


def mark(small, points, student="right"):
    """What the formgrader does with a mark."""
    with opened(small.database) as book:
        book.execute(
            "update grade set manual_score = ?, needs_manual_grade = 0 where id = (select g.id from grade g "
            "join base_cell c on g.cell_id = c.id join submitted_notebook n on g.notebook_id = n.id "
            "join submitted_assignment a on n.assignment_id = a.id "
            "where a.student_id = ? and c.name = 'derivation')",
            (points, student),
        )


def marked(small, student="right"):
    return gradebook.read_marks(small, "ps1", student)[FIRST].scores["derivation"]


def names(small):
    return [one.path.name for one in snapshots(small)]


def files(small):
    return sorted(path.name for path in small.backups.iterdir())


def course_command(small, *arguments):
    return CliRunner().invoke(main, ["--course-dir", str(small.root), *arguments])


def test_grading_keeps_what_was_there_once(class_of_four):
    small, _ = class_of_four
    mark(small, 2.0)
    for _ in range(2):
        grade_class(small, "ps1", student="blank", force=True)
    (kept,) = snapshots(small)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d{6}Z-grade-ps1\.db", kept.path.name)
    assert (kept.before, kept.intact, kept.students, kept.submissions, kept.by_hand) == (
        "grade ps1",
        True,
        4,
        4,
        1,
    )
    assert abs(kept.moment.timestamp() - time.time()) < 300
    mark(small, 1.0)
    grade_class(small, "ps1")
    assert len(names(small)) == 2 and files(small) == sorted(names(small))


def test_ten_are_kept_and_what_is_not_ours_stays(class_of_four):
    small, _ = class_of_four
    small.backups.mkdir()
    for other in ("before-the-exam.db", "2026-01-01T000000Z-note.txt", "2026-02-30T120000Z-x.db"):
        (small.backups / other).write_text("mine")
    for points in range(13):
        mark(small, points)
        keep_snapshot(small, f"grade ps1, try {points}: ../../x")  # several in one second
    assert len(names(small)) == 10 and names(small) == sorted(names(small))
    assert [name.split("-try-")[1] for name in names(small)] == [f"{n}-x.db" for n in range(3, 13)]
    assert {"before-the-exam.db", "2026-01-01T000000Z-note.txt"} < set(files(small))
    for points, name in zip(range(3, 13), names(small), strict=True):
        restore(small, name)
        assert marked(small) == points


def test_the_oldest_can_be_restored_though_another_is_kept_first(class_of_four):
    small, _ = class_of_four
    for points in range(11):
        mark(small, points)
        if points < 10:
            keep_snapshot(small, "grade damaged")  # the name of a problem set, say
    oldest = names(small)[0]
    restore(small, oldest)
    assert marked(small) == 0 and len(names(small)) == 10 and oldest not in names(small)
    restore(small, names(small)[-1])
    assert marked(small) == 10


def test_a_clock_that_was_put_back_lets_no_new_snapshot_pass_for_old(class_of_four):
    small, _ = class_of_four
    keep_snapshot(small, "one")
    ahead = small.backups / "2099-12-31T235959Z-two.db"
    next(small.backups.iterdir()).rename(ahead)
    mark(small, 1.5)
    keep_snapshot(small, "three")
    assert names(small) == [ahead.name, "2100-01-01T000000Z-three.db"]


@pytest.mark.parametrize("damage", ["no database " * 1000, "header", "middle"])
def test_a_damaged_gradebook_takes_no_snapshots_place(class_of_four, damage):
    small, _ = class_of_four
    for points in range(10):
        mark(small, points)
        keep_snapshot(small, "grade ps1")
    good = names(small)
    content = bytearray(small.database.read_bytes())
    if damage == "header":
        content[:100] = bytes(100)
    elif damage == "middle":
        content[8192:12288] = os.urandom(4096)
    else:
        content = damage.encode()
    small.database.write_bytes(content)
    for _ in range(3):
        with pytest.raises(CourseError, match=r"is damaged: .* `course restore` lists"):
            keep_snapshot(small, "grade ps1")
    assert names(small) == good == files(small)
    done = course_command(small, "restore", good[-1].removesuffix(".db"))
    assert done.exit_code == 0, done.output
    (aside,) = set(names(small)) - set(good)
    assert aside.endswith("-damaged.db") and (small.backups / aside).read_bytes() == bytes(content)
    assert aside in done.output and marked(small) == 9
    mark(small, 0.5)
    keep_snapshot(small, "grade ps1")
    assert names(small)[:9] == good[1:] and aside in names(small)  # it counts for none of the ten
    with pytest.raises(CourseError, match="is damaged, or no gradebook"):
        restore(small, aside)


def test_a_journal_of_the_damaged_one_is_not_played_into_the_restored_one(class_of_four):
    small, _ = class_of_four
    kept = keep_snapshot(small, "grade ps1")
    for ending in ("-journal", "-wal", "-shm"):
        small.database.with_name(f"gradebook.db{ending}").write_bytes(b"of another time")
    small.database.write_bytes(b"damaged " * 1000)
    _, aside = restore(small, kept.name)
    assert sorted(path.name for path in small.grading.glob("gradebook*")) == ["gradebook.db"]
    assert (small.backups / f"{aside.name}-wal").read_bytes() == b"of another time"
    grade_class(small, "ps1")


def test_a_gradebook_with_a_write_ahead_log(class_of_four):
    small, _ = class_of_four
    formgrader = sqlite3.connect(small.database)
    assert formgrader.execute("pragma journal_mode=wal").fetchall() == [("wal",)]
    formgrader.execute("select count(*) from grade").fetchall()
    mark(small, 1.25)
    assert small.database.with_name("gradebook.db-wal").stat().st_size > 0
    kept = keep_snapshot(small, "grade ps1")
    assert files(small) == [kept.name]
    mark(small, 2.25)
    restore(small, kept.name)
    assert marked(small) == 1.25
    assert formgrader.execute("select max(manual_score) from grade").fetchone() == (1.25,)
    formgrader.close()


def test_what_a_killed_program_left_half_written_is_rolled_back(class_of_four):
    small, _ = class_of_four
    mark(small, 1.0)
    with opened(small.database) as book:  # a copy in the middle of a transaction is what a power cut leaves
        book.execute("pragma cache_size=1")
        book.execute("begin immediate")
        book.execute("update grade set manual_score = 2.5, auto_score = 1.0")
        for path in small.grading.glob("gradebook.db*"):
            shutil.copy(path, small.root / path.name)
        book.rollback()
    assert (small.root / "gradebook.db-journal").exists()
    for path in small.root.glob("gradebook.db*"):
        shutil.copy(path, small.grading / path.name)
    kept = keep_snapshot(small, "grade ps1")
    with opened(kept) as book:
        assert book.execute("select max(manual_score) from grade").fetchone() == (1.0,)


def test_while_somebody_writes_it_waits_and_not_for_ever(class_of_four, monkeypatch):
    small, _ = class_of_four
    with opened(small.database) as book:
        book.execute("begin exclusive")
        monkeypatch.setattr(backups, "PATIENCE_SECONDS", 0.3)
        with pytest.raises(CourseError, match="Another program has been writing"):
            keep_snapshot(small, "grade ps1")
        with pytest.raises(CourseError, match="There is no snapshot"):
            restore(small, "none")
        assert files(small) == []
        monkeypatch.setattr(backups, "PATIENCE_SECONDS", 60.0)
        waiting = threading.Thread(target=keep_snapshot, args=(small, "grade ps1"))
        waiting.start()
        time.sleep(0.5)
        assert waiting.is_alive()
    waiting.join(60)
    assert len(files(small)) == 1


def test_restoring_while_somebody_writes_is_refused_and_changes_nothing(class_of_four, monkeypatch):
    small, _ = class_of_four
    kept = keep_snapshot(small, "grade ps1")
    mark(small, 2.0)
    monkeypatch.setattr(backups, "PATIENCE_SECONDS", 0.3)
    with opened(small.database) as book:
        book.execute("begin exclusive")
        with pytest.raises(CourseError, match="Another program has been writing"):
            restore(small, kept.name)
    assert marked(small) == 2.0


def test_the_way_back(class_of_four):
    """Marks are those of before; grading enters again what the older gradebook does not know."""
    small, _ = class_of_four
    nothing = course_command(small, "restore")
    assert nothing.exit_code == 0 and nothing.output == "There is no snapshot in grading/backups yet.\n"
    mark(small, 2.0)
    with opened(small.database) as book:  # as before "wrong" handed in, and before "right" was regraded
        book.execute("pragma foreign_keys=on")
        book.execute("update grade set auto_score = 0.5 where auto_score = 5.0")
        theirs = "in (select id from submitted_assignment where student_id = 'wrong')"
        notebooks = f"in (select id from submitted_notebook where assignment_id {theirs})"
        book.execute(f"delete from grade where notebook_id {notebooks}")
        book.execute(f"delete from comment where notebook_id {notebooks}")
        book.execute(f"delete from submitted_notebook where assignment_id {theirs}")
        book.execute("delete from submitted_assignment where student_id = 'wrong'")
    kept = keep_snapshot(small, "grade ps1")
    again = grade_class(small, "ps1", workers=2)
    assert set(again.skipped) == {"blank"}
    mark(small, 0.5)

    listed = course_command(small, "restore")
    assert listed.exit_code == 0 and kept.stem in listed.output
    assert "before grade ps1: 4 students, 3 submissions, 1 marks by hand." in listed.output
    with alone(small):
        refused = course_command(small, "restore", kept.stem)
    assert refused.exit_code == 2 and "Another run is grading" in refused.stderr and marked(small) == 0.5

    done = course_command(small, "restore", str(kept))
    assert done.exit_code == 0 and "Run `course grade`" in done.output
    assert marked(small) == 2.0 and gradebook.read_marks(small, "ps1", "wrong") == {}
    again = grade_class(small, "ps1", workers=2)
    assert set(again.skipped) == {"blank"} and set(NAMES) == {g.student for g in again.graded}
    assert marked(small) == 2.0
    assert gradebook.read_marks(small, "ps1", "right")[FIRST].scores["squared-norm-gradient-hidden"] == 5.0
    undo = next(one for one in reversed(snapshots(small)) if one.before == "restore")
    restore(small, undo.path.name)
    assert marked(small) == 0.5


def test_a_lost_gradebook_is_restored(class_of_four):
    small, _ = class_of_four
    mark(small, 2.0)
    kept = keep_snapshot(small, "grade ps1")
    small.database.unlink()
    assert keep_snapshot(small, "grade ps1") is None
    assert restore(small, kept.stem)[1] is None and marked(small) == 2.0
    small.database.write_bytes(b"")
    assert restore(small, kept.stem)[1] is None and marked(small) == 2.0


def test_a_link_stays_a_link_and_a_secret_stays_one(class_of_four):
    small, _ = class_of_four
    elsewhere = small.root / "elsewhere.db"
    small.database.rename(elsewhere)
    elsewhere.chmod(0o600)
    small.database.symlink_to(elsewhere)
    kept = keep_snapshot(small, "grade ps1")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    elsewhere.write_bytes(b"damaged")
    restore(small, kept.name)
    assert small.database.is_symlink() and stat.S_IMODE(elsewhere.stat().st_mode) == 0o600
    grade_class(small, "ps1")


@pytest.mark.parametrize("name", ["../gradebook", "gradebook.db", "", ".", "2026-01-01T000000Z-grade-ps1"])
def test_a_snapshot_that_is_not_there(class_of_four, name):
    small, _ = class_of_four
    keep_snapshot(small, "grade ps1")
    done = course_command(small, "restore", name)
    assert done.exit_code == 2 and "There is no snapshot" in done.stderr


@pytest.mark.parametrize("url", ["postgresql://somewhere/book", "sqlite://", "sqlite:///:memory:"])
def test_another_database_is_left_alone(class_of_four, url):
    small, _ = class_of_four
    elsewhere = replace(small, db_url=url)
    assert keep_snapshot(elsewhere, "grade ps1") is None and not small.backups.exists()
    with pytest.raises(CourseError, match="is no SQLite file"):
        restore(elsewhere, "any")
