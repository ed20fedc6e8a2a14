"""Collecting again: later downloads, dry runs, crashes, what is there already."""

import shutil

import pytest

from autograder.errors import CourseError
from autograder.exchange import collect as module
from autograder.exchange.collect import collect
from autograder.grading.classroom import alone
from autograder.lateness.collected import read_collected
from tests.exchange.helpers import (
    FIRST,
    ONE,
    THREE,
    TWO,
    canvas,
    command,
    kept_of,
    tree,
    work_of,
    write_zip,
    zip_bytes,
)


def test_a_second_download(bare_course, tmp_path):
    def download(**work):
        names = {"ann": 1, "bob": 2, "cem": 3}
        entries = [(f"{n}_{names[n]}_{order}_{FIRST}", content) for n, (order, content) in work.items()]
        return write_zip(tmp_path / "d.zip", entries)

    collect(bare_course, "ps1", download(ann=(10, ONE), bob=(11, ONE)))
    edited = bare_course.submitted / "ann" / "ps1" / FIRST
    edited.write_bytes(THREE)  # by the instructor, who mended it
    outcome = collect(bare_course, "ps1", download(ann=(10, ONE), bob=(20, TWO), cem=(21, ONE)))
    assert outcome.students == {"ann": "unchanged", "bob": "replaced", "cem": "new"}
    assert edited.read_bytes() == THREE
    assert work_of(bare_course, "bob") == {FIRST: TWO} and kept_of(bare_course, "bob") == [ONE]
    old = collect(bare_course, "ps1", download(bob=(11, ONE)))
    assert old.students == {"bob": "outdated"} and work_of(bare_course, "bob") == {FIRST: TWO}
    new = collect(bare_course, "ps1", download(ann=(30, TWO)))
    assert new.students == {"ann": "replaced"} and kept_of(bare_course, "ann") == [THREE]
    shutil.rmtree(bare_course.submitted / "ann" / "ps1")
    assert collect(bare_course, "ps1", download(ann=(30, TWO))).students == {"ann": "new"}
    back = [kept_of(bare_course, name) for name in ("ann", "bob", "cem")]
    assert back == [[THREE], [ONE], []]


def test_a_dry_run_says_the_same_and_writes_nothing(bare_course, tmp_path):
    download = canvas(tmp_path, (f"12_{FIRST}", ONE))
    dry = command(bare_course, download, "--dry-run")
    assert dry.exit_code == 0 and "1 student would be in grading/submitted" in dry.output
    assert tree(bare_course.grading) == {}
    collect(bare_course, "ps1", download)
    before = tree(bare_course.grading)
    dry = collect(bare_course, "ps1", canvas(tmp_path, (f"13_{FIRST}", TWO)), dry_run=True)
    assert dry.students == {"doejane": "replaced"} and dry.kept == 1 and tree(bare_course.grading) == before


def test_a_crash_leaves_each_folder_old_or_new(bare_course, tmp_path, monkeypatch):
    entries = {
        n: [(f"{name}_{k}_{n}{k}_{FIRST}", c) for k, name in enumerate("abc", 1)]
        for n, c in ((1, ONE), (2, TWO))
    }
    collect(bare_course, "ps1", write_zip(tmp_path / "1.zip", entries[1]))
    real, calls = module.replace_folder, []

    def dies(folder, files):
        calls.append(folder)
        if len(calls) == 2:
            left = folder.parent / ".ps1-abc" / "old"
            left.mkdir(parents=True)
            raise KeyboardInterrupt
        real(folder, files)

    monkeypatch.setattr(module, "replace_folder", dies)
    with pytest.raises(KeyboardInterrupt):
        collect(bare_course, "ps1", write_zip(tmp_path / "2.zip", entries[2]))
    monkeypatch.undo()
    assert [work_of(bare_course, name)[FIRST] for name in "abc"] == [TWO, ONE, ONE]
    collect(bare_course, "ps1", tmp_path / "2.zip")
    assert all(work_of(bare_course, name) == {FIRST: TWO} for name in "abc")
    assert all(kept_of(bare_course, name) == [ONE] for name in "abc")


def test_a_lost_record_is_made_again(bare_course, tmp_path):
    download = canvas(tmp_path, (f"LATE_1_12_{FIRST}", ONE))
    collect(bare_course, "ps1", download)
    (bare_course.grading / "collected" / "ps1.json").unlink()
    assert collect(bare_course, "ps1", download).students == {"doejane_1": "unchanged"}
    assert read_collected(bare_course, "ps1")["doejane_1"].late


def test_while_a_class_is_graded_nothing_is_collected(bare_course, tmp_path):
    download = canvas(tmp_path, (f"12_{FIRST}", ONE))
    with alone(bare_course), pytest.raises(CourseError, match="Another run"):
        collect(bare_course, "ps1", download)
    assert not bare_course.submitted.exists()


def test_archives_in_submitted_are_opened_in_place_and_lateness_stays(bare_course, tmp_path):
    collect(bare_course, "ps1", write_zip(tmp_path / "d.zip", [(f"ann_LATE_1_2_{FIRST}", ONE)]))
    folder = bare_course.submitted / "bob" / "ps1"
    folder.mkdir(parents=True)
    (folder / "ps1.zip").write_bytes(zip_bytes({f"ps1/{FIRST}": TWO}))
    outcome = collect(bare_course, "ps1", bare_course.submitted)
    assert outcome.students == {"ann": "unchanged", "bob": "replaced"} and not outcome.refused
    assert work_of(bare_course, "bob") == {FIRST: TWO} and len(kept_of(bare_course, "bob")) == 1
    record = read_collected(bare_course, "ps1")["ann"]
    assert (record.late, record.platform, record.platform_id) == (True, "canvas", "1")


@pytest.mark.parametrize("link", ["ann", "ann/ps1"])
def test_nothing_is_written_through_a_link(bare_course, tmp_path, link):
    (tmp_path / "elsewhere").mkdir()
    path = bare_course.submitted / link
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "elsewhere")
    outcome = collect(bare_course, "ps1", write_zip(tmp_path / "d.zip", [(f"ann_1_2_{FIRST}", ONE)]))
    assert outcome.refused == [("the hand-in of ann", "its folder is a link: put a folder there")]
    assert tree(tmp_path / "elsewhere") == {}
