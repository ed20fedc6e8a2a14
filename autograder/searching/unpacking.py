"""What stands in bytes: archives, compressed streams, what a picture carries along.

Nothing is written anywhere, and nothing is unpickled. What comes out is bounded by the caller.
"""

from __future__ import annotations

import bz2
import contextlib
import io
import lzma
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

MAX_PARTS = 2_000  # of one archive


class CannotOpen(Exception):
    """Something that nobody can see into without help; the text says what it is."""


@dataclass(frozen=True)
class Part:
    """One thing that was inside another."""

    name: str
    data: bytes


@dataclass(frozen=True)
class Kind:
    """What bytes are. `looked_at`: only a person sees what they show, whatever else is found in them."""

    words: str
    parts: Callable[[bytes, int], Iterator[Part]]
    looked_at: bool = True


def kind_of(data: bytes) -> Kind | None:
    """What some bytes are; None for a text."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data[257:262] == b"ustar":
        return _TAR
    if data[:1] == b"\x78" and len(data) > 8 and int.from_bytes(data[:2]) % 31 == 0 and not _is_text(data):
        with contextlib.suppress(zlib.error):
            if zlib.decompressobj().decompress(data, 10):
                return _ZLIB
    return None if _is_text(data) else _BINARY


def is_certain(kind: Kind | None) -> bool:
    """Whether bytes of a kind are that for sure: so many letters do not begin like that by chance."""
    return kind is not None and kind is not _BINARY


def opened(kind: Kind, data: bytes, room: int) -> Iterator[Part]:
    """What stands in bytes of a kind, no more than `room` bytes of it. Raises CannotOpen."""
    yield from kind.parts(data, room)


def printable(data: bytes) -> list[str]:
    """The runs of plain letters in bytes that are no text."""
    return [run.decode("ascii") for run in re.findall(rb"[\x20-\x7e]{9,4000}", data)][:2_000]


def readable(data: bytes) -> str:
    """A text, in the encoding that it is in."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _is_text(data: bytes) -> bool:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and len(data) % 2 == 0:
        return True
    head = data[:200_000]
    controls = len(re.findall(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]", head))
    if not controls:
        with contextlib.suppress(UnicodeDecodeError):
            data.decode("utf-8")
            return True
        high = len(re.findall(rb"[\x80-\xff]", head))
        return high < 0.3 * len(head)
    return False


# ------------------------------------------------------------------ boxes


def _zip(data: bytes, room: int) -> Iterator[Part]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.comment:
                yield Part("comment", archive.comment)
            for entry in archive.infolist()[:MAX_PARTS]:
                if entry.comment:
                    yield Part(f"{entry.filename}:comment", entry.comment)
                if entry.is_dir():
                    continue
                with archive.open(entry) as file:
                    content = file.read(room + 1)
                room = _spend(room, content)
                yield Part(entry.filename, content)
            if len(archive.infolist()) > MAX_PARTS:
                raise CannotOpen("holds more files than the gate opens")
    except RuntimeError as error:  # how the module says that a password is missing
        raise CannotOpen("is an archive with a password") from error
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, zlib.error) as error:
        raise CannotOpen("is an archive that does not open") from error
    except lzma.LZMAError as error:
        raise CannotOpen("is an archive that does not open") from error


def _tar(data: bytes, room: int) -> Iterator[Part]:
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for number, entry in enumerate(archive):
                if number >= MAX_PARTS:
                    raise CannotOpen("holds more files than the gate opens")
                file = archive.extractfile(entry) if entry.isfile() else None
                if file is not None:
                    content = file.read(room + 1)
                    room = _spend(room, content)
                    yield Part(entry.name, content)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise CannotOpen("is an archive that does not open") from error


def _spend(room: int, content: bytes) -> int:
    if len(content) > room:
        raise CannotOpen("holds more than the gate opens")
    return room - len(content)


class _Decompressor(Protocol):
    """What gzip, zlib, bz2 and xz have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, most: int, /) -> bytes: ...


def _stream(name: str) -> Callable[[bytes, int], Iterator[Part]]:
    def parts(data: bytes, room: int) -> Iterator[Part]:
        makers: dict[str, Callable[[], _Decompressor]] = {
            "gz": lambda: zlib.decompressobj(31),
            "zlib": zlib.decompressobj,
            "bz2": bz2.BZ2Decompressor,
            "xz": lzma.LZMADecompressor,
        }
        made, rest = b"", data
        try:
            while rest:
                one = makers[name]()
                made += one.decompress(rest, room + 1 - len(made))
                if len(made) > room:
                    raise CannotOpen("holds more than the gate opens")
                if not one.eof:
                    raise CannotOpen("is compressed and breaks off")
                rest = one.unused_data
                if rest and kind_of(rest) is not kind_of(data):
                    yield Part("end", rest)
                    break
        except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError) as error:
            raise CannotOpen("is compressed and does not open") from error
        yield Part("inside", made)

    return parts


def _array(data: bytes, room: int) -> Iterator[Part]:
    """An array of numbers shows nothing; one of words shows them; one of objects is a pickle."""
    import numpy as np

    file = io.BytesIO(data)
    try:
        array = np.load(file, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise CannotOpen("is an array that does not open without unpickling it") from error
    if array.dtype.kind in "US":
        words = [bytes(word) if array.dtype.kind == "S" else str(word).encode() for word in array.flat]
        yield Part("words", b"\n".join(words))
    elif array.dtype.kind in "iu" and array.size and array.min() >= 9 and array.max() < 0x110000:
        text = "".join(map(chr, array.ravel()[:100_000].tolist())).encode("utf-8", "replace")
        if _is_text(text):
            yield Part("letters", text)
    elif array.dtype.kind not in "iufcb":
        raise CannotOpen("is an array of things that are no numbers")
    if rest := file.read():
        yield Part("end", rest)


# ------------------------------------------------------------------ pictures and documents


def _png(data: bytes, room: int) -> Iterator[Part]:
    """What a PNG says in words, and what follows its end."""
    place = 8
    while place + 12 <= len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        name, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        place += length + 12
        if name in (b"tEXt", b"zTXt", b"iTXt"):
            yield Part("text", _png_text(name, body, room))
        if name == b"IEND":
            break
    if data[place:]:
        yield Part("end", data[place:])


def _png_text(name: bytes, body: bytes, room: int) -> bytes:
    keyword, _, text = body.partition(b"\0")
    if name == b"iTXt" and len(text) > 2:
        packed = text[0] == 1
        text = text[2:].split(b"\0", 2)[-1]
    else:
        packed, text = name == b"zTXt", text[name == b"zTXt" :]
    if packed:
        with contextlib.suppress(zlib.error):
            text = zlib.decompressobj().decompress(text, max(1, room))
    return keyword + b"\n" + text


def _after(mark: bytes) -> Callable[[bytes, int], Iterator[Part]]:
    """What follows the last mark of a format's end."""

    def parts(data: bytes, room: int) -> Iterator[Part]:
        end = data.find(b"PK\x03\x04")
        end = end if end >= 0 else data.rfind(mark) + len(mark)
        if len(mark) <= end < len(data) and data[end:].strip(b"\0\r\n "):
            yield Part("end", data[end:])

    return parts


def _pdf(data: bytes, room: int) -> Iterator[Part]:
    """The words of a PDF's streams, as far as they are plain."""
    for number, match in enumerate(re.finditer(rb"stream\r?\n", data)):
        if number >= MAX_PARTS:
            break
        with contextlib.suppress(zlib.error):
            text = zlib.decompressobj().decompress(data[match.end() :], min(room, 5_000_000) or 1)
            shown = [b"".join(re.findall(rb"\(((?:[^()\\]|\\.)*)\)", line)) for line in text.splitlines()]
            words = re.sub(rb"\\([()\\])", rb"\1", b"\n".join(filter(None, shown)))
            if words:
                plain = words if _is_text(words) else " ".join(printable(words)).encode()
                yield Part(f"stream-{number}", plain)
    if (end := data.rfind(b"%%EOF") + 5) >= 5 and data[end:].strip():
        yield Part("end", data[end:])


def _nothing(data: bytes, room: int) -> Iterator[Part]:
    if (start := data.find(b"PK\x03\x04")) > 0:  # an archive behind something else
        yield Part("end", data[start:])


_ZIP = Kind("is an archive", _zip, looked_at=False)
_TAR = Kind("is an archive", _tar, looked_at=False)
_ZLIB = Kind("is compressed", _stream("zlib"), looked_at=False)
_BINARY = Kind("is no text", _nothing)
_MAGIC = (
    (b"PK\x03\x04", _ZIP),
    (b"PK\x05\x06", _ZIP),
    (b"\x1f\x8b\x08", Kind("is compressed", _stream("gz"), looked_at=False)),
    (b"BZh", Kind("is compressed", _stream("bz2"), looked_at=False)),
    (b"\xfd7zXZ\x00", Kind("is compressed", _stream("xz"), looked_at=False)),
    (b"\x93NUMPY", Kind("is an array", _array, looked_at=False)),
    (b"\x89PNG\r\n\x1a\n", Kind("is a picture", _png)),
    (b"\xff\xd8\xff", Kind("is a picture", _after(b"\xff\xd9"))),
    (b"GIF8", Kind("is a picture", _after(b"\x00\x3b"))),
    (b"RIFF", Kind("is a picture or a sound", _nothing)),
    (b"%PDF-", Kind("is a PDF", _pdf)),
)
