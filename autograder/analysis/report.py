"""What an instructor looks at afterwards: scores, checks, mistakes by name, and what is open.

Here the report is data, read from the gradebook and the graded notebooks; `report_page` makes
HTML, CSV and JSON of it.
"""

from __future__ import annotations

import inspect
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.analysis.items import (
    CheckStatistics,
    QuestionStatistics,
    Reliability,
    automatic,
    check_statistics,
    question_statistics,
    ran,
    reliability,
)
from autograder.analysis.mistakes import MistakeStatistics, mistakes
from autograder.analysis.similarity import SimilarPair, similar_pairs
from autograder.course import Course
from autograder.errors import CourseError
from autograder.grading import gradebook
from autograder.grading.classroom import students
from autograder.grading.requests import Request
from autograder.pages.feedback import Page, QuestionShown, Writer, read_pages
from autograder.problem_sets.notebooks import Exercise, plain_text
from autograder.problem_sets.waivers import Waiver
from autograder.running.outputs import Status


@dataclass(frozen=True)
class StudentScore:
    """One student's points so far; `waiting` tasks are not in them yet.

    `extra` points are extra credit, and in the others. `overridden` counts tests that a person marked.
    """

    student: str
    automatic: float
    by_hand: float
    penalty: float
    total: float
    max_score: float
    waiting: int
    sandboxed: bool
    extra: float = 0.0
    overridden: int = 0


@dataclass(frozen=True)
class Overridden:
    """A test that a person marked in its place: what it gave itself, what counts, and the comment on it."""

    student: str
    notebook: str
    question: str
    automatic: float
    given: float
    reason: str


@dataclass(frozen=True)
class Trouble:
    """One notebook that did not run to its end, or was not there."""

    student: str
    notebook: str
    status: Status
    problem: str


@dataclass(frozen=True)
class OpenTask:
    """A task that still waits for its marker in so many submissions.

    `outdated` counts those marked already whose text has changed since.
    """

    notebook: str
    task: str
    count: int
    outdated: int


@dataclass(frozen=True)
class Report:
    """Everything the report on one assignment says."""

    assignment: str
    scores: tuple[StudentScore, ...]
    questions: tuple[QuestionStatistics, ...]
    reliability: Reliability | None
    checks: tuple[CheckStatistics, ...]
    mistakes: tuple[MistakeStatistics, ...]
    trouble: tuple[Trouble, ...]
    open_tasks: tuple[OpenTask, ...]
    nothing_submitted: tuple[str, ...]
    not_graded: tuple[str, ...]
    unsandboxed: tuple[str, ...]
    similar: tuple[SimilarPair, ...]
    waived: tuple[Waiver, ...] = ()
    overridden: tuple[Overridden, ...] = ()
    requests: tuple[Request, ...] = ()

    @property
    def totals(self) -> list[float]:
        return [score.total for score in self.scores]

    @property
    def max_score(self) -> float:
        return max((score.max_score for score in self.scores), default=0.0)

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """Lower quartile, median and upper quartile of the totals; zeros when there are none."""
        if len(self.totals) < 2:
            only = self.totals[0] if self.totals else 0.0
            return only, only, only
        lower, median, upper = statistics.quantiles(self.totals, n=4, method="inclusive")
        return lower, median, upper


def read_report(course: Course, assignment: str) -> Report:
    """The report on all that is graded of an assignment.

    Raises CourseError for an unknown one, and when neither a submission nor a student is known.
    """
    writer = Writer(course, assignment)
    exercises = [exercise for exercise, _ in writer.exercises]
    entered = gradebook.read_class(course, assignment)
    pages = [_without_figures(page) for page in read_pages(course, assignment)]
    handed_in = [plain_text(name) for name in students(course, assignment)]  # the report is UTF-8
    if not (pages or handed_in or entered.roster):
        raise CourseError(
            f"Nobody has handed in {assignment}, and the gradebook has no students. "
            f"Put submissions in {course.submitted} and run `course grade {assignment}`."
        )
    summary = summarise(assignment, exercises, pages, entered.roster, handed_in)
    return replace(summary, requests=tuple(request for request in writer.requests if request.is_open))


def summarise(
    assignment: str,
    exercises: Sequence[Exercise],
    pages: Sequence[Page],
    roster: Mapping[str, str],
    handed_in: Iterable[str],
) -> Report:
    """The report on these pages. roster maps every known student to a name, handed_in lists folders."""
    done = {page.student for page in pages}
    people = {*roster, *roster.values(), *done}
    return Report(
        assignment,
        tuple(map(_score, pages)),
        tuple(question_statistics([exercise.name for exercise in exercises], pages)),
        reliability(pages),
        tuple(found for each in exercises for found in check_statistics(each.name, pages)),
        tuple(
            found
            for each in exercises
            for found in mistakes(each, [notebook for _, notebook in ran(each.name, pages)], people)
        ),
        tuple(_trouble(pages)),
        tuple(_open_tasks(pages)),
        tuple(sorted(set(roster) - set(handed_in) - done)),
        tuple(sorted(set(handed_in) - done)),
        tuple(page.student for page in pages if not page.sandboxed),
        tuple(pair for each in exercises for pair in _similar(each, pages)),
        tuple(waiver for each in exercises for waiver in each.waivers),
        tuple(_overridden(pages)),
    )


def _without_figures(page: Page) -> Page:
    """What the report reads of a page: a class's figures would fill the memory."""

    def slim(question: QuestionShown) -> QuestionShown:
        return replace(question, cells=tuple(replace(cell, figures=()) for cell in question.cells))

    notebooks = (
        replace(shown, questions=tuple(map(slim, shown.questions)), other_cells=())
        for shown in page.notebooks
    )
    return replace(page, notebooks=tuple(notebooks))


def _score(page: Page) -> StudentScore:
    questions = [question for notebook in page.notebooks for question in notebook.questions]
    return StudentScore(
        page.student,
        automatic(page),
        sum(question.score or 0.0 for question in questions if question.by_hand),
        sum(notebook.penalty for notebook in page.notebooks),
        page.score,
        page.max_score,
        sum(question.score is None for question in questions),
        page.sandboxed,
        sum(question.extra for question in questions),
        sum(test.automatic is not None for question in questions for test in question.tests),
    )


# ------------------------------------------------------------------ what is open or odd


def _trouble(pages: Sequence[Page]) -> Iterator[Trouble]:
    for page in pages:
        for notebook in page.notebooks:
            if notebook.status is not Status.GRADED:
                yield Trouble(page.student, notebook.name, notebook.status, notebook.problem)


def _overridden(pages: Sequence[Page]) -> Iterator[Overridden]:
    for page in pages:
        for notebook in page.notebooks:
            for question in notebook.questions:
                for test in question.tests:
                    if test.automatic is not None:
                        yield Overridden(
                            page.student,
                            notebook.name,
                            question.title,
                            test.automatic,
                            test.score,
                            question.comment,
                        )


def _open_tasks(pages: Sequence[Page]) -> Iterator[OpenTask]:
    waiting: Counter[tuple[str, str]] = Counter()
    outdated: Counter[tuple[str, str]] = Counter()
    for page in pages:
        for notebook in page.notebooks:
            for question in notebook.questions:
                waiting[notebook.name, question.title] += question.score is None
                outdated[notebook.name, question.title] += question.outdated
    for name, task in sorted(waiting):
        count, again = waiting[name, task], outdated[name, task]
        if count or again:
            yield OpenTask(name, task, count, again)


def _similar(exercise: Exercise, pages: Sequence[Page]) -> list[SimilarPair]:
    """Pairs to look at in one notebook, by the cells in which students write functions."""
    works = {
        page.student: "\n".join(
            cell.source
            for question in notebook.questions
            for cell in question.cells[:1]
            if cell.kind == "code"
        )
        for page, notebook in ran(exercise.name, pages)
    }
    issued = [cell.source for cell in exercise.notebook.cells if cell.cell_type == "code"]
    key = exercise.key
    answers = [entry.answer for entry in (*key.mistakes, *key.shortcuts, *key.variants)] + list(
        key.references.values()
    )
    return similar_pairs(exercise.name, works, [*issued, *map(inspect.getsource, answers)])
