"""Files and folders written whole: a reader, or a crash, never meets half of one; and files found."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MAX_DEPTH = 20  # folders in folders that are looked into: student hands are not trusted to stop


def plain_files(folder: Path) -> list[Path]:
    """The files below a folder, sorted: no links, and nothing deeper than MAX_DEPTH. Raises OSError."""
    found, waiting = [], [(folder, 0)] if folder.is_dir() else []
    while waiting:
        place, depth = waiting.pop()
        for entry in os.scandir(place):
            if entry.is_file(follow_symlinks=False):
                found.append(Path(entry.path))
            elif entry.is_dir(follow_symlinks=False) and depth < MAX_DEPTH:
                waiting.append((Path(entry.path), depth + 1))
    return sorted(found)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader, or a crash, never meets half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def replace_folder(folder: Path, files: dict[str, bytes], public: bool = False) -> None:
    """Put a folder with exactly these files where `folder` is; it is complete before it gets there.

    Everybody may read what is `public`, whatever the umask: it is packed and copied with its modes.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
        fresh = Path(beside) / "fresh"
        for name, content in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if public:
            for path in (fresh, *fresh.rglob("*")):
                path.chmod(0o755 if path.is_dir() else 0o644)
        if folder.exists():
            folder.rename(Path(beside) / "old")
        fresh.rename(folder)


def copy_file(path: Path, target: Path) -> None:
    """Copy one file's content, making the folders it needs."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
