"""How tests and checks did their work: item statistics, as classical test theory has them.

Sources: F. Lord and M. Novick, Statistical Theories of Mental Test Scores (1968), for alpha, the standard
error of a score, and the point-biserial; D. Bonett, Journal of Educational and Behavioral Statistics 27
(2002), for the standard error of alpha.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.exam.examine import Outcome
from autograder.pages.feedback import NotebookShown, Page, QuestionShown, TestShown
from autograder.running.outputs import Status

FEWEST = 10  # notebooks, before a correlation is worth printing
FIFTHS = 5
DIGITS = 6  # of sums of points: what rounding leaves behind them is no difference


@dataclass(frozen=True)
class QuestionStatistics:
    """One function over all n notebooks that were run: the mean share of its points that was earned.

    weight is its share of the points. effective_weight is its share of what makes students differ: the
    covariance of its points with the totals, over their variance; all of them add up to 1. None for fewer
    than FEWEST students who ran everything, or when all have the same total.
    """

    notebook: str
    question: str
    n: int
    earned: float
    weight: float
    effective_weight: float | None


@dataclass(frozen=True)
class CheckStatistics:
    """One check over all n notebooks that were run.

    passed is the share that passed it; difficulty the share of its points that was lost, 0 easy
    and 1 hard, which differs where a test gives part of its points. discrimination is the
    corrected point-biserial correlation: of passing this check with the points of all other
    tests. quintiles are the shares that passed in each fifth of these students, by the points of all other
    tests, the lowest fifth first. Both are None for fewer than FEWEST notebooks; discrimination also when
    all or none passed. A waived check counts as passed by all who wrote the function.
    """

    notebook: str
    question: str
    check: str
    n: int
    passed: float
    difficulty: float
    discrimination: float | None
    quintiles: tuple[float, ...] | None
    waived: bool = False


@dataclass(frozen=True)
class Reliability:
    """How far the functions of a problem set measure one thing, over n students who ran all notebooks.

    alpha is Cronbach's, alpha_error its standard error; score_error the standard error of one student's
    total, in points.
    """

    n: int
    alpha: float
    alpha_error: float
    score_error: float


def ran(name: str, pages: Sequence[Page]) -> Iterator[tuple[Page, NotebookShown]]:
    """Every copy of a notebook that was run, with the submission it is in."""
    for page in pages:
        for notebook in page.notebooks:
            if notebook.name == name and _was_run(notebook):
                yield page, notebook


def _was_run(notebook: NotebookShown) -> bool:
    return notebook.status not in (Status.MISSING, Status.UNREADABLE)


def automatic(page: Page) -> float:
    """A submission's points from tests."""
    asked = (question for notebook in page.notebooks for question in notebook.questions)
    return sum(question.score or 0.0 for question in asked if not question.by_hand)


# ------------------------------------------------------------------ functions


def question_statistics(names: Sequence[str], pages: Sequence[Page]) -> Iterator[QuestionStatistics]:
    """Statistics of every function of these notebooks, in order."""
    earned: dict[tuple[str, str], list[float]] = defaultdict(list)
    asked: dict[tuple[str, str], QuestionShown] = {}
    for name in names:
        for _, notebook in ran(name, pages):
            for item, question in _items([notebook]).items():
                earned[item].append((question.score or 0.0) / question.max_score)
                asked[item] = question
    effective = _effective_weights(pages)
    whole = sum(question.max_score for question in asked.values())
    for item, shares in earned.items():
        weight, mean = asked[item].max_score / whole, statistics.fmean(shares)
        yield QuestionStatistics(item[0], asked[item].title, len(shares), mean, weight, effective.get(item))


def _items(notebooks: Sequence[NotebookShown]) -> dict[tuple[str, str], QuestionShown]:
    """The functions that tests give points for, by notebook and id."""
    return {
        (notebook.name, question.id): question
        for notebook in notebooks
        for question in notebook.questions
        if question.max_score and not question.by_hand
    }


def _scores(pages: Sequence[Page]) -> dict[tuple[str, str], list[float]]:
    """The points of every function, over the students who ran every notebook, in one order."""
    ran_by = {page.student: {n.name for n in page.notebooks if _was_run(n)} for page in pages}
    every = set().union(*ran_by.values())
    whole = [page for page in pages if every and ran_by[page.student] == every]
    scores: dict[tuple[str, str], list[float]] = defaultdict(list)
    for page in whole:
        for item, question in _items(page.notebooks).items():
            scores[item].append(question.score or 0.0)
    return scores


def _totals(scores: Mapping[tuple[str, str], list[float]]) -> list[float] | None:
    """Each student's sum; None where it tells nothing."""
    totals = [round(math.fsum(points), DIGITS) for points in zip(*scores.values(), strict=True)]
    return totals if len(totals) >= FEWEST and len(set(totals)) > 1 else None


def _effective_weights(pages: Sequence[Page]) -> dict[tuple[str, str], float]:
    scores = _scores(pages)
    if (totals := _totals(scores)) is None:
        return {}
    spread = statistics.variance(totals)
    return {item: statistics.covariance(points, totals) / spread for item, points in scores.items()}


def reliability(pages: Sequence[Page]) -> Reliability | None:
    """Cronbach's alpha over functions; None for fewer than two of them, or too few students."""
    scores = _scores(pages)
    k = len(scores)
    if k < 2 or (totals := _totals(scores)) is None:
        return None
    n, spread = len(totals), statistics.variance(totals)
    alpha = k / (k - 1) * (1 - sum(map(statistics.variance, scores.values())) / spread)
    error = (1 - alpha) * math.sqrt(2 * k / ((k - 1) * (n - 2)))
    return Reliability(n, alpha, error, math.sqrt(spread * (1 - min(max(alpha, 0.0), 1.0))))


# ------------------------------------------------------------------ checks


def check_statistics(name: str, pages: Sequence[Page]) -> Iterator[CheckStatistics]:
    """Statistics of each check of a notebook; a test without checks counts as one."""
    outcomes: dict[tuple[str, bool, str], list[tuple[bool, float, float]]] = {}
    labels: dict[tuple[str, bool], dict[str, None]] = defaultdict(dict)
    shown: dict[tuple[str, bool], tuple[str, str]] = {}
    waived: set[tuple[str, bool, str]] = set()
    tests: list[tuple[float, QuestionShown, TestShown]] = []
    for page, notebook in ran(name, pages):
        everything = automatic(page)
        for question in notebook.questions:
            for test in question.tests:
                tests.append((round(everything - test.score, DIGITS), question, test))
                labels[question.id, test.hidden].update(dict.fromkeys(v.check for v in test.verdicts))
                shown[question.id, test.hidden] = question.title, test.kind
    for rest, question, test in tests:
        verdicts = {verdict.check: verdict.passed for verdict in test.verdicts}
        share = test.score / test.max_score if test.max_score else float(test.passed)
        for label in labels[question.id, test.hidden] or [""]:
            right = verdicts.get(label, test.passed)  # a test that did not end has no verdicts
            earned = float(right) if label else min(max(share, 0.0), 1.0)
            item = question.id, test.hidden, label
            if any(label == v.check and v.outcome is Outcome.WAIVED for v in test.verdicts):
                waived.add(item)
            outcomes.setdefault(item, []).append((right, earned, rest))
    for item, seen in outcomes.items():
        asked, hidden, label = item
        title, kind = shown[asked, hidden]
        passed = [float(right) for right, _, _ in seen]
        others = [rest for _, _, rest in seen]
        yield CheckStatistics(
            name,
            title,
            f"{kind}: {label}" if label else kind,
            len(seen),
            statistics.fmean(passed),
            1 - statistics.fmean(earned for _, earned, _ in seen),
            correlation(passed, others),
            quintiles(passed, others),
            item in waived,
        )


def correlation(passed: list[float], rest: list[float]) -> float | None:
    """The point-biserial correlation, where there is enough to correlate."""
    if len(passed) < FEWEST or len(set(passed)) < 2 or len(set(rest)) < 2:
        return None
    return statistics.correlation(passed, rest)


def quintiles(passed: list[float], rest: list[float]) -> tuple[float, ...] | None:
    """The share that passed in each fifth, by rest. Who has the same rest counts alike."""
    n = len(passed)
    if n < FEWEST:
        return None
    alike: dict[float, list[float]] = defaultdict(list)
    for right, points in zip(passed, rest, strict=True):
        alike[points].append(right)
    ordered = [statistics.fmean(alike[points]) for points in sorted(rest)]
    bounds = [round(place * n / FIFTHS) for place in range(FIFTHS + 1)]
    return tuple(statistics.fmean(ordered[a:b]) for a, b in itertools.pairwise(bounds))
