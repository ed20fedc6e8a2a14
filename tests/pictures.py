"""Pictures of a few bytes that say they have any size."""

import base64
import struct
import zlib


def as_text(content):
    return base64.b64encode(content).decode()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, frames=1):
    """A PNG that says it has this size, of a few bytes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    animated = chunk(b"acTL", struct.pack(">II", frames, 0)) if frames > 1 else b""
    return b"\x89PNG\r\n\x1a\n" + head + animated + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def jpeg(width, height):
    head = b"\xff\xe1" + struct.pack(">H", 5002) + bytes(5000)  # as a telephone writes
    return b"\xff\xd8" + head + b"\xff\xc2" + struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)


def gif(width, height, frames=1, inner=1):
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, inner, inner, 0) + b"\x02\x02\x4c\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + frame * frames + b"\x3b"
