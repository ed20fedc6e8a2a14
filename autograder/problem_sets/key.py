"""The answer keys: one module or package an exercise, read into one frozen record each.

The module for notebook `01_squared_norm` is `squared_norm`; nothing else ties the two. A module
defines, under these names:

    points, points_by_hand   what the notebook is worth, and the part marked by hand
    <each function>          the reference, under the name and arguments a student writes
    loss, gradient           two of those: the pair the exercise is about, if it is about one
    instances(rng, scale)    ordinary inputs, as dictionaries from argument name to value
    questions                one Question a function, in the notebook's order, whose Checks say how to draw
    terms                    {function: its Terms}, what a gradient is made of, if one is
    equivalent               {(function, mutant): why it does the same}; see certificate.py
    @shortcut                right numbers that no formula gave: half of a derivative's points
    @mistake, @variant       the catalogues of wrong and of right answers; `shows` is evidence in their code
    name = wrong(...)        a mistake in one line: another expression than the reference's
    name = patched(...)      or the reference with one thing changed
    derivations              its DerivationTasks, if there are any: see derivation_key.py
    catalogues               of a package: those of its modules that hold catalogued answers, in order

What hidden tests ask is drawn anew for each student and hand-in: inputs that were seen once are of no
use. A seed decides all of it, and 0 is the one where no student is concerned. `key.draw(seed)` gives
the questions with their instances, and every check of every function has a generator of its own, made
of the seed and its names: one more check changes no other. Within `drawn_from(seed)`, `current_seed()`
is that seed.

Catalogued answers use only `np` and the exercise's own functions: their source is also pasted
into notebooks, where nothing else exists.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import inspect
import json
import linecache
import pkgutil
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any

import numpy as np

from autograder.errors import ContentError
from autograder.problem_sets.derivation_key import DerivationTask
from autograder.problem_sets.waivers import waived_checks

ANSWER_KEYS = "autograder.answer_keys"  # the wing that holds them, which is built on this module

Instance = Mapping[str, object]
Answer = Callable[..., object]  # to a question: a student's function, or one of a catalogue
Reference = Callable[..., Any]  # what it returns, each question knows for itself
Draw = Callable[[np.random.Generator], Sequence[Instance]]

FORMULA = "a formula"  # the name of the check that a derivative is one

CATALOGUED = ("mistake", "variant", "shortcut")  # what marks an answer of a catalogue
UNJUDGED = ("terms", "equivalent", "catalogues")  # what else of a key has no part in what an answer earns

_seed: ContextVar[int] = ContextVar("seed", default=0)


@dataclass(frozen=True)
class Check:
    """One thing a hidden test asks: inputs of one kind, for this share of the points.

    `asks` completes the sentence "We tried ...". `draw` makes the `instances` from random numbers: as
    many each time, of the same sizes, and none twice. What is fixed in it can be learned by heart, so
    something else in the same instance is not. It rejects inputs on which a mistake looks right.
    With `harness`, a gradient is compared with the numerical derivative too, at several points
    around each instance. An instance may hold functions; what it says under "tried" is not handed
    over, and completes that sentence for it alone. `calls` tells from the arguments how often the
    function f among them is to be called. With `formula`, a derivative is to be computed by a formula:
    every question that differentiates something has such a check, for half of its points. With
    `scales`, the first half of the instances are ordinary ones, enlarged: there a difference quotient is
    as rough as anywhere, and what was rounded at some digit is not. A check that is `waived`, for this
    reason, is not asked.
    """

    name: str
    asks: str
    weight: float
    draw: Draw
    harness: bool = False
    scales: bool = False
    calls: Callable[..., int] | None = None
    formula: bool = False
    instances: tuple[Instance, ...] = ()
    waived: str = ""


@dataclass(frozen=True)
class Term:
    """What an answer may hold a multiple of: `body`, as it is written, and its value for some arguments.

    A body has no number in front; the body "1" is the number alone. The value of a term with `over`, such as
    "n", is divided by that already. `where` says what the body does not: "in dW", "the other layout".
    """

    body: str
    value: Reference
    over: str = ""
    where: str = ""


@dataclass(frozen=True)
class Question:
    """One function a student writes.

    `differentiates` is the function, of the same arguments, whose derivative with respect to the
    first argument `reference` is; None when the function is no derivative. When it gives an array,
    `reference` is a Jacobian: one row an output, one column an entry of the argument, row by row.
    A reference that returns a tuple gives the derivatives by the first arguments, in their order.
    """

    reference: Reference
    checks: tuple[Check, ...]
    differentiates: Reference | None = None

    @property
    def name(self) -> str:
        return self.reference.__name__

    def arguments(self, instance: Instance) -> dict[str, object]:
        """The part of an instance this function takes, in its order."""
        return {name: instance[name] for name in inspect.signature(self.reference).parameters}

    def instances(self) -> list[Instance]:
        """What is asked: the instances of all checks that are not waived."""
        return [instance for check in self.checks if not check.waived for instance in check.instances]

    def waiving(self, reasons: Mapping[str, str]) -> Question:
        """The same question with the checks of these names waived, each for its reason."""
        checks = (replace(check, waived=reasons.get(check.name, "")) for check in self.checks)
        return replace(self, checks=tuple(checks))

    def drawn(self, exercise: str, seed: int) -> Question:
        """The same question with instances of this seed's; what is waived may not even be drawn."""
        checks = (
            check
            if check.waived
            else replace(
                check, instances=tuple(check.draw(_generator(seed, exercise, self.name, check.name)))
            )
            for check in self.checks
        )
        return replace(self, checks=tuple(checks))


@dataclass(frozen=True)
class CatalogueEntry:
    """A wrong or right answer to one question; `text` is its docstring: for a mistake, the hint.

    Where the hint speaks of code, or no number shows the mistake, `shows` is what the code of an answer
    must hold for the hint to be told: see exam/evidence.py.
    """

    name: str
    function: str
    answer: Answer
    text: str
    shows: str = ""


@dataclass(frozen=True)
class AnswerKey:
    """Everything the course knows about one exercise. `questions` are those of seed 0."""

    name: str
    points: float
    points_by_hand: float
    loss: Reference | None
    gradient: Reference | None
    instances: Callable[..., list[Instance]]
    questions: Mapping[str, Question]
    terms: Mapping[str, tuple[Term, ...]]
    mistakes: tuple[CatalogueEntry, ...]
    variants: tuple[CatalogueEntry, ...]
    shortcuts: tuple[CatalogueEntry, ...]
    equivalent: Mapping[tuple[str, str], str]
    derivations: Mapping[str, DerivationTask]

    @property
    def references(self) -> dict[str, Reference]:
        return {name: question.reference for name, question in self.questions.items()}

    def draw(self, seed: int) -> Mapping[str, Question]:
        """The questions with the instances of a seed, frozen. Takes milliseconds."""
        return MappingProxyType({name: self.question(name, seed) for name in self.questions})

    def question(self, function: str, seed: int) -> Question:
        """One of them, with the checks that are waived now. Raises KeyError for what nobody asks for."""
        question = self.questions[function]
        if reasons := waived_checks(function):
            question = question.waiving(reasons)
        return question.drawn(self.name, seed) if seed else question

    def catalogue(self, entries: tuple[CatalogueEntry, ...], function: str) -> list[CatalogueEntry]:
        return [entry for entry in entries if entry.function == function]


@contextlib.contextmanager
def drawn_from(seed: int) -> Iterator[None]:
    """Let hidden tests that run meanwhile draw their inputs from this seed."""
    before = _seed.set(seed)
    try:
        yield
    finally:
        _seed.reset(before)


def current_seed() -> int:
    return _seed.get()


def _generator(*names: object) -> np.random.Generator:
    digest = hashlib.sha256(json.dumps(names).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest))


def mistake(function: str, shows: str = "") -> Callable[[Answer], Answer]:
    """Mark a function as a wrong answer to `function`; its docstring is the student's hint."""
    return _catalogued("mistake", function, shows)


def shortcut(function: str) -> Callable[[Answer], Answer]:
    """Mark a function that gives the derivative asked for in `function`, and not by a formula."""
    return _catalogued("shortcut", function)


def variant(function: str) -> Callable[[Answer], Answer]:
    """Mark a function as a right answer to `function`, in another style than the reference."""
    return _catalogued("variant", function)


@dataclass(frozen=True)
class Row:
    """A wrong answer to `function`, as a change of its reference's source; the name it is given is its id.

    `old` is what the change replaces by `new`: all of the body, where it is empty.
    """

    function: str
    old: str
    new: str
    text: str
    shows: str

    def answer(self, name: str, reference: Reference) -> Answer:
        """The function. Raises ContentError when there is not exactly one place to change, or no Python."""
        source = textwrap.dedent(inspect.getsource(reference))
        head, body = source.split(":\n", 1)
        if not self.old:
            body = f"    return {self.new}\n"
        elif body.count(self.old) == 1:
            body = body.replace(self.old, self.new)
        else:
            raise ContentError(
                f"The mistake {name} changes {self.old!r}, which stands {body.count(self.old)} times in "
                f"{self.function}; it has to stand there once."
            )
        text = f"{head.replace(self.function, name, 1)}:\n{body}"
        place = f"<{self.function}: {name}>"
        names = dict(vars(inspect.getmodule(reference)))
        try:
            exec(compile(text, place, "exec"), names)
        except SyntaxError as error:
            raise ContentError(f"The mistake {name} is no Python: {error.msg}.") from error
        linecache.cache[place] = (
            len(text),
            None,
            text.splitlines(keepends=True),
            place,
        )  # inspect looks there
        answer: Answer = names[name]
        answer.__doc__ = self.text
        return _catalogued("mistake", self.function, self.shows)(answer)


def wrong(function: str, expression: str, hint: str, shows: str = "") -> Row:
    """A mistake that returns this expression of the function's arguments."""
    return Row(function, "", expression, hint, shows)


def patched(function: str, old: str, new: str, hint: str, shows: str = "") -> Row:
    """A mistake that differs from the reference in one place: `old`, which stands there once, is `new`."""
    return Row(function, old, new, hint, shows)


def _catalogued(kind: str, function: str, shows: str = "") -> Callable[[Answer], Answer]:
    def mark(answer: Answer) -> Answer:
        vars(answer)["catalogued"] = (kind, function, shows)
        return answer

    return mark


def key_names() -> tuple[str, ...]:
    """The exercises there is an answer key for, in alphabetical order."""
    folder = importlib.import_module(ANSWER_KEYS).__path__
    return tuple(sorted(module.name for module in pkgutil.iter_modules(folder)))


@cache
def load_key(name: str) -> AnswerKey:
    """The answer key called `name`. Raises LookupError, naming what exists, if there is none."""
    if name not in key_names():
        raise LookupError(f"There is no answer key {name!r}; there are: {', '.join(key_names())}.")
    return read_key(importlib.import_module(f"{ANSWER_KEYS}.{name}"))


def read_key(module: ModuleType) -> AnswerKey:
    """The record made of one answer key module.

    Raises ContentError when a check asks the harness about a function that is no derivative.
    """
    name = module.__name__.rpartition(".")[2]
    for question in module.questions:
        for check in question.checks:
            if check.harness and question.differentiates is None:
                raise ContentError(
                    f"The answer key {name} lets the harness check {question.name} ({check.name}), but "
                    "that differentiates nothing. Name what it differentiates, or leave harness out."
                )
    drawn = (_with_formula(question).drawn(name, 0) for question in module.questions)
    questions = {question.name: question for question in drawn}
    return AnswerKey(
        name=name,
        points=float(module.points),
        points_by_hand=float(module.points_by_hand),
        loss=getattr(module, "loss", None),
        gradient=getattr(module, "gradient", None),
        instances=module.instances,
        questions=MappingProxyType(questions),
        terms=MappingProxyType(getattr(module, "terms", {})),
        mistakes=_entries(module, "mistake", questions),
        variants=_entries(module, "variant", questions),
        shortcuts=_entries(module, "shortcut", questions),
        equivalent=MappingProxyType(getattr(module, "equivalent", {})),
        derivations=MappingProxyType({task.name: task for task in getattr(module, "derivations", ())}),
    )


def _with_formula(question: Question) -> Question:
    """The question with the check that asks for a formula, if it is one for a derivative."""
    if question.differentiates is None:
        return question
    half = sum(check.weight for check in question.checks)
    enlarged = next((check.draw for check in question.checks if check.scales), None)

    def draw(rng: np.random.Generator) -> Sequence[Instance]:
        large = enlarged(rng) if enlarged else ()
        return [*question.checks[0].draw(rng), *large[: len(large) // 2]]

    asks = "such inputs again, to tell a formula from differences of f"
    check = Check(FORMULA, asks, half, draw, formula=True)
    return replace(question, checks=(*question.checks, check))


def _entries(module: ModuleType, kind: str, questions: Mapping[str, Question]) -> tuple[CatalogueEntry, ...]:
    """The answers of one kind, in the order in which they are written."""
    made = []
    for each in (module, *getattr(module, "catalogues", ())):
        for name, found in vars(each).items():
            answer: Any = found
            if isinstance(found, Row):
                if found.function not in questions:
                    raise ContentError(f"The mistake {name} answers {found.function}, which nobody asks for.")
                answer = found.answer(name, questions[found.function].reference)
            marked, function, shows = getattr(answer, "catalogued", ("", "", ""))
            if marked == kind:
                made.append(CatalogueEntry(name, function, answer, inspect.getdoc(answer) or "", shows))
    return tuple(made)
