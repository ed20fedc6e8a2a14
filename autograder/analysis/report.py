"""What an instructor looks at afterwards: scores, checks, mistakes by name, and what is open.

Here the report is data, read from the gradebook and the graded notebooks; `report_page` makes
HTML, CSV and JSON of it.
"""

from __future__ import annotations

import inspect
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.analysis import anonymous
from autograder.analysis.similarity import SimilarPair, similar_pairs
from autograder.course import Course
from autograder.errors import CourseError
from autograder.grading import gradebook
from autograder.grading.classroom import students
from autograder.pages.feedback import NotebookShown, Page, QuestionShown, TestShown, Writer, read_pages
from autograder.problem_sets.notebooks import Exercise, plain_text

FEWEST = 10  # notebooks, before a correlation is worth printing
NOT_RUN = ("missing", "unreadable")
NOT_WRITTEN = "not written"
NOT_REACHED = ("This test was not reached.", "This cell was not reached.")


@dataclass(frozen=True)
class StudentScore:
    """One student's points so far; `waiting` tasks are not in them yet."""

    student: str
    automatic: float
    by_hand: float
    penalty: float
    total: float
    max_score: float
    waiting: int
    sandboxed: bool


@dataclass(frozen=True)
class QuestionStatistics:
    """One function over all n notebooks that were run: the mean share of its points that was earned."""

    notebook: str
    question: str
    n: int
    earned: float


@dataclass(frozen=True)
class CheckStatistics:
    """One check over all n notebooks that were run.

    passed is the share that passed it; difficulty the share of its points that was lost, 0 easy
    and 1 hard, which differs where a test gives part of its points. discrimination is the
    corrected point-biserial correlation: of passing this check with the points of all other
    tests. It is None for fewer than FEWEST notebooks, or when all or none passed.
    """

    notebook: str
    question: str
    check: str
    n: int
    passed: float
    difficulty: float
    discrimination: float | None


@dataclass(frozen=True)
class MistakeStatistics:
    """One mistake, how many made it, and one of their answers without names and comments.

    text is what was said of that answer; others of the same kind may have met other numbers.
    name is the catalogue's, or empty for one that only the sentence describes. A function that was
    left as issued is NOT_WRITTEN; it has no example.
    """

    notebook: str
    question: str
    name: str
    text: str
    count: int
    example: str


@dataclass(frozen=True)
class Trouble:
    """One notebook that did not run to its end, or was not there."""

    student: str
    notebook: str
    status: str
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
    checks: tuple[CheckStatistics, ...]
    mistakes: tuple[MistakeStatistics, ...]
    trouble: tuple[Trouble, ...]
    open_tasks: tuple[OpenTask, ...]
    nothing_submitted: tuple[str, ...]
    not_graded: tuple[str, ...]
    unsandboxed: tuple[str, ...]
    similar: tuple[SimilarPair, ...]

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
    return summarise(assignment, exercises, pages, entered.roster, handed_in)


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
        tuple(found for each in exercises for found in _question_statistics(each.name, pages)),
        tuple(found for each in exercises for found in _check_statistics(each.name, pages)),
        tuple(found for each in exercises for found in _mistakes(each, pages, people)),
        tuple(_trouble(pages)),
        tuple(_open_tasks(pages)),
        tuple(sorted(set(roster) - set(handed_in) - done)),
        tuple(sorted(set(handed_in) - done)),
        tuple(page.student for page in pages if not page.sandboxed),
        tuple(pair for each in exercises for pair in _similar(each, pages)),
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
        sum(question.score or 0.0 for question in questions if not question.by_hand),
        sum(question.score or 0.0 for question in questions if question.by_hand),
        sum(notebook.penalty for notebook in page.notebooks),
        page.score,
        page.max_score,
        sum(question.score is None for question in questions),
        page.sandboxed,
    )


def _run(name: str, pages: Sequence[Page]) -> Iterator[tuple[Page, NotebookShown]]:
    """Every copy of a notebook that was run, with the submission it is in."""
    for page in pages:
        for notebook in page.notebooks:
            if notebook.name == name and notebook.status not in NOT_RUN:
                yield page, notebook


# ------------------------------------------------------------------ checks


def _question_statistics(name: str, pages: Sequence[Page]) -> Iterator[QuestionStatistics]:
    earned: dict[str, list[float]] = defaultdict(list)
    for _, notebook in _run(name, pages):
        for question in notebook.questions:
            if question.max_score and not question.by_hand:
                earned[question.title].append((question.score or 0.0) / question.max_score)
    for title, shares in earned.items():
        yield QuestionStatistics(name, title, len(shares), statistics.fmean(shares))


def _check_statistics(name: str, pages: Sequence[Page]) -> Iterator[CheckStatistics]:
    """Statistics of each check of a notebook; a test without checks counts as one."""
    outcomes: dict[tuple[str, str], list[tuple[bool, float, float]]] = {}
    labels: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    tests: list[tuple[float, QuestionShown, TestShown]] = []
    for page, notebook in _run(name, pages):
        everything = _score(page).automatic
        for question in notebook.questions:
            for test in question.tests:
                tests.append((everything - test.score, question, test))
                labels[question.title, test.kind].update(dict.fromkeys(c.name for c in test.checks))
    for rest, question, test in tests:
        verdicts = {check.name: check.passed for check in test.checks}
        share = test.score / test.max_score if test.max_score else float(test.passed)
        for label in labels[question.title, test.kind] or [""]:
            right = verdicts.get(label, test.passed)  # a test that did not end has no checks
            earned = float(right) if label else min(max(share, 0.0), 1.0)
            check = f"{test.kind}: {label}" if label else test.kind
            outcomes.setdefault((question.title, check), []).append((right, earned, rest))
    for (title, check), seen in outcomes.items():
        passed = [float(right) for right, _, _ in seen]
        yield CheckStatistics(
            name,
            title,
            check,
            len(seen),
            statistics.fmean(passed),
            1 - statistics.fmean(earned for _, earned, _ in seen),
            _correlation(passed, [rest for _, _, rest in seen]),
        )


def _correlation(passed: list[float], rest: list[float]) -> float | None:
    if len(passed) < FEWEST or len(set(passed)) < 2 or len(set(rest)) < 2:
        return None
    return statistics.correlation(passed, rest)


# ------------------------------------------------------------------ mistakes


def _mistakes(exercise: Exercise, pages: Sequence[Page], people: set[str]) -> Iterator[MistakeStatistics]:
    """The mistakes of one notebook, most frequent first."""
    name = exercise.name
    catalogue = {entry.text: entry.name.replace("_", " ") for entry in exercise.key.mistakes}
    counts: Counter[tuple[str, str]] = Counter()
    answers: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for _, notebook in _run(name, pages):
        for question in notebook.questions:
            if question.explanation and question.explanation.carried:
                continue  # it counts where it was made
            if question.advice and question.advice not in NOT_REACHED:
                hint = question.explanation.hint if question.explanation else ""
                place = question.title, hint if hint in catalogue else _without_numbers(question.advice)
                counts[place] += 1
                written = next((cell.source for cell in question.cells if cell.kind == "code"), "")
                answers[place].append((written, question.advice))
    for (title, kind), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        shortest, text = min(answers[title, kind], key=lambda answer: (len(answer[0]), answer))
        if text.endswith("ot written yet."):
            yield MistakeStatistics(name, title, NOT_WRITTEN, text, count, "")
        else:
            example = anonymous.code(shortest, people)
            yield MistakeStatistics(name, title, catalogue.get(kind, ""), text, count, example)


def _without_numbers(sentence: str) -> str:
    """The sentence with its measured numbers left out, so that the same kind counts as one."""
    return re.sub(r"(?<![\w.])-?\d+(\.\d+)?(e[-+]?\d+)?(?![\w])", "…", sentence)


# ------------------------------------------------------------------ what is open or odd


def _trouble(pages: Sequence[Page]) -> Iterator[Trouble]:
    for page in pages:
        for notebook in page.notebooks:
            if notebook.status != "graded":
                yield Trouble(page.student, notebook.name, notebook.status, notebook.problem)


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
        for page, notebook in _run(exercise.name, pages)
    }
    issued = [cell.source for cell in exercise.notebook.cells if cell.cell_type == "code"]
    key = exercise.key
    answers = [entry.answer for entry in (*key.mistakes, *key.shortcuts, *key.variants)] + list(
        key.references.values()
    )
    return similar_pairs(exercise.name, works, [*issued, *map(inspect.getsource, answers)])
