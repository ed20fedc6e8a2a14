"""Files found in folders that hostile people have made."""

import os

from autograder.files import MAX_DEPTH, plain_files


def test_links_and_what_lies_too_deep_are_not_found(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("1")
    (tmp_path / "c.txt").write_text("2")
    (tmp_path / "link.txt").symlink_to(tmp_path / "c.txt")
    (tmp_path / "folder").symlink_to(tmp_path / "a")
    place = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1100):
        os.mkdir("d", dir_fd=place)
        below = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
        os.close(os.open("x", os.O_CREAT, dir_fd=place))
    os.close(place)
    found = [str(path.relative_to(tmp_path)) for path in plain_files(tmp_path)]
    assert found[:2] == ["a/b.txt", "c.txt"] and len(found) == 2 + MAX_DEPTH


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert plain_files(tmp_path / "nowhere") == []
