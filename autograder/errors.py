"""What can go wrong, as one sentence for the person who gave the command."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3  # takes its time, before the command can hear Ctrl-C

FULL = {errno.ENOSPC, errno.EDQUOT}
NO_DISK = {*FULL, errno.EROFS}  # whatever is written next will not be written either
NOT_WRITABLE = {*NO_DISK, errno.EACCES, errno.EPERM, errno.EFBIG, errno.EIO}
SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN = 8, 10, 13, 14  # sqlite.org/rescode.html


class CourseError(Exception):
    """Something the person who gave the command can put right, in one sentence."""

    exit_code = 2  # the call was wrong


class ContentError(CourseError):
    """The call was right, but what it works on is not."""

    exit_code = 1


class DiskError(ContentError):
    """A disk is full, read-only or broken: there is no use in going on with the next student."""


def not_written(path: Path, error: OSError | sqlite3.Error) -> ContentError | None:
    """Why a file, or the SQLite database in it, could not be written; None if it is about something else.

    Names the folder that is full, or else the file.
    """
    if isinstance(error, OSError):
        if error.errno not in NOT_WRITABLE:
            return None
        said, full, ours = error.strerror, error.errno in FULL, error.errno not in NO_DISK
    else:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without what kind of it
        if code not in (SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN):
            return None
        full = code == SQLITE_FULL or (code == SQLITE_IOERR and _is_full(path.parent))
        said, ours = str(error), False
    if full:
        folder, temporary = path.parent, Path(os.environ.get("TMPDIR") or os.path.join(os.sep, "tmp"))
        if not _is_full(folder) and _is_full(temporary):  # where libraries write on the way
            folder = temporary
        return DiskError(f"{folder} is full: {said}. Make room there, and run the command again.")
    kind = ContentError if ours else DiskError
    return kind(f"{path} cannot be written: {said}. Make it writable, and run the command again.")


def _is_full(folder: Path) -> bool:
    try:
        return os.statvfs(folder).f_bavail == 0
    except OSError:
        return False


def sentence(error: BaseException) -> str:
    """What went wrong, on one line, for the person who gave the command."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        told = not_written(Path(os.fsdecode(error.filename)), error) if error.errno in NO_DISK else None
        return str(told) if told else f"{error.filename}: {error.strerror}."
    said = next(iter(str(error).strip().splitlines()), "")
    if isinstance(error, FileNotFoundError) and "No usable temporary directory" in said:
        return f"No folder for temporary files can be written, {said.partition(' in ')[2]}. Make room there."
    return said if isinstance(error, CourseError) else f"{type(error).__name__}: {said}".rstrip(": ")
