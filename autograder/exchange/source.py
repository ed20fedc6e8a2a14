"""A download as a person has it: a .zip, or the folder it was unpacked into. Only names until one is read."""

from __future__ import annotations

import contextlib
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from autograder.errors import CourseError
from autograder.exchange.archives import (
    MAX_PARTS,
    Parts,
    Refused,
    Room,
    is_junk,
    name_in,
    open_zip,
    parts_of,
    read_entry,
    read_within,
)

MAX_FILES = 200_000  # of a whole class

Refusals = list[tuple[str, str]]  # a name, and why it is refused


class Source(Protocol):
    """The files of a download by their places in it, and what was refused by its name alone."""

    refused: Refusals

    @property
    def places(self) -> list[Parts]: ...

    def read(self, place: Parts, room: Room) -> bytes:
        """The content of a file. Raises Refused when it is damaged, a link, or too large."""


@contextlib.contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """A download, a .zip or a folder. Raises CourseError when it is neither."""
    if path.is_dir():
        yield _Folder(path)
        return
    if not path.is_file():
        raise CourseError(f"There is no {path}: name a download, a .zip or a folder.")
    try:
        file = path.open("rb")
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from None
    with file:
        try:
            with open_zip(file) as archive:
                yield _Zip(archive)
        except Refused as problem:
            raise CourseError(f"{path} cannot be opened, {problem}: download it again.") from None


class _Zip:
    """The entries of a zip."""

    def __init__(self, archive: zipfile.ZipFile):
        self.archive = archive
        self.refused: Refusals = []
        self.entries: dict[Parts, zipfile.ZipInfo] = {}
        if len(archive.infolist()) > MAX_FILES:
            raise Refused(f"it has more than {MAX_FILES:,} files")
        for entry in archive.infolist():
            shown = name_in(entry)
            try:
                parts = parts_of(shown)
                if shown.endswith(("/", "\\")) or is_junk(parts):
                    continue
                if parts in self.entries:
                    raise Refused("the download has it twice, and the first one counts")
                self.entries[parts] = entry
            except Refused as problem:
                self.refused.append((shown, str(problem)))

    @property
    def places(self) -> list[Parts]:
        return list(self.entries)

    def read(self, place: Parts, room: Room) -> bytes:
        return read_entry(self.archive, self.entries[place], room)


class _Folder:
    """The files of a folder, without links, and without what is in hidden folders."""

    def __init__(self, folder: Path):
        self.refused: Refusals = []
        self.files: dict[Parts, Path] = {}
        level = [folder]
        for _ in range(MAX_PARTS):
            level = [below for place in level for below in self._look_into(folder, place)]
        self.refused += [(str(place.relative_to(folder)), "it lies too deep in folders") for place in level]

    def _look_into(self, folder: Path, place: Path) -> Iterator[Path]:
        try:
            there = sorted(place.iterdir())
        except OSError as error:
            if place == folder:
                raise
            self.refused.append((str(place.relative_to(folder)), f"it cannot be read: {error.strerror}"))
            return
        for path in there:
            name = str(path.relative_to(folder))
            try:
                parts = parts_of(_as_text(name))
                if is_junk(parts):
                    continue
                if path.is_symlink():
                    raise Refused("it is a link")
                if path.is_dir():
                    if not path.name.startswith("."):
                        yield path
                    continue
                if not path.is_file():
                    raise Refused("it is no plain file")
                if parts in self.files:
                    raise Refused("another file has the same name, in other letters of the same look")
                if len(self.files) >= MAX_FILES:
                    raise CourseError(f"{folder} has more than {MAX_FILES:,} files, which no download has.")
                self.files[parts] = path
            except Refused as problem:
                self.refused.append((name, str(problem)))

    @property
    def places(self) -> list[Parts]:
        return list(self.files)

    def read(self, place: Parts, room: Room) -> bytes:
        try:
            with self.files[place].open("rb") as file:
                return read_within(file, room)
        except OSError as error:
            raise Refused(f"it cannot be read: {error.strerror}") from None


def _as_text(name: str) -> str:
    """A name whose bytes are no UTF-8 as Windows means them."""
    data = os.fsencode(name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
