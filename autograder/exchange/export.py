"""Grades, and feedback pages, as the files that a learning platform takes in."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course import Course
from autograder.errors import ContentError, CourseError
from autograder.exchange import pages_zip, worksheets
from autograder.exchange.grades import Grades, Standing, StudentGrade, read_grades
from autograder.exchange.worksheets import Platform, is_id, number
from autograder.files import write_whole, zipped
from autograder.lateness.collected import Collected, read_collected
from autograder.problem_sets.notebooks import as_label

MOST_NAMES = 10  # in one sentence


@dataclass(frozen=True)
class Wanted:
    """What to export, and how.

    zeros: who handed in nothing gets 0. partial: also while marking by hand is open. feedback: the pages
    too. column: what the assignment is called in Canvas, with its number in brackets or not; the problem
    set's name where it is empty. students: these alone, where there are any.
    """

    platform: Platform
    zeros: bool = False
    partial: bool = False
    feedback: bool = False
    column: str = ""
    students: Collection[str] = ()


@dataclass(frozen=True)
class Exported:
    """The files, what there is to know about them, and what is wrong; each a sentence."""

    files: tuple[Path, ...]
    remarks: tuple[str, ...]
    problems: tuple[str, ...]


def folder(course: Course) -> Path:
    """Where exports are put."""
    return course.grading / "exports"


def export(course: Course, assignment: str, wanted: Wanted, to: Path | None = None) -> Exported:
    """Write a problem set's grades for a platform; `to` is another place for the table.

    Raises CourseError when nothing is graded, or there is no such problem set; ContentError while marking
    by hand is open, unless what there is is wanted, and when the platform knows nobody.
    """
    grades = _chosen(read_grades(course, assignment), wanted.students)
    if not wanted.partial:
        _must_be_marked(grades)
    collected = {
        student: one
        for student, one in read_collected(course, assignment).items()
        if one.platform == wanted.platform
    }
    elsewhere = {
        one.student: one.platform_id
        for one in read_collected(course, assignment).values()
        if one.platform != wanted.platform and one.platform in (Platform.CANVAS, Platform.MOODLE)
    }
    grades = replace(
        grades,
        students=tuple(_numbered(grade, wanted.platform, collected, elsewhere) for grade in grades.students),
    )
    known = _known(grades, wanted)
    if not known:
        raise ContentError(
            f"{wanted.platform.title()} knows none of these people: "
            f"{course.grading / 'roster.csv'} has no number for them, in the column platform_id."
        )
    kind = "grades" if wanted.platform is Platform.CSV else wanted.platform
    path = to or folder(course) / f"{assignment}-{kind}.csv"
    write_whole(path.absolute(), _text(grades, known, wanted))
    files = [path]
    problems = [*_unknown(grades, known, wanted), *_not_right(grades, wanted.platform)]
    if wanted.feedback:
        archive = path.with_name(f"{path.stem}-feedback.zip")
        problems += _write_pages(course, assignment, wanted.platform, known, collected, archive)
        files += [archive] if archive.is_file() else []
    return Exported(tuple(files), tuple(_remarks(course, grades, known, wanted)), tuple(problems))


def _chosen(grades: Grades, students: Collection[str]) -> Grades:
    if not students:
        return grades
    chosen = tuple(grade for grade in grades.students if grade.person.student in students)
    if len(chosen) < len(set(students)):
        unknown = sorted(set(students) - {grade.person.student for grade in chosen})
        raise CourseError(f"There is no student {_names(unknown)}.")
    return replace(grades, students=chosen)


def _must_be_marked(grades: Grades) -> None:
    waiting, outdated = Counter[str](), Counter[str]()
    for grade in grades.students:
        for notebook in grade.notebooks:
            waiting[notebook.notebook] += notebook.waiting
            outdated[notebook.notebook] += notebook.outdated
    said = []
    for count, one, more in (
        (+waiting, "task waits for a mark", "tasks wait for a mark"),
        (+outdated, "task changed after it was marked", "tasks changed after they were marked"),
    ):
        if count:
            where = ", ".join(f"{name} {tasks}" for name, tasks in sorted(count.items()))
            said.append(f"{count.total()} {one if count.total() == 1 else more} ({where})")
    if said:
        raise ContentError(
            f"Marking {grades.assignment} by hand is open: {' and '.join(said)}; "
            "mark them, or export the points so far with `--partial`."
        )


# ------------------------------------------------------------------ who is who on the platform


def _numbered(
    grade: StudentGrade, platform: Platform, collected: Mapping[str, Collected], elsewhere: Mapping[str, str]
) -> StudentGrade:
    """With the number under which the platform knows this person, or none if that is not sure.

    Canvas has one number for a person. Moodle numbers people anew in each assignment: once it has given
    hand-ins of this one, a number from elsewhere could be somebody else's. What a group handed in comes
    under one number for all of them. A number that is another platform's, `elsewhere`, is none here.
    """
    person, found = grade.person, collected.get(grade.person.student)
    numbers = Counter(one.platform_id for one in collected.values())
    own = found.platform_id if found and numbers[found.platform_id] == 1 else ""
    if platform is not Platform.CSV and elsewhere.get(person.student) == person.platform_id != "":
        return replace(grade, person=replace(person, platform_id=own))
    if platform is Platform.CANVAS:
        listed = person.platform_id
        return replace(grade, person=replace(person, platform_id=listed if is_id(listed) else own or listed))
    if platform is Platform.MOODLE and (own or (collected and grade.total is not None)):
        return replace(grade, person=replace(person, platform_id=own))
    return grade


def _known(grades: Grades, wanted: Wanted) -> list[StudentGrade]:
    """Those whom the platform can tell apart; for a table of our own, everybody."""
    known = [grade for grade in grades.students if worksheets.known_to(wanted.platform, grade.person)]
    if wanted.platform is Platform.CSV:
        return known
    doubled = {grade.person for same in worksheets.twice(known).values() for grade in same}
    return [grade for grade in known if grade.person not in doubled]


def _unknown(grades: Grades, known: Sequence[StudentGrade], wanted: Wanted) -> Iterator[str]:
    """Who has points, and is not in the file."""
    able = [grade for grade in grades.students if worksheets.known_to(wanted.platform, grade.person)]
    there = {grade.person for grade in known}
    for key, same in worksheets.twice(able).items() if wanted.platform is not Platform.CSV else ():
        who = _names(grade.person.student for grade in same)
        yield f"{as_label(key)} belongs to more than one person, so none of them is in the file: {who}."
    for grade in grades.students:
        if grade.person not in there and grade not in able and worksheets.cell(grade, wanted.zeros):
            who = as_label(grade.person.student)
            listed = "has no number of the platform" if grade.on_roster else "is not on the roster"
            yield f"{who} {listed}, so {wanted.platform.title()} cannot tell who it is: not in the file."


# ------------------------------------------------------------------ what is written


def _text(grades: Grades, known: Sequence[StudentGrade], wanted: Wanted) -> str:
    if wanted.platform is Platform.CANVAS:
        return worksheets.canvas(grades, known, wanted.zeros, wanted.column or grades.assignment)
    if wanted.platform is Platform.MOODLE:
        return worksheets.moodle(grades, known, wanted.zeros)
    return worksheets.table(grades, wanted.zeros)


def _write_pages(
    course: Course,
    assignment: str,
    platform: Platform,
    known: Sequence[StudentGrade],
    collected: Mapping[str, Collected],
    archive: Path,
) -> Iterator[str]:
    """Write the archive of pages; what is wrong with them."""
    attachments = {student: one.order for student, one in collected.items()}
    pages = pages_zip.find_pages(course, assignment, platform, known, attachments)
    first = f"run `course feedback {assignment}` first"
    if pages.files:
        files = ((name, pages.files[name].read_bytes()) for name in sorted(pages.files))
        write_whole(archive.absolute(), zipped(files, zipfile.ZIP_DEFLATED))
    else:
        archive.unlink(missing_ok=True)  # of last time
    if pages.missing:
        yield f"{_people(pages.missing)} no pages; {first}: {_names(pages.missing)}."
    if pages.outdated:
        yield f"{_people(pages.outdated)} pages that are out of date; {first}: {_names(pages.outdated)}."
    if pages.unplaced:
        yield (
            f"{_people(pages.unplaced)} pages that Canvas could not place, since `course collect` did not "
            f"bring their files from there: {_names(pages.unplaced)}."
        )


# ------------------------------------------------------------------ what is said


def _not_right(grades: Grades, platform: Platform) -> Iterator[str]:
    again = f"run `course grade {grades.assignment}`"
    missing = [g.person.student for g in grades.students if g.standing is Standing.NOT_GRADED]
    if missing:
        yield f"{_people(missing)} work that is not graded, so no points here; {again}: {_names(missing)}."
    changed = [g.person.student for g in grades.students if g.standing is Standing.CHANGED]
    if changed:
        yield f"{_people(changed)} points of an earlier grading; {again}: {_names(changed)}."
    above = [g.person.student for g in grades.students if (g.total or 0) > grades.max_score]
    if above and platform is Platform.MOODLE:
        yield (
            f"{_people(above)} more than {number(grades.max_score)} points, which Moodle passes over unless "
            f"the assignment's maximum grade there is as high: {_names(above)}."
        )


def _remarks(course: Course, grades: Grades, known: Sequence[StudentGrade], wanted: Wanted) -> Iterator[str]:
    counted = sum(grade.total is not None for grade in known)
    people = "1 person" if len(known) == 1 else f"{len(known)} people"
    yield f"{people}, {counted} with points; {number(grades.max_score)} points at most."
    nothing = [grade.person.student for grade in known if grade.standing is Standing.NOTHING]
    if nothing:
        given = "0" if wanted.zeros else "an empty cell (`--zeros` gives 0)"
        yield f"{given[:1].upper()}{given[1:]} for who handed in nothing: {_names(nothing)}."
    opened = [grade.person.student for grade in known if grade.waiting or grade.outdated]
    if opened:
        yield f"Points so far, while marking is open: {_names(opened)}."
    if not (roster := course.grading / "roster.csv").is_file():
        yield f"There is no roster, {roster}, so names are the gradebook's."
        return
    for grade in known:
        if not grade.on_roster:
            yield f"{as_label(grade.person.student)} is not on the roster."


def _people(students: Sequence[str]) -> str:
    return "1 person has" if len(students) == 1 else f"{len(students)} people have"


def _names(students: Iterator[str] | Sequence[str]) -> str:
    names = [as_label(student) for student in students]
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
