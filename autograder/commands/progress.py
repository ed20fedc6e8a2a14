"""How far grading is: a bar in a terminal, a line a minute elsewhere, with the worst news so far."""

from __future__ import annotations

import math
import time
from collections import Counter
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

if TYPE_CHECKING:
    from rich.progress import TaskID

    from autograder.grading.submission import SubmissionGrade

LINE_SECONDS = 60.0  # between two lines, where nobody watches a bar


class GradingProgress:
    """What `grade_class` tells on its way, shown on stderr; used as a context."""

    def __init__(self, ps: str):
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._ps, self._news = ps, Counter[str]()
        self._began = self._said = time.monotonic()
        console = Console(stderr=True)
        self._bar = Progress(
            TextColumn("Grading"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[news]}"),
            TextColumn("{task.fields[who]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task: TaskID = self._bar.add_task("", who="", rate="", news="")

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)

    def graded(self, graded: SubmissionGrade) -> None:
        """Hear of a submission that was graded."""
        self._news.update(
            str(notebook.status) for notebook in graded.notebooks if notebook.status != "graded"
        )

    def say(self, text: str) -> None:
        """Say a sentence above the bar."""
        from autograder.problem_sets.notebooks import as_label

        self._bar.console.print(f"course: {as_label(text)}", markup=False, highlight=False, soft_wrap=True)

    def __call__(self, done: int, total: int, who: str) -> None:
        """Hear that so many submissions of all are done, the last of them this student's."""
        from rich.markup import escape

        from autograder.problem_sets.notebooks import as_label

        now = time.monotonic()
        rate = done / (now - self._began) if now > self._began else 0.0
        a_second = f"{rate:.1f} a second" if done else ""
        news = ", ".join(f"{count} {status}" for status, count in sorted(self._news.items()))
        self._bar.update(
            self._task, completed=done, total=total, who=escape(as_label(who)), rate=a_second, news=news
        )
        if self._bar.disable and 0 < done < total and now - self._said >= LINE_SECONDS:
            self._said = now
            minutes = math.ceil((total - done) / rate / 60)  # those that ran into a limit take longer
            left = f"about {minutes} {'minute' if minutes == 1 else 'minutes'} left"
            parts = (f"{done} of {total} submissions", a_second, left, *([news] if news else []))
            click.echo(f"{self._ps}: {', '.join(parts)}.", err=True)
