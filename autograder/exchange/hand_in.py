"""One hand-in put together: the newest of each file, archives opened, everything where it is looked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autograder.exchange.archives import (
    Parts,
    Refused,
    Room,
    is_junk,
    unpack,
    without_ending,
)
from autograder.exchange.platforms import COPY, Sent, is_notebook
from autograder.files import is_archive, plain_files
from autograder.lateness.timestamps import NAME as TIMESTAMP

MAX_NESTED = 2  # archives in archives


@dataclass
class HandIn:
    """The files of one hand-in, by their names in the student's folder.

    `older` are files that a newer one of the same name replaced. `refused` and `remarks` have the name
    of a file and the rest of a sentence about it.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    older: dict[str, bytes] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)
    late: bool | None = None
    handed_in: datetime | None = None
    order: int = 0

    @property
    def digest(self) -> str:
        """A digest of names and contents."""
        return digest_of(self.files)


def digest_of(files: dict[str, bytes]) -> str:
    """A digest of files' names and contents."""
    return _digest({name: hashlib.sha256(content) for name, content in files.items()})


def digest_of_folder(folder: Path) -> str:
    """The same of the files in a folder. Raises OSError."""
    said = {}
    for path in plain_files(folder):
        with path.open("rb") as file:
            said[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256")
    return _digest(said)


def _digest(contents: dict[str, hashlib._Hash]) -> str:
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest())
        digest.update(contents[name].digest())
    return digest.hexdigest()


def put_together(
    sent: Iterable[Sent],
    read: Callable[[Parts, Room], bytes],
    issued: Iterable[str],
    in_place: bool = False,
) -> HandIn:
    """Put together what one owner handed in at once. `issued` are the names of the problem set's files.

    What is put in order `in_place` keeps its timestamp.txt: nbgrader's collect may have written it.
    Nothing is raised for a file that must not be read: it is refused, and the others are there.
    """
    builder = _Builder(read, {name.casefold(): name for name in issued}, in_place)
    for one, name in _newest(list(sent), builder):
        builder.add(one, name)
    builder.lift()
    return builder.made


def _newest(sent: list[Sent], builder: _Builder) -> list[tuple[Sent, Parts]]:
    """Each file that counts and its name, loose ones first; what a newer one replaces is put aside."""
    names = {one.parts[-1].casefold() for one in sent if len(one.parts) == 1}
    groups: dict[Parts, list[tuple[int, int, Sent]]] = {}
    for one in sent:
        name, number = builder.without_copy(one.parts, names) if one.order else (one.parts, 0)
        groups.setdefault(name, []).append((one.order, number, one))
    chosen = []
    for name, copies in groups.items():
        copies.sort(key=lambda copy: copy[:2])
        chosen.append((copies[-1][2], name))
        for _, _, one in copies[:-1]:
            builder.put_aside(one)
    made = builder.made
    for one, _ in chosen:
        made.order = max(made.order, one.order)
        made.handed_in = one.handed_in or made.handed_in
        made.late = one.late if made.late is None else made.late or one.late
    return sorted(chosen, key=lambda pair: builder.turn(*pair))


class _Builder:
    def __init__(self, read: Callable[[Parts, Room], bytes], issued: dict[str, str], in_place: bool):
        self.read, self.issued, self.in_place = read, issued, in_place
        self.room, self.older_room = Room(), Room()
        self.made = HandIn()
        self.taken: dict[str, str] = {}  # names without case, and as they are
        self.folders: set[str] = set()

    def without_copy(self, parts: Parts, names: set[str]) -> tuple[Parts, int]:
        """The name of a file without the number that Canvas gives a second upload, and that number."""
        stem, dot, ending = parts[-1].rpartition(".")
        found = COPY.fullmatch(stem)
        if len(parts) > 1 or not dot or not found:
            return parts, 0
        name = f"{found['stem']}.{ending}"
        known = name.casefold() in self.issued
        if known or (name.casefold() in names and (is_notebook(name) or is_archive(name))):
            return (name,), int(found["number"])
        return parts, 0

    def turn(self, one: Sent, parts: Parts) -> tuple[bool, int, bool, int, Parts]:
        """What comes first has its name: no archive, at the top, named as it was issued, the newest."""
        return is_archive(parts[-1]), len(parts), parts[-1] not in self.issued.values(), -one.order, parts

    def put_aside(self, one: Sent) -> None:
        try:
            self.made.older["/".join(one.place[-1:])] = self.read(one.place, self.older_room)
        except Refused as problem:
            self.made.refused.append(("/".join(one.place), str(problem)))

    def add(self, one: Sent, name: Parts) -> None:
        shown = "/".join(one.place)
        try:
            if not is_archive(name[-1]):
                self.room.take_file()
            content = self.read(one.place, self.room)
            if is_archive(name[-1]):
                self.open(shown, name, content, 1)
            elif self.in_place and name == (TIMESTAMP,):
                self.made.files[TIMESTAMP] = content
            else:
                self.put(shown, name, content)
        except Refused as problem:
            self.made.refused.append((shown, str(problem)))

    def open(self, shown: str, name: Parts, data: bytes, depth: int) -> None:
        """Take the files of an archive. Raises Refused when it cannot be opened; then nothing is taken."""
        if depth > MAX_NESTED:
            raise Refused(f"archives are opened {MAX_NESTED} deep, and no deeper")
        found, inner, refused = [], [], []
        seen: dict[str, bytes] = {}
        for entry in unpack(name[-1], data, self.room):
            if isinstance(entry, tuple):
                refused.append((f"{shown}/{entry[0]}", entry[1]))
                continue
            inside = "/".join(entry.parts)
            if seen.setdefault(inside.casefold(), entry.content) != entry.content:
                refused.append((f"{shown}/{inside}", "the archive has it twice, and the first one counts"))
            elif is_archive(entry.parts[-1]):
                inner.append(entry)
            else:
                found.append(entry)
        self.made.refused += refused
        home = self._home([entry.parts for entry in found])
        stem = without_ending(name[-1]) or "archive"
        for entry in found:
            parts = entry.parts[len(home) :] if entry.parts[: len(home)] == home else entry.parts
            instead = (*name[:-1], stem, *parts)
            self.put(f"{shown}/{'/'.join(entry.parts)}", (*name[:-1], *parts), entry.content, instead)
        for entry in inner:
            inside = f"{shown}/{'/'.join(entry.parts)}"
            try:
                self.open(inside, (*name[:-1], entry.parts[-1]), entry.content, depth + 1)
            except Refused as problem:
                self.made.refused.append((inside, str(problem)))

    def put(self, shown: str, parts: Parts, content: bytes, instead: Parts = ()) -> None:
        """Give a file its name; where another file has it, another one, `instead`, if there is one."""
        if is_junk(parts):
            return
        if parts[-1].casefold() == TIMESTAMP:
            self.made.remarks.append((shown, "left out, since only the platform says when"))
            return
        if len(parts) == 1:
            parts = (self.issued.get(parts[0].casefold(), parts[0]),)
        name = "/".join(parts)
        key = name.casefold()
        above = ["/".join(parts[:end]).casefold() for end in range(1, len(parts))]
        if key in self.taken and self.made.files[self.taken[key]] == content:
            return
        if key in self.taken or key in self.folders or any(folder in self.taken for folder in above):
            if instead:
                self.put(shown, instead, content)
            else:
                self.made.refused.append((shown, "another file of the hand-in has the same name"))
            return
        self.taken[key] = name
        self.folders |= set(above)
        self.made.files[name] = content

    def lift(self) -> None:
        """Bring notebooks up that all lie in one folder: they are looked for at the top."""
        places = [tuple(name.split("/")) for name in self.made.files]
        if any(len(place) == 1 and is_notebook(place[0]) for place in places):
            return
        home = self._home(places)
        if not home:
            return
        files, self.made.files, self.taken, self.folders = self.made.files, {}, {}, set()
        if TIMESTAMP in files:  # was let in
            self.made.files[TIMESTAMP] = files.pop(TIMESTAMP)
        rest = {place: place[: len(home)] == home for place in places if "/".join(place) in files}
        for place, inside in sorted(rest.items(), key=lambda pair: pair[1]):  # those that stay come first
            name = "/".join(place)
            self.put(name, place[len(home) :] if inside else place, files[name], place if inside else ())

    def _home(self, places: list[Parts]) -> Parts:
        """The folder that holds most notebooks of the problem set, or else all notebooks there are."""
        counts: dict[Parts, int] = {}
        notebooks = [place for place in places if is_notebook(place[-1])]
        for place in notebooks:
            if place[-1].casefold() in self.issued:
                counts[place[:-1]] = counts.get(place[:-1], 0) + 1
        if counts:
            return max(counts, key=lambda folder: (counts[folder], -len(folder)))
        folders = {place[:-1] for place in notebooks} or {()}
        return folders.pop() if len(folders) == 1 else ()
