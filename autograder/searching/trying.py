"""Ask a process of its own which of the snippets that students get compute what a graded function returns.

What is tried is the course's own text, so it is trusted; but a sentence that happens to be Python may
run for ever, and nobody knows what a forgotten helper does. Hence another process, with limits.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from autograder.course import PACKAGE
from autograder.errors import ContentError

SECONDS = 120  # of the process, all in all


@dataclass(frozen=True)
class Candidate:
    """Something to try: an expression, or a function when `function` is its name.

    `names` are those it does not bind; with `renamed` they may be other ones than the reference's.
    A function finds the definitions of its `context`: a notebook or a file.
    """

    code: str
    function: str = ""
    names: tuple[str, ...] = ()
    renamed: bool = False
    context: str = ""


@dataclass(frozen=True)
class Answer:
    """What a candidate turned out to compute. `modest`: the graded function only hands an argument back.

    `renamed`: in other variables than the reference's.
    """

    exercise: str
    function: str
    modest: bool
    renamed: bool


@dataclass(frozen=True)
class Asked:
    """One exercise: its notebook's name, its answer key's, and the code of its set-up and solutions."""

    notebook: str
    key: str
    code: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What the candidates compute, by their place; and the values kept under a name that do, by context."""

    answers: Mapping[int, tuple[Answer, ...]]
    values: tuple[tuple[str, str, Answer], ...]


def try_out(
    asked: Sequence[Asked], candidates: Sequence[Candidate], contexts: Mapping[str, Sequence[str]]
) -> Found:
    """Try all candidates on all graded functions. Raises ContentError when the process gives no answer."""
    question = {
        "asked": [asdict(one) for one in asked],
        "candidates": [asdict(one) for one in candidates],
        "contexts": {name: list(codes) for name, codes in contexts.items()},
    }
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory(prefix="course-") as empty:
        try:
            done = subprocess.run(
                [sys.executable, "-B", "-W", "ignore", "-m", "autograder.searching.child"],
                input=json.dumps(question),
                capture_output=True,
                text=True,
                encoding="utf-8",
                cwd=empty,
                env=environment,
                timeout=SECONDS * 2,
            )
            found = json.loads(done.stdout)
        except (subprocess.TimeoutExpired, ValueError) as error:
            raise ContentError(
                "What is released could not be tried: some code in it takes too long, or ends the process."
            ) from error
    return Found(
        {int(place): tuple(Answer(*one) for one in answers) for place, answers in found["answers"].items()},
        tuple((context, name, Answer(*answer)) for context, name, answer in found["values"]),
    )
