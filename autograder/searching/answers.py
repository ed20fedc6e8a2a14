"""What the graded functions of a problem set return, and whether something else returns the same.

Only the child process of `trying` imports this: it runs code of the course, trusted but in any state.
"""

from __future__ import annotations

import builtins
import copy
import functools
import inspect
import itertools
import math
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import CodeType, FrameType
from typing import Any

import numpy as np

from autograder.problem_sets.key import AnswerKey, Question

TOLERANCE = 1e-11  # relative: a formula is nearer, and a difference quotient further away
TRIED = 8  # instances of a question
WITHOUT_PREFIX = (
    "dot",
    "matmul",
    "outer",
    "inner",
    "einsum",
    "exp",
    "log",
    "tanh",
    "diag",
    "kron",
    "eye",
    "square",
)
FORBIDDEN = re.compile(
    r"_.*|open|exec|eval|compile|input|breakpoint|exit|quit|help|print|globals|locals|vars|dir|[gsd]e[tl]attr"
    r"|memoryview|object|type|super|copyright|credits|license|.*(Error|Exception|Warning|Exit|Interrupt)"
)  # what an expression of a sentence may not use, of what is built in
SAFE = {name: value for name, value in vars(builtins).items() if not FORBIDDEN.fullmatch(name)}
BUILT_IN = {**SAFE, "__import__": __import__}  # NumPy's own methods import; no snippet can say this name


@dataclass(frozen=True)
class Case:
    """One instance of a question: its arguments, by name, what else the reference knows, and its result."""

    arguments: Mapping[str, Any]
    known: Mapping[str, Any]
    result: Any


@dataclass(frozen=True)
class Wanted:
    """One graded function: of which exercise, and what it gives. `modest`: it hands an argument back."""

    exercise: str
    name: str
    parameters: tuple[str, ...]
    cases: tuple[Case, ...]
    modest: bool
    lent: Mapping[str, Any]  # the other graded functions, and NumPy

    @cached_property
    def known(self) -> frozenset[str]:
        """The variables of the reference."""
        return frozenset(self.cases[0].arguments) | frozenset(self.cases[0].known)


def wanted(exercise: str, key: AnswerKey, own: Mapping[str, Callable[..., Any]]) -> Iterator[Wanted]:
    """The graded functions of an exercise; `own` are those of its solution cells."""
    for name, question in key.questions.items():
        lent: dict[str, Any] = {each: getattr(np, each) for each in WITHOUT_PREFIX}
        lent |= {"np": np, "numpy": np, "math": math}
        lent |= {other: function for other, function in key.references.items() if other != name}
        cases = tuple(_cases(question, own.get(name)))
        if any(not same(case.result, cases[0].result) for case in cases[1:]):
            modest = any(
                all(same(case.arguments[argument], case.result) for case in cases)
                for argument in cases[0].arguments
            )
            own_names = set(cases[0].arguments) | set(cases[0].known)
            lent = {each: value for each, value in lent.items() if each not in own_names}
            yield Wanted(exercise, name, tuple(cases[0].arguments), cases, modest, lent)


def _cases(question: Question, own: Callable[..., Any] | None) -> Iterator[Case]:
    # The first check asks ordinary inputs: what is right there gives away most of the points.
    for instance in question.checks[0].instances[:TRIED]:
        arguments = question.arguments(instance)
        try:
            result, known = traced(question.reference, copied(arguments))
            if own is not None:
                known |= traced(own, copied(arguments))[1]
        except Exception:
            continue
        told = [result, *(result if isinstance(result, tuple) else ())]
        known = {
            name: value
            for name, value in known.items()
            if name not in arguments and not any(same(value, part) for part in told)
        }
        yield Case(arguments, known, result)


def copied(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments that a function may spoil."""
    return {
        name: value.copy() if isinstance(value, np.ndarray) else value for name, value in arguments.items()
    }


def traced(function: Callable[..., Any], arguments: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """What a function returns, and its own variables as it does so."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    seen: dict[str, Any] = {}

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "return" and frame.f_code is code:
            seen.update(frame.f_locals)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        result = function(*arguments.values())
    finally:
        sys.setprofile(before)
    return result, seen


def same(one: Any, other: Any) -> bool:
    """Whether two results are one, to the last digits: shape, kind and numbers."""
    if isinstance(other, (tuple, list)) or isinstance(one, (tuple, list)):
        together = isinstance(other, (tuple, list)) and isinstance(one, (tuple, list))
        if together and len(one) == len(other) and all(itertools.starmap(same, zip(one, other, strict=True))):
            return True
        if isinstance(other, (tuple, list)) and any(np.ndim(part) != 0 for part in other):
            return False
    try:
        a, b = np.asarray(one), np.asarray(other)
        if (
            a.shape != b.shape
            or (a.dtype.kind == "b") != (b.dtype.kind == "b")
            or a.dtype.kind not in "biufc"
        ):
            return False
        if not b.size:
            return True
        scale = np.max(np.abs(b)) if b.dtype.kind != "b" else 1.0
        return bool(np.all(a == b) or np.max(np.abs(a - b)) <= TOLERANCE * scale)
    except Exception:
        return False


def gives(function: Callable[[Case], Any], wanted: Wanted) -> bool:
    """Whether something gives on every case what the graded function does, or one array of it."""
    parts: set[int] | None = None  # None: the whole
    for number, case in enumerate(wanted.cases):
        try:
            value = function(case)
        except Exception:
            return False
        if parts is None and same(value, case.result):
            continue
        if (
            (number and parts is None)
            or not isinstance(case.result, tuple)
            or isinstance(value, (tuple, list))
        ):
            return False
        fitting = {place for place, part in enumerate(case.result) if np.ndim(part) and same(value, part)}
        parts = fitting if parts is None else parts & fitting
        if not parts:
            return False
    return True


def function_gives(candidate: Callable[..., Any], given: Mapping[str, Any], wanted: Wanted) -> bool:
    """Whether a function, called with the arguments in any order that fits, answers the question.

    `given` is where it looks up names: those of the case at hand are put there for the call.
    """
    try:
        signature = inspect.signature(candidate)
    except (TypeError, ValueError):
        signature = None
    for order in _orders(signature, wanted.parameters, not wanted.modest):
        first: list[Any] = []

        def call(case: Case, order: tuple[str, ...] = order, first: list[Any] = first) -> Any:
            value = _call(candidate, given, case, order)
            first += [value] if not first else []
            return value

        if gives(call, wanted):
            return True
        for part in _parts(first[0] if first else None):
            if gives(functools.partial(_part_of, call, part), wanted):
                return True
    return False


def _part_of(call: Callable[[Case], Any], part: object, case: Case) -> Any:
    return call(case)[part]


def _parts(value: object) -> list[Any]:
    """Where in a value the answer may be one of several."""
    if isinstance(value, dict):
        return list(value)[:10]
    return list(range(len(value)))[:10] if isinstance(value, (tuple, list)) else []


def _orders(
    signature: inspect.Signature | None, names: tuple[str, ...], any_order: bool
) -> Iterable[tuple[str, ...]]:
    if signature is None:
        return [names]
    kinds = [
        p for p in signature.parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    needed = [p for p in kinds if p.default is p.empty]
    free = any(p.kind is p.VAR_POSITIONAL for p in signature.parameters.values())
    if len(needed) <= len(names) and (free or len(names) <= len(kinds)):
        if {p.name for p in kinds[: len(names)]} == set(names):
            return [tuple(p.name for p in kinds[: len(names)])]
        return itertools.permutations(names) if any_order and len(names) <= 3 else [names]
    known = tuple(p.name for p in needed)
    return [known] if known and set(known) < set(names) else []


def _call(candidate: Callable[..., Any], given: Mapping[str, Any], case: Case, order: tuple[str, ...]) -> Any:
    space = getattr(candidate, "__globals__", None)
    arguments = copied(case.arguments)
    if isinstance(space, dict) and space.get("__name__") == "shown":
        others = {name: value for name, value in arguments.items() if name not in order}
        before = {name: space[name] for name in others if name in space}
        space.update(others)
        try:
            return candidate(*(arguments[name] for name in order))
        finally:
            for name in others:
                space.pop(name, None)
            space.update(before)
    return candidate(*(arguments[name] for name in order))


def variables_in(names: Collection[str], wanted: Wanted, renamed: bool) -> tuple[str, ...]:
    """The variables of an expression that uses these names, if it can be the answer; else none.

    They are the reference's own, or with `renamed` as many others as it has arguments.
    """
    variables = {name for name in names if name not in wanted.lent and name not in SAFE}
    if variables <= wanted.known or (renamed and len(variables) == len(wanted.parameters) <= 3):
        return tuple(sorted(variables))
    return ()


def expression_gives(code: CodeType, variables: tuple[str, ...], wanted: Wanted) -> bool:
    """Whether an expression of these variables is the answer, whichever argument each of them stands for."""
    own = set(variables) <= wanted.known
    for order in ((),) if own else itertools.permutations(wanted.parameters):
        standing_for = dict(zip(variables, order, strict=not own))
        if gives(functools.partial(_value, code, wanted, standing_for), wanted):
            return True
    return False


def _value(code: CodeType, wanted: Wanted, order: Mapping[str, str], case: Case) -> Any:
    arguments = copied(case.arguments)
    space: dict[str, Any] = {
        "__builtins__": BUILT_IN,
        **wanted.lent,
        **copy.copy(dict(case.known)),
        **arguments,
    }
    space |= {name: arguments[parameter] for name, parameter in order.items()}
    return eval(code, space)
