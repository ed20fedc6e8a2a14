"""What a student reads afterwards: a page a notebook, and one a submission that leads to them.

Here the pages are data; `feedback_page` makes HTML of them. They say what was earned, what each
test asked and saw, and show the student's own cells. They never hold the text or the traceback
of a test cell, nor a marking scheme.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from nbformat.notebooknode import NotebookNode

from autograder.course import Course
from autograder.exam.examine import Outcome, Verdict
from autograder.exam.explain import Explanation
from autograder.grading import gradebook, records
from autograder.grading.gradebook import NotebookMarks
from autograder.grading.points import CellGrade, cell_grade
from autograder.grading.requests import Request, read_requests
from autograder.grading.submission import NotebookGrade, SubmissionGrade
from autograder.pages.own_work import CellShown, own_cells, without
from autograder.problem_sets.checks import checks_of
from autograder.problem_sets.notebooks import (
    AssignmentError,
    Exercise,
    is_automatic,
    points,
    read_notebook,
    read_problem_set,
)
from autograder.problem_sets.outline import Outline, Question, outline
from autograder.problem_sets.waivers import Waiver
from autograder.running.outputs import Status

NO_MARKS = NotebookMarks({}, {}, 0.0)
NO_COMMENT = "No response."  # nbgrader's own remark on a task left as it was


@dataclass(frozen=True)
class TestShown:
    """One test cell with its points; a visible test only advises, and has none.

    `finding` says what was wrong where there are no verdicts. `automatic` is what the test itself gave,
    where a person gave another mark in its place; `extra` is the extra credit in the score.
    """

    hidden: bool
    score: float
    max_score: float
    outcome: Outcome
    finding: str = ""
    explanation: Explanation | None = None
    verdicts: tuple[Verdict, ...] = ()
    behaviour: str = ""
    automatic: float | None = None
    extra: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether nothing is missing: somebody may have given more points than the test did."""
        return self.score >= self.max_score if self.max_score else self.outcome is Outcome.PASSED

    @property
    def kind(self) -> str:
        return "Hidden test" if self.hidden else "Test in the notebook"


@dataclass(frozen=True)
class QuestionShown:
    """One thing a student wrote, with its tests or a marker's points, and the cells it stands in.

    score is None while a task waits for its marker. outdated: its text changed after it was marked. `extra`
    is the extra credit in the score. `waived` are the checks that count as passed, each with the reason.
    """

    id: str
    title: str
    section: str
    by_hand: bool
    score: float | None
    max_score: float
    comment: str
    tests: tuple[TestShown, ...]
    cells: tuple[CellShown, ...]
    outdated: bool = False
    extra: float = 0.0
    waived: tuple[tuple[str, str], ...] = ()

    @property
    def advice(self) -> str:
        """The first thing to read about what went wrong, in a sentence or two; or nothing.

        Nothing at full points: what a test in the notebook says then is about another function.
        """
        if self.max_score and self.score is not None and self.score >= self.max_score:
            return ""
        if self.explanation:
            return self.explanation.text
        failed = self.failed
        return next((v.seen for v in failed.verdicts if not v.passed), failed.finding) if failed else ""

    @property
    def failed(self) -> TestShown | None:
        """The first test that was not passed."""
        return next((test for test in self.tests if not test.passed), None)

    @property
    def explanation(self) -> Explanation | None:
        """The explanation of the first failed test that has one."""
        return next((test.explanation for test in self.tests if test.explanation and not test.passed), None)


@dataclass(frozen=True)
class NotebookShown:
    """One notebook's page; its points are what the tests and tasks gave, less the penalty."""

    name: str
    title: str
    status: Status
    problem: str
    repairs: tuple[str, ...]
    questions: tuple[QuestionShown, ...]
    other_cells: tuple[CellShown, ...]
    penalty: float

    @property
    def score(self) -> float:
        return sum(question.score or 0.0 for question in self.questions) - self.penalty

    @property
    def max_score(self) -> float:
        return sum(question.max_score for question in self.questions)

    @property
    def waiting(self) -> bool:
        return any(question.score is None for question in self.questions)


@dataclass(frozen=True)
class Page:
    """A submission's feedback. `sandboxed` is False when its code ran unconfined.

    `state` tells of which marks it is: see `records.state`.
    """

    student: str
    assignment: str
    notebooks: tuple[NotebookShown, ...]
    sandboxed: bool
    state: str = ""
    requests: tuple[Request, ...] = ()

    @property
    def score(self) -> float:
        return sum(notebook.score for notebook in self.notebooks)

    @property
    def max_score(self) -> float:
        return sum(notebook.max_score for notebook in self.notebooks)

    @property
    def waiting(self) -> bool:
        return any(notebook.waiting for notebook in self.notebooks)


def read_pages(course: Course, assignment: str) -> Iterator[Page]:
    """The pages of every submission that is graded, by `course grade` or by stock nbgrader.

    Raises UnknownProblemSet when there is none of that name.
    """
    writer = Writer(course, assignment)
    if not writer.exercises:
        return
    graded = {record.student: record for record in records.load_all(course, assignment)}
    folders = course.autograded.iterdir() if course.autograded.is_dir() else ()
    executed = {folder.name for folder in folders if (folder / assignment).is_dir()}
    if not graded and not executed:
        return
    marks = gradebook.read_class(course, assignment).marks
    for student in sorted(graded.keys() | (executed & marks.keys())):
        yield writer.page(student, marks.get(student, {}), graded.get(student))


@dataclass(frozen=True)
class Writer:
    """Reads what was graded into pages; the problem set is read once. Raises CourseError without one."""

    course: Course
    assignment: str

    @cached_property
    def exercises(self) -> list[tuple[Exercise, Outline]]:
        problem_set = read_problem_set(self.course.source, self.assignment)
        return [(exercise, outline(exercise)) for exercise in problem_set.exercises]

    @cached_property
    def requests(self) -> tuple[Request, ...]:
        """What is asked about grades, and answered, without any line of a test."""
        secrets = frozenset[str]().union(*(plan.secrets for _, plan in self.exercises))
        return tuple(
            replace(request, text=without(secrets, request.text), answer=without(secrets, request.answer))
            for request in read_requests(self.course, self.assignment)
        )

    def page(
        self, student: str, marks: Mapping[str, NotebookMarks], record: SubmissionGrade | None = None
    ) -> Page:
        """Everything one submission's pages show.

        Points and comments are the gradebook's, findings the executed notebooks'. The record adds
        how a notebook fared, and is passed over where it is of another run than the notebook.
        """
        folder = self.course.autograded / student / self.assignment
        known = {graded.notebook: graded for graded in record.notebooks} if record else {}
        shown, confined = [], True
        for exercise, plan in self.exercises:
            graded = known.get(exercise.name)
            executed = _executed(folder / exercise.path.name)
            cells = executed.cells if executed else []
            confined = confined and not (executed and executed.metadata.get(records.UNCONFINED))
            found = tuple(cell_grade(cell) for cell in cells if is_automatic(cell))
            if cells and (graded is None or graded.cells != found):
                graded = NotebookGrade(exercise.name, Status.GRADED, found)
            if graded is not None:
                own = marks.get(exercise.name, NO_MARKS)
                shown.append(_notebook(exercise, plan, graded, cells, own))
        sandboxed = record.sandboxed if record else confined
        asked = tuple(request for request in self.requests if request.student == student)
        return Page(student, self.assignment, tuple(shown), sandboxed, records.state(marks), asked)


def _executed(path: Path) -> NotebookNode | None:
    try:
        return read_notebook(path) if path.is_file() else None
    except AssignmentError:
        return None


def _notebook(
    exercise: Exercise, plan: Outline, graded: NotebookGrade, cells: list[NotebookNode], marks: NotebookMarks
) -> NotebookShown:
    work = own_cells(cells, plan, marks) if graded.status is not Status.UNREADABLE else {}
    by_id = {cell.grade_id: cell for cell in graded.cells}
    worth = {cell.id: points(cell) for cell in exercise.notebook.cells}
    waivers = [
        (check.test, waiver)
        for waiver in exercise.waivers
        for check in checks_of(exercise)
        if check.is_waived_by(waiver)
    ]

    def question(asked: Question) -> QuestionShown:
        own = tuple(work.get(asked.id, ()))
        comment = marks.comments.get(asked.id, "")
        comment = "" if comment == NO_COMMENT else comment
        if asked.by_hand:
            score, outdated = marks.scores.get(asked.id), asked.id in marks.outdated
            extra = marks.extra.get(asked.id, 0.0)
            return replace(_question(asked, score, worth[asked.id], comment, (), own, outdated), extra=extra)
        tests = tuple(
            _test(by_id[name], plan, graded.problem, marks) for name in asked.tests if name in by_id
        )
        score, due = sum(test.score for test in tests), sum(test.max_score for test in tests)
        shown = _question(asked, score, due, comment, tests, own)
        return replace(
            shown, extra=sum(test.extra for test in tests), waived=_waived(waivers, asked.tests, shown)
        )

    questions = tuple(question(asked) for asked in plan.questions)
    return NotebookShown(
        exercise.name,
        plan.title,
        graded.status,
        without(plan.secrets, graded.problem),
        graded.repairs,
        questions,
        tuple(work.get("", ())),
        marks.penalty,
    )


def _waived(
    waivers: list[tuple[str, Waiver]], tests: tuple[str, ...], shown: QuestionShown
) -> tuple[tuple[str, str], ...]:
    """The waived checks of these tests; not yet those that were graded before they were waived."""
    graded = {v.check: v.outcome for test in shown.tests if test.hidden for v in test.verdicts}
    left_out = (None, Outcome.WAIVED, Outcome.NOT_WRITTEN)
    return tuple(
        (waiver.check, waiver.because)
        for test, waiver in waivers
        if test in tests and graded.get(waiver.check) in left_out
    )


def _question(
    asked: Question,
    score: float | None,
    max_score: float,
    comment: str,
    tests: tuple[TestShown, ...],
    cells: tuple[CellShown, ...],
    outdated: bool = False,
) -> QuestionShown:
    return QuestionShown(
        asked.id, asked.title, asked.section, asked.by_hand, score, max_score, comment, tests, cells, outdated
    )


def _test(grade: CellGrade, plan: Outline, problem: str, marks: NotebookMarks) -> TestShown:
    given = marks.scores.get(grade.grade_id)
    score = grade.score if given is None else given
    said_above = grade.finding == problem  # once, at the top of the page
    return TestShown(
        grade.grade_id in plan.hidden,
        score,
        grade.max_score,
        grade.outcome,
        "" if said_above else without(plan.secrets, grade.finding),
        grade.explanation and replace(grade.explanation, text=without(plan.secrets, grade.explanation.text)),
        tuple(replace(verdict, seen=without(plan.secrets, verdict.seen)) for verdict in grade.verdicts),
        grade.behaviour,
        marks.automatic.get(grade.grade_id),
        marks.extra.get(grade.grade_id, 0.0),
    )
