"""The same way to run a notebook, and the same feedback, for stock nbgrader and its formgrader.

course_config.py names these classes in place of nbgrader's own. Notebooks are run in a process
beside nbgrader's: that one is full of threads, and examiners are forked. Feedback is the pages
that `course feedback` writes.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbformat.notebooknode import NotebookNode
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets.config import Config

from autograder.course import Course, find_course
from autograder.errors import CourseError
from autograder.exam.prove import prove_tests
from autograder.grading import gradebook, records
from autograder.grading.gradebook import as_entered
from autograder.grading.seed import drawn_for
from autograder.pages import feedback_page
from autograder.pages.feedback import Writer
from autograder.problem_sets.notebooks import (
    AssignmentError,
    Exercise,
    ProblemSet,
    SourceNotebook,
    read_problem_set,
)
from autograder.problem_sets.repair import repair
from autograder.running import sandbox
from autograder.running.run import make_job
from autograder.running.workers import Workers

Resources = dict[str, Any]  # nbconvert's, with what nbgrader adds


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
        try:
            if isinstance(source, Exercise):
                prove_tests(source)
        except CourseError as error:
            raise NbGraderException(str(error)) from error
        repaired = repair(nb, source.notebook).notebook  # only cells known to be ours run as tests
        student = resources["nbgrader"]["student"]
        folder = course.submitted / student / problem_set.name
        try:
            seed = drawn_for(course, problem_set.name, student).seed
            job = make_job(course, problem_set, source, repaired, folder, seed)
            executed = _workers().run(job)
            if executed.limited:  # once more: the second run counts, as in `course grade`
                executed = _workers().run(job)
        except CourseError as error:
            raise NbGraderException(str(error)) from error
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
        try:
            marks = gradebook.read_marks(course, assignment, student)
            page = Writer(course, assignment).page(student, marks, records.load(course, assignment, student))
        except CourseError as error:
            raise NbGraderException(str(error)) from error
        resources["output_extension"] = self.file_extension
        index = feedback_page.index_html(page)
        resources["outputs"] = {"index.html": index.encode()}
        for notebook in page.notebooks:
            if notebook.status == "missing":  # nbgrader makes pages of files only
                html = feedback_page.notebook_html(page, notebook)
                resources["outputs"][f"{notebook.name}.html"] = html.encode()
        for notebook in page.notebooks:
            if notebook.name == said["notebook"]:
                return feedback_page.notebook_html(page, notebook), resources
        return index, resources  # material, which has no marks of its own


@functools.cache
def _workers() -> Workers:
    """One process for all notebooks: nbgrader makes a new preprocessor for each."""
    return Workers(1).__enter__()


def _issued(config: Config, resources: Resources) -> tuple[Course, ProblemSet, SourceNotebook]:
    """The course, the problem set, and the notebook with its cells as the gradebook holds them."""
    said = resources["nbgrader"]
    course = replace(find_course(Path(config.CourseDirectory.root)), db_url=said["db_url"])
    try:
        problem_set = read_problem_set(course.source, said["assignment"])
    except AssignmentError as error:
        raise NbGraderException(str(error)) from error
    source = next(n for n in problem_set.notebooks if n.name == said["notebook"])
    notebook = as_entered(course, problem_set, source)
    return course, problem_set, replace(source, notebook=notebook)
