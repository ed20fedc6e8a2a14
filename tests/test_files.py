"""Files found in folders that hostile people have made, and files for others to read."""

import os

import pytest

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
