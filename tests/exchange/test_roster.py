"""The people of a course, from whatever list a platform gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import ContentError
from autograder.exchange.columns import recognise
from autograder.exchange.owners import find_students
from autograder.exchange.platforms import Owner
from autograder.exchange.roster import (
    Person,
    as_student,
    columns_file,
    free_name,
    import_roster,
    read_roster,
    roster_file,
)
from autograder.grading.classroom import is_a_name
from autograder.lateness.collected import Collected

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,ps1 (17)
    Points Possible,,,,,30
"Doe, Jane",12345,s1,jdoe,Sec 1,
"Ünal, José",12346,s2,unal,Sec 1,
"Ünal, José",12346,s2,unal,Sec 2,
"Student, Test",99,,,Sec 1,
"""
MOODLE = """Identifier;Full name;Email address;Status;Group
Participant 107;Jane Doe;jane@example.org;Submitted;Group A
Participant 108;José Ünal;jose@example.org;;Group B
"""
GERMAN = "ID\tVollständiger Name\tE-Mail-Adresse\tGruppe\nTeilnehmer/in 107\tJane Doe\tjane@example.org\tA\n"
FRENCH = (
    "Identifiant;Prénom;Nom de famille;Adresse de courriel;Groupe\nParticipant 107;Jane;Doe;j@example.org;A\n"
)
SPANISH = (
    "Identificador,Nombre,Apellido(s),Dirección de correo,Grupo\nParticipante 107,Jane,Doe,j@example.org,A\n"
)


def roster_of(course, text, encoding="utf-8", ask=None, **options):
    path = course.root / "list.csv"
    path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
    return import_roster(course, path, ask, **options)


def test_a_canvas_gradebook(bare_course):
    people = roster_of(bare_course, CANVAS)
    assert people == (
        Person("jdoe", "12345", "jdoe", "Jane", "Doe", "", "Sec 1", ""),
        Person("unal", "12346", "unal", "José", "Ünal", "", "Sec 1 and Sec 2", ""),
    )
    assert read_roster(bare_course) == people and people[1].name == "José Ünal"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(bare_course, encoding):
    people = roster_of(bare_course, MOODLE, encoding)
    assert people[1] == Person("jose", "108", "", "José", "Ünal", "jose@example.org", "", "Group B")


@pytest.mark.parametrize("text", [MOODLE, GERMAN, FRENCH, SPANISH, "sep=;\n" + MOODLE, "\r\n" + GERMAN])
def test_languages_and_separators(bare_course, text):
    person = roster_of(bare_course, text)[0]
    assert (person.platform_id, person.name) == ("107", "Jane Doe")
    assert person.email.endswith("@example.org") and person.group in ("A", "Group A")


def test_known_names_are_told_apart():
    assert recognise(["Nom", "Prénom"]) == {"last_name": "Nom", "first_name": "Prénom"}
    assert recognise(["Surname", "First name", "ID number"]) == {
        "last_name": "Surname",
        "first_name": "First name",
    }
    assert recognise(["Name", "name"]) == {"name": "Name"}


def test_strange_columns_are_asked_for_once(bare_course):
    text = "Wer;Woher\nJane Doe;Bonn\n"
    asked = []

    def ask(meaning, columns):
        asked.append(meaning)
        return "Wer" if meaning == "the whole name" else None

    people = roster_of(bare_course, text, ask=ask)
    assert [person.name for person in people] == ["Jane Doe"] and people[0].student == "Jane Doe"
    count = len(asked)
    assert 0 < count < 9 and 'name = "Wer"' in columns_file(bare_course).read_text()
    assert roster_of(bare_course, text, ask=ask) == people and len(asked) == count
    assert roster_of(bare_course, text) == people


@pytest.mark.parametrize("text", ["Wer;Woher\nJane;Bonn\n", "Wer\nJane\n"])
def test_without_a_terminal_strange_columns_are_an_error_that_says_what_to_do(bare_course, text):
    with pytest.raises(ContentError, match=r"'Wer'.*name = \"Wer\" into .*roster-columns\.toml"):
        roster_of(bare_course, text)
    assert not roster_file(bare_course).exists()


def test_what_nobody_chooses_is_an_error(bare_course):
    with pytest.raises(ContentError, match="needs a column"):
        roster_of(bare_course, "Wer\nJane\n", ask=lambda *_: None)
    assert not columns_file(bare_course).exists()


@pytest.mark.parametrize(
    "toml, said",
    [
        ("name = 'Other'", "names the column 'Other'"),
        ("name = 3", "none of"),
        ("x = 'Wer'", "none of"),
        ("=", "cannot"),
    ],
)
def test_a_wrong_memory_is_said(bare_course, toml, said):
    columns_file(bare_course).parent.mkdir(exist_ok=True)
    columns_file(bare_course).write_text(toml)
    with pytest.raises(ContentError, match=said):
        roster_of(bare_course, "Wer\nJane\n")


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"name\n", b"\0" * 300, b'name\n"' + b"x" * 200_000, b"name,id\n,\n"]
)
def test_what_is_no_list_is_said(bare_course, data):
    with pytest.raises(ContentError, match=r"list\.csv"):
        roster_of(bare_course, data)


def test_who_had_a_folder_keeps_it(bare_course):
    collected = [Collected("doejane", None, False, "canvas", "12345", ())]
    people = roster_of(bare_course, CANVAS, collected=collected)
    assert [person.student for person in people] == ["doejane", "unal"]
    later = CANVAS.replace("jdoe", "jdoe2") + '"Doe, Jane",777,s7,doejane,Sec 1,\n'
    assert [p.student for p in roster_of(bare_course, later)] == ["doejane", "unal", "doejane-777"]


def test_our_own_list_is_read_again_and_may_be_edited(bare_course):
    people = roster_of(bare_course, CANVAS)
    text = roster_file(bare_course).read_text().replace("unal,12346", "ünal josé,12346")
    again = roster_of(bare_course, text)
    assert again[0] == people[0] and again[1].student == "ünal josé"


@pytest.mark.parametrize(
    "text",
    [
        "student\njane\n",
        "",
        "../x",
        "\0",
        "student,platform_id,login,first_name,last_name,email,section,group\n../x,,,,,,,\n",
    ],
)
def test_a_damaged_list_of_ours_is_said(bare_course, text):
    roster_file(bare_course).parent.mkdir(exist_ok=True)
    roster_file(bare_course).write_text(text)
    with pytest.raises(ContentError, match=r"roster\.csv"):
        read_roster(bare_course)


def test_a_dry_run_keeps_nothing(bare_course):
    assert roster_of(bare_course, CANVAS, dry_run=True) and read_roster(bare_course) == ()


# ------------------------------------------------------------------ names of folders


@given(st.text(max_size=400))
def test_a_students_name_is_always_a_safe_folder(name):
    safe = as_student(name)
    assert is_a_name(safe) and safe.isprintable() and safe == as_student(safe)
    assert not set(safe) & set('/\\*?"<>|:[]') and safe[0] not in ".- " and safe[-1] != " "
    assert is_a_name(free_name(name, name, {safe})) and free_name(name, name, {safe}) != safe


@pytest.mark.parametrize("name", ["..", ".", "", "/", "\0", "...", "\u202e", "\ud800"])
def test_a_name_that_is_none(name):
    assert as_student(name).strip("?") in ("nameless", "")


def test_accents_are_one_name():
    assert as_student("Ame\u0301lie") == as_student("Amélie") == "Amélie"


# ------------------------------------------------------------------ whose a hand-in is


def person(student, number="", first="", last="", login="", email="", group=""):
    return Person(student, number, login, first, last, email, "", group)


JANE = person("jane", "1", "Jane", "Doe", "jdoe", "jane@example.org", "Group A")
OTHER_JANE = person("other", "2", "Jane", "Doe", "jdoe2", group="Group B")
JOSE = person("jose", "3", "José", "Ünal-Roe", group="Group A")
PEOPLE = (JANE, OTHER_JANE, JOSE)


def whose(owner, *others, platform="canvas"):
    return find_students(dict.fromkeys([owner, *others], 0), platform, PEOPLE, (), ())[owner]


@pytest.mark.parametrize(
    "owner, students",
    [
        (Owner("doejane", "1"), ("jane",)),
        (Owner("doejane", "2"), ("other",)),
        (Owner("new name", "1"), ("jane",)),
        (Owner("ünalroejosé", "88"), ("jose",)),
        (Owner("José Ünal-Roe"), ("jose",)),
        (Owner("groupa", "77"), ("jane", "jose")),
        (Owner("Group A-Jane Doe", "1"), ("jane", "jose")),
        (Owner("anon_x", "anon_x"), ("anon_x",)),
    ],
)
def test_the_roster_says_whose_a_hand_in_is(owner, students):
    assert whose(owner).students == students and not whose(owner).problem


@pytest.mark.parametrize(
    "owner, student",
    [
        (Owner("jdoe2", "jdoe2"), "other"),
        (Owner("jane@example.org"), "jane"),
        (Owner("JANE"), "jane"),
        (Owner("3"), "jose"),
        (Owner("José Ünal-Roe"), "jose"),
    ],
)
def test_where_names_are_logins_they_count(owner, student):
    assert (
        whose(owner, platform="exchange").students == whose(owner, platform="folders").students == (student,)
    )


@pytest.mark.parametrize(
    "owner",
    [
        Owner("jdoe2", "99"),  # somebody who calls himself by another's login
        Owner("Group A", "2"),  # somebody of group B who calls himself a group
        Owner("Group A-x", "2"),
        Owner("José Ünal-Roe", "99"),  # somebody else of that name, since ids are the roster's
    ],
)
def test_a_name_that_somebody_gave_himself_is_not_believed(owner):
    found = find_students(dict.fromkeys([owner, Owner("doejane", "1")], 0), "moodle", PEOPLE, (), ())[owner]
    assert found.students in ((), ("other",))


def test_where_most_are_groups_their_ids_are_no_persons():
    assert whose(Owner("Group A", "2"), Owner("Group B", "9"), platform="moodle").students == ("jane", "jose")


@pytest.mark.parametrize(
    "owner, why",
    [
        (Owner("Jane Doe"), "may belong to jane or other"),
        (Owner("doejane", "9"), "may belong to jane or other"),
        (Owner("nobody", "9"), r"nobody on the roster is nobody \(9\)"),
        (Owner("doejane", "3"), "different people"),
    ],
)
def test_two_candidates_or_none_are_nobody(owner, why):
    import re

    assert whose(owner).students == () and re.search(why, whose(owner).problem)


def test_two_hand_ins_of_one_person():
    def found(*owners):
        return find_students(dict.fromkeys(owners, 0), "canvas", PEOPLE, (), ())

    both = found(Owner("roe", "3"), Owner("José Ünal-Roe"))
    assert both[Owner("roe", "3")].students == ("jose",)
    assert "surely theirs" in both[Owner("José Ünal-Roe")].problem
    neither = found(Owner("José Ünal-Roe", "50"), Owner("ünalroejosé", "51"))
    assert all(one.problem and not one.students for one in neither.values())
    group = found(Owner("Group A", "50"), Owner("roe", "3"))
    assert group[Owner("Group A", "50")].students == ("jane",)


def without_roster(owners, collected=(), platform="canvas"):
    found = find_students(dict.fromkeys(owners, 0), platform, (), collected, ())
    return [found[owner].students[0] for owner in owners]


def test_without_a_roster_names_are_told_apart_by_the_platforms_id():
    first = [Owner("doejane", "1"), Owner("roebob", "3")]
    assert without_roster(first) == ["doejane", "roebob"]
    assert without_roster([Owner("doejane", "1"), Owner("doejane", "2")]) == ["doejane-1", "doejane-2"]
    collected = [Collected("doejane", None, None, "canvas", "1", ())]
    assert without_roster([Owner("doejane", "2")], collected) == ["doejane-2"]
    assert without_roster([Owner("doejane", "1"), Owner("doejane", "2")], collected) == [
        "doejane",
        "doejane-2",
    ]
    assert without_roster([Owner("renamed", "1")], collected) == ["doejane"]
    assert (
        without_roster([Owner("Jane/Doe", "1"), Owner("Jane:Doe", "2")], platform="moodle")
        != ["Jane-Doe"] * 2
    )
    assert without_roster([Owner("Ann"), Owner("ann")], platform="folders") == ["Ann", "ann"]


@given(st.lists(st.tuples(st.text(max_size=20), st.sampled_from(["", "1", "2", "3"])), max_size=8))
def test_no_two_owners_share_a_folder(pairs):
    owners = {Owner(*pair): 0 for pair in pairs}
    found = find_students(owners, "moodle", (), (), ())
    students = [one.students[0] for one in found.values()]
    assert len({student.casefold() for student in students}) == len(students)
    assert all(map(is_a_name, students))
