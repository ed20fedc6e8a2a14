"""Files found in folders that hostile people have made."""

from autograder.files import MAX_DEPTH, plain_files


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
