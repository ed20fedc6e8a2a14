"""The process in which snippets are tried: a question from stdin, and what was found to stdout."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
import resource
import signal
import sys
import warnings
from collections.abc import Iterator
from types import CodeType, FrameType, FunctionType
from typing import Any

import numpy as np

from autograder.problem_sets.key import load_key
from autograder.searching.answers import Wanted, expression_gives, function_gives, variables_in, wanted

SECONDS_EACH = 0.5
SECONDS_ALL = 120
MEGABYTES = 2_000
MODULES = re.compile(
    "numpy|math|cmath|functools|operator|itertools|collections|dataclasses|typing|__future__|numbers|statistics"
)  # which only compute


class TooLong(BaseException):
    """A snippet that takes too long; no `except Exception` of its own stops this."""


@contextlib.contextmanager
def briefly() -> Iterator[None]:
    """End what takes longer than half a second of the processor: a busy machine hides no leak."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS_EACH)
    try:
        yield
    except (TooLong, SystemExit, KeyboardInterrupt, RecursionError, MemoryError):
        pass
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def main() -> None:
    """Answer one question."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_ALL, SECONDS_ALL))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES * 2**20, MEGABYTES * 2**20))
    question = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.stdin = io.StringIO()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        found = answered(question)
    json.dump(found, out)
    out.flush()
    os._exit(0)  # whatever a snippet has started


def answered(question: dict[str, Any]) -> dict[str, Any]:
    """Which candidates give what graded functions give, by their place; and which values of contexts do."""
    asked = [one for each in question["asked"] for one in _wanted(each)]
    contexts = {name: defined(codes) for name, codes in question["contexts"].items()}
    answers: dict[int, list[list[Any]]] = {}
    values: list[list[Any]] = []
    compiled: dict[int, Any] = {}
    for one in asked:
        answer = [one.exercise, one.name, one.modest, False]
        for context in contexts.values():
            context |= one.lent
            context.pop(one.name, None)
        for place, candidate in enumerate(question["candidates"]):
            if candidate["function"]:
                context = contexts.get(candidate["context"], {})
                with briefly():
                    if _function(candidate, context, one):
                        answers.setdefault(place, []).append(answer)
                continue
            variables = variables_in(candidate["names"], one, candidate["renamed"])
            if not variables:
                continue
            if place not in compiled:
                compiled[place] = _compiled(candidate["code"])
            with briefly():
                if compiled[place] and expression_gives(compiled[place], variables, one):
                    renamed = not set(variables) <= one.known
                    answers.setdefault(place, []).append([*answer[:3], renamed])
        for name, context in contexts.items():
            for kept, value in list(context.get(KEPT, {}).items()):
                with briefly():
                    if function_gives(value, context, one):
                        values.append([name, kept, answer])
    return {"answers": answers, "values": values}


def _wanted(asked: dict[str, Any]) -> list[Wanted]:
    space: dict[str, Any] = {"__name__": "notebook"}
    for code in asked["code"]:
        with contextlib.suppress(Exception), briefly():
            for statement in ast.parse(code).body:
                _run(statement, space)
    own = {name: value for name, value in space.items() if isinstance(value, FunctionType)}
    return list(wanted(asked["notebook"], load_key(asked["key"]), own))


def _function(candidate: dict[str, Any], context: dict[str, Any], one: Wanted) -> bool:
    space = {**context, **one.lent, "__name__": "shown"}
    space.pop(one.name, None)
    try:
        if candidate["function"] == "lambda":
            made = eval(compile(candidate["code"], "shown", "eval"), space)
        else:
            exec(compile(candidate["code"], "shown", "exec"), space)
            made = space[candidate["function"]]
        return function_gives(made, space, one)
    except Exception:
        return False


def _compiled(code: str) -> CodeType | None:
    try:
        return compile(code, "shown", "eval")
    except Exception:  # part of an expression that is none alone
        return None


KEPT = "values that are kept"


def defined(codes: list[str]) -> dict[str, Any]:
    """The names that pieces of code define, without running what else they do."""
    space: dict[str, Any] = {"__name__": "shown"}
    kept: dict[str, Any] = {}
    for code in codes:
        with contextlib.suppress(SyntaxError, ValueError):
            for statement in _statements(ast.parse(code).body):
                before = dict(space)
                with contextlib.suppress(Exception), briefly():
                    _run(statement, space)
                if isinstance(statement, (ast.Assign, ast.AnnAssign)):
                    fresh = {name: space[name] for name in space if space[name] is not before.get(name)}
                    kept |= dict(_callables(fresh))
    return {**space, KEPT: kept}


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        for name in ("body", "orelse", "finalbody"):
            if isinstance(statement, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
                yield from _statements(getattr(statement, name, []))


def _run(statement: ast.stmt, space: dict[str, Any]) -> None:
    """A definition, an import of what only computes, or an assignment; nothing else."""
    if isinstance(statement, ast.Import):
        if any(not MODULES.fullmatch(name.name.split(".")[0]) for name in statement.names):
            return
    elif isinstance(statement, ast.ImportFrom):
        if not MODULES.fullmatch((statement.module or "").split(".")[0]):
            return
    elif not isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)):
        return
    exec(compile(ast.Module([statement], []), "shown", "exec"), space)


def _callables(value: object, name: str = "", depth: int = 3) -> Iterator[tuple[str, Any]]:
    """What can be called and is no plain function, in boxes too: the text of those is tried by itself."""
    if isinstance(value, dict) and depth:
        for key, part in value.items():
            yield from _callables(part, f"{name}[{key!r}]" if name else str(key), depth - 1)
    elif isinstance(value, (list, tuple, set)) and depth:
        for number, part in enumerate(value):
            yield from _callables(part, f"{name}[{number}]", depth - 1)
    elif callable(value) and not isinstance(value, (FunctionType, type)):
        yield name, value


if __name__ == "__main__":
    main()
