"""Files for the platforms, read again as each platform reads them, and compared with the gradebook."""

import copy
import csv
import hashlib
import os
import re
import shutil
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from traitlets.config import Config

from autograder.cli import main
from autograder.course import find_course
from autograder.errors import ContentError, CourseError
from autograder.exchange.export import Wanted, export
from autograder.exchange.grades import Standing, read_grades
from autograder.exchange.worksheets import CANVAS, MOODLE, Platform
from autograder.grading import records
from autograder.lateness.collected import Collected, write_collected
from autograder.pages.feedback_page import write_feedback
from autograder.problem_sets.notebooks import read_problem_set
from autograder.running.outputs import Status
from tests.exchange.made_up import (
    NAMES,
    PEOPLE,
    enter_class,
    enter_made_up,
    hand_in,
    made_up,
    opened,
    read_csv,
    tasks,
    totals,
    write_roster,
)
from tests.helpers import copy_course, run_in

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("workers_are_kept")]
IDS = {one.student: one.platform_id for one in PEOPLE}
FIRST, SECOND = "01_squared_norm", "02_linear_form"


@pytest.fixture(scope="module")
def entered_once(tmp_path_factory):
    """A class with strange names, entered once; never to be changed."""
    course = find_course(copy_course(tmp_path_factory.mktemp("exchange"), "0[12]_*.ipynb"))
    enter_class(course, {name: number / 4 for number, name in enumerate(NAMES)})
    write_roster(course)
    with opened(course) as book:
        book.update_or_create_student("eve", first_name="Eve", last_name="Unlisted", email="eve@example.org")
    return course


@pytest.fixture
def a_class(entered_once, tmp_path):
    """The same class in a grading folder of its own."""
    shutil.copytree(entered_once.grading, tmp_path / "grading", ignore=shutil.ignore_patterns("exports"))
    return entered_once.with_grading(tmp_path / "grading")


def written(course, platform, **wanted):
    return export(course, "ps1", Wanted(Platform(platform), **wanted))


def as_canvas_reads(path):
    """(points possible, each grade by how the person was found), by the rules of Canvas's importer."""
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")  # or the quoted name of a first column would be malformed
    head, *rows = read_csv(path)
    assert "Student" in head[0] and "ID" in head[1] and len(head) == 6 and head[4] == "Section"
    assert head[2:4] == ["SIS User ID", "SIS Login ID"] and all(len(row) == 6 for row in rows)
    # It looks for the separator line by line, in the first three.
    first = raw.decode().splitlines()[:3]
    assert {len(next(csv.reader([line]))) for line in first} == {6}
    possible, found = None, {}
    for row in rows:
        if "Points Possible" in row[0]:
            assert possible is None
            possible = row[5]
        else:
            key = f"id {int(row[1])}" if row[1] else f"login {row[3]}"
            assert key not in found and (row[1] or row[3])
            found[key] = row[5]
    return float(possible), found


def as_moodle_reads(path):
    """Each grade by participant, by the rules of Moodle's importer of grading worksheets."""
    text = path.read_text(encoding="utf-8")
    assert "\\" not in text  # PHP's reader takes it for more than it is
    head, *rows = read_csv(path)
    identifier, grade, modified = map(head.index, ("Identifier", "Grade", "Last modified (grade)"))
    assert "Feedback comments" not in head and all(len(row) == len(head) for row in rows)
    assert modified and {row[modified] for row in rows} == {"-"}
    found = {row[identifier].removeprefix("Participant "): row[grade] for row in rows}
    assert len(found) == len(rows) and all(number.isdecimal() for number in found)
    assert all(float(row[grade]) <= float(row[head.index("Maximum Grade")]) for row in rows if row[grade])
    return found


def table(path):
    head, *rows = read_csv(path)
    assert len(set(head)) == len(head)
    return {row[0].removeprefix("'"): dict(zip(head, row, strict=True)) for row in rows}


# ------------------------------------------------------------------ every number is the gradebook's


@pytest.fixture
def marked_by_people(a_class):
    """With what nbgrader's own API can do to a mark: a task, a test's points, extra credit, a comment."""
    with opened(a_class) as book:
        test = book.find_grade("squared-norm-hidden", FIRST, "ps1", "ann")
        test.manual_score = 1.2345678
        task = book.find_grade("derivation", FIRST, "ps1", "Ünal, José (2)")
        task.manual_score, task.extra_credit, task.needs_manual_grade = 2.25, 0.5, False
        book.find_grade("squared-norm-hidden", FIRST, "ps1", "lines").extra_credit = 0.25
        book.find_grade("squared-norm-gradient-hidden", FIRST, "ps1", "mallory").extra_credit = -1
    return a_class


def test_canvas_gets_what_the_gradebook_has(marked_by_people):
    done = written(marked_by_people, "canvas")
    (path,) = done.files
    assert path == marked_by_people.grading / "exports" / "ps1-canvas.csv" and done.problems == ()
    assert tuple(read_csv(path)[0]) == (*CANVAS, "ps1")
    possible, found = as_canvas_reads(path)
    assert possible == 20 and found.pop(f"id {IDS['dora']}") == ""
    expected = totals(marked_by_people)
    assert {key: float(grade) for key, grade in found.items()} == pytest.approx(
        {f"id {IDS[name]}": expected[name] for name in NAMES}, abs=5e-5
    )


def test_moodle_gets_what_the_gradebook_has(marked_by_people):
    done = written(marked_by_people, "moodle")
    assert tuple(read_csv(done.files[0])[0]) == MOODLE and done.problems == ()
    found = as_moodle_reads(done.files[0])
    assert found.pop(IDS["dora"]) == ""
    expected = totals(marked_by_people)
    assert {key: float(grade) for key, grade in found.items()} == pytest.approx(
        {IDS[name]: expected[name] for name in NAMES}, abs=5e-5
    )


def test_the_table_has_every_part_of_a_grade(marked_by_people):
    rows = table(written(marked_by_people, "csv").files[0])
    assert list(rows) == [*(one.student for one in PEOPLE), "eve"]
    jose, ann = rows["Ünal, José (2)"], rows["ann"]
    assert jose[f"{FIRST} by_hand"] == "2.25" and jose[f"{FIRST} extra_credit"] == "0.5"
    assert ann[f"{FIRST} automatic"] == "1.2346" and ann[f"{FIRST} by_hand"] == "0"
    assert rows["lines"]["extra_credit"] == "0.25" and rows["mallory"]["extra_credit"] == "-1"
    expected = totals(marked_by_people)
    for name in NAMES:
        row = rows[name]
        parts = {part: float(row[part]) for part in ("automatic", "by_hand", "extra_credit", "penalty")}
        for part, value in parts.items():
            assert value == pytest.approx(float(row[f"{FIRST} {part}"]) + float(row[f"{SECOND} {part}"]))
        total = parts["automatic"] + parts["by_hand"] + parts["extra_credit"] - parts["penalty"]
        assert float(row["total"]) == pytest.approx(total, abs=2e-4)
        assert float(row["total"]) == pytest.approx(expected[name], abs=5e-5)
        assert row["status"] == row[f"{FIRST} status"] == "graded" and row["max"] == "20"
    for name in ("dora", "eve"):
        assert rows[name]["total"] == "" and rows[name]["status"] == "nothing handed in"
    assert rows["eve"]["email"] == "eve@example.org" and rows["eve"]["last_name"] == "Unlisted"


def test_a_penalty_is_that_of_this_moment(a_class):
    """A due date moved, or an extension, is in the next export without anything being graded again."""
    config = Config(copy.deepcopy(a_class.config))
    config.Deadlines.due, config.LatePolicy.share_per_day = {"ps1": "2026-03-06 12:00"}, 0.1
    course = replace(a_class, config=config)
    moment = datetime(2026, 3, 8, 11, 0, tzinfo=UTC)  # in the second day
    write_collected(course, "ps1", {"lines": Collected("lines", moment, True, "folders", "", ())})
    scores = totals(a_class)

    def exported():
        row = table(written(course, "csv").files[0])["lines"]
        total = float(row["automatic"]) + float(row["by_hand"]) - float(row["penalty"])
        assert float(row["total"]) == pytest.approx(total) and row["extra_credit"] == "0"
        assert float(as_moodle_reads(written(course, "moodle").files[0])["104"]) == float(row["total"])
        possible, found = as_canvas_reads(written(course, "canvas").files[0])
        assert float(found["id 104"]) == float(row["total"]) and possible == 20
        assert float(found["id 101"]) == pytest.approx(scores["ann"], abs=5e-5)
        return float(row["total"])

    assert exported() == pytest.approx(0.8 * scores["lines"], abs=5e-5)
    (course.grading / "extensions.csv").write_text(
        "student,problem set,until,why\nlines,ps1,2026-03-07 12:00,ill\n", encoding="utf-8"
    )
    assert exported() == pytest.approx(0.9 * scores["lines"], abs=5e-5)
    config.Deadlines.due = {"ps1": "2026-03-09"}
    assert exported() == pytest.approx(scores["lines"], abs=5e-5)


# ------------------------------------------------------------------ who is not graded, or not all of it


def test_who_handed_in_nothing_gets_nothing_unless_zeros_are_wanted(a_class):
    dora = IDS["dora"]
    assert as_moodle_reads(written(a_class, "moodle").files[0])[dora] == ""
    done = written(a_class, "moodle", zeros=True)
    assert as_moodle_reads(done.files[0])[dora] == "0"
    assert as_canvas_reads(written(a_class, "canvas", zeros=True).files[0])[1][f"id {dora}"] == "0"
    assert table(written(a_class, "csv", zeros=True).files[0])["dora"]["total"] == "0"
    # Who cannot be told apart is said, and only when there is something to tell.
    assert [problem for problem in done.problems if problem.startswith("eve is not on the roster")]


def test_a_folder_without_a_notebook_is_nothing(a_class):
    problem_set = read_problem_set(a_class.source, "ps1")
    hand_in(a_class, "dora")
    enter_made_up(a_class, made_up(a_class, problem_set, "dora", 0, Status.MISSING))
    assert as_moodle_reads(written(a_class, "moodle").files[0])[IDS["dora"]] == ""
    assert as_moodle_reads(written(a_class, "moodle", zeros=True).files[0])[IDS["dora"]] == "0"


def test_an_open_task_holds_everything_back(a_class):
    with opened(a_class) as book:
        for task in tasks(book)[:3]:
            task.manual_score, task.needs_manual_grade = None, True
        tasks(book)[-1].needs_manual_grade = True  # its text has changed since
    with pytest.raises(ContentError) as error:
        written(a_class, "canvas")
    assert error.value.exit_code == 1
    assert "3 tasks wait for a mark (01_squared_norm 2, 02_linear_form 1)" in str(error.value)
    assert "1 task changed after it was marked (02_linear_form 1)" in str(error.value)
    assert not (a_class.grading / "exports").exists()
    done = written(a_class, "canvas", partial=True)
    _, found = as_canvas_reads(done.files[0])
    expected = totals(a_class)
    assert {key: float(g) for key, g in found.items() if g} == {f"id {IDS[n]}": expected[n] for n in NAMES}
    (said,) = (remark for remark in done.remarks if "Points so far" in remark)
    assert said.endswith("ann, Ünal, José (2), lines.")
    rows = table(written(a_class, "csv", partial=True).files[0])
    assert [rows[name]["waiting"] for name in ("ann", "lines", "pointsposs")] == ["2", "1", "0"]
    assert rows["ann"]["status"] == "marking is open"


def test_work_that_is_not_graded_or_not_this_is_said(a_class):
    hand_in(a_class, "dora")
    (a_class.submitted / "ann" / "ps1" / f"{FIRST}.ipynb").write_text("[]")
    done = written(a_class, "moodle", zeros=True)
    assert as_moodle_reads(done.files[0])[IDS["dora"]] == ""  # a zero would be a grade
    said = " ".join(done.problems)
    assert "work that is not graded" in said and "dora" in said
    assert "points of an earlier grading" in said and "ann" in said and "lines" not in said
    assert {g.person.student: g.standing for g in read_grades(a_class, "ps1").students}[
        "ann"
    ] is Standing.CHANGED


def test_nothing_graded_is_said(a_class):
    shutil.rmtree(a_class.submitted)
    (a_class.grading / "gradebook.db").unlink()
    with pytest.raises(CourseError, match="Nothing of ps1 is graded yet"):
        written(a_class, "csv")
    with pytest.raises(CourseError, match="no problem set 'ps9'"):
        export(a_class, "ps9", Wanted(Platform.CSV))


# ------------------------------------------------------------------ who is who


def test_no_cell_is_a_formula_and_no_name_breaks_a_row(a_class):
    for platform in Platform:
        path = written(a_class, platform).files[0]
        for row in read_csv(path):
            for cell in row:
                assert not re.match(r"\s*[=+@|%]|\s*-[^\d]|[\t\r\n]", cell) or cell == "-"
    rows = table(a_class.grading / "exports" / "ps1-grades.csv")
    # With the guard taken off again, the table has what was known, letter by letter.
    for known in PEOPLE:
        row = rows[known.student]
        for field in ("first_name", "last_name", "email", "login", "section", "platform_id"):
            value = getattr(known, field)
            assert row[field] in (value, f"'{value}")
    for name in ("ps1-canvas.csv", "ps1-moodle.csv"):
        text = (a_class.grading / "exports" / name).read_text()
        assert "\u202e" not in text and "\t" not in text and "José" in text
        assert len(text.splitlines()) == len(read_csv(a_class.grading / "exports" / name))


def test_canvas_finds_a_person_without_a_number_by_the_login(a_class):
    people = [replace(one, platform_id="") if one.student in ("ann", "mallory") else one for one in PEOPLE]
    write_roster(a_class, people)
    done = written(a_class, "canvas")
    _, found = as_canvas_reads(done.files[0])
    assert float(found["login ann1"]) == totals(a_class)["ann"]
    # A login that a spreadsheet would run is none.
    assert [problem.split()[0] for problem in done.problems] == ["mallory"] and len(found) == 5
    done = written(a_class, "moodle")
    assert [problem.split()[0] for problem in done.problems] == ["ann", "mallory"]
    assert set(as_moodle_reads(done.files[0])) == {IDS[n] for n in IDS if n not in ("ann", "mallory")}


def test_nobody_gets_the_points_of_another_with_the_same_number(a_class):
    write_roster(
        a_class, [replace(one, platform_id="0101") if one.student == "lines" else one for one in PEOPLE]
    )
    for platform in ("canvas", "moodle"):
        done = written(a_class, platform)
        assert any("belongs to more than one person" in p and "ann, lines" in p for p in done.problems)
        assert "101" not in done.files[0].read_text()
    write_roster(a_class, [replace(one, platform_id="", login="Same") for one in PEOPLE[:2]])
    with pytest.raises(ContentError, match="knows none"):
        written(a_class, "canvas")
    write_roster(a_class, [replace(one, platform_id="9" * 5000) for one in PEOPLE])
    with pytest.raises(ContentError, match="knows none"):
        written(a_class, "canvas")
    assert len(table(written(a_class, "csv").files[0])) == 7


def test_a_class_without_a_roster(a_class):
    (a_class.grading / "roster.csv").unlink()
    with pytest.raises(ContentError, match="Canvas knows none of these people"):
        written(a_class, "canvas")
    done = written(a_class, "csv")
    assert set(table(done.files[0])) == {*NAMES, "eve"} and any("no roster" in r for r in done.remarks)
    with opened(a_class) as book:  # as `nbgrader db student add --lms-user-id` does
        book.update_or_create_student("ann", first_name="Ann", lms_user_id="7")
    done = written(a_class, "canvas")
    assert list(as_canvas_reads(done.files[0])[1]) == ["id 7"] and len(done.problems) == len(NAMES) - 1


def test_moodle_gets_the_numbers_of_this_assignment(a_class):
    """It numbers people anew in each; one from elsewhere could be somebody else's."""
    given = {
        name: Collected(name, None, None, "moodle", str(700 + n), (), n) for n, name in enumerate(NAMES[:-1])
    }
    write_collected(a_class, "ps1", given)
    done = written(a_class, "moodle", zeros=True)
    found = as_moodle_reads(done.files[0])
    expected = totals(a_class)
    assert {k: float(v) for k, v in found.items() if k != "106"} == {
        given[name].platform_id: expected[name] for name in NAMES[:-1]
    }
    assert found["106"] == "0" and any(problem.startswith(NAMES[-1]) for problem in done.problems)
    assert (
        "id 101" in as_canvas_reads(written(a_class, "canvas").files[0])[1]
    )  # what Moodle said is not for it


def test_the_number_of_a_group_is_nobodys(a_class):
    """What one of them handed in for all comes under that one's number, or the group's."""
    pair = ("ann", "lines")
    for platform in ("canvas", "moodle"):
        given = {name: Collected(name, None, None, platform, "500", (), 9) for name in pair}
        given["mallory"] = Collected("mallory", None, None, platform, "703", (), 9)
        write_collected(a_class, "ps1", given)
        done = written(a_class, platform, feedback=True)
        assert "500" not in done.files[0].read_text()
        if platform == "canvas":  # a person's number is the same in all assignments
            assert {"id 101", "id 103", "id 104"} <= set(as_canvas_reads(done.files[0])[1])
        else:
            assert {k for k, grade in as_moodle_reads(done.files[0]).items() if grade} == {"703"}
            assert {"ann", "lines"} <= {problem.split()[0] for problem in done.problems}
    write_roster(a_class, [replace(one, platform_id="") for one in PEOPLE if one.student == "mallory"])
    write_collected(a_class, "ps1", {"mallory": Collected("mallory", None, None, "canvas", "703", (), 9)})
    assert list(as_canvas_reads(written(a_class, "canvas").files[0])[1]) == ["id 703"]


def test_more_than_all_points_is_said_to_who_uses_moodle(a_class):
    with opened(a_class) as book:
        book.find_grade("derivation", FIRST, "ps1", "ann").extra_credit = 30
    (problem,) = export(a_class, "ps1", Wanted(Platform.MOODLE)).problems
    assert "more than 20 points" in problem and problem.endswith("ann.")
    done = written(a_class, "canvas")
    assert done.problems == () and float(as_canvas_reads(done.files[0])[1]["id 101"]) > 30


# ------------------------------------------------------------------ feedback pages


def names_in(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def test_moodle_gets_a_folder_for_each_participant(a_class):
    write_feedback(a_class, "ps1")
    done = written(a_class, "moodle", feedback=True)
    assert done.problems == ()
    path = done.files[1]
    assert path.name == "ps1-moodle-feedback.zip"
    found = {}
    for name in names_in(path):
        folder, page = name.split("/")
        parts = folder.split("_", 4)  # as Moodle takes it apart
        assert len(parts) == 5 and parts[2:] == ["assignsubmission", "file", ""] and parts[0]
        found.setdefault(parts[1], []).append(page)
    pages = [f"{FIRST}.html", f"{SECOND}.html", "index.html"]
    assert found == {IDS[name]: pages for name in NAMES}
    with zipfile.ZipFile(path) as archive:
        name = "José Ünal_102_assignsubmission_file_/index.html"
        assert archive.read(name) == (a_class.feedback / NAMES[1] / "ps1" / "index.html").read_bytes()


def test_the_same_pages_make_the_same_archive(a_class):
    write_feedback(a_class, "ps1")

    def digest():
        return hashlib.sha256(written(a_class, "csv", feedback=True).files[1].read_bytes()).hexdigest()

    before = digest()
    for path in a_class.feedback.rglob("*.html"):
        os.utime(path, (3 * 10**9, 3 * 10**9))
    assert digest() == before
    assert not list((a_class.grading / "exports").glob(".*"))


def test_a_table_comes_with_a_folder_for_each_student(a_class):
    """Whose name any system can have, and of which there is one."""
    problem_set = read_problem_set(a_class.source, "ps1")
    for name in ("CON", "a:b", "a?b", "A*B", "..x"):
        hand_in(a_class, name)
        enter_made_up(a_class, made_up(a_class, problem_set, name, 0))
    write_feedback(a_class, "ps1")
    names = names_in(written(a_class, "csv", feedback=True, partial=True).files[1])
    folders = {name.split("/")[0] for name in names}
    assert folders == {*NAMES, "CON -", "A-B", "a-b (2)", "a-b (3)", "x"}
    assert len(names) == 3 * len(folders)


def test_canvas_gets_names_as_it_gave_them(a_class):
    write_feedback(a_class, "ps1")
    given = {
        name: Collected(name, None, None, "canvas", IDS[name], (f"{FIRST}.ipynb",), 9000 + n)
        for n, name in enumerate(NAMES[1:])
    }
    write_collected(a_class, "ps1", given)
    done = written(a_class, "canvas", feedback=True)
    for name in names_in(done.files[1]):
        parts = name.split("_")
        numbers = [part for part in parts if re.fullmatch(r"\d+", part)]  # Canvas takes the first two
        student = next(s for s in given if IDS[s] == numbers[0])
        assert numbers[1] == str(given[student].order) and len(parts) == 4 and "/" not in name
        assert not parts[-1].startswith("link")  # which Canvas passes over
    assert len(names_in(done.files[1])) == 3 * len(given)
    (problem,) = done.problems
    assert "Canvas could not place" in problem and problem.endswith("ann.")


def test_pages_that_are_not_there_or_show_other_marks_are_said(a_class):
    done = written(a_class, "csv", feedback=True)
    assert (
        len(done.files) == 1 and "5 people have no pages; run `course feedback ps1` first" in done.problems[0]
    )
    write_feedback(a_class, "ps1")
    assert written(a_class, "csv", feedback=True).problems == ()
    shutil.rmtree(a_class.feedback / "ann")
    with opened(a_class) as book:
        book.find_comment("derivation", FIRST, "ps1", "lines").manual_comment = "Look again."
        book.find_grade("derivation", FIRST, "ps1", "mallory").manual_score += 0.25
    done = written(a_class, "csv", feedback=True)
    assert done.problems == (
        "1 person has no pages; run `course feedback ps1` first: ann.",
        "2 people have pages that are out of date; run `course feedback ps1` first: mallory, lines.",
    )
    record = records.load(a_class, "ps1", "pointsposs")
    records.save(a_class, replace(record, fingerprint="another"))
    assert "pointsposs" in written(a_class, "csv", feedback=True).problems[-1]


def test_a_link_among_the_pages_is_left_out(a_class):
    write_feedback(a_class, "ps1")
    (a_class.feedback / "ann" / "ps1" / "secret.html").symlink_to(a_class.grading / "gradebook.db")
    names = names_in(written(a_class, "csv", feedback=True).files[1])
    assert "ann/index.html" in names and "ann/secret.html" not in names


# ------------------------------------------------------------------ the command, and nbgrader's


def test_the_command_writes_says_and_ends(entered_once):
    def run(*arguments):
        return CliRunner().invoke(main, ["--course-dir", str(entered_once.root), "export", *arguments])

    done = run("ps1", "--for", "canvas", "--column", "Set 1 (77)")
    assert done.exit_code == 0, done.output
    assert "grading/exports/ps1-canvas.csv" in done.output and "6 people, 5 with points" in done.output
    path = entered_once.grading / "exports" / "ps1-canvas.csv"
    assert read_csv(path)[0][-1] == "Set 1 (77)"
    done = run("ps1", "--for", "moodle", "--zeros")
    assert done.exit_code == 1 and "eve is not on the roster" in done.stderr
    assert run("ps1").exit_code == run("ps1", "--for", "ilias").exit_code == 2
    assert run("ps1", "--for", "csv", "--column", "x").exit_code == run("ps9", "--for", "csv").exit_code == 2
    assert run("ps1/", "--for", "csv").exit_code == 0


def test_nbgrader_export_offers_the_same(entered_once):
    root = entered_once.root
    shutil.rmtree(entered_once.grading / "exports", ignore_errors=True)
    run_in(
        root, "nbgrader", "export", "--exporter=autograder.nbgrader_export.Canvas", "--Canvas.column=Set 1"
    )
    theirs = (entered_once.grading / "exports" / "ps1-canvas.csv").read_bytes()
    export(entered_once, "ps1", Wanted(Platform.CANVAS, column="Set 1"))
    assert (entered_once.grading / "exports" / "ps1-canvas.csv").read_bytes() == theirs
    # With another gradebook, the file has what is in that one.
    shutil.copy(entered_once.grading / "gradebook.db", root / "other.db")
    other = replace(entered_once, db_url=f"sqlite:///{root / 'other.db'}")
    with opened(other) as book:
        book.find_grade("derivation", FIRST, "ps1", "ann").manual_score = 2.5
    exporter = "--exporter=autograder.nbgrader_export.Moodle"
    done = run_in(
        root, "nbgrader", "export", exporter, f"--db={other.db_url}", "--assignment=['ps1']",
        "--to=here.csv", "--Moodle.zeros=True", "--student=['ann', 'dora']",
    )  # fmt: skip
    assert as_moodle_reads(root / "here.csv") == {"101": f"{totals(other)['ann']:g}", "106": "0"}
    assert "Wrote here.csv" in done.stderr
    done = run_in(root, "nbgrader", "export", exporter, "--assignment=['ps9']", check=False)
    assert done.returncode == 2 and "no problem set" in done.stderr and "Traceback" not in done.stderr
