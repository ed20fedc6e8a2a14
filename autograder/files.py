"""Files and folders written whole: a reader, or a crash, never meets half of one; and files found."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import heapq
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from autograder import stopping
from autograder.errors import not_written

COMPRESSED = (".gz", ".bz2", ".xz", ".zst")  # one file, which may be data of a student's
ARCHIVES = (
    *(".zip", ".7z", ".rar", ".tar", ".tgz", ".tbz2", ".txz", ".tzst"),
    *(f".tar{ending}" for ending in COMPRESSED),
)
THE_SAME_TIME = (1980, 1, 1, 0, 0, 0)  # of what is in archives
MODE = 0o100644  # a plain file that everybody may read
MAX_DEPTH = 20  # folders in folders that are looked into: student hands are not trusted to stop
MAX_FILES, MAX_FOLDERS = 5_000, 5_000  # of one hand-in
MAX_HASHED_BYTES = 200_000_000


def letters_of(name: str) -> str:
    """Letters and digits only, in one case: how names are compared that people typed."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def is_archive(name: str) -> bool:
    return name.casefold().endswith(ARCHIVES)


def plain_files(folder: Path, depth: int = MAX_DEPTH) -> list[Path]:
    """The files below a folder, sorted: no links, and nothing in folders further down than `depth`.

    Where there are more than MAX_FILES, those nearest to the top, by name. Raises OSError.
    """
    found: list[Path] = []
    level = [folder] if folder.is_dir() else []
    for _ in range(depth + 1):
        below: list[Path] = []
        for place in level:
            with os.scandir(place) as entries:
                first = heapq.nsmallest(MAX_FILES, entries, key=lambda entry: entry.name)
            found += [Path(entry.path) for entry in first if entry.is_file(follow_symlinks=False)]
            below += [Path(entry.path) for entry in first if entry.is_dir(follow_symlinks=False)]
            if len(found) >= MAX_FILES:
                return sorted(found[:MAX_FILES])
        level = below[: max(0, MAX_FOLDERS - len(level))]
    return sorted(found)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Make a sentence about `path` of what keeps it from being written: ContentError, or DiskError."""
    try:
        yield
    except OSError as error:
        told = not_written(path, error)
        if told is None:
            raise
        raise told from error


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader, or a crash, never meets half of it. Text is written in UTF-8.

    Raises ContentError where it cannot be written: DiskError on a disk that is full or read-only.
    """
    with writing(path), stopping.whole():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def zipped(files: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive of these files, in this order: stored, the same bytes on every machine.

    What is deflated is the same only where zlib is.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, THE_SAME_TIME)
            entry.create_system = 3  # Unix, also where this runs on something else: then modes count
            entry.external_attr = MODE << 16
            archive.writestr(entry, content, method)
    return made.getvalue()


def name_new_file(path: Path, name: Path) -> None:
    """Give a complete file its name beside it. Raises FileExistsError when there is one of that name."""
    try:
        os.link(path, name)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if name.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(name)) from None
        os.replace(path, name)
    path.unlink(missing_ok=True)


def replace_folder(folder: Path, files: dict[str, bytes], public: bool = False) -> None:
    """Put a folder with exactly these files where `folder` is; it is complete before it gets there.

    Everybody may read what is `public`, whatever the umask: it is packed and copied with its modes.
    Raises ContentError as `write_whole` does; then what was there is there.
    """
    with writing(folder), stopping.whole():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
            fresh, old = Path(beside) / "fresh", Path(beside) / "old"
            for name, content in files.items():
                path = fresh / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            if public:
                for path in (fresh, *fresh.rglob("*")):
                    path.chmod(0o755 if path.is_dir() else 0o644)
            if folder.exists():
                folder.rename(old)
            try:
                fresh.rename(folder)
            except OSError:
                if old.exists():
                    old.rename(folder)
                raise


def copy_file(path: Path, target: Path) -> None:
    """Copy one file's content, making the folders it needs. Raises ContentError as `write_whole` does."""
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def hash_files(digest: hashlib._Hash, base: Path, paths: Iterable[Path], room: int = MAX_HASHED_BYTES) -> int:
    """Add files to a digest, by their names below base; how much room is left.

    Of what no longer fits into room, in bytes, size and time of change have to do: reading a hand-in
    must not take for ever. Raises OSError.
    """
    for path in sorted(paths):
        said = path.stat()
        digest.update(json.dumps([str(path.relative_to(base)), said.st_size]).encode())
        if said.st_size <= room:
            room -= said.st_size
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        else:
            digest.update(json.dumps(said.st_mtime_ns).encode())
    return room
