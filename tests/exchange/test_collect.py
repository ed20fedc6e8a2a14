"""Downloads in, submissions out: whole classes, rosters, hostile names, the command."""

import os
import pty
import re
import shutil
import subprocess
import sys
import warnings
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from autograder.exchange import collect as module
from autograder.exchange.collect import collect
from autograder.exchange.roster import read_roster, roster_file
from autograder.grading.classroom import students
from autograder.lateness.collected import read_collected
from tests.exchange.helpers import (
    FIRST,
    ONE,
    THREE,
    TWO,
    canvas,
    command,
    encrypted,
    kept_of,
    link_in_zip,
    overlapping,
    people,
    tar_bytes,
    tree,
    work_of,
    write_zip,
    zip_bytes,
)

# ------------------------------------------------------------------ whole classes


def test_a_canvas_download_with_hostile_names_and_inner_zips(bare_course, tmp_path):
    download = write_zip(
        tmp_path / "submissions.zip",
        [
            (f"doejane_12345_67890_{FIRST}", ONE),
            ("doejane_LATE_12346_67891_01_squared_norm-2.IPYNB", TWO),
            (
                "ünalrosé_1_10_ps1.zip",
                zip_bytes({f"My Work/ps1/{FIRST}": ONE, "My Work/ps1/notes.txt": b"n"}),
            ),
            ("packer_2_20_ps1-1.tar.gz", tar_bytes([(FIRST, ONE), ("../../../evil.ipynb", b"")])),
            ("slip_3_30_a.zip", zip_bytes([("../../evil.ipynb", b""), link_in_zip("passwd"), (FIRST, ONE)])),
            ("bomb_4_40_b.zip", zip_bytes([("zeros", bytes(120_000_000))])),
            ("layers_5_50_c.zip", zip_bytes({"a.zip": zip_bytes({"b.zip": zip_bytes({"c.ipynb": ONE})})})),
            ("two_5a_6_60_d.zip", zip_bytes({"a.zip": zip_bytes({FIRST: ONE})})),
            ("secret_7_70_e.zip", encrypted(zip_bytes({FIRST: ONE}))),
            ("overlap_8_80_f.zip", overlapping(b"x" * 100, 9)),
            ("broken_9_90_g.zip", zip_bytes({FIRST: ONE})[:-40]),
            (f"clock_10_100_h_LATE_12345_1_{FIRST}", ONE),
            ("clock_10_101_timestamp.txt", b"rubbish"),
            ("typist_11_text.html", b"<p>"),
            (f"evil_12_120_..\\..\\{FIRST}", ONE),
            ("../../outside.ipynb", b""),
            ("/etc/cron.d/x_1_2_a.ipynb", b""),
            ("whose.ipynb", b""),
            ("__MACOSX/._x", b""),
            (".DS_Store", b""),
            ("late_13_130_LATE.ipynb", TWO),
        ],
    )
    before = tree(tmp_path)
    done = command(bare_course, download)
    assert done.exit_code == 1 and "Traceback" not in done.output, done.output
    assert {name: work_of(bare_course, name) for name in students(bare_course, "ps1")} == {
        "doejane-12345": {FIRST: ONE},
        "doejane-12346": {FIRST: TWO},
        "ünalrosé": {FIRST: ONE, "notes.txt": b"n"},
        "packer": {FIRST: ONE},
        "slip": {FIRST: ONE},
        "two_5a": {FIRST: ONE},
        "clock": {f"h_LATE_12345_1_{FIRST}": ONE},
        "late": {"LATE.ipynb": TWO},
    }
    for name, why in {
        "packer_2_20_ps1-1.tar.gz/../../../evil.ipynb": "leads out",
        "slip_3_30_a.zip/../../evil.ipynb": "leads out",
        "slip_3_30_a.zip/passwd": "a link",
        "bomb_4_40_b.zip": "larger than 100 MB",
        "layers_5_50_c.zip/a.zip/b.zip": "2 deep",
        f"secret_7_70_e.zip/{FIRST}": "encrypted",
        "overlap_8_80_f.zip": "overlap",
        "broken_9_90_g.zip": "damaged",
        f"evil_12_120_..\\..\\{FIRST}": "leads out",
        "../../outside.ipynb": "leads out",
        "/etc/cron.d/x_1_2_a.ipynb": "some machine",
        "whose.ipynb": "whose it is",
    }.items():
        assert re.search(rf"(?m)^✗ {re.escape(name)}: not placed, .*{why}", done.output), (name, done.output)
    assert len(re.findall("(?m)^✗ ", done.output)) == 12
    assert "· clock_10_101_timestamp.txt: left out" in done.output
    late = {name: one.late for name, one in read_collected(bare_course, "ps1").items()}
    assert [name for name, was in late.items() if was] == ["doejane-12346"]
    outside = {n: c for n, c in tree(tmp_path).items() if not n.startswith("course/grading/")}
    assert outside == before


def test_a_moodle_download_with_hostile_names_and_inner_zips(bare_course, tmp_path):
    part = "assignsubmission_file_"
    download = write_zip(
        tmp_path / "moodle.zip",
        [
            (f"Jane Doe_107_{part}/{FIRST}", ONE),
            (f"Jane Doe_108_{part}/ps1.zip", zip_bytes({FIRST: TWO, "ps1/timestamp.txt": b"2026-01-01"})),
            (f"Jose\u0301 U\u0308nal-Roe_109_{part}/week 1/ps1/{FIRST}", ONE),
            (f"LATE Early_110_{part}/LATE_{FIRST}", ONE),
            (f"../Evil_111_{part}/{FIRST}", ONE),
            (f"..._112_{part}/{FIRST}", ONE),
            (f".hidden_113_{part}/{FIRST}", ONE),
            (f"Flat Name_114_{part}{FIRST}", ONE),
            (f"Other_115_{part}/Jane Doe_107_{part}{FIRST}", ONE),
            (f"{'Long ' * 20}Name_116_{part}/{FIRST}", ONE),
            (f"Same_117_{part}/{FIRST}", ONE),
            (f"Same_117_{part}/{FIRST.upper()}", TWO),
            (f"Same_117_{part}/{FIRST}/inside.txt", TWO),
            ("Typist_118_assignsubmission_onlinetext_/onlinetext.html", b"<p>"),
            (f"Jane Doe_107_{part}/.ipynb_checkpoints/{FIRST}", TWO),
        ],
    )
    outcome = collect(bare_course, "ps1", download)
    assert outcome.platform == "moodle" and outcome.passed_over == 1
    assert {name: work_of(bare_course, name) for name in outcome.students} == {
        "Jane Doe-107": {FIRST: ONE},
        "Jane Doe-108": {FIRST: TWO},
        "José Ünal-Roe": {FIRST: ONE},
        "LATE Early": {f"LATE_{FIRST}": ONE},
        "nameless": {FIRST: ONE},
        "hidden": {FIRST: ONE},
        "Flat Name": {FIRST: ONE},
        "Other": {f"Jane Doe_107_{part}{FIRST}": ONE},
        ("Long " * 20).strip(): {FIRST: ONE},
        "Same": {FIRST: ONE},
    }
    assert [why for _, why in outcome.refused] == [
        "its name leads out of the archive",
        "another file of the hand-in has the same name",
        "another file of the hand-in has the same name",
    ]
    assert {one.late for one in read_collected(bare_course, "ps1").values()} == {None}


def test_the_exchange_gives_moments_and_keeps_older_attempts(bare_course, tmp_path):
    inbound = tmp_path / "inbound"
    for attempt, content in (("10:00:00.000000 UTC+aB", ONE), ("12:00:00.000000 UTC+cD", TWO)):
        folder = inbound / f"jane+ps1+2026-11-20 {attempt}"
        folder.mkdir(parents=True)
        (folder / FIRST).write_bytes(content)
        (folder / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")
    outcome = collect(bare_course, "ps1", inbound)
    assert outcome.students == {"jane": "new"} and outcome.kept == 1 and not outcome.remarks
    assert work_of(bare_course, "jane") == {FIRST: TWO} and kept_of(bare_course, "jane") == [ONE]
    record = read_collected(bare_course, "ps1")["jane"]
    assert (record.handed_in, record.late) == (datetime(2026, 11, 20, 12, tzinfo=UTC), None)
    again = collect(bare_course, "ps1", inbound)
    assert again.students == {"jane": "unchanged"} and again.kept == 0


def test_links_and_special_files_in_a_folder_are_refused(bare_course, tmp_path):
    folder = tmp_path / "class" / "ann"
    folder.mkdir(parents=True)
    (folder / FIRST).write_bytes(ONE)
    (folder / "02.ipynb").symlink_to("/etc/passwd")
    (tmp_path / "class" / "bob").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    outcome = collect(bare_course, "ps1", tmp_path / "class")
    assert work_of(bare_course, "ann") == {FIRST: ONE}
    assert dict(outcome.refused) == {
        "ann/02.ipynb": "it is a link",
        "ann/pipe": "it is no plain file",
        "bob": "it is a link",
    }


def test_names_in_no_encoding(bare_course, tmp_path):
    folder = os.fsencode(tmp_path) + b"/class/Jos\xe9"
    os.makedirs(folder)
    (Path(os.fsdecode(folder)) / FIRST).write_bytes(ONE)
    assert collect(bare_course, "ps1", tmp_path / "class").students == {"José": "new"}


def test_what_is_no_download_is_said(bare_course, tmp_path):
    (tmp_path / "x.zip").write_bytes(b"no zip")
    for path, said in ((tmp_path / "x.zip", "damaged, or no zip"), (tmp_path / "none", "There is no")):
        done = command(bare_course, path)
        assert done.exit_code == 2 and said in done.stderr and done.stderr.count("\n") == 1
    (tmp_path / "empty").mkdir()
    assert command(bare_course, tmp_path / "empty").exit_code == 0


# ------------------------------------------------------------------ with a roster


def test_the_roster_names_folders_and_says_who_is_missing(bare_course, tmp_path):
    roster = tmp_path / "list.csv"
    roster.write_text(
        "Student;ID;SIS Login ID\nDoe, Jane;1;jdoe\nDoe, Jane;2;jdoe2\nRoe, Bob;3;bob\n", encoding="utf-8-sig"
    )
    download = write_zip(
        tmp_path / "d.zip", [(f"doejane_1_10_{FIRST}", ONE), (f"stranger_9_11_{FIRST}", ONE)]
    )
    done = command(bare_course, download, "--roster", roster)
    assert done.exit_code == 1 and students(bare_course, "ps1") == ["jdoe"]
    assert f"✗ stranger_9_11_{FIRST}: not placed, nobody on the roster is stranger (9).\n" in done.output
    assert "? jdoe2 (Jane Doe): no work.\n? bob (Bob Roe): no work.\n" in done.output
    assert roster_file(bare_course).exists()
    done = command(bare_course, write_zip(tmp_path / "d.zip", [(f"roebob_3_12_{FIRST}", ONE)]))
    assert done.exit_code == 0 and done.output.count("no work") == 1
    assert students(bare_course, "ps1") == ["bob", "jdoe"]


def test_a_group_hands_in_for_all_its_members(bare_course, tmp_path):
    people(
        bare_course,
        ("ann", "1", "", "Ann", "Lee", "", "", "Group A"),
        ("bob", "2", "", "Bob", "Roe", "", "", "Group A"),
        ("cem", "3", "", "Cem", "Ay", "", "", "Group B"),
    )
    entries = [
        (f"Group A_4_assignsubmission_file/{FIRST}", ONE),
        (f"Cem Ay_3_assignsubmission_file/{FIRST}", TWO),
    ]
    assert len(collect(bare_course, "ps1", write_zip(tmp_path / "d.zip", entries)).students) == 3
    assert work_of(bare_course, "ann") == work_of(bare_course, "bob") == {FIRST: ONE}
    collect(bare_course, "ps1", write_zip(tmp_path / "d.zip", [(f"groupa_2_12_{FIRST}", THREE)]))
    assert work_of(bare_course, "ann") == work_of(bare_course, "bob") == {FIRST: THREE}
    assert work_of(bare_course, "cem") == {FIRST: TWO}


def test_a_wrong_roster_is_one_sentence(bare_course, tmp_path):
    (tmp_path / "list.csv").write_text("Wer\nJane\n")
    done = command(bare_course, canvas(tmp_path, (f"12_{FIRST}", ONE)), "--roster", tmp_path / "list.csv")
    assert done.exit_code == 1 and done.stderr.count("\n") == 1 and "roster-columns.toml" in done.stderr
    assert not bare_course.submitted.exists()


def test_in_place_nothing_is_touched_that_is_in_order(bare_course, tmp_path):
    """What an instructor mended stays, and so does what nbgrader's collect wrote."""
    download = write_zip(tmp_path / "d.zip", [(f"ann_LATE_1_2_{FIRST}", ONE)])
    collect(bare_course, "ps1", download)
    (bare_course.submitted / "ann" / "ps1" / FIRST).write_bytes(THREE)
    folder = bare_course.submitted / "Ame\u0301lie" / "ps1"
    folder.mkdir(parents=True)
    (folder / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
    (folder / "ps1.zip").write_bytes(zip_bytes({FIRST: TWO, "timestamp.txt": b"1999-01-01 00:00:00 UTC"}))
    deep = bare_course.submitted / "deep" / "ps1" / "work"
    deep.mkdir(parents=True)
    (deep / FIRST).write_bytes(ONE)
    (deep.parent / "timestamp.txt").write_text("2026-11-20 10:00:00 UTC")
    outcome = collect(bare_course, "ps1", bare_course.submitted)
    assert outcome.students == {"ann": "unchanged", "Ame\u0301lie": "replaced", "deep": "replaced"}
    assert work_of(bare_course, "deep").keys() == {FIRST, "timestamp.txt"}
    assert work_of(bare_course, "Ame\u0301lie") == {FIRST: TWO, "timestamp.txt": b"2026-11-20 10:00:00 UTC"}
    assert collect(bare_course, "ps1", download).students == {"ann": "unchanged"}
    assert work_of(bare_course, "ann") == {FIRST: THREE} and read_collected(bare_course, "ps1")["ann"].late
    people(bare_course, ("somebody", "9"))
    again = collect(bare_course, "ps1", bare_course.submitted)
    assert set(again.students.values()) == {"unchanged"} and not again.refused


def test_a_name_twice_in_an_archive_is_refused_once(bare_course, tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        inner = zip_bytes([(FIRST, ONE), (FIRST, TWO), (FIRST.upper(), TWO), ("a", b"1"), ("a", b"1")])
    outcome = collect(bare_course, "ps1", canvas(tmp_path, ("10_ps1.zip", inner)))
    assert work_of(bare_course, "doejane") == {FIRST: ONE, "a": b"1"}
    assert [why for _, why in outcome.refused] == ["the archive has it twice, and the first one counts"] * 2


def test_one_person_whose_old_hand_in_cannot_be_kept_stops_nobody(bare_course, tmp_path):
    folder = bare_course.submitted / "ann" / "ps1"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "pipe")
    entries = [(f"ann_1_2_{FIRST}", ONE), (f"bob_3_4_{FIRST}", TWO)]
    outcome = collect(bare_course, "ps1", write_zip(tmp_path / "d.zip", entries))
    assert outcome.refused == [("the hand-in of ann", "files of the old hand-in cannot be kept")]
    assert work_of(bare_course, "bob") == {FIRST: TWO} and (folder / "pipe").exists()


def test_what_a_student_called_a_file_does_not_reach_the_terminal(bare_course, tmp_path):
    done = command(
        bare_course, write_zip(tmp_path / "d.zip", {"a\x1b[31m_1_2_\u202ex.rar": b"", "b\x9b.txt": b""})
    )
    assert done.exit_code == 1 and done.output.count("✗") == 2
    assert done.output.replace("\n", "").isprintable()


@pytest.mark.long
def test_on_a_terminal_strange_columns_are_asked_for(bare_course, tmp_path):
    (tmp_path / "list.csv").write_text("Wer;Woher;Nr\nJane Doe;Bonn;1\n")
    download = canvas(tmp_path, (f"12_{FIRST}", ONE))
    ours, theirs = pty.openpty()
    call = ["--course-dir", bare_course.root, "collect", "ps1", download, "--roster", tmp_path / "list.csv"]
    os.write(ours, b"Nr\n-\nnonsense\nWer\n" + b"\n" * 9)
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *map(str, call)],
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.PIPE,
    )
    asked = os.read(ours, 100_000).decode()
    for end in (ours, theirs):
        os.close(end)
    assert done.returncode == 0, asked
    assert "Which column holds the platform's id" in asked and "is not one of" in asked
    assert [(p.student, p.platform_id, p.name) for p in read_roster(bare_course)] == [
        ("Jane Doe", "1", "Jane Doe")
    ]
    assert students(bare_course, "ps1") == ["Jane Doe"]


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12) | st.sampled_from(
    [
        FIRST,
        "01_squared_norm-1.ipynb",
        "ps1.zip",
        "../x",
        "a/b",
        "timestamp.txt",
        "a.tgz",
        "3_4_" + FIRST,
        "LATE_1_2_x",
    ]
)
CONTENTS = st.sampled_from(
    [ONE, TWO, zip_bytes({FIRST: ONE, "b.txt": b"b"}), tar_bytes([("../x", ONE), ("y", TWO)])]
)
FILES = st.tuples(NAMES, st.sampled_from(["", "1", "2"]), st.integers(1, 9), NAMES, CONTENTS)


@hypothesis.settings(
    max_examples=25, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(st.lists(FILES, max_size=8))
def test_whatever_names_there_are_nothing_leaves_its_place_and_twice_is_once(bare_course, tmp_path, files):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the same name twice in a zip
        entries = [
            (f"{who}_{number}_{upload}_{name}", content) for who, number, upload, name, content in files
        ]
        download = write_zip(tmp_path / "d.zip", entries)
    shutil.rmtree(bare_course.grading, ignore_errors=True)
    before = {path for path in tmp_path.rglob("*") if path != bare_course.grading}
    first = collect(bare_course, "ps1", download)
    after = {path for path in tmp_path.rglob("*") if path != bare_course.grading}
    made = {path.relative_to(bare_course.grading).parts for path in after - before}
    assert all(parts[0] in ("submitted", "collected", ".lock") for parts in made)
    assert all(parts[2] == "ps1" for parts in made if parts[0] == "submitted" and len(parts) > 2)
    assert set(first.students.values()) <= {"new"} and students(bare_course, "ps1") == sorted(first.students)
    there = tree(bare_course.grading)
    again = collect(bare_course, "ps1", download)
    assert set(again.students.values()) <= {"unchanged"} and again.refused == first.refused
    assert tree(bare_course.grading) == there


def test_an_older_attempt_that_must_not_be_read_is_no_trouble(bare_course, tmp_path):
    entries = [
        ("jane+ps1+2026-11-20 10:00:00 UTC/a.zip", b"no zip"),
        (f"jane+ps1+2026-11-20 11:00:00 UTC/{FIRST}", ONE),
    ]
    outcome = collect(bare_course, "ps1", write_zip(tmp_path / "d.zip", entries))
    assert outcome.students == {"jane": "new"} and outcome.kept == 0 and not outcome.refused


def test_a_folder_that_cannot_be_written_is_one_line(bare_course, tmp_path, monkeypatch):
    def full(folder, files):
        raise OSError(28, "No space left on device", str(folder))

    monkeypatch.setattr(module, "replace_folder", full)
    done = command(bare_course, canvas(tmp_path, (f"12_{FIRST}", ONE)))
    assert done.exit_code == 1 and "0 students" in done.output
    assert re.search("✗ the hand-in of doejane: not placed, .* is full: No space left on device", done.output)
    assert read_collected(bare_course, "ps1") == {}


# ------------------------------------------------------------------ numbers of several platforms


def moodle(path, name, number, content):
    return write_zip(path, [(f"{name}_{number}_assignsubmission_file_/{FIRST}", content)])


def test_moodles_number_of_another_assignment_makes_nobody_two_people(bare_course, tmp_path):
    """It is another one in each assignment."""
    collect(bare_course, "ps1", moodle(tmp_path / "a.zip", "Alice A", 107, ONE))
    (bare_course.source / "ps2").mkdir()
    shutil.copy(bare_course.source / "ps1" / FIRST, bare_course.source / "ps2")
    collect(bare_course, "ps2", moodle(tmp_path / "b.zip", "Alice A", 245, TWO))
    assert sorted(path.name for path in bare_course.submitted.iterdir()) == ["Alice A"]


def test_moodles_number_is_nobodys_id(bare_course, tmp_path):
    """Alice was participant 107; on the roster, 107 is Bob."""
    collect(bare_course, "ps1", moodle(tmp_path / "a.zip", "Alice A", 107, ONE))
    roster = tmp_path / "people.csv"
    roster.write_text("ID,Login ID,First name,Last name\n107,bob,Bob,B\n3,alice,Alice,A\n")
    collect(bare_course, "ps1", moodle(tmp_path / "b.zip", "Alice A", 107, ONE), roster=roster)
    assert {person.name: person.student for person in read_roster(bare_course)}["Bob B"] != "Alice A"


def test_in_place_nothing_that_is_refused_is_moved_away(bare_course):
    folder = bare_course.submitted / "jane" / "ps1"
    folder.mkdir(parents=True)
    (folder / "work.rar").write_bytes(b"Rar!")
    (folder / "notes.txt").write_text("see work.rar")
    outcome = collect(bare_course, "ps1", bare_course.submitted)
    assert outcome.refused and sorted(path.name for path in folder.iterdir()) == ["notes.txt", "work.rar"]
    assert read_collected(bare_course, "ps1") == {}  # a folder says nothing of when
