"""Everything that a released folder holds: each text, each piece of code, and what only a person can look at.

Archives, texts in base64, attachments and what is appended to a picture are opened, within limits: a
solution is no less of one for being packed. What a thing is, its bytes say; its name is not asked.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from autograder.searching.unpacking import CannotOpen, is_certain, kind_of, opened, printable, readable

MAX_DEPTH = 6  # boxes in boxes
MAX_BYTES = 100_000_000  # that come out of all boxes of a file together
MIN_ENCODED = 12  # letters of base64 that may be a text


@dataclass(frozen=True)
class Text:
    """One text that is shown: where, in words, and in the cells of which notebook (none in another file).

    `code` is Python as a whole: a code cell or a module. What it stands in is accepted by `name`, and is
    still what was accepted as long as its SHA-256 is.
    """

    where: str
    text: str
    name: str
    sha256: str
    notebook: str = ""
    code: bool = False


@dataclass(frozen=True)
class Opaque:
    """Something that has to be looked at: by which name it is accepted, and by which SHA-256."""

    where: str
    name: str
    what: str
    sha256: str


@dataclass
class Contents:
    """What a released folder holds."""

    texts: list[Text] = field(default_factory=list)
    opaque: list[Opaque] = field(default_factory=list)


@dataclass(frozen=True)
class _Place:
    where: str
    name: str
    sha256: str = ""
    notebook: str = ""
    depth: int = 0

    def inside(self, name: str, words: str) -> _Place:
        return replace(self, where=f"{self.where}, {words}", name=f"{self.name}:{name}", depth=self.depth + 1)

    def text(self, text: str, code: bool = False) -> Text:
        return Text(self.where, text, self.name, self.sha256, self.notebook, code)


def read_contents(folder: Path, title: str) -> Contents:
    """What all files below a folder hold; `title` is how it is called. Raises OSError."""
    contents = Contents()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = str(path.relative_to(folder))
            reader = _Reader(contents)
            reader.read(_Place(f"{title}/{name}", name), path.name, path.read_bytes())
    return contents


class _Reader:
    """Reads one file to the bottom of its boxes."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self.room = MAX_BYTES

    def read(self, place: _Place, name: str, data: bytes) -> None:
        """Add what some bytes hold."""
        self.room -= len(data)
        if not data:
            return
        place = replace(place, sha256=hashlib.sha256(data).hexdigest())
        if place.depth > MAX_DEPTH or self.room < 0:
            self._to_look_at(place, "holds more than the gate opens")
            return
        kind = kind_of(data)
        if kind is None:
            self._text(place, name, readable(data))
            return
        try:
            for part in opened(kind, data, max(0, self.room)):
                self.read(place.inside(part.name, part.name), part.name, part.data)
        except CannotOpen as error:
            self._to_look_at(place, str(error))
            return
        if kind.looked_at:
            self._to_look_at(place, kind.words)
            if seen := "\n".join(printable(data)):
                self.contents.texts.append(place.text(seen))

    def _to_look_at(self, place: _Place, what: str) -> None:
        self.contents.opaque.append(Opaque(place.where, place.name, what, place.sha256))

    def _text(self, place: _Place, name: str, text: str) -> None:
        if text.lstrip()[:1] in ("{", "["):
            try:
                content = json.loads(text)
            except (ValueError, RecursionError):
                content = None
            if isinstance(content, dict) and isinstance(content.get("cells"), list):
                self._notebook(place, name, content)
                return
            for string in strings(content):
                self._show(place, string)
        if re.search(r"<svg[\s>]", text[:4000]):
            self._to_look_at(place, "is a drawing")
        self._show(place, text, code=name.endswith((".py", ".pyi", ".pyw")))

    def _show(self, place: _Place, text: str, code: bool = False) -> None:
        """A text as it stands, and what is written in it in other ways."""
        text = self._without_data(place, text)
        self.contents.texts.append(place.text(text, code))
        if code:
            return
        for plain in _other_spellings(text):
            self.contents.texts.append(place.text(plain))

    def _without_data(self, place: _Place, text: str) -> str:
        """The text without what is written in base64, which is read by itself."""
        found = 0

        def read(match: re.Match[str]) -> str:
            nonlocal found
            data = decoded(match["data"])
            telling = match["uri"] or (data and (is_certain(kind_of(data)) or _is_words(data)))
            if not data or not telling or place.depth >= MAX_DEPTH:
                return match[0]
            found += 1
            self.read(place.inside(f"data-{found}", f"data {found}"), "", data)
            return " "

        return _ENCODED.sub(read, text)

    def _notebook(self, place: _Place, name: str, content: dict[str, Any]) -> None:
        """Cell by cell; of a notebook inside a box, as a file that is no notebook of the problem set."""
        stem = name.removesuffix(".ipynb") if not place.depth else ""
        for number, cell in enumerate(content["cells"], 1):
            if not isinstance(cell, dict):
                cell = {"source": cell}
            label = cell.get("id") if isinstance(cell.get("id"), str) else str(number)
            here = replace(
                place,
                where=f"{place.where}, cell {label}",
                name=f"{place.name}:{label}",
                sha256=hashlib.sha256(json.dumps(cell, sort_keys=True).encode()).hexdigest(),
                notebook=stem,
            )
            self._show(here, joined(cell.get("source")), code=cell.get("cell_type") == "code")
            attachments = cell.get("attachments")
            if isinstance(attachments, dict):
                for title, bundle in attachments.items():
                    self._bundle(replace(here, name=place.name), str(title), bundle)
            for output in cell.get("outputs") or ():
                if isinstance(output, dict):
                    self._bundle(here, "output", output.pop("data", {}))
                self._strings(here, output)
            rest = {key: cell[key] for key in cell if key not in ("id", "source", "attachments", "outputs")}
            self._strings(here, rest)
        rest = {key: content[key] for key in content if key != "cells"}
        self._strings(replace(place, where=f"{place.where}, metadata", notebook=stem), rest)

    def _bundle(self, place: _Place, title: str, bundle: object) -> None:
        """What stands under one name in several formats: text, or base64."""
        inside = place.inside(title, f"attachment {title}" if title != "output" else title)
        for kind, value in bundle.items() if isinstance(bundle, dict) else (("", bundle),):
            text = joined(value) if isinstance(value, (str, list)) else ""
            data = decoded(text) if text else None
            spelled = str(kind).startswith("text/") or str(kind).endswith("+xml")
            if data is not None and (not spelled or _is_words(data)):
                self.read(inside, title, data)
            if data is None or (spelled and not _is_words(data)):
                self.read(inside, title, text.encode("utf-8", "replace"))
            if not text:
                self._strings(inside, value)

    def _strings(self, place: _Place, value: object) -> None:
        for text in strings(value):
            self._show(place, text)


_ENCODED = re.compile(
    r"(?P<uri>data:[\w./+-]*(?:;[\w=-]+)*;base64,\s*)?"
    rf"(?P<data>[A-Za-z0-9+/_-]{{{MIN_ENCODED},}}(?:\s*\n\s*[A-Za-z0-9+/_-]{{{MIN_ENCODED},}})*={{0,2}})"
)


def decoded(text: str) -> bytes | None:
    """The bytes that a text is the base64 of; None when it is not."""
    import base64
    import binascii

    squeezed = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    if not squeezed or len(squeezed) % 4 == 1:
        return None
    try:
        return base64.b64decode(squeezed + "=" * (-len(squeezed) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _is_words(data: bytes) -> bool:
    """Whether bytes are a text that somebody wrote."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return bool(re.search(r"[\s*+@()=]", text)) and all(
        letter.isprintable() or letter.isspace() for letter in text
    )


def joined(source: object) -> str:
    """The text of a cell, which a file may hold in lines."""
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def strings(value: object, depth: int = 60) -> Iterator[str]:
    """Every string in a JSON value; lists of lines as one, and names of fields too."""
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict):
        for name, part in value.items():
            yield str(name)
            yield from strings(part, depth - 1)
    elif depth and isinstance(value, list):
        if value and all(isinstance(part, str) for part in value):
            yield "".join(value) if any(part.endswith("\n") for part in value) else "\n".join(value)
        else:
            for part in value:
                yield from strings(part, depth - 1)


def _other_spellings(text: str) -> Iterator[str]:
    """The text as a browser shows it, and as an address spells it."""
    if re.search(r"<[a-zA-Z/!]|&[#\w]+;", text):
        lines = re.sub(
            r"</(p|div|li|[od][tdl]|t[dhr]|h\d|pre|code|summary|title|w:p|text:p|a:p)>|<br[^>]*>", "\n", text
        )
        plain = html.unescape(re.sub(r"<(?!!--)[a-zA-Z/][^<>]*>", "", lines))
        if plain != text:
            yield plain
    if re.search(r"%[0-9A-Fa-f]{2}", text):
        for address in re.findall(r"\S*%[0-9A-Fa-f]{2}\S*", text):
            for part in re.split(r"[#?&]", unquote(address.replace("+", " "))):
                yield part.partition("=")[2] or part
    if "\x1b[" in text:  # colours of a terminal
        yield re.sub(r"\x1b\[[0-9;]*m", "", text)
    if "\\" in text:
        plain = re.sub(r"\\([*_@^+\-/()\[\]{}.<>#`~|])", r"\1", text)
        if plain != text:
            yield plain
