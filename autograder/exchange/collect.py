"""Put the hand-ins of a download where grading looks for them, and say what became of each file."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import Course
from autograder.errors import ContentError, sentence
from autograder.exchange.columns import Ask
from autograder.exchange.hand_in import HandIn, digest_of, digest_of_folder, put_together
from autograder.exchange.owners import find_students
from autograder.exchange.platforms import PLAIN, Owner, Sent, Wanted, is_notebook, understand
from autograder.exchange.roster import Person, import_roster, read_roster
from autograder.exchange.source import Source, open_source
from autograder.files import plain_files, replace_folder
from autograder.grading.classroom import alone
from autograder.lateness.collected import Collected, collected_file, read_collected, write_collected
from autograder.problem_sets.notebooks import ProblemSet, read_problem_set

NEW, REPLACED, UNCHANGED, OUTDATED = "new", "replaced", "unchanged", "outdated"


@dataclass
class Outcome:
    """What became of a download.

    `students` has "new", "replaced", "unchanged", or "outdated" for a hand-in that is older than the one
    that is there. `refused` and `remarks` have a file's place and the rest of a sentence about it;
    `passed_over` counts files of other problem sets and texts typed on the platform; `kept` counts
    attempts that were put aside; `missing` are people of the roster without work.
    """

    platform: str
    students: dict[str, str] = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)
    remarks: list[tuple[str, str]] = field(default_factory=list)
    passed_over: int = 0
    kept: int = 0
    missing: tuple[Person, ...] = ()


def older_attempts(course: Course, assignment: str) -> Path:
    """Where attempts are kept that a newer one replaced."""
    return course.grading / "collected" / assignment / "older"


def collect(
    course: Course,
    assignment: str,
    download: Path,
    roster: Path | None = None,
    ask: Ask | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Put the hand-ins of a download into grading/submitted/<student>/<assignment>/.

    `ask` is asked which column of the roster holds what. A dry run writes nothing. Raises CourseError
    when there is no such problem set or download, or while a class is graded; ContentError when the
    roster cannot be read.
    """
    problem_set = read_problem_set(course.source, assignment)
    with contextlib.nullcontext() if dry_run else alone(course), open_source(download) as source:
        before = _all_collected(course)
        if roster is None:
            people = read_roster(course)
        else:
            people = import_roster(course, roster, ask, before, dry_run)
        in_place = download.resolve() == course.submitted.resolve()
        if in_place:
            people = ()  # each folder is somebody's already
        return _Collecting(course, problem_set, source, people, dry_run, in_place).run(before)


def _all_collected(course: Course) -> list[Collected]:
    folder = collected_file(course, "x").parent
    names = sorted(path.stem for path in folder.glob("[!.]*.json"))
    return [one for name in names for one in read_collected(course, name).values()]


class _Collecting:
    """One download on its way into the folders of students."""

    def __init__(
        self,
        course: Course,
        problem_set: ProblemSet,
        source: Source,
        people: tuple[Person, ...],
        dry_run: bool,
        in_place: bool,
    ):
        self.course, self.assignment = course, problem_set.name
        self.source, self.people, self.dry_run, self.in_place = source, people, dry_run, in_place
        notebooks = [exercise.path.name for exercise in problem_set.notebooks]
        self.issued = [*notebooks, *map(str, problem_set.extra_files)]
        self.records = read_collected(course, self.assignment)
        self.understood = understand(source.places, self._wanted())
        self.outcome = Outcome(self.understood.platform, passed_over=len(self.understood.passed_over))

    def _wanted(self) -> Wanted:
        others = {path.name for path in self.course.source.glob("[!.]*") if path.is_dir()}
        zone = str(self.course.config.Exchange.get("timezone", "UTC"))
        known = frozenset(person.platform_id for person in self.people if person.platform_id)
        others.discard(self.assignment)
        return Wanted(self.assignment, frozenset(others), zone, known, frozenset(self.issued))

    def run(self, before: list[Collected]) -> Outcome:
        sent: dict[Owner, list[Sent]] = defaultdict(list)
        for one in self.understood.sent:
            sent[one.owner].append(one)
        orders = {owner: max(one.order for one in files) for owner, files in sent.items()}
        known = [one for one in before if one.platform == "canvas"] + list(self.records.values())
        found = find_students(orders, self.understood.platform, self.people, known, self._folders())
        self.outcome.refused += self.source.refused
        self.outcome.refused += [("/".join(place), why) for place, why in self.understood.unowned]
        try:
            for owner, files in sorted(sent.items(), key=lambda item: item[0].name):
                if found[owner].problem:
                    for one in files:
                        self.outcome.refused.append(("/".join(one.place), found[owner].problem))
                elif found[owner].students:
                    self._take(owner, files, found[owner].students)
        finally:
            if not self.dry_run and self.outcome.students:
                write_collected(self.course, self.assignment, self.records)
        named = {student for one in found.values() for student in one.students}
        self.outcome.missing = tuple(
            person
            for person in self.people
            if person.student not in named and not self._folder(person.student).is_dir()
        )
        return self.outcome

    def _folders(self) -> list[str]:
        there = self.course.submitted
        return [path.name for path in there.glob("[!.]*")] if there.is_dir() else []

    def _folder(self, student: str) -> Path:
        return self.course.submitted / student / self.assignment

    def _take(self, owner: Owner, sent: list[Sent], students: tuple[str, ...]) -> None:
        """Place the newest of one owner's attempts, and put the others aside."""
        attempts: dict[str, list[Sent]] = defaultdict(list)
        for one in sent:
            attempts[one.attempt].append(one)
        newest, *older = sorted(attempts.values(), key=lambda files: max(one.order for one in files))[::-1]
        made = self._made(newest)
        for student in students:
            try:
                for files in older:
                    self._put_aside(student, self._made(files, said=False).files)
                self._put_aside(student, made.older)
                if made.files and not (self.in_place and made.refused):  # what is refused would be lost
                    self._place(owner, student, made)
            except shutil.Error:
                why = "files of the old hand-in cannot be kept"
                self.outcome.refused.append((f"the hand-in of {student}", why))
            except (OSError, ContentError, RecursionError) as error:
                self.outcome.refused.append((f"the hand-in of {student}", sentence(error).rstrip(".")))

    def _made(self, sent: Iterable[Sent], said: bool = True) -> HandIn:
        made = put_together(sent, self.source.read, self.issued, self.in_place)
        if said:
            self.outcome.refused += made.refused
            self.outcome.remarks += made.remarks
        return made

    def _place(self, owner: Owner, student: str, made: HandIn) -> None:
        folder, before = self._folder(student), self.records.get(student)
        if folder.is_symlink() or folder.parent.is_symlink():
            raise ContentError("its folder is a link: put a folder there")
        platform = self.understood.platform
        if before and before.platform == platform and 0 < made.order < before.order:
            self.outcome.students[student] = OUTDATED
            self._put_aside(student, made.files)
            return
        there = folder.is_dir()
        if there and before and before.digest and not self.in_place:
            same = made.digest == before.digest  # whatever was done to it since
        else:
            same = there and _holds(folder, made.files)
        if there and not same:
            self._keep_old(student, folder)
        if not self.dry_run:
            _clear(folder.parent, f".{self.assignment}-*")
            if not same:
                replace_folder(folder, made.files)
        if not any(is_notebook(name) for name in made.files):
            names = ", ".join(sorted(made.files)[:3])
            self.outcome.remarks.append((f"the hand-in of {student}", f"holds no notebook, but {names}"))
        self.outcome.students[student] = NEW if not there else UNCHANGED if same else REPLACED
        if platform == PLAIN and (self.in_place or (before and same)):
            return  # a folder says nothing of when, and the platform may have
        self.records[student] = Collected(
            student,
            made.handed_in,
            made.late,
            platform,
            owner.platform_id,
            tuple(sorted(made.files)),
            made.order,
            made.digest,
        )

    def _keep_old(self, student: str, folder: Path) -> None:
        """Copy what is replaced; it is complete before it gets its name."""
        self._keep(
            student, digest_of_folder(folder), lambda place: shutil.copytree(folder, place, symlinks=True)
        )

    def _put_aside(self, student: str, files: dict[str, bytes]) -> None:
        if files:
            self._keep(student, digest_of(files), lambda place: replace_folder(place, files))

    def _keep(self, student: str, digest: str, write: Callable[[Path], object]) -> None:
        """Keep an attempt in a folder that is numbered by its turn, unless it is kept already."""
        place = older_attempts(self.course, self.assignment) / student
        kept = sorted(path.name for path in place.glob("[0-9]*")) if place.is_dir() else []
        if any(name.endswith(digest[:12]) for name in kept):
            return
        self.outcome.kept += 1
        if self.dry_run:
            return
        place.mkdir(parents=True, exist_ok=True)
        _clear(place, ".kept-*")
        number = max((int(name.split("-")[0]) for name in kept if name.split("-")[0].isdigit()), default=0)
        with tempfile.TemporaryDirectory(prefix=".kept-", dir=place) as beside:
            write(Path(beside) / "copy")
            (Path(beside) / "copy").rename(place / f"{number + 1:03d}-{digest[:12]}")


def _clear(folder: Path, pattern: str) -> None:
    """Remove what a run left that was killed."""
    for left in folder.glob(pattern):
        shutil.rmtree(left)


def _holds(folder: Path, files: dict[str, bytes]) -> bool:
    """Whether a folder holds exactly these files."""
    there = {path.relative_to(folder).as_posix(): path for path in plain_files(folder)}
    return there.keys() == files.keys() and all(
        path.stat().st_size == len(files[name]) and path.read_bytes() == files[name]
        for name, path in there.items()
    )
