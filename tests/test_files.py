"""Files found in folders that hostile people have made, and files for others to read."""

import os
import socket

import pytest

from autograder import files
from autograder.files import MAX_DEPTH, plain_files, replace_folder


def test_links_and_what_lies_too_deep_are_not_found(deep_folder):
    (deep_folder / "a").mkdir()
    (deep_folder / "a" / "b.txt").write_text("1")
    (deep_folder / "c.txt").write_text("2")
    (deep_folder / "link.txt").symlink_to(deep_folder / "c.txt")
    (deep_folder / "folder").symlink_to(deep_folder / "a")
    found = [str(path.relative_to(deep_folder)) for path in plain_files(deep_folder)]
    assert found[:2] == ["a/b.txt", "c.txt"] and len(found) == 2 + MAX_DEPTH


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert plain_files(tmp_path / "nowhere") == []


def test_of_very_many_files_the_nearest_are_found(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_FILES", 20)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for number in range(15):
            (tmp_path / folder / f"{number:02}.txt").touch()
    (tmp_path / "z.txt").touch()
    found = [str(path.relative_to(tmp_path)) for path in plain_files(tmp_path)]
    assert found == [*(f"a/{n:02}.txt" for n in range(15)), *(f"b/{n:02}.txt" for n in range(4)), "z.txt"]
    assert [path.name for path in plain_files(tmp_path, depth=0)] == ["z.txt"]


def test_of_very_many_folders_some_are_looked_into(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_FOLDERS", 20)
    for number in range(30):
        (tmp_path / f"{number:02}" / "x").mkdir(parents=True)
        (tmp_path / f"{number:02}" / "y.txt").touch()
    assert len(plain_files(tmp_path)) == 19


def test_what_is_no_plain_file_is_not_found(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as here:
        here.bind(str(tmp_path / "s"))
        assert plain_files(tmp_path) == []


@pytest.mark.parametrize("public, folder_mode, file_mode", [(True, 0o755, 0o644), (False, 0o700, 0o600)])
def test_what_students_get_can_be_read_whatever_the_umask(tmp_path, public, folder_mode, file_mode):
    before = os.umask(0o077)
    try:
        replace_folder(tmp_path / "ps1", {"a.ipynb": b"x", "figures/b.png": b"y"}, public)
    finally:
        os.umask(before)
    modes = {str(path.relative_to(tmp_path)): path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert modes == {
        "ps1": folder_mode,
        "ps1/figures": folder_mode,
        "ps1/a.ipynb": file_mode,
        "ps1/figures/b.png": file_mode,
    }
