"""Write docs/reference.md from the code: commands, exit codes, `--json`, settings.

Run `python -m docs.reference` after a change to any of them. A test compares the page with a fresh one.
"""

from __future__ import annotations

import ast
import io
import json
import tokenize
from collections.abc import Iterator
from pathlib import Path

import click

from autograder.cli import main as course
from autograder.errors import ContentError, CourseError
from autograder.exam.examine import Outcome
from autograder.grading.changes import Change, Changes
from autograder.grading.points import CellGrade
from autograder.grading.records import as_json
from autograder.grading.submission import NotebookGrade, SubmissionGrade
from autograder.pages.feedback_page import STATUS
from autograder.running.outputs import Status

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs" / "reference.md"
CONFIG = REPOSITORY / "course_config.py"

EXIT_CODES = {
    0: "The work is done, and nothing is wrong. Student code that fails is a grade, so it counts as done.",
    ContentError.exit_code: "The work found something wrong: a guard of the gate, a broken notebook or "
    "answer key, a submission that could not be graded, a machine that lacks something, a full disk. "
    "Or it was stopped.",
    CourseError.exit_code: "The call was wrong: an unknown command, option or problem set, a folder without "
    "a course, a machine that cannot do what was asked.",
}
FIELDS = {
    "student": "the name of the student's folder",
    "assignment": "the problem set, such as `ps1`",
    "notebook": "the exercise's name, such as `01_squared_norm`, whatever the file was called",
    "score": "the sum of the cells' scores",
    "max_score": "the sum of the cells' full points",
    "status": "how the run went; see below",
    "change": "only where the points changed: `before`, `after`, the `checks` that came out another way, and "
    "what it is `because` of",
    "cells": "one object for each test cell that is graded automatically",
    "cells[].grade_id": "the id of the test cell",
    "cells[].score": "the points that the cell earned",
    "cells[].max_score": "the points that the cell can earn",
    "cells[].finding": "what was wrong; a remark, or empty, at full points",
}
STATUSES = {
    "graded": "Every cell was run.",
    "timed-out": "A cell or the notebook passed a limit of time. What was earned elsewhere stays.",
    "crashed": "Python ended, or a limit of memory or processes was passed. What was earned before stays.",
    "unreadable": "The file is no notebook. It earns 0.",
    "missing": "No file was handed in. It earns 0.",
}


class Undocumented(LookupError):
    """The code has something that this page says nothing about, or no longer has what it describes."""


def render() -> str:
    """The whole page as Markdown. Raises Undocumented when something lacks its sentence."""
    return "\n".join(
        [
            "# Reference",
            "",
            "<!-- Written by `python -m docs.reference`: change the code, then run it. -->",
            "",
            "Every command, exit code, field of `--json` and setting. This page is written from the code.",
            "",
            "## Commands",
            "",
            *commands(),
            "## Exit codes",
            "",
            *table(
                "exit code", "it says", ((f"`{code}`", text) for code, text in sorted(EXIT_CODES.items()))
            ),
            "",
            "An error is one sentence on standard error: what is wrong, where, and what to do.",
            "",
            "## What `--json` writes",
            "",
            "`course grade PS --json FILE` writes a list with one object for each notebook of each student. "
            "Fields may be",
            "added; none will be renamed. Points given by hand are not in it.",
            "",
            *table("field", "what it holds", ((f"`{name}`", text) for name, text in fields())),
            "",
            "`status` is one of these:",
            "",
            *table("status", "what happened", ((f"`{name}`", text) for name, text in statuses())),
            "",
            "## Settings",
            "",
            "All of them stand in `course_config.py`. `c.Limits` is this course's own; every other name is "
            "one of nbgrader,",
            "nbconvert or Jupyter, and means what it means there.",
            "",
            *table(
                "setting", "value", ((f"`{name}`", value, text) for name, value, text in settings()), "what"
            ),
            "",
        ]
    )


def commands() -> Iterator[str]:
    """A section for `course` itself and one for each command, with its options."""
    context = click.Context(course, info_name="course")
    yield from _command("course", course, context)
    yield from _below("course", course, context)


def _below(path: str, group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        own = click.Context(command, info_name=name, parent=context)
        yield from _command(f"{path} {name}", command, own)
        if isinstance(command, click.Group):
            yield from _below(f"{path} {name}", command, own)


def _command(path: str, command: click.Command, context: click.Context) -> Iterator[str]:
    if not (command.help or "").strip():
        raise Undocumented(f"{path} has no help text.")
    arguments = " ".join(p.make_metavar(context) for p in command.params if isinstance(p, click.Argument))
    yield f"### {path}"
    yield ""
    yield f"`{path} {arguments}`" if arguments else f"`{path}`"
    yield ""
    for paragraph in (command.help or "").replace("\b\n", "").split("\n\n"):
        yield " ".join(paragraph.split())
        yield ""
    rows = list(options(path, command, context))
    if rows:
        yield from table("option", "what it does", ((f"`{name}`", text) for name, text in rows))
        yield ""


def options(path: str, command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Each option but --help, as click shows it, and its help."""
    for option in command.params:
        if isinstance(option, click.Option) and not option.hidden:
            shown, text = option.get_help_record(context) or ("", "")
            if not option.help:
                raise Undocumented(f"{path} {shown} has no help text.")
            yield shown.replace("INTEGER RANGE", "N"), text.split("  [")[0]


def fields() -> list[tuple[str, str]]:
    """The fields of `--json`, as `course grade` writes them, and what each holds."""
    cell = CellGrade("squared-norm-test", 1.0, 2.0, "", Outcome.WRONG)
    notebook = NotebookGrade("01_squared_norm", Status.GRADED, (cell,))
    change = Change("somebody", "01_squared_norm", 0.0, 1.0, (), ())
    (row,) = json.loads(as_json([SubmissionGrade("somebody", "ps1", "", (notebook,))], Changes((change,))))
    written = [*row, *(f"cells[].{name}" for name in row["cells"][0])]
    return _described(written, FIELDS, "the field")


def statuses() -> list[tuple[str, str]]:
    """What `status` can be, and what happened then."""
    return _described(list(STATUS), STATUSES, "the status")


def _described(names: list[str], texts: dict[str, str], kind: str) -> list[tuple[str, str]]:
    if odd := sorted(set(names) ^ set(texts)):
        raise Undocumented(f"docs/reference.py and the code disagree about {kind} {odd[0]}.")
    return [(name, texts[name]) for name in names]


def settings(source: str | None = None) -> list[tuple[str, str, str]]:
    """Each `c.X.y = …` of course_config.py: its name, its value, and the comment beside or above it."""
    source = CONFIG.read_text(encoding="utf-8") if source is None else source
    comments = {
        token.start[0]: (token.string.strip("# "), not token.line[: token.start[1]].strip())
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found = []
    for node in ast.parse(source).body:
        if not isinstance(node, ast.Assign) or not ast.unparse(node.targets[0]).startswith("c."):
            continue
        name = ast.unparse(node.targets[0])
        above, alone = comments.get(node.lineno - 1, ("", False))
        text = comments.get(node.end_lineno or node.lineno, ("", False))[0] or (above if alone else "")
        if not text or "----" in text:
            raise Undocumented(f"course_config.py says nothing about {name}, beside or above it.")
        found.append((name, _value(node.value), text))
    return found


def _value(node: ast.expr) -> str:
    if isinstance(node, ast.List) and node.elts:
        return "<br>".join(f"`{ast.literal_eval(item)}`" for item in node.elts)
    return f"`{ast.unparse(node)}`"


def table(first: str, second: str, rows: object, *more: str) -> Iterator[str]:
    """A Markdown table. A bar in a cell would end it, so it is escaped."""
    head = (first, second, *more)
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
