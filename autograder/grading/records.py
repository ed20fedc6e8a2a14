"""What grading found, one JSON file a submission: the input of feedback, reports and `--json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import msgspec

from autograder.course import Course
from autograder.files import write_whole
from autograder.grading.changes import NO_CHANGES, Changes
from autograder.grading.gradebook import NotebookMarks
from autograder.grading.submission import SubmissionGrade

PROMISED = ("grade_id", "score", "max_score", "finding")  # of a cell, in `--json`
UNCONFINED = "graded_without_sandbox"  # in an executed notebook's metadata


def save(course: Course, graded: SubmissionGrade) -> None:
    """Write the record, in one step, without the executed notebooks."""
    text = msgspec.json.format(msgspec.json.encode(graded.slim()), indent=1).decode()
    write_whole(course.record(graded.assignment, graded.student), text + "\n")


def load(course: Course, assignment: str, student: str) -> SubmissionGrade | None:
    """The record of a submission, or None when there is none or it is damaged."""
    try:
        return msgspec.json.decode(course.record(assignment, student).read_bytes(), type=SubmissionGrade)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def load_all(course: Course, assignment: str) -> list[SubmissionGrade]:
    """Every record of an assignment, by student."""
    students = sorted(path.stem for path in (course.records / assignment).glob("*.json"))
    return [record for student in students if (record := load(course, assignment, student))]


def state(marks: Mapping[str, NotebookMarks]) -> str:
    """A digest of a submission's marks. Pages that were written with another one are out of date."""
    return hashlib.sha256(msgspec.json.encode(dict(marks), order="deterministic")).hexdigest()[:16]


def as_json(graded: list[SubmissionGrade], changes: Changes = NO_CHANGES) -> str:
    """The list behind `course grade --json`: one object a notebook, with its change if there is one."""
    changed = {(change.student, change.notebook): asdict(change) for change in changes.changed}
    rows = [
        {
            "student": submission.student,
            "assignment": submission.assignment,
            "notebook": notebook.notebook,
            "score": notebook.score,
            "max_score": notebook.max_score,
            "status": notebook.status,
            "cells": [{field: getattr(cell, field) for field in PROMISED} for cell in notebook.cells],
            **_change(changed.get((submission.student, notebook.notebook))),
        }
        for submission in graded
        for notebook in submission.notebooks
    ]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def _change(change: dict[str, Any] | None) -> dict[str, Any]:
    """What a row says of a change: all but whose it is, which the row says already."""
    said = ("before", "after", "checks", "because")
    return {"change": {name: change[name] for name in said}} if change else {}


def marked_unconfined(executed: str) -> str:
    """An executed notebook's text with the remark that its code ran outside the sandbox.

    The record says so too, but records can be lost.
    """
    content = json.loads(executed)
    content["metadata"][UNCONFINED] = True
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
