"""Archives as nobody should pack them: refused by name, inside limits, the others read."""

import contextlib
import os
import tarfile
import tracemalloc
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.exchange import archives
from autograder.exchange.archives import Packed, Refused, Room, is_junk, parts_of, unpack
from tests.exchange.helpers import (
    encrypted,
    link_in_zip,
    member,
    overlapping,
    tar_bytes,
    with_declared_size,
    zip_bytes,
)

GOOD = ("good.ipynb", b"{}")
ZEROS = bytes(20_000_000)


def read(name, data, room=None):
    """The names that are read, and why others are not."""
    found = list(unpack(name, data, room or Room()))
    names = ["/".join(one.parts) for one in found if isinstance(one, Packed)]
    return names, dict(one for one in found if not isinstance(one, Packed))


BAD_NAMES = {
    "../../evil.ipynb": "leads out",
    "a/../../evil.ipynb": "leads out",
    "/etc/passwd": "some machine",
    "C:/Windows/x.ipynb": "some machine",
    "..\\..\\evil.ipynb": "leads out",
    "\\\\server\\x.ipynb": "some machine",
    "a\nb.ipynb": "no letter",
    "a\x1b[31m.ipynb": "no letter",
    "x" * 250 + ".ipynb": "too long",
    "d/" * 30 + "x.ipynb": "too long",
}


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_leads_elsewhere_is_refused_and_the_others_go_on(name):
    names, refused = read("ps1.zip", zip_bytes([(name, b"1"), GOOD]))
    assert names == ["good.ipynb"] and BAD_NAMES[name] in refused[name]
    names, refused = read("ps1.tar.gz", tar_bytes([(name, b"1"), GOOD]))
    assert names == ["good.ipynb"] and BAD_NAMES[name] in refused[name]


def test_links_and_devices_are_refused():
    names, refused = read("a.zip", zip_bytes([link_in_zip("link.ipynb"), GOOD]))
    assert names == ["good.ipynb"] and refused == {"link.ipynb": "it is a link"}
    kinds = {
        "sym": tarfile.SYMTYPE,
        "hard": tarfile.LNKTYPE,
        "dev": tarfile.CHRTYPE,
        "fifo": tarfile.FIFOTYPE,
    }
    names, refused = read("a.tgz", tar_bytes([*(member(n, k, "good.ipynb") for n, k in kinds.items()), GOOD]))
    assert names == ["good.ipynb"] and refused.keys() == kinds.keys()


def test_an_encrypted_entry_is_refused():
    names, refused = read("a.zip", encrypted(zip_bytes([GOOD])))
    assert not names and refused == {"good.ipynb": "it is encrypted"}


def test_what_is_packed_in_a_strange_way_is_refused():
    file = zip_bytes([("x.bin", b"1")])
    odd = file.replace(b"\x08\x00", b"\x0e\x00")  # LZMA, whose dictionary may be as large as it says
    names, refused = read("a.zip", odd)
    assert not names and "not read here" in refused["x.bin"]


@pytest.mark.parametrize(
    "data, why",
    [
        (zip_bytes([("zeros.bin", bytes(150_000_000))]), "larger than 100 MB"),
        (zip_bytes([(f"{n}.txt", b"") for n in range(5_001)]), "more than 5,000 files"),
        (overlapping(b"x" * 1000, 50), "overlap"),
        (overlapping(b"x", 20_000), "more than 5,000 files"),
        (zip_bytes([GOOD])[:-30], "damaged"),
        (b"", "damaged"),
        (b"PK\x05\x06" + b"\xff" * 18, "damaged"),
        (os.urandom(1000), "damaged"),
    ],
    ids=["size", "entries", "overlap", "many-overlap", "truncated", "empty", "end-only", "noise"],
)
def test_a_bomb_or_a_damaged_zip_is_refused_as_a_whole(data, why):
    with pytest.raises(Refused, match=why):
        read("ps1.zip", data)


def test_a_small_file_that_unpacks_to_very_much_is_refused():
    names, refused = read("a.zip", zip_bytes([("zeros.bin", ZEROS), GOOD]))
    assert names == ["good.ipynb"] and "times its size" in refused["zeros.bin"]


@pytest.mark.parametrize("size", [1, 10, 5_000_000])
def test_a_size_that_is_not_so_is_refused(size):
    names, refused = read("a.zip", with_declared_size(zip_bytes([("x.bin", os.urandom(1000))]), size))
    assert not names and refused == {"x.bin": "it is damaged"}


def test_bytes_are_counted_over_all_entries():
    room = Room(size=2_500)
    names, _ = read("a.tar", tar_bytes([("a", bytes(1000)), ("b", bytes(1000))], packed=False), room)
    assert names == ["a", "b"] and room.size == 500
    with pytest.raises(Refused, match="larger than"):
        read("a.tar", tar_bytes([("c", bytes(1000))], packed=False), room)


def test_a_tar_is_never_unpacked_beyond_its_room():
    bomb = tar_bytes([("zeros", bytes(150_000_000))])
    header = tarfile.TarInfo("x" * 3_000_000)  # a header that is itself a bomb
    long_name = tar_bytes([(header, b"1")])
    tracemalloc.start()
    with pytest.raises(Refused, match="larger than"):
        read("a.tgz", bomb)
    with pytest.raises(Refused):
        read("a.tgz", long_name, Room(size=100_000, files=1))
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "data",
    [b"", b"\x1f\x8b" + b"0" * 50, tar_bytes([GOOD])[:-30], os.urandom(2000)],
    ids=["empty", "no gzip", "cut", "noise"],
)
def test_a_damaged_tar_is_refused(data):
    with pytest.raises(Refused, match="damaged"):
        names, _ = read("a.tar.gz", data)
        assert not names
        raise Refused("damaged: an empty one")  # no file was read, which is as good


def test_other_archives_are_not_opened():
    with pytest.raises(Refused, match="only"):
        read("work.rar", b"Rar!")


def test_names_without_a_mark_are_utf_8_if_they_can_be():
    data = zip_bytes([("ü.ipynb", b"1")])
    without = data.replace(b"\x00\x08\x08\x00", b"\x00\x00\x08\x00")  # the flag of UTF-8, cleared
    assert without != data
    assert read("a.zip", without)[0] == ["ü.ipynb"]
    old = zip_bytes([("u.ipynb", b"1")]).replace(b"u.ipynb", b"\x81.ipynb")  # code page 437
    assert read("a.zip", old)[0] == ["ü.ipynb"]


def test_accents_are_composed_and_junk_is_left_out():
    assert parts_of("Ame\u0301lie/a.ipynb") == ("Amélie", "a.ipynb")
    data = zip_bytes([("__MACOSX/._a.ipynb", b""), (".DS_Store", b""), ("d/Thumbs.db", b""), GOOD])
    assert read("a.zip", data) == (["good.ipynb"], {})
    assert is_junk(("d", ".ipynb_checkpoints", "x.ipynb")) and not is_junk(("x.ipynb",))


def test_backslashes_are_folders():
    names, refused = read("a.zip", zip_bytes([("PS1\\", b""), ("PS1\\a.ipynb", b"1")]))
    assert names == ["PS1/a.ipynb"] and refused == {}


@given(st.text(max_size=60))
def test_a_checked_name_stays_where_it_is(name):
    try:
        parts = parts_of(name)
    except Refused:
        return
    assert parts and all(
        part not in ("", ".", "..") and "/" not in part and "\0" not in part for part in parts
    )


@given(st.binary(max_size=300), st.integers(0, 200), st.sampled_from(["a.zip", "a.tgz", "a.tar"]))
def test_any_bytes_are_read_or_refused(noise, place, name):
    good = zip_bytes([GOOD]) if name == "a.zip" else tar_bytes([GOOD], packed=name == "a.tgz")
    place = min(place, len(good))
    for data in (noise, good[:place] + noise + good[place + len(noise) :]):
        with contextlib.suppress(Refused):
            read(name, data)


def test_nothing_of_zipfile_gets_out(monkeypatch):
    """Whatever a library raises while an entry is read is damage."""
    data = zip_bytes([GOOD])
    for error in (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        with monkeypatch.context() as patch:
            patch.setattr(archives.zipfile.ZipFile, "open", lambda *_, error=error: raises(error))
            assert read("a.zip", data) == ([], {"good.ipynb": "it is damaged"})


def raises(error):
    raise error
