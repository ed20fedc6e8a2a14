"""Downloads as platforms make them, and archives as nobody should."""

import gzip
import io
import struct
import tarfile
import zipfile
from pathlib import Path

from click.testing import CliRunner

from autograder.cli import main
from autograder.exchange.collect import older_attempts
from autograder.exchange.roster import Person, write_roster

FIRST = "01_squared_norm.ipynb"


def zip_bytes(entries, **options):
    """A zip in memory; entries are (name or ZipInfo, content), names may come twice."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in dict(entries).items() if isinstance(entries, dict) else entries:
            archive.writestr(name, content)
    return file.getvalue()


def tar_bytes(members, packed=True):
    """A tar in memory; members are names with content, or TarInfo with content."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for member, content in members:
            entry = member if isinstance(member, tarfile.TarInfo) else tarfile.TarInfo(member)
            entry.size = len(content) if entry.isreg() else 0
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(file.getvalue(), mtime=0) if packed else file.getvalue()


def link_in_zip(name, target="/etc/passwd"):
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    return entry, target


def member(name, kind, link=""):
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, link
    return entry, b""


def encrypted(data: bytes) -> bytes:
    """The same zip with every entry marked as encrypted."""
    changed = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = changed.find(mark)
        while start >= 0:
            changed[start + place] |= 1
            start = changed.find(mark, start + 4)
    return bytes(changed)


def with_declared_size(data: bytes, size: int) -> bytes:
    """The same zip of one entry, whose directory says another size."""
    changed = bytearray(data)
    place = changed.find(b"PK\x01\x02") + 24
    changed[place : place + 4] = struct.pack("<I", size)
    return bytes(changed)


def overlapping(content: bytes, count: int) -> bytes:
    """A zip whose many entries are all the same bytes."""
    data = zip_bytes([("a.bin", content)])
    start = data.find(b"PK\x01\x02")
    end = data.rfind(b"PK\x05\x06")
    entry, tail = data[start:end], bytearray(data[end:])
    tail[8:12] = struct.pack("<HH", count, count)
    tail[12:16] = struct.pack("<I", len(entry) * count)
    return data[:start] + entry * count + bytes(tail)


def write_zip(path: Path, entries) -> Path:
    path.write_bytes(zip_bytes(entries))
    return path


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }


ONE, TWO, THREE = b'{"work": 1}', b'{"work": 2}', b'{"work": 3}'


def work_of(course, student):
    return tree(course.submitted / student / "ps1")


def kept_of(course, student):
    return [content for _, content in sorted(tree(older_attempts(course, "ps1") / student).items())]


def command(course, *arguments):
    return CliRunner().invoke(
        main, ["--course-dir", str(course.root), "collect", "ps1", *map(str, arguments)]
    )


def people(course, *rows):
    write_roster(course, [Person(*(*row, "", "", "", "", "", "", "")[:8]) for row in rows])


def canvas(tmp_path, *files):
    return write_zip(tmp_path / "d.zip", [(f"doejane_1_{name}", content) for name, content in files])
