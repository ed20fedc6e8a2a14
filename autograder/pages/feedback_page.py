"""Feedback as HTML: each page one file that runs nothing and fetches nothing."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course import Course
from autograder.errors import CourseError
from autograder.files import write_whole
from autograder.lateness.timestamps import left_by_collect
from autograder.pages import markup
from autograder.pages.feedback import NotebookShown, Page, read_pages
from autograder.problem_sets.notebooks import as_label
from autograder.running.outputs import Status

if TYPE_CHECKING:
    import jinja2


STATUS = {
    Status.GRADED: "graded",
    Status.TIMED_OUT: "stopped: it ran too long",
    Status.CRASHED: "stopped: Python ended",
    Status.UNREADABLE: "could not be read",
    Status.MISSING: "not handed in",
}


def index_html(page: Page) -> str:
    """The page of a submission: marks at a glance, what to look at, a link to each notebook's page."""
    return environment().get_template("feedback.html").render(page=page, STATUS=STATUS)


def notebook_html(page: Page, notebook: NotebookShown) -> str:
    """The page of one notebook."""
    template = environment().get_template("feedback_notebook.html")
    return template.render(page=page, notebook=notebook, STATUS=STATUS)


@functools.cache
def environment() -> jinja2.Environment:
    """The templates, with everything escaped that `markup` has not made safe."""
    import jinja2

    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    made = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    made.filters["num"] = lambda number: f"{round(number, 2) + 0:g}"
    made.filters["percent"] = lambda share: f"{100 * share:.0f}\N{NO-BREAK SPACE}%"
    made.filters["label"] = as_label
    for name in ("markdown", "mathml", "python"):
        made.filters[name] = getattr(markup, name)
    return made


def write_feedback(course: Course, assignment: str) -> list[Path]:
    """Write the pages of every graded submission; returns each one's index. Raises CourseError if none."""
    paths = []
    for page in read_pages(course, assignment):
        folder = course.feedback / page.student / assignment
        for notebook in page.notebooks:
            path = folder / f"{notebook.name}.html"
            write_whole(path, notebook_html(page, notebook))
        write_whole(folder / "index.html", index_html(page))
        for name, text in left_by_collect(course, course.submitted / page.student / assignment).items():
            write_whole(folder / name, text)
        paths.append(folder / "index.html")
    if not paths:
        raise CourseError(f"Nothing of {assignment} is graded yet. Run `course grade {assignment}` first.")
    return paths
