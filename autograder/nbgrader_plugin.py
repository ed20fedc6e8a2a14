"""The same way to run a notebook, and the same feedback, for stock nbgrader and its formgrader.

course_config.py names these classes in place of nbgrader's own. Notebooks are run in a process
beside nbgrader's: that one is full of threads, and examiners are forked. Feedback is the pages
that `course feedback` writes.
"""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter, NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.converters.base import NbGraderException
from nbgrader.plugins import BasePlugin
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Float
from traitlets.config import Config

from autograder.course import Course, find_course
from autograder.errors import CourseError
from autograder.exam.prove import prove_tests
from autograder.grading import gradebook, records
from autograder.grading.gradebook import as_entered
from autograder.grading.seed import drawn_for
from autograder.grading.timestamps import read_timestamp
from autograder.pages import feedback_page
from autograder.pages.feedback import Writer
from autograder.problem_sets.notebooks import Exercise, ProblemSet, SourceNotebook, read_problem_set
from autograder.problem_sets.repair import repair
from autograder.problem_sets.submitted import read_submitted
from autograder.running import sandbox
from autograder.running.outputs import Status
from autograder.running.run import make_job
from autograder.running.workers import Workers

Resources = dict[str, Any]  # nbconvert's, with what nbgrader adds


class SubmittedNotebooks(NotebookExporter):
    """Reads a student's file inside limits, as `course grade` does, and whatever else stands beside it.

    It is made before anything of a submission is read, so it also sees to it that a student's own
    timestamp.txt, which nbgrader would believe or end with, is passed over.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]  # nbconvert annotates little
        places = getattr(self.parent, "coursedir", None)
        if places is not None:
            course, read = find_course(Path(places.root)), places.get_existing_timestamp
            places.get_existing_timestamp = lambda folder: (
                read(folder) if read_timestamp(course, Path(folder)) else None
            )

    def from_file(
        self, file_stream: Any, resources: Resources | None = None, **kwargs: Any
    ) -> tuple[Any, Resources]:
        path = Path(file_stream.name)
        course = find_course(Path(self.config.CourseDirectory.root))
        if not path.resolve().is_relative_to(course.submitted.resolve()):  # what it has been made into
            made: tuple[Any, Resources] = super().from_file(file_stream, resources, **kwargs)
            return made
        with _said():
            notebook = read_submitted(path)
        made = self.from_notebook_node(  # type: ignore[no-untyped-call]  # the same
            notebook, resources=resources, **kwargs
        )
        return made


@contextlib.contextmanager
def _said() -> Iterator[None]:
    """Make nbgrader's own error of ours, which it lists for one student before it goes on with the next."""
    try:
        yield
    except (CourseError, MissingEntry) as error:
        raise NbGraderException(str(error)) from error


class RepairCells(NbGraderPreprocessor):
    """Lost and doubled cells put right, before nbgrader overwrites what is locked."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        _, _, source = _issued(self.config, resources)
        return repair(nb, source.notebook).notebook, resources


class ExecuteConfined(NbGraderPreprocessor):
    """Student cells in the sandbox, tests in the examiner, as `course grade` runs them."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        course, problem_set, source = _issued(self.config, resources)
        if problem := sandbox.why_not(course.root):
            raise NbGraderException(problem)
        with _said():
            if isinstance(source, Exercise):
                prove_tests(source)
            repaired = repair(nb, source.notebook).notebook  # only cells known to be ours run as tests
            student = resources["nbgrader"]["student"]
            folder = course.submitted / student / problem_set.name
            seed = drawn_for(course, problem_set.name, student).seed
            job = make_job(course, problem_set, source, repaired, folder, seed)
            executed = _workers().run(job)
            if executed.limited:  # once more: the second run counts, as in `course grade`
                executed = _workers().run(job)
        if executed.problem:
            self.log.warning("%s: %s", source.name, executed.problem)
        return executed.notebook, resources


class FeedbackPages(Exporter):
    """A notebook's feedback page, and beside it the submission's index."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def from_notebook_node(  # type: ignore[override]  # nbconvert's own exporters return text too
        self, nb: NotebookNode, resources: Resources | None = None, **kwargs: object
    ) -> tuple[str, Resources]:
        resources = {} if resources is None else resources
        said = resources["nbgrader"]
        course = replace(find_course(Path(self.config.CourseDirectory.root)), db_url=said["db_url"])
        student, assignment = said["student"], said["assignment"]
        with _said():
            marks = gradebook.read_marks(course, assignment, student)
            page = Writer(course, assignment).page(student, marks, records.load(course, assignment, student))
        resources["output_extension"] = self.file_extension
        index = feedback_page.index_html(page)
        resources["outputs"] = {"index.html": index.encode()}
        for notebook in page.notebooks:
            if notebook.status is Status.MISSING:  # nbgrader makes pages of files only
                html = feedback_page.notebook_html(page, notebook)
                resources["outputs"][f"{notebook.name}.html"] = html.encode()
        for notebook in page.notebooks:
            if notebook.name == said["notebook"]:
                return feedback_page.notebook_html(page, notebook), resources
        return index, resources  # material, which has no marks of its own


class LatePolicy(BasePlugin):
    """What a late notebook loses: a share of its score for every day begun, up to a cap."""

    share_per_day = Float(0.0, min=0.0, max=1.0, help="Of the score, for every day begun.").tag(config=True)
    most = Float(1.0, min=0.0, max=1.0, help="Of the score, however late.").tag(config=True)
    grace_minutes = Float(0.0, min=0.0, help="So long nothing is taken.").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """The points taken off; None for none. Lateness counts from the due date, not from the grace."""
        if total_seconds_late <= self.grace_minutes * 60 or not self.share_per_day:
            return None
        days = math.ceil(total_seconds_late / (24 * 60 * 60))
        return score * min(self.most, days * self.share_per_day)


@functools.cache
def _workers() -> Workers:
    """One process for all notebooks: nbgrader makes a new preprocessor for each."""
    return Workers(1).__enter__()


def _issued(config: Config, resources: Resources) -> tuple[Course, ProblemSet, SourceNotebook]:
    """The course, the problem set, and the notebook with its cells as the gradebook holds them."""
    said = resources["nbgrader"]
    with _said():
        course = replace(find_course(Path(config.CourseDirectory.root)), db_url=said["db_url"])
        problem_set = read_problem_set(course.source, said["assignment"])
        for source in problem_set.notebooks:
            if source.name == said["notebook"]:
                notebook = as_entered(course, problem_set, source)
                return course, problem_set, replace(source, notebook=notebook)
    raise NbGraderException(f"{said['assignment']} has no notebook {said['notebook']}.")
