"""The week of docs/calendar.md, played with its own commands: twelve students on two platforms."""

import csv
import hashlib
import io
import re
import zipfile
from pathlib import Path

import pytest

from autograder.course import find_course
from autograder.demo import answer_source, solution_cell
from autograder.grading.gradebook import read_class
from autograder.problem_sets.key import load_key
from autograder.problem_sets.notebooks import read_problem_set, to_text
from autograder.releasing.build import solved_submission
from tests.helpers import FIRST, REPOSITORY, cell_of, copy_course, edit, run_in

pytestmark = pytest.mark.slow

CALENDAR = (REPOSITORY / "docs" / "calendar.md").read_text(encoding="utf-8")
NAME = f"{FIRST}.ipynb"
# On the roster: platform's id, login, first and last name. Odd ones, and two people of one name.
CANVAS = {
    "101": ("lovelace", "Ada", "Lovelace"),
    "102": ("smith1", "Anna", "Smith"),
    "103": ("smith2", "Anna", "Smith"),
    "104": ("late", "Jo", "O'Neill-Late"),
    "105": ("unal", "José", "Ünal (2)"),
    "106": ("absent", "Nobody", "Here"),
}
MOODLE = {
    "207": ("curie", "Marie", "Curie"),
    "208": ("formula", "=1+1", "Sum"),
    "209": ("zip", "Zoë", "Zipper"),
    "210": ("bomb", "Bob", "Bomber"),
    "211": ("wrong", "Willi", "Wrong"),
    "212": ("blank", "Bea", "Blank"),
}
MARK, COMMENT = 2.25, "A clean derivation."


def commands(title: str) -> list[str]:
    """The commands below a heading of the calendar, in their order."""
    section = re.search(rf"(?ms)^## {title}.*?\n(.*?)(?=^## |\Z)", CALENDAR)
    lines = [
        line for block in re.findall(r"(?ms)^```sh\n(.*?)^```", section[1]) for line in block.splitlines()
    ]
    return [re.split(r"\s+#", line)[0].strip() for line in lines]


def play(root: Path, *lines: str, codes=(0,)) -> str:
    """Run lines of a shell that need no shell; what they print."""
    import shlex

    said = ""
    for line in lines:
        done = run_in(root, *shlex.split(line), check=False)
        assert done.returncode in codes, (line, done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr, done.stderr
        said += done.stdout + done.stderr
    return said


def zipped(files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()


def works(course) -> dict[str, bytes]:
    """A right notebook, one with a mistake, and one that nobody touched."""
    solved = solved_submission(course, read_problem_set(course.source, "ps1"))[FIRST]
    right = to_text(solved)
    key = load_key("squared_norm")
    mistake = next(m for m in key.mistakes if m.function == "squared_norm_gradient")
    solution_cell(solved, "squared_norm_gradient").source = answer_source(mistake)
    blank = (course.release / "ps1" / NAME).read_bytes()
    return {"right": right.encode(), "wrong": to_text(solved).encode(), "blank": blank}


def canvas_download(work, again=False) -> bytes:
    """As Canvas names files; the inner zip, a late one, a second attempt, and a stray file."""
    files = [
        (f"lovelaceada_101_9001_{NAME}", work["blank"]),
        (f"lovelaceada_101_9002_{FIRST}-1.ipynb", work["right"]),
        (f"smithanna_102_9003_{NAME}", work["right"]),
        (f"smithanna_103_9004_{NAME}", work["wrong"]),
        (f"oneilllatejo_LATE_104_9005_{NAME}", work["right"]),
        ("ünaljosé2_105_9006_ps1.zip", zipped([(f"ps1/{NAME}", work["right"]), ("__MACOSX/x", b"")])),
    ]
    if again:
        files.append((f"herenobody_LATE_106_9007_{NAME}", work["right"]))
    return zipped(files)


def moodle_download(work) -> bytes:
    """As Moodle names folders; one hand-in is an archive that leads out of its folder."""
    hostile = zipped([("../../../evil.ipynb", work["right"])])
    hand_ins = {"207": work["right"], "208": work["right"], "211": work["wrong"], "212": work["blank"]}
    files = []
    for number, (_, first, last) in MOODLE.items():
        folder = f"{first} {last}_{number}_assignsubmission_file_"
        if number in hand_ins:
            files.append((f"{folder}/{NAME}", hand_ins[number]))
        else:
            inner = hostile if number == "210" else zipped([(NAME, work["right"])])
            files.append((f"{folder}/ps1.zip", inner))
    return zipped(files)


def write_people(path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["ID", "Login ID", "First name", "Last name", "Email address"])
        for number, (login, first, last) in {**CANVAS, **MOODLE}.items():
            rows.writerow([number, login, first, last, f"{login}@example.org"])


def give_mark(course, student) -> None:
    from nbgrader.api import Gradebook

    with Gradebook(course.db_url, "matrix-calculus") as book:
        grade = book.find_grade("derivation", FIRST, "ps1", student)
        grade.manual_score, grade.needs_manual_grade = MARK, False
        book.find_comment("derivation", FIRST, "ps1", student).manual_comment = COMMENT
        book.db.commit()
    book.engine.dispose()


def totals(course) -> dict[str, float]:
    """What the gradebook holds now, less the penalties."""
    marks = read_class(course, "ps1").marks
    return {
        student: sum(sum(score or 0 for score in m.scores.values()) - m.penalty for m in notebooks.values())
        for student, notebooks in marks.items()
    }


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_week(tmp_path):
    root = copy_course(tmp_path, f"{FIRST}.ipynb")
    config = root / "course_config.py"
    told = config.read_text().replace("c.Deadlines.due = {}", 'c.Deadlines.due = {"ps1": "2026-11-20 23:59"}')
    config.write_text(told.replace("share_per_day = 0.0", "share_per_day = 0.1"))
    downloads = root / "downloads"
    downloads.mkdir()
    play(root, *commands("Before the term"))

    # Release day: what students get is what was checked, and says when it is due.
    play(root, *commands("Release day"))
    archive = root / "dist" / "ps1-1.zip"
    checksum = archive.with_name("ps1-1.zip.sha256").read_text().split()[0]
    assert checksum == hashlib.sha256(archive.read_bytes()).hexdigest()
    with zipfile.ZipFile(archive) as opened:
        assert "2026-11-20 23:59 (UTC)" in opened.read("ps1-1/START-HERE.txt").decode()
        assert {f"ps1-1/{NAME}", "ps1-1/gradcheck.py", "ps1-1/requirements.txt"} <= set(opened.namelist())
    course = find_course(root)
    work = works(course)  # of version 1

    # During the week: a cell's text is corrected.
    def correct(notebook):
        cell_of(notebook, "idea").source += "\n\nMind the factor."

    edit(root / "source" / "ps1" / NAME, correct)
    said = play(root, *commands("During the week"))
    assert (root / "dist" / "ps1-2.zip").is_file() and "ps1-2" in said

    # Grading night. One archive is refused by name; everybody else is placed and graded.
    write_people(downloads / "people.csv")
    (downloads / "canvas.zip").write_bytes(canvas_download(work))
    (downloads / "moodle.zip").write_bytes(moodle_download(work))
    first, second, grade, report = commands("Grading night")
    said = play(root, first)
    assert "Here" in said  # handed in nothing
    said = play(root, second, codes=(1,))
    assert "evil.ipynb" in said and "Bomber" in said
    assert not list(tmp_path.rglob("evil.ipynb"))
    play(root, grade)
    play(root, report)
    people = {row["platform_id"]: row["student"] for row in rows(course.grading / "roster.csv")}
    assert len(set(people.values())) == 12
    graded = totals(course)
    assert graded[people["101"]] == graded[people["102"]] == graded[people["105"]] == 7.5
    assert graded[people["103"]] == graded[people["211"]] < 7.5 and graded[people["212"]] == 0
    assert graded[people["104"]] == pytest.approx(7.5 * 0.9)  # late, by the platform
    assert graded[people["207"]] == graded[people["208"]] == graded[people["209"]] == 7.5

    # The days after. Grades are refused while marking is open.
    after = commands("The days after")
    feedback, exports, requests = after[0], after[1:4], after[4:6]
    assert "wait" in play(root, exports[0], codes=(1,))
    for student in graded:
        give_mark(course, student)
    play(root, feedback)
    exported(root, course, people, exports)
    lovelace = people["101"]
    play(root, *(line.replace("lovelace", lovelace) for line in requests))
    assert COMMENT in (course.feedback / lovelace / "ps1" / f"{FIRST}.html").read_text()

    # A late-comer. Marks by hand stay, and nobody else changes.
    before = totals(course)
    (downloads / "canvas.zip").write_bytes(canvas_download(work, again=True))
    for line in after[6:]:
        play(root, line)
    now = totals(course)
    assert {student: now[student] for student in before} == before
    assert now[people["106"]] == pytest.approx(7.5 * 0.9)
    assert "snapshot" in play(root, "course restore") or (course.grading / "backups").is_dir()


def exported(root, course, people, lines) -> None:
    """Every mark is read back from each platform's file, and every page from its archive."""
    points = totals(course)
    for line in lines:
        said = play(root, line, codes=(0, 1))  # 1: who is on the other platform cannot be matched
        assert "Nothing was written" not in said, said
    folder = course.grading / "exports"
    canvas = {row["ID"]: row["ps1"] for row in rows(folder / "ps1-canvas.csv") if row["ID"]}
    for number in CANVAS:
        due = points.get(people[number])
        assert canvas[number] == "" if due is None else float(canvas[number]) == pytest.approx(due)
    moodle = {row["Identifier"]: row["Grade"] for row in rows(folder / "ps1-moodle.csv")}
    for number in MOODLE:
        due = points.get(people[number])
        given = moodle[f"Participant {number}"]
        assert given == "" if due is None else float(given) == pytest.approx(due)
    everything = {row["student"].removeprefix("'"): row["total"] for row in rows(folder / "ps1-grades.csv")}
    assert {s: float(t) for s, t in everything.items() if t} == pytest.approx(points)
    for platform in ("canvas", "moodle"):
        with zipfile.ZipFile(folder / f"ps1-{platform}-feedback.zip") as pages:
            assert any(COMMENT in pages.read(name).decode() for name in pages.namelist() if "html" in name)


def test_a_jupyterhub_with_nbgraders_exchange(tmp_path):
    """Students fetch and submit with nbgrader's own commands; the staff's are those of the calendar."""
    (tmp_path / "course").mkdir()
    exchange, home = tmp_path / "exchange", tmp_path / "student"
    for folder in (exchange, home):
        folder.mkdir()
        folder.chmod(0o777)
    root = copy_course(tmp_path / "course", f"{FIRST}.ipynb")
    config = root / "course_config.py"
    settings = f'\nc.Exchange.root = "{exchange}"\n'
    config.write_text(config.read_text().replace("timestamps = False", "timestamps = True") + settings)
    (home / "nbgrader_config.py").write_text(
        f'c = get_config()\nc.CourseDirectory.course_id = "matrix-calculus"\n{settings}'
    )
    staff = commands("On a JupyterHub")
    play(root, *staff[:2])
    play(home, "nbgrader fetch_assignment ps1")
    (home / "ps1" / NAME).write_bytes(works(find_course(root))["right"])
    play(home, "nbgrader submit ps1")
    play(root, *staff[2:])
    course = find_course(root)
    assert list(totals(course).values()) == [7.5]
    from nbgrader.api import Gradebook

    with Gradebook(course.db_url, "matrix-calculus") as book:
        (submission,) = book.find_assignment("ps1").submissions
        assert submission.timestamp is not None  # nbgrader's, since it collected
    play(home, "nbgrader fetch_feedback ps1")
    assert any("squared_norm" in page.read_text() for page in home.rglob(f"{FIRST}.html"))
