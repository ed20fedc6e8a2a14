"""Archives that students packed, read inside limits: nothing in a name or a header is believed.

No file is written here. Names are checked, bytes are counted while they are read, and whatever is refused
is refused by its name, so that the others go on.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import itertools
import re
import stat
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, cast

from autograder.files import ARCHIVES, MAX_FILES

MAX_BYTES = 100_000_000  # of one hand-in, unpacked
MAX_RATIO, RATIO_COUNTS_FROM = 200, 10_000_000  # what is larger than this and packed better is no work
MAX_PART_BYTES, MAX_NAME_BYTES, MAX_PARTS = 200, 1000, 20  # of a file's name; folders in folders
CHUNK = 1 << 16
ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz")
JUNK = {  # what machines leave beside the work
    *("__macosx", ".ds_store", "thumbs.db", "desktop.ini", ".ipynb_checkpoints", "__pycache__", ".git"),
    *(".idea", ".vscode", ".venv", ".pytest_cache", ".localized", ".gitignore", ".gitattributes"),
}
ENTRY = b"PK\x01\x02"  # stands before each entry of a zip's directory
FIXED_HEADER = 30  # bytes before an entry's name and content, at least

NO_LETTERS = ("Cc", "Cs", "Zl", "Zp")  # controls, halves of surrogate pairs, ends of lines

Parts = tuple[str, ...]


class Refused(Exception):
    """Why a file or an archive is not read, as the end of a sentence that begins with its name."""


@dataclass(frozen=True)
class Packed:
    """One file of an archive: its checked name, in parts, and its content."""

    parts: Parts
    content: bytes


@dataclass
class Room:
    """How much of one hand-in may still be read. It only ever gets smaller."""

    size: int = MAX_BYTES
    files: int = MAX_FILES

    def take(self, size: int) -> None:
        """Raises Refused when there is no room for so many bytes."""
        if size > self.size:
            raise Refused(f"it would make the hand-in larger than {MAX_BYTES // 1_000_000} MB")
        self.size -= size

    def take_file(self) -> None:
        """Raises Refused when there are too many files."""
        if not self.files:
            raise Refused(f"the hand-in has more than {MAX_FILES:,} files")
        self.files -= 1


# ------------------------------------------------------------------ names


def parts_of(name: str) -> Parts:
    """The folders and the file of a name in an archive, composed (NFC).

    Raises Refused for a name that leads elsewhere, or that no file should have.
    """
    name = unicodedata.normalize("NFC", name)
    path = name.replace("\\", "/")  # as some programs on Windows write it
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        raise Refused("its name is a place on some machine, not in the archive")
    if ".." in parts:
        raise Refused("its name leads out of the archive")
    if not parts or any(unicodedata.category(letter) in NO_LETTERS for letter in path):
        raise Refused("its name holds what is no letter")
    sizes = [len(part.encode()) for part in parts]
    if len(parts) > MAX_PARTS or max(sizes) > MAX_PART_BYTES or sum(sizes) > MAX_NAME_BYTES:
        raise Refused("its name is too long")
    return parts


def is_junk(parts: Parts) -> bool:
    """Whether a machine left it there, and nobody would miss it."""
    return any(part.casefold() in JUNK or part.startswith("._") for part in parts)


def without_ending(name: str) -> str:
    """An archive's name without .zip or the like."""
    ending = next((end for end in ARCHIVES if name.casefold().endswith(end)), "")
    return name[: len(name) - len(ending)]


# ------------------------------------------------------------------ an archive in a hand-in


def unpack(name: str, data: bytes, room: Room) -> Iterator[Packed | tuple[str, str]]:
    """The files of an archive, each a Packed, or (its name, why it is refused).

    Raises Refused when the archive as a whole cannot be read, or must not be.
    """
    if name.casefold().endswith(".zip"):
        yield from _unzip(data, room)
    elif name.casefold().endswith(ENDINGS):
        yield from _untar(name, data, room)
    else:
        raise Refused("only .zip, .tar, .tar.gz and .tgz are opened")


def _unzip(data: bytes, room: Room) -> Iterator[Packed | tuple[str, str]]:
    if data.count(ENTRY) > 2 * MAX_FILES:  # before anything is made of them; a zip inside has some too
        raise Refused(f"it has more than {MAX_FILES:,} files")
    with open_zip(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if len(entries) > room.files:
            raise Refused(f"the hand-in has more than {MAX_FILES:,} files")
        if sum(entry.file_size for entry in entries) > room.size:
            raise Refused(f"it would make the hand-in larger than {MAX_BYTES // 1_000_000} MB")
        for entry in entries:
            shown = name_in(entry)
            try:
                parts = parts_of(shown)
                if shown.endswith(("/", "\\")) or is_junk(parts):
                    continue
                room.take_file()
                yield Packed(parts, read_entry(archive, entry, room))
            except Refused as problem:
                yield shown, str(problem)


@contextlib.contextmanager
def open_zip(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """A zip whose entries do not share bytes. Raises Refused when it is damaged."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, RecursionError):
        raise Refused("it is damaged, or no zip at all") from None
    with archive:
        places = sorted((entry.header_offset, entry.compress_size) for entry in archive.infolist())
        places.append((archive.start_dir, 0))
        for (start, size), (following, _) in itertools.pairwise(places):
            if start + size + FIXED_HEADER > following:
                raise Refused("its entries overlap, as no program packs them")
        yield archive


def name_in(entry: zipfile.ZipInfo) -> str:
    """The name of an entry. Without a mark it may be UTF-8 all the same, as macOS writes it."""
    said = entry.orig_filename
    if not entry.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            return said.encode("cp437").decode("utf-8")
    return said


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: Room) -> bytes:
    """The content of an entry, counted while it is read. Raises Refused."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise Refused("it is a link" if kind == stat.S_IFLNK else "it is no plain file")
    if entry.flag_bits & 1:
        raise Refused("it is encrypted")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused("it is packed in a way that is not read here")
    _check_ratio(entry.file_size, entry.compress_size)
    try:
        with archive.open(entry) as file:
            content = read_within(file, room, entry.compress_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise Refused("it is damaged") from None
    if len(content) != entry.file_size:
        raise Refused("it is damaged")
    return content


def _check_ratio(size: int, packed: int) -> None:
    if size > RATIO_COUNTS_FROM and size > MAX_RATIO * packed:
        raise Refused(f"it unpacks to more than {MAX_RATIO} times its size")


def read_within(file: IO[bytes], room: Room, packed: int | None = None) -> bytes:
    """All of a file, or Refused as soon as it is more than there is room for."""
    chunks, size = [], 0
    while chunk := file.read(CHUNK):
        room.take(len(chunk))
        size += len(chunk)
        if packed is not None:
            _check_ratio(size, packed)
        chunks.append(chunk)
    return b"".join(chunks)


class _Counted(io.RawIOBase):
    """What comes out of a stream, up to a limit: headers count too."""

    def __init__(self, file: IO[bytes], most: int):
        self.file, self.left = file, most

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        got = self.file.read(min(size, CHUNK) if size >= 0 else CHUNK)
        self.left -= len(got)
        if self.left < 0:
            raise Refused(f"it would make the hand-in larger than {MAX_BYTES // 1_000_000} MB")
        return got


def _untar(name: str, data: bytes, room: Room) -> Iterator[Packed | tuple[str, str]]:
    plain: IO[bytes] = io.BytesIO(data)
    if name.casefold().endswith("gz"):
        plain = cast("IO[bytes]", gzip.GzipFile(fileobj=plain))
    stream = _Counted(plain, room.size + 2000 * room.files)
    try:
        with tarfile.open(fileobj=stream, mode="r|", errorlevel=2) as archive:
            for entry in archive:
                if entry.size > room.size:
                    raise Refused(f"it would make the hand-in larger than {MAX_BYTES // 1_000_000} MB")
                try:
                    parts = parts_of(entry.name)
                    if entry.isdir() or is_junk(parts):
                        continue
                    room.take_file()
                    yield Packed(parts, _read_member(archive, entry, room))
                except Refused as problem:
                    if not room.files:
                        raise
                    yield entry.name, str(problem)
    except (tarfile.TarError, EOFError, zlib.error, OSError, ValueError, RecursionError, OverflowError):
        raise Refused("it is damaged, or no archive at all") from None


def _read_member(archive: tarfile.TarFile, entry: tarfile.TarInfo, room: Room) -> bytes:
    if entry.issym() or entry.islnk():
        raise Refused("it is a link")
    if not entry.isreg() or entry.issparse():
        raise Refused("it is no plain file")
    file = archive.extractfile(entry)
    return read_within(file, room) if file else b""
