"""`course export` for stock nbgrader: what `nbgrader export --exporter=…` offers here.

`Canvas`, `Moodle` and `Everything` write the files of `course export`, from the gradebook that nbgrader hands
them. Their settings are its options, as in `--Canvas.zeros=True`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbgrader.plugins.export import ExportPlugin
from traitlets import Bool, Unicode

from autograder.course import find_course
from autograder.errors import ContentError, CourseError, sentence
from autograder.exchange.export import Wanted, export
from autograder.exchange.worksheets import Platform
from autograder.problem_sets.notebooks import as_label


class _PlatformExport(ExportPlugin):
    """Writes grades/exports/, or the file named with `--to` when there is one assignment."""

    platform: Platform
    zeros = Bool(False, help="Give 0 to who handed in nothing.").tag(config=True)
    partial = Bool(False, help="Export the points so far while marking is open.").tag(config=True)
    feedback = Bool(False, help="Zip the feedback pages too.").tag(config=True)

    def export(self, gradebook: Any) -> None:
        """Write a file for each assignment that is asked for; all that have submissions unless any is.

        Ends the command with the exit code of `course export` when something is wrong.
        """
        code = 0
        for assignment in [str(name) for name in self.assignment] or list(_with_work(gradebook)):
            try:
                code = max(code, self._write(gradebook, assignment))
            except (CourseError, OSError) as error:
                self.log.error("%s", sentence(error))
                code = max(
                    code, error.exit_code if isinstance(error, CourseError) else ContentError.exit_code
                )
        if code:
            raise SystemExit(code)

    def _write(self, gradebook: Any, assignment: str) -> int:
        course = find_course(Path(self.parent.coursedir.root))
        course = replace(course, db_url=gradebook.engine.url.render_as_string(hide_password=False))
        if self.to and len(self.assignment) != 1:
            raise CourseError("A file can be named for one assignment only: name it with `--assignment`.")
        wanted = Wanted(
            self.platform,
            self.zeros,
            self.partial,
            self.feedback,
            getattr(self, "column", ""),
            [str(student) for student in self.student],
        )
        done = export(course, assignment, wanted, Path(self.to) if self.to else None)
        for remark in done.remarks:
            self.log.info("%s: %s", as_label(assignment), remark)
        for path in done.files:
            self.log.info("Wrote %s", path)
        for problem in done.problems:
            self.log.error("%s: %s", as_label(assignment), problem)
        return ContentError.exit_code if done.problems else 0


def _with_work(gradebook: Any) -> Iterator[str]:
    for assignment in gradebook.assignments:
        if assignment.submissions:
            yield assignment.name


class Canvas(_PlatformExport):
    """Grades as Canvas imports them."""

    platform = Platform.CANVAS
    column = Unicode("", help="What the assignment is called in Canvas.").tag(config=True)


class Moodle(_PlatformExport):
    """Grades as Moodle's grading worksheet."""

    platform = Platform.MOODLE


class Everything(_PlatformExport):
    """A table with everything, a line a student."""

    platform = Platform.CSV
