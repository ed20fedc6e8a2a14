"""Snapshots of the gradebook: marks and comments that people gave are nowhere else.

`keep_snapshot` is called by every command that writes the gradebook, before it does. A snapshot is made by
SQLite's own backup call, beside whatever else reads or writes. It is checked, and whole before it has a
name. Names begin with a moment in UTC, so they sort by time. A gradebook in another database is its
administrator's to keep.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder import stopping
from autograder.course import Course
from autograder.errors import CourseError, not_written
from autograder.files import name_new_file, writing

KEPT = 10
PATIENCE_SECONDS = 20.0  # while another program writes
STALE_SECONDS = 3600.0  # then an unfinished file is nobody's any more
BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
UNFINISHED = ".unfinished-"
MOMENT = "%Y-%m-%dT%H%M%SZ"
NAME = re.compile(r"[\dT-]+Z-[\w-]+\.db", re.ASCII)
DAMAGED = "damaged"  # in a name, of what was no gradebook any more when another was put in its place
BESIDE = ("-journal", "-wal", "-shm")  # SQLite's own files beside a database
HEADER = ((24, 28), (92, 100))  # bytes that change with every copy: sqlite.org/fileformat.html, counters


@dataclass(frozen=True)
class Snapshot:
    """A kept gradebook: when, before what, and how much is in it.

    `by_hand` counts the points that people gave. `intact` is False for what cannot be restored.
    """

    path: Path
    moment: datetime
    before: str
    intact: bool
    students: int = 0
    submissions: int = 0
    by_hand: int = 0


def keep_snapshot(course: Course, before: str) -> Path | None:
    """Keep the gradebook as it is, before a command changes it; `before` says which, such as "grade ps1".

    Returns the snapshot, which is the last one when nothing has changed since; None where there is no
    gradebook yet, or SQLite does not hold it. Ten are kept. Raises CourseError when the gradebook is damaged,
    and then all snapshots stay, or when another program does not stop writing; ContentError when the
    snapshot cannot be written.
    """
    kept = _take(course, before)
    _let_old_ones_go(course)
    return kept


def _take(course: Course, before: str) -> Path | None:
    database = course.database
    if database is None or not database.is_file() or database.stat().st_size == 0:
        return None
    with stopping.whole(), _beside(course) as fresh:
        _copy(database, fresh)
        _be_one_file(fresh)
        shutil.copymode(database, fresh)
        if problem := _damage(fresh):
            raise _damaged(database, problem)
        last = next(reversed(_kept(course)), None)
        if last is not None and _content(last) == _content(fresh):
            return last
        return _name(course, fresh, before)


def _let_old_ones_go(course: Course) -> None:
    for old in _kept(course)[:-KEPT]:
        with writing(old):
            old.unlink(missing_ok=True)


def snapshots(course: Course) -> list[Snapshot]:
    """All there are, oldest first."""
    return [_described(path) for path in sorted([*_kept(course), *_damaged_ones(course)])]


def restore(course: Course, name: str) -> tuple[Snapshot, Path | None]:
    """Put a snapshot in the gradebook's place; returns it, and where what was there is kept, if anything was.

    The caller holds the grading folder. Programs that have the gradebook open see the restored one.
    Raises CourseError when there is no such snapshot, or it is damaged, or SQLite does not hold the
    gradebook; ContentError when something cannot be written. Then the gradebook is what it was.
    """
    database = course.database
    if database is None:
        raise CourseError(f"{course.gradebook} is no SQLite file. Restore it by the means of its own server.")
    database = database.resolve()  # a link stays one
    chosen = _find(course, name)
    if not chosen.intact:
        raise CourseError(f"{chosen.path} is damaged, or no gradebook. Choose another snapshot.")
    kept = None
    if database.exists() and database.stat().st_size > 0:
        with _beside(course) as aside:
            for ending in ("", *BESIDE):  # before SQLite opens it, which changes them
                if (path := Path(f"{database}{ending}")).exists():
                    shutil.copy(path, f"{aside}{ending}")
            if not _damage(database):
                kept = _take(course, "restore")
                with stopping.whole():
                    _copy(chosen.path, database)  # in one transaction: others see all of it or nothing
                _let_old_ones_go(course)  # not before: the chosen one may be the oldest
                return chosen, kept
            kept = _keep_aside(course, aside)
    with stopping.whole(), writing(database):
        database.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restored-", dir=database.parent) as beside:
            fresh = Path(beside) / database.name
            shutil.copy(chosen.path, fresh)
            _to_disk(fresh)
            for ending in BESIDE:  # of the damaged one: SQLite would play it into this one
                Path(f"{database}{ending}").unlink(missing_ok=True)
            os.replace(fresh, database)
            _to_disk(database.parent)
    return chosen, kept


def _find(course: Course, name: str) -> Snapshot:
    """By its name, with or without its ending, or its path."""
    for path in (*_kept(course), *_damaged_ones(course)):
        if name in (path.name, path.stem) or Path(name).absolute() == path.absolute():
            return _described(path)
    raise CourseError(f"There is no snapshot {name} in {course.backups}. `course restore` lists them.")


# ------------------------------------------------------------------ names


def _kept(course: Course) -> list[Path]:
    """The snapshots, oldest first; not what else somebody put there, or what was damaged."""
    return [path for path in _named(course) if _before(path) != DAMAGED]


def _damaged_ones(course: Course) -> list[Path]:
    return [path for path in _named(course) if _before(path) == DAMAGED]


def _named(course: Course) -> list[Path]:
    found = course.backups.glob("*.db") if course.backups.is_dir() else ()
    return sorted(path for path in found if path.is_file() and _is_ours(path))


def _is_ours(path: Path) -> bool:
    try:
        return NAME.fullmatch(path.name) is not None and bool(_moment(path))
    except ValueError:  # there is no such moment
        return False


def _name(course: Course, fresh: Path, before: str) -> Path:
    """Give a complete snapshot its name: later than all others, also when a clock was put back."""
    what = re.sub(r"[^A-Za-z0-9_]+", "-", before).strip("-")[:60] or "change"
    while True:
        moment = datetime.now(UTC)
        if names := _named(course):
            moment = max(moment, _moment(names[-1]) + timedelta(seconds=1))
        path = course.backups / f"{moment.strftime(MOMENT)}-{what}.db"
        with writing(path), contextlib.suppress(FileExistsError):
            name_new_file(fresh, path)
            _to_disk(course.backups)
            return path


def _before(path: Path) -> str:
    return path.stem.partition("Z-")[2]


def _moment(path: Path) -> datetime:
    return datetime.strptime(path.name.split("Z-")[0] + "Z", MOMENT).replace(tzinfo=UTC)


@contextlib.contextmanager
def _beside(course: Course) -> Iterator[Path]:
    """A name for an unfinished snapshot, which is gone afterwards; so are those of killed commands."""
    with writing(course.backups / "gradebook.db"):
        course.backups.mkdir(parents=True, exist_ok=True)
        for left in course.backups.glob(f"{UNFINISHED}*"):
            if time.time() - left.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=course.backups) as folder:
            yield Path(folder) / "gradebook.db"


# ------------------------------------------------------------------ databases


def _copy(source: Path, target: Path) -> None:
    """Make one database the other, by SQLite's backup call, all of it or nothing."""
    deadline = time.monotonic() + PATIENCE_SECONDS

    def waited(status: int, remaining: int, total: int) -> None:
        if status in BUSY and time.monotonic() > deadline:
            raise _busy(_in_use(source, target))

    try:
        with (
            contextlib.closing(_open(source)) as one,
            contextlib.closing(_open(target, create=True)) as other,
        ):
            one.backup(other, progress=waited, sleep=0.1)
        _to_disk(target)
    except sqlite3.Error as error:
        raise _trouble(source, target, error) from error


def _be_one_file(copy: Path) -> None:
    """Let a copy of a database that has other files beside it (a write-ahead log) do without."""
    with contextlib.closing(_open(copy)) as database:
        database.execute("PRAGMA journal_mode=DELETE").fetchall()


def _open(path: Path, create: bool = False) -> sqlite3.Connection:
    """Not for reading only: what a killed program began may have to be rolled back."""
    mode = "rwc" if create else "rw"
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=1.0)


def _damage(path: Path) -> str:
    """What SQLite finds wrong with a database; nothing when it is whole.

    Raises CourseError when it cannot look.
    """
    try:
        with contextlib.closing(_open(path)) as database:
            database.execute(f"PRAGMA busy_timeout={PATIENCE_SECONDS * 1000:.0f}")
            said = database.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        if _code(error) in DAMAGE:
            return str(error)
        raise _trouble(path, path, error) from error
    return "" if said == ("ok",) else " ".join(str(said[0]).split())


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF  # without what kind of it


def _trouble(source: Path, target: Path, error: sqlite3.Error) -> CourseError:
    unfinished = target.parent.name.startswith(UNFINISHED)
    told = not_written(target.parent.parent / source.name if unfinished else target, error)
    return told or (_busy(_in_use(source, target)) if _code(error) in BUSY else _damaged(source, str(error)))


def _in_use(source: Path, target: Path) -> Path:
    """Which of the two others may be writing: never a snapshot in the making, nor one that is kept."""
    return source if target.parent.name.startswith(UNFINISHED) else target


def _busy(database: Path) -> CourseError:
    return CourseError(
        f"Another program has been writing {database} for {PATIENCE_SECONDS:.0f} seconds. "
        "Wait until it has finished, and run the command again."
    )


def _damaged(database: Path, problem: str) -> CourseError:
    return CourseError(
        f"The gradebook {database} is damaged: {problem}. "
        "`course restore` lists its snapshots: marks given by hand are nowhere else."
    )


def _content(path: Path) -> bytes:
    """What is in a database, whoever copied it how often."""
    content = bytearray(path.read_bytes())
    for begin, end in HEADER:
        content[begin:end] = bytes(end - begin)
    return bytes(content)


def _described(path: Path) -> Snapshot:
    known = (path, _moment(path), _before(path).replace("-", " "))
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as book:
            intact = book.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
            (students,) = book.execute("SELECT count(*) FROM student").fetchone()
            (submissions,) = book.execute("SELECT count(*) FROM submitted_assignment").fetchone()
            (by_hand,) = book.execute(
                "SELECT count(*) FROM grade WHERE manual_score IS NOT NULL OR extra_credit IS NOT NULL"
            ).fetchone()
    except sqlite3.Error:
        return Snapshot(*known, intact=False)
    return Snapshot(*known, intact, students, submissions, by_hand)


def _keep_aside(course: Course, aside: Path) -> Path:
    """Keep a damaged gradebook as it is, with SQLite's own files: marks may be read off it yet."""
    own = [ending for ending in BESIDE if Path(f"{aside}{ending}").exists()]
    kept = _name(course, aside, DAMAGED)
    for ending in own:
        os.replace(f"{aside}{ending}", f"{kept}{ending}")
    return kept


def _to_disk(path: Path) -> None:
    """Return when a file or a folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
