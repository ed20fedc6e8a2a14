"""Names as platforms make them, and as students try to."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.exchange.platforms import Owner, Wanted, understand

PS1 = Wanted("ps1", frozenset({"ps0", "ps2"}))
NAME = "01_squared_norm.ipynb"


def read(*names, wanted=PS1):
    return understand([tuple(name.split("/")) for name in names], wanted)


def only(*names, wanted=PS1):
    found = read(*names, wanted=wanted)
    assert len(found.sent) == len(names), found
    return found.platform, found.sent[0]


@pytest.mark.parametrize(
    "name, owner, late, rest",
    [
        (f"doejane_12345_67890_{NAME}", Owner("doejane", "12345"), False, NAME),
        (f"doejane_LATE_12345_67890_{NAME}", Owner("doejane", "12345"), True, NAME),
        ("doejane_LATE_12345_67890_01_squared_norm-1.IPYNB", Owner("doejane", "12345"), True, None),
        (f"ünaljosé_12345_67890_{NAME}", Owner("ünaljosé", "12345"), False, NAME),
        (f"van_der_berg_1_2_{NAME}", Owner("van_der_berg", "1"), False, NAME),
        (f"late_12345_67890_{NAME}", Owner("late", "12345"), False, NAME),
        ("doejane_12345_67890_LATE_work.ipynb", Owner("doejane", "12345"), False, "LATE_work.ipynb"),
        (f"anon_aB3dE_67890_{NAME}", Owner("anon_aB3dE", "anon_aB3dE"), False, NAME),
        (f"LATE_anon_aB3dE_67890_{NAME}", Owner("anon_aB3dE", "anon_aB3dE"), True, NAME),
        (f"_12345_67890_{NAME}", Owner("12345", "12345"), False, NAME),
        (f"3_12345_67890_{NAME}", Owner("3", "12345"), False, NAME),
        (f"doejane_12345_67890_2024_{NAME[3:]}", Owner("doejane", "12345"), False, f"2024_{NAME[3:]}"),
        # What a student writes into a file's name is never an owner, nor late, nor in time.
        (f"doejane_LATE_1_2_x_999_888_{NAME}", Owner("doejane", "1"), True, f"x_999_888_{NAME}"),
        (f"doejane_1_2_roebob_LATE_3_4_{NAME}", Owner("doejane", "1"), False, f"roebob_LATE_3_4_{NAME}"),
        (f"doejane_1_2_x_107_assignsubmission_file_{NAME}", Owner("doejane", "1"), False, None),
        (f"doejane_1_2_3_4_{NAME}", Owner("doejane", "1"), False, f"3_4_{NAME}"),
    ],
)
def test_canvas(name, owner, late, rest):
    read_names = read(name, "roebob_5_6_a.ipynb", "zoe_7_8_a.ipynb")
    found = next(one for one in read_names.sent if one.place == (name,))
    assert (read_names.platform, found.owner, found.late) == ("canvas", owner, late)
    assert rest is None or found.parts == (rest,)


ATTACK = f"roebob_3_12345_67890_{NAME}"  # from 12345, who calls himself roebob_3; 3 is Bob


@pytest.mark.parametrize(
    "others, known, owner",
    [
        (["team_5_12345_678_a.ipynb", "team_5_12345_679_b.ipynb"], (), Owner("team_5", "12345")),
        (["team_5_12345_678_a.ipynb"], ("12345",), Owner("team_5", "12345")),
        (["doejane_12345_67_8_a.ipynb"], ("12345",), Owner("doejane", "12345")),
        (["doejane_12345_67_8_a.ipynb"], (), Owner("doejane", "12345")),
        ([ATTACK], ("3", "12345"), None),
        ([ATTACK], (), None),
        ([ATTACK, f"roebob_3_12345_67891_{NAME}"], ("3",), Owner("roebob_3", "12345")),
        ([ATTACK, f"roebob_3_700_{NAME}"], ("3", "12345"), None),
        ([ATTACK, f"x_20000_67000_{NAME}", f"roebob_3_68000_{NAME}"], (), Owner("roebob_3", "12345")),
        (["roebob_3_12345_67890_ps1.zip"], (), None),
        (
            ["jane_12345_67890_77_ps1.zip", f"x_20000_67000_{NAME}", f"y_3_68000_{NAME}"],
            (),
            Owner("jane", "12345"),
        ),
        (["jane_12345_67890_77_ps1.zip"], ("12345",), Owner("jane", "12345")),
    ],
)
def test_a_canvas_name_with_a_number_at_its_end(others, known, owner):
    """Nobody hands in for somebody else by what they call themselves."""
    wanted = Wanted("ps1", known=frozenset(known), issued=frozenset({NAME}))
    found = read(*others, "zoe_70_66000_a.ipynb", wanted=wanted)
    of_first = {one.place: one.owner for one in found.sent}.get((others[0],))
    assert of_first == owner
    assert owner or (others[0],) in [place for place, _ in found.unowned]


def test_a_canvas_text_is_passed_over():
    found = read(f"doejane_1_2_{NAME}", "roebob_3_text.html", "roe_LATE_4_link.html", "readme.txt")
    assert len(found.passed_over) == 2 and [place for place, _ in found.unowned] == [("readme.txt",)]


@pytest.mark.parametrize(
    "name, owner, parts",
    [
        (f"Jane Doe_107_assignsubmission_file_/{NAME}", Owner("Jane Doe", "107"), (NAME,)),
        (f"Jane Doe_107_assignsubmission_file/{NAME}", Owner("Jane Doe", "107"), (NAME,)),
        (f"Jane Doe_107_assignsubmission_file_{NAME}", Owner("Jane Doe", "107"), (NAME,)),
        (f"Jane Doe_107_assignsubmission_file_/sub/{NAME}", Owner("Jane Doe", "107"), ("sub", NAME)),
        (f"Group A-Jane Doe_107_assignsubmission_file_/{NAME}", Owner("Group A-Jane Doe", "107"), (NAME,)),
        (f"Group A_9_assignsubmission_file/{NAME}", Owner("Group A", "9"), (NAME,)),
        (f"Default group_assignsubmission_file/{NAME}", Owner("Default group", ""), (NAME,)),
        (
            "J_1_assignsubmission_file_/K_2_assignsubmission_file_x.ipynb",
            Owner("J", "1"),
            ("K_2_assignsubmission_file_x.ipynb",),
        ),
        (
            "J_1_assignsubmission_file_K_2_assignsubmission_file_x.ipynb",
            Owner("J", "1"),
            ("K_2_assignsubmission_file_x.ipynb",),
        ),
    ],
)
def test_moodle(name, owner, parts):
    platform, one = only(name)
    assert (platform, one.owner, one.parts, one.late) == ("moodle", owner, parts, None)


def test_a_moodle_text_is_passed_over():
    found = read(
        f"Jane Doe_107_assignsubmission_file_/{NAME}",
        "Jane Doe_107_assignsubmission_onlinetext_/onlinetext.html",
    )
    assert len(found.sent) == len(found.passed_over) == 1


MOMENT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "folder, moment",
    [
        ("jane+ps1+2026-11-20 10:00:00.000000 UTC", MOMENT),
        ("jane+ps1+2026-11-20 10:00:00.000000 UTC+aB3_-x==", MOMENT),
        ("jane+ps1+2026-11-20 11:00:00 +0100", MOMENT),
        ("jane+ps1+2026-11-20 11:00:00 CET", MOMENT),
        ("jane+ps1+2026-11-20 11:00:00 XYZ", None),
        ("jane+ps1+2099-11-20 11:00:00 UTC", None),
        ("jane+ps1+2026-13-20 11:00:00 UTC", None),
    ],
)
def test_the_exchange(folder, moment):
    wanted = Wanted("ps1", zone="Europe/Berlin")
    platform, one = only(f"{folder}/{NAME}", wanted=wanted)
    assert (platform, one.owner, one.handed_in) == ("exchange", Owner("jane", "jane"), moment)
    assert read(f"{folder}/{NAME}", f"{folder}/timestamp.txt", wanted=wanted).passed_over
    assert bool(one.order) == bool(moment)


def test_zip_collect():
    platform, one = only(f"ps1_jane_attempt_2026-11-20-10-00-00_{NAME}")
    assert (platform, one.owner, one.handed_in) == ("attempts", Owner("jane", "jane"), MOMENT)
    _, one = only(f"ps1_jane_attempt_2026-11-20-10-00-00_ps1_bob_attempt_2026-11-20-10-00-00_{NAME}")
    assert one.owner == Owner("jane", "jane")


@pytest.mark.parametrize(
    "names, owners",
    [
        ((f"ann/ps1/{NAME}", f"bob/ps1/{NAME}"), "ann bob"),
        ((f"ann/{NAME}", f"bob/{NAME}"), "ann bob"),
        ((f"class/ann/{NAME}", f"class/bob/{NAME}"), "ann bob"),
        ((f"class/ann/ps1/{NAME}",), "ann"),
        ((f"ann/ps1/{NAME}",), "ann"),
        ((f"ann/{NAME}",), "ann"),
        ((f"ps1/ann/{NAME}", f"ps1/bob/{NAME}"), "ann bob"),
        ((f"ps1/ann/{NAME}", "ps0/ann/00_a.ipynb"), "ann"),
        ((f"ann/PS1/{NAME}", f"bob/Ps 1/{NAME}"), "ann bob"),
        ((f"class/ann/{NAME}", f"class/bob/{NAME}", "class/readme.txt"), "ann bob"),
        (("a_1_2_x/b.ipynb", "c/d.ipynb"), "a_1_2_x c"),
    ],
)
def test_folders(names, owners):
    found = read(*names)
    assert found.platform == "folders" and sorted({one.owner.name for one in found.sent}) == owners.split()
    assert all("ps1" not in one.parts for one in found.sent)


def test_of_other_problem_sets_nothing_is_taken():
    found = read(f"ann/ps1/{NAME}", "ann/ps0/00_a.ipynb", "bob/ps2/x.ipynb")
    assert [one.owner.name for one in found.sent] == ["ann"] and len(found.passed_over) == 2


def test_a_folder_around_a_download_is_looked_through():
    names = [f"doejane_1_2_{NAME}", f"roebob_3_4_{NAME}"]
    assert read(*(f"submissions/x/{name}" for name in names)).platform == "canvas"
    assert read(f"sub/Jane Doe_107_assignsubmission_file_/{NAME}").platform == "moodle"


def test_one_odd_name_changes_no_platform():
    names = [f"doe{n}_{n}_{n + 100}_{NAME}" for n in range(1, 9)]
    found = read(*names, "Jane_107_assignsubmission_file_x.ipynb")
    assert found.platform == "canvas" and len(found.unowned) == 1


@given(st.lists(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=4), max_size=6))
def test_every_file_is_accounted_for(places):
    files = {tuple(place) for place in places}
    found = understand(files, PS1)
    told = [*(one.place for one in found.sent), *found.passed_over, *(place for place, _ in found.unowned)]
    assert sorted(told) == sorted(files)


def test_one_id_is_one_person_whatever_the_name():
    found = read(f"doejane_1_20_{NAME}", "newname_1_21_b.ipynb", f"doejane_2_22_{NAME}")
    assert [one.owner for one in found.sent] == [
        Owner("doejane", "1"),
        Owner("doejane", "2"),
        Owner("doejane", "1"),
    ]
