"""What of a release gives an answer away: snippets that compute one, and pieces of solutions."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.searching.contents import Text
from autograder.searching.expressions import normal, plainer
from autograder.searching.snippets import Snippet, free_names, is_harmless, of_code, of_text, parse, size
from autograder.searching.trying import Answer, Asked, Candidate, try_out

SMALL, LARGE = 4, 8  # names, numbers and operations: `2 * x` has three
PERHAPS = re.compile(r"[-+*/@%^(=²³×·⋅∗−]|return|yield|lambda")  # without any of these, no expression
LONG, STEPS = 60, 4  # what is put in the place of a name; how often, one in the other
PLAIN = {"np", "numpy", "math"}  # names of no variables
PIECE, LONG_PIECE = 7, 10  # of a solution: in sentences and other files; in cells that run


@dataclass(frozen=True)
class Suspect:
    """A snippet, in its text, that computes what a graded function returns; None for a value that is kept."""

    text: Text
    snippet: Snippet | None
    spelled: str
    answer: Answer

    def may_stand(self, materials: Collection[str]) -> bool:
        """Whether it gives nothing away where it stands; `materials` are the notebooks that only teach.

        These may compute in passing what an exercise asks, with numbers of their own, and may not keep a
        function that does. A function that hands its argument back is no secret as a part of other code. A
        few letters in a sentence of another notebook are about something else.
        """
        if self.snippet is None:
            return False
        snippet, at_home = self.snippet, self.text.notebook in ("", self.answer.exercise)
        if self.answer.modest and not snippet.is_function:
            told = snippet.manner == "returned" or (snippet.manner == "alone" and size(snippet.node) > 2)
            return not (snippet.spoken and at_home and told)
        if not snippet.is_function and not at_home:
            letters = size(snippet.node)
            if self.answer.renamed and letters < LARGE:
                return True
            if snippet.spoken and snippet.manner == "inline" and letters < SMALL:
                return True
        passing = not snippet.spoken and snippet.manner in ("passed", "inline")
        return passing and self.text.notebook in materials


@dataclass(frozen=True)
class Piece:
    """An expression that is, in its normal form, one of a solution or a hidden test: its `origin`."""

    text: Text
    spelled: str
    origin: str


def suspects(
    texts: Sequence[Text], asked: Sequence[Asked], materials: Collection[str], secrets: Mapping[str, str]
) -> Iterator[Suspect | Piece]:
    """What computes an answer and may not stand where it stands, and pieces of `secrets`.

    These are pieces of code, each with its origin. Raises ContentError when nothing can be tried.
    """
    found = [(text, snippet) for text in texts for snippet in snippets_of(text)]
    candidates: dict[Candidate, int] = {}
    places = [candidates.setdefault(_candidate(*one), len(candidates)) for one in found]
    contexts: dict[str, list[str]] = {}
    for text in texts:
        if text.code:
            contexts.setdefault(_context(text), []).append(text.text)
    tried = try_out(asked, list(candidates), contexts)
    forms = _forms(secrets)
    for (text, snippet), place in zip(found, places, strict=True):
        answers = [Suspect(text, snippet, _spelled(snippet), one) for one in tried.answers.get(place, ())]
        wrong = [one for one in answers if not one.may_stand(materials)]
        yield from wrong
        telling = not answers and _is_long_enough(text, snippet, materials)
        if telling and (origin := forms.get(normal(snippet.node))):
            yield Piece(text, _spelled(snippet), origin)
    for context, name, answer in tried.values:
        codes = [text for text in texts if text.code and _context(text) == context]
        root = re.match(r"\w*", name)
        kept = re.compile(rf"\b{root[0] if root else name}\b[^\n]*=")
        yield Suspect(next((text for text in codes if kept.search(text.text)), codes[0]), None, name, answer)


def _is_long_enough(text: Text, snippet: Snippet, materials: Collection[str]) -> bool:
    """Whether a piece of a solution would tell something there: cells that run share short ones with it."""
    if snippet.is_function or (text.notebook in materials and not snippet.spoken):
        return False
    return size(snippet.node) >= (PIECE if snippet.spoken or not text.notebook else LONG_PIECE)


def _forms(secrets: Mapping[str, str]) -> dict[str, str]:
    """The normal forms of all longer expressions in pieces of code, each with its origin."""
    forms: dict[str, str] = {}
    for origin, source in secrets.items():
        for node in ast.walk(parse(source) or ast.Module([], [])):
            if isinstance(node, ast.expr) and not isinstance(node, ast.Lambda) and size(node) >= PIECE:
                forms.setdefault(normal(node), origin)
    return forms


def snippets_of(text: Text) -> list[Snippet]:
    """The snippets of a text that may be tried, each once."""
    if not text.code and not PERHAPS.search(text.text):
        return []
    found = list(of_code(text.text) if text.code else of_text(text.text))
    once: dict[tuple[str, str, bool], Snippet] = {}
    for snippet in (*found, *_put_together(found)):
        if snippet.is_function or (free_names(snippet.node) - PLAIN and is_harmless(snippet.node)):
            once.setdefault((ast.dump(snippet.node), snippet.manner, snippet.spoken), snippet)
    return list(once.values())


def _put_together(snippets: Sequence[Snippet]) -> Iterator[Snippet]:
    """The expressions with what the same text gives their names: `r = A @ x - b`, and then `r @ r`."""
    given = {
        snippet.target: snippet.node
        for snippet in snippets
        if isinstance(snippet.node, ast.expr)
        if snippet.target and size(snippet.node) <= LONG and free_names(snippet.node) - PLAIN
    }
    for snippet in snippets if given else ():
        part = snippet.is_function or (snippet.manner == "inline" and not snippet.spoken)
        if part or not free_names(snippet.node) & (given.keys() - {snippet.target}):
            continue
        fresh = ast.parse(ast.unparse(snippet.node), mode="eval").body  # faster than a deep copy
        whole = _PutIn(given, {snippet.target}).visit(fresh)
        if size(whole) <= 4 * LONG and _can_be_written(whole):
            yield replace(snippet, node=whole, target="")


def _can_be_written(node: ast.AST) -> bool:
    """Whether Python can spell it: in an f-string no backslash, before Python 3.12."""
    try:
        ast.unparse(node)
    except ValueError:
        return False
    return True


class _PutIn(ast.NodeTransformer):
    """Puts expressions in the place of names, and in theirs again; none within itself."""

    def __init__(self, given: Mapping[str, ast.expr], within: set[str]) -> None:
        self.given, self.within = given, within

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not isinstance(node.ctx, ast.Load):  # bound here: `for r in …` is another r
            return node
        if node.id not in self.given or node.id in self.within or len(self.within) > STEPS:
            return node
        inner = _PutIn(self.given, {*self.within, node.id})
        put: ast.expr = inner.visit(ast.parse(ast.unparse(self.given[node.id]), mode="eval").body)
        return put


def _context(text: Text) -> str:
    return text.notebook or text.where


def _spelled(snippet: Snippet) -> str:
    lines = ast.unparse(snippet.node).splitlines()
    return lines[0] if len(lines) == 1 or not snippet.is_function else f"{lines[0]} {lines[-1].strip()}"


def _candidate(text: Text, snippet: Snippet) -> Candidate:
    node = snippet.node
    context = _context(text) if text.code else ""
    if isinstance(node, ast.Lambda):
        return Candidate(ast.unparse(node), "lambda", context=context)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        plain = _plain(node)
        return Candidate(ast.unparse(plain), node.name, context=context)
    node = plainer(node, snippet.spoken)
    telling = snippet.manner in ("returned", "assigned", "alone")
    renamed = telling or (size(node) >= SMALL and (snippet.spoken or not text.notebook))
    return Candidate(ast.unparse(node), names=tuple(sorted(free_names(node))), renamed=renamed)


def _plain(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.FunctionDef:
    """The function without what only its surroundings give a meaning: decorators, annotations, self."""
    made = ast.parse(ast.unparse(node)).body[0]
    assert isinstance(made, (ast.FunctionDef, ast.AsyncFunctionDef))
    made.decorator_list, made.returns = [], None
    arguments = made.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        argument.annotation = None
    first = (arguments.posonlyargs or arguments.args)[:1]
    if first and first[0].arg in ("self", "cls"):
        (arguments.posonlyargs or arguments.args).pop(0)
    return ast.FunctionDef(**{field: getattr(made, field) for field in made._fields}, lineno=1, col_offset=0)
