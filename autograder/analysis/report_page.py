"""The report as files: one HTML page, one JSON file, and a CSV file for each of its tables."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path

from markupsafe import Markup

from autograder.analysis.items import FEWEST, CheckStatistics, QuestionStatistics
from autograder.analysis.mistakes import NOT_WRITTEN, UNEXPLAINED, MistakeStatistics, entry
from autograder.analysis.report import Overridden, Report, StudentScore, Trouble, read_report
from autograder.analysis.similarity import SimilarPair
from autograder.course import Course
from autograder.files import write_whole
from autograder.grading.requests import Request
from autograder.pages import figures
from autograder.pages.feedback_page import STATUS, environment
from autograder.problem_sets.waivers import Waiver
from autograder.tables import harmless

TABLES = {
    "students": ("scores", StudentScore),
    "questions": ("questions", QuestionStatistics),
    "checks": ("checks", CheckStatistics),
    "mistakes": ("mistakes", MistakeStatistics),
    "trouble": ("trouble", Trouble),
    "overridden": ("overridden", Overridden),
    "waived": ("waived", Waiver),
    "requests": ("requests", Request),
    "similar": ("similar", SimilarPair),
}
MOST = 40  # mistakes, or pairs, on the page; the files have all


def write_report(course: Course, assignment: str) -> list[Path]:
    """Write the report beside the records; returns the files, the page first.

    Raises CourseError when there is nobody to report on.
    """
    report = read_report(course, assignment)
    texts = {f"{assignment}.html": html(report), f"{assignment}.json": as_json(report)}
    for name, (part, record) in TABLES.items():
        texts[f"{assignment}-{name}.csv"] = as_csv(record, getattr(report, part))
    for name, text in texts.items():
        write_whole(course.records / name, text)
    return [course.records / name for name in texts]


def as_json(report: Report) -> str:
    """The whole report, by the names of its fields."""
    return json.dumps(asdict(report), indent=1, ensure_ascii=False) + "\n"


def as_csv(record: type, rows: Iterable[object]) -> str:
    """A table of one kind of record, with a head. No cell starts a spreadsheet's formula."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    names = [field.name for field in fields(record)]
    writer.writerow(names)
    writer.writerows([_cell(getattr(row, name)) for name in names] for row in rows)
    return file.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, tuple):
        value = "\n".join(map(str, map(_cell, value)))
    return harmless(value) if isinstance(value, str) else value


def html(report: Report) -> str:
    """The report as one page."""
    labels = [question.question for question in report.questions]
    shares = [question.earned for question in report.questions]
    told = sorted(report.mistakes, key=lambda mistake: -mistake.count)
    return (
        environment()
        .get_template("report.html")
        .render(
            report=report,
            STATUS=STATUS,
            FEWEST=FEWEST,
            MOST=MOST,
            mistakes=[mistake for mistake in told if mistake.kind not in (NOT_WRITTEN, UNEXPLAINED)],
            not_written=[mistake for mistake in told if mistake.kind == NOT_WRITTEN],
            unexplained=[(mistake, entry(mistake)) for mistake in told if mistake.kind == UNEXPLAINED],
            notebooks=list(dict.fromkeys(check.notebook for check in report.checks)),
            distribution=Markup(figures.score_distribution(report.totals, report.max_score)),  # noqa: S704
            questions=Markup(figures.points_by_question(labels, shares)) if labels else "",  # noqa: S704
        )
    )
