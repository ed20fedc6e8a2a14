"""How large a picture is drawn, read from its first bytes: a small file can hold a picture no browser opens.

Nothing is decoded. What is not one of four kinds that notebooks hold, or does not say its size, is no
picture to show.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Iterator
from xml.etree import ElementTree

MAX_PIXELS = 64_000_000  # of one picture, all frames together: a telephone's photograph has 12 to 50
MAX_SIDE = 30_000  # beyond this some browsers draw nothing
MAX_ELEMENTS = 20_000  # of one SVG picture
SVG = "image/svg+xml"
IN_TEXT = re.compile(r"data:(image/[a-zA-Z0-9.+-]{1,30})((?:;[^,;\s\"']{0,40}){0,4}),([^\s\"')>]*+)")
RAW_SVG = re.compile(r"<svg\b", re.IGNORECASE)


def pixels(media: str, data: object) -> int | None:
    """The pixels of a picture as a notebook holds it; None where it must not be shown.

    data is base64 text, or the text of an SVG. The kind is told by the bytes where these have one.
    """
    if not isinstance(data, str):
        return None
    if media == SVG:
        return _svg(data)
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return pixels_of(content)


def pixels_of(content: bytes) -> int | None:
    """The same for the bytes of a PNG, JPEG or GIF file."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            sizes = list(_png(content))
        elif content.startswith(b"\xff\xd8"):
            sizes = list(_jpeg(content))
        elif content.startswith((b"GIF87a", b"GIF89a")):
            sizes = list(_gif(content))
        else:
            return None
    except (struct.error, IndexError):  # it breaks off
        return None
    if not sizes or not all(0 < side <= MAX_SIDE for size in sizes for side in size):
        return None
    total = sum(width * height for width, height in sizes)
    return total if total <= MAX_PIXELS else None


Sizes = Iterator[tuple[int, int]]  # width and height of each frame


def _png(content: bytes) -> Sizes:
    if content[12:16] != b"IHDR":
        return
    width, height = struct.unpack(">II", content[16:24])
    place, frames = 33, 1
    while content[place + 4 : place + 8] not in (b"IDAT", b""):
        (length,) = struct.unpack(">I", content[place : place + 4])
        if content[place + 4 : place + 8] == b"acTL":
            (frames,) = struct.unpack(">I", content[place + 8 : place + 12])
        place += 12 + length
    yield width, height
    for _ in range(min(frames, 1 + MAX_PIXELS // max(1, width * height)) - 1):
        yield width, height


def _jpeg(content: bytes) -> Sizes:
    place = 2
    while content[place] == 0xFF:
        kind = content[place + 1]
        if kind == 0xFF:  # filling
            place += 1
        elif kind in (0x01, *range(0xD0, 0xD8)):  # markers that stand alone
            place += 2
        elif 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            yield width, height
            return
        else:
            place += 2 + struct.unpack(">H", content[place + 2 : place + 4])[0]


def _gif(content: bytes) -> Sizes:
    """The canvas, once for each frame: that is what a browser keeps."""
    size = struct.unpack("<HH", content[6:10])
    place = 13 + _palette(content[10])
    yield size
    first = True
    while content[place] != 0x3B:
        if content[place] == 0x2C:
            yield struct.unpack("<HH", content[place + 5 : place + 9])
            if not first:
                yield size
            first = False
            place += 11 + _palette(content[place + 9])
        elif content[place] == 0x21:
            place += 2
        else:
            return
        while content[place]:  # blocks of up to 255 bytes, ended by an empty one
            place += 1 + content[place]
        place += 1


def _palette(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _svg(text: str) -> int | None:
    """The pixels of an SVG's own size; 0 where it has none and fills what room there is.

    Entities, and parts that are made of copies of copies, grow without end.
    """
    if "<!ENTITY" in text or text.count("<") > 2 * MAX_ELEMENTS or not _data_fits(text):
        return None
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  no entities, so nothing to expand
    except (ElementTree.ParseError, ValueError):
        return None
    if root.tag.rpartition("}")[2] != "svg" or _copies_copies(root):
        return None
    sides = [_side(root.get("width")), _side(root.get("height"))]
    view = [_side(number) for number in re.split(r"[\s,]+", root.get("viewBox", ""))[2:4]]
    sides = [max(pair) for pair in zip(sides, view, strict=True)] if len(view) == 2 else sides
    if not all(side <= MAX_SIDE for side in sides):
        return None
    drawn = int(sides[0] * sides[1])
    return drawn if drawn <= MAX_PIXELS else None


def _side(said: str | None) -> float:
    """A length in pixels, whatever unit it is in: an inch has 96 of them, an em about 16."""
    found = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{0,20})?)\s*(in|cm|mm|pt|pc|px|r?em|ex|)\s*", said or "")
    if found is None:
        return 0.0 if not said or said.strip().endswith("%") else float("inf")
    unit = {"in": 96, "cm": 37.8, "mm": 3.78, "pt": 1.34, "pc": 16, "em": 16, "rem": 16, "ex": 8}
    return float(found[1]) * unit.get(found[2], 1)


def _copies_copies(root: ElementTree.Element) -> bool:
    """Whether what is copied holds copies itself, so that ten lines can draw a million shapes."""
    copied = {
        value.removeprefix("#")
        for element in root.iter()
        if element.tag.rpartition("}")[2] == "use"
        for name, value in element.attrib.items()
        if name.rpartition("}")[2] == "href"
    }
    waiting = [(root, False)]
    while waiting:
        element, inside = waiting.pop()
        inside = inside or element.get("id") in copied
        if inside and element.tag.rpartition("}")[2] == "use":
            return True
        waiting += [(child, inside) for child in element]
    return False


def all_fit(text: str) -> bool:
    """Whether every picture that stands in a text (HTML or Markdown) as `data:…` may be shown.

    Pictures written out as <svg> inside of HTML may not.
    """
    return not RAW_SVG.search(text) and _data_fits(text)


def _data_fits(text: str) -> bool:
    return all(_fits_in_text(*found.groups()) for found in IN_TEXT.finditer(text))


def _fits_in_text(media: str, options: str, data: str) -> bool:
    if media.lower() == SVG or ";base64" not in options.lower():
        return False
    return pixels(media, data) is not None
