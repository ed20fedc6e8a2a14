"""What lateness costs, computed when it is read: from dates, policy and the score of that moment.

nbgrader keeps due date, extension and penalty in columns of its gradebook. Here those columns are a mirror:
of the settings, of grading/extensions.csv, and of what the platform said when work was collected. Ours are
computed whenever they are read; the columns follow when a submission is graded, and in nbgrader's own
programs as soon as these look, so that the formgrader shows the same.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.course import CONFIG_NAME, Course, find_course
from autograder.errors import CourseError, sentence
from autograder.lateness.collected import read_collected
from autograder.lateness.deadlines import EXTENSIONS, read_deadlines

Row = Any  # of nbgrader's database: a package without types
OURS = "autograder"  # in a session's info: it keeps its own penalties
A_DAY = timedelta(days=1)


class Penalties:
    """The penalties of one problem set, by the plug-in that the course configured for nbgrader."""

    def __init__(self, course: Course, assignment: str) -> None:
        """Raises CourseError when a due date or an extension is no date, or the plug-in is none."""
        from nbgrader.preprocessors import AssignLatePenalties

        self._deadlines = read_deadlines(course)
        self._collected = read_collected(course, assignment)
        self._assignment = assignment
        assigner = AssignLatePenalties(config=course.config)
        try:
            assigner.init_plugin()
        except Exception as error:
            raise CourseError(
                f"{course.root / CONFIG_NAME}: c.AssignLatePenalties.plugin_class: {sentence(error)}"
            ) from error
        self._plugin = assigner.plugin_inst

    def _due(self, submission: Row) -> datetime | None:
        """The class's due date, as nbgrader keeps it: in UTC, without saying so."""
        if self._assignment not in self._deadlines.due:
            kept: datetime | None = submission.assignment.duedate
            return kept
        due = self._deadlines.due[self._assignment]
        return None if due is None else _as_kept(due)

    def _extension(self, submission: Row, due: datetime | None) -> timedelta | None:
        if self._deadlines.extensions is None:
            kept: timedelta | None = submission.extension
            return kept
        extension = self._deadlines.extension(self._assignment, submission.student_id)
        if extension is None or due is None:
            return None
        return max(timedelta(0), _as_kept(extension.until) - due)

    def _handed_in(self, submission: Row, due: datetime | None) -> datetime | None:
        """The moment, by the platform. One that only says "late" is taken to mean by a day, unless there
        is an extension, of which the platform may know nothing."""
        collected = self._collected.get(submission.student_id)
        if collected is None or (collected.handed_in is None and collected.late is None):
            kept: datetime | None = submission.timestamp
            return kept
        if collected.handed_in is not None:
            return _as_kept(collected.handed_in)
        if collected.late and due is not None and not self._extension(submission, due):
            return due + A_DAY
        return None

    def seconds_late(self, submission: Row) -> float:
        """How long after the student's own due date it was handed in."""
        due = self._due(submission)
        moment = self._handed_in(submission, due)
        if due is None or moment is None:
            return 0.0
        late = moment - due - (self._extension(submission, due) or timedelta(0))
        return max(0.0, late.total_seconds())

    def of(self, submission: Row, entry: Row) -> float | None:
        """The points that lateness takes from one notebook of a submission; None where it takes nothing."""
        late = self.seconds_late(submission)
        score = float(entry.score or 0.0)
        if not late:
            return None
        try:
            penalty = self._plugin.late_submission_penalty(submission.student_id, score, late)
        except Exception as error:
            name = type(self._plugin).__name__
            raise CourseError(f"The policy {name} ends in an error: {sentence(error)}") from error
        return None if penalty is None else min(max(float(penalty), 0.0), score)

    def mirror(self, submission: Row) -> None:
        """Make the columns of a submission say the same. The caller writes them to the database."""
        due = self._due(submission)
        moment = self._handed_in(submission, due)
        _set(submission.assignment, "duedate", due)
        _set(submission, "extension", self._extension(submission, due))
        _set(submission, "timestamp", moment)
        for entry in submission.notebooks:
            _set(entry, "late_submission_penalty", self.of(submission, entry))


def _as_kept(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _set(row: Row, column: str, value: object) -> None:
    if getattr(row, column) != value:
        setattr(row, column, value)


# ------------------------------------------------------------------ in nbgrader's own programs

_roots: dict[str, Path] = {}  # of the courses whose gradebooks are kept, by the database's address
_seen: dict[str, object] = {}  # what the penalties of a gradebook were last made from


def keep_up_to_date(root: Path, db_url: str) -> None:
    """From now on, keep the penalties in a course's gradebook as they are when this process reads them.

    For nbgrader's own programs, the formgrader among them: course_config.py calls this there.
    """
    from sqlalchemy import event
    from sqlalchemy.orm import Session

    if not _roots:
        event.listen(Session, "after_begin", _before_reading)
        event.listen(Session, "after_flush", _remember)
        event.listen(Session, "before_commit", _before_commit)
    _roots[db_url] = root


def _course_of(session: Row) -> Course | None:
    """The course whose gradebook this is; None for other databases, and for our own sessions."""
    if session.info.get(OURS) or session.bind is None:
        return None
    url = session.bind.url.render_as_string(hide_password=False)
    root = _roots.get(url)
    return None if root is None else find_course(root)


@contextlib.contextmanager
def _passed_over(session: Row) -> Iterator[None]:
    """What is wrong with dates ends no program of nbgrader's: it stands in its log."""
    session.info[OURS] = True
    try:
        yield
    except CourseError as error:
        logging.getLogger("nbgrader").error("Penalties are not brought up to date: %s", error)
    finally:
        session.info[OURS] = False


def _before_reading(session: Row, transaction: Row, connection: Row) -> None:
    """Where dates or policy changed since this process last looked, write all penalties anew."""
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.orm import Session

    if (session.info.get(OURS) or session.bind is None) or (
        (url := session.bind.url.render_as_string(hide_password=False)) not in _roots
    ):
        return
    stamp = _stamp(_roots[url])
    if _seen.get(url) == stamp:
        return
    _seen[url] = stamp
    try:
        with _passed_over(session), Session(session.bind, info={OURS: True}) as own:
            from nbgrader.api import SubmittedAssignment

            _mirror(find_course(_roots[url]), own.query(SubmittedAssignment))
            own.commit()
    except SQLAlchemyError:  # somebody else is writing, or nothing is there yet: next time, then
        del _seen[url]


def _stamp(root: Path) -> object:
    grading = root / "grading"
    paths = (root / CONFIG_NAME, grading / EXTENSIONS, *sorted((grading / "collected").glob("*.json")))
    return [
        (path, said.st_mtime_ns, said.st_size) for path in paths if path.is_file() and (said := path.stat())
    ]


def _remember(session: Row, flushing: Row) -> None:
    """Whose scores or dates a flush changed: penalties follow when it is committed."""
    from nbgrader.api import Assignment, Grade, SubmittedAssignment

    if session.info.get(OURS):
        return
    changed = session.info.setdefault("changed", set())
    for row in (*session.new, *session.dirty):
        if isinstance(row, Grade):
            changed.add(row.notebook.assignment)
        elif isinstance(row, SubmittedAssignment):
            changed.add(row)
        elif isinstance(row, Assignment):
            changed.update(row.submissions)


def _before_commit(session: Row) -> None:
    course = _course_of(session)
    if course is None:
        return
    session.flush()
    changed = session.info.pop("changed", set())
    with _passed_over(session):
        for submission in changed:
            for entry in submission.notebooks:
                session.expire(entry, ["score"])
        _mirror(course, changed)
        session.flush()


def _mirror(course: Course, submissions: Iterable[Row]) -> None:
    made: dict[str, Penalties] = {}
    for submission in submissions:
        name = submission.assignment.name
        if name not in made:
            made[name] = Penalties(course, name)
        made[name].mirror(submission)
