"""What a class got wrong: mistakes by their id, and answers that nothing explains, by what they do.

What a person is told decides where an answer counts: a catalogued mistake under its name, another
explanation under its kind and its words, and an answer without any with those that give the same numbers.
An answer that is wrong only by another function's slip counts where that was made.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.analysis import anonymous
from autograder.exam.examine import Outcome
from autograder.exam.explain import Kind
from autograder.pages.feedback import NotebookShown, QuestionShown
from autograder.problem_sets.notebooks import Exercise, as_label

NOT_WRITTEN, UNEXPLAINED = "not written", "unexplained"
Key = tuple[str, str]  # what answers of one group have in common: its kind, and what tells it from others


@dataclass(frozen=True)
class MistakeStatistics:
    """One mistake, how many made it, and one of their answers without names and comments.

    kind is that of the explanation, NOT_WRITTEN for what was left as issued, or UNEXPLAINED. text is what
    was said of the example; others of the same kind may have met other numbers. name is the catalogue's,
    if it is there, or NOT_WRITTEN. cost is the mean number of points that the function lost.
    """

    notebook: str
    question: str
    kind: str
    name: str
    text: str
    count: int
    cost: float
    example: str


def mistakes(
    exercise: Exercise, notebooks: Sequence[NotebookShown], people: set[str]
) -> Iterator[MistakeStatistics]:
    """The mistakes of one notebook, most frequent first; people are the names that no example may show."""
    groups: dict[tuple[str, Key], list[QuestionShown]] = defaultdict(list)
    for notebook in notebooks:
        for question in notebook.questions:
            if (key := _key(question)) is not None:
                groups[question.id, key].append(question)
    for (_, (kind, what)), alike in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        shortest = min(alike, key=lambda question: (len(written(question)), written(question)))
        name = {Kind.MISTAKE: what.replace("_", " "), NOT_WRITTEN: NOT_WRITTEN}.get(kind, "")
        example = "" if kind == NOT_WRITTEN else anonymous.code(written(shortest), people)
        cost = sum(q.max_score - (q.score or 0.0) for q in alike) / len(alike)
        text = as_label(" ".join(shortest.advice.split()))
        if kind == UNEXPLAINED and _ended_in_an_error(shortest):  # the rest is in words of ours: Will is one
            text = anonymous.without_names(text, people)
        yield MistakeStatistics(exercise.name, shortest.title, kind, name, text, len(alike), cost, example)


def _key(question: QuestionShown) -> Key | None:
    """Where an answer counts; None for a right one, and for one that tells nothing.

    Hidden tests decide, where there are any: they judge this function and no other.
    """
    tests = [test for test in question.tests if test.hidden] or question.tests
    failed = next((test for test in tests if not test.passed), None)
    if failed is None or failed.outcome in (Outcome.NOT_REACHED, Outcome.STOPPED):
        return None  # the report lists what did not run to its end
    told = question.explanation
    if told is not None:
        if told.kind is Kind.CARRIED:
            return None
        return told.kind, told.mistake or _without_numbers(told.text)
    if failed.outcome is Outcome.NOT_WRITTEN:
        return NOT_WRITTEN, ""
    behaviour = next((test.behaviour for test in question.tests if test.behaviour), "")
    return UNEXPLAINED, behaviour or _without_numbers(question.advice)


def _ended_in_an_error(question: QuestionShown) -> bool:
    """Whether the advice on a question holds the words of an error, which the student may have written."""
    if (failed := question.failed) is None:
        return False
    outcomes = [verdict.outcome for verdict in failed.verdicts if not verdict.passed] or [failed.outcome]
    return outcomes[0] is Outcome.ERROR


def written(question: QuestionShown) -> str:
    """The code that a student wrote for a question."""
    return next((cell.source for cell in question.cells if cell.kind == "code"), "")


def _without_numbers(sentence: str) -> str:
    """The sentence with its measured numbers left out, so that the same kind counts as one."""
    return re.sub(r"(?<![\w.])-?\d+(\.\d+)?(e[-+]?\d+)?(?![\w])", "…", sentence)


def entry(mistake: MistakeStatistics) -> str:
    """The example as an entry of the answer key, to be pasted there; empty where it is no function."""
    try:
        for node in ast.parse(mistake.example).body:
            if isinstance(node, ast.FunctionDef) and node.name == mistake.question:
                digest = hashlib.sha256(mistake.example.encode("utf-8", "replace")).hexdigest()
                node.name = f"{mistake.question}_{digest[:6]}"  # two in one answer key are two
                node.body.insert(0, ast.Expr(ast.Constant("Say here what is wrong, to the student.")))
                node.decorator_list = []
                return f'@mistake("{mistake.question}")\n{ast.unparse(ast.fix_missing_locations(node))}\n'
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # it may be nested too deep to be written
        pass
    return ""
