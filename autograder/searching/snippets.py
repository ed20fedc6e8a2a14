"""Python in what students get: functions and expressions, in code as in sentences, comments and strings.

A sentence is cut where no expression goes on: between two words, at the end of a line. What is left
of "it is 2 * x, of course" is `2 * x`, and the rest is nothing that a program could run.
"""

from __future__ import annotations

import ast
import builtins
import io
import itertools
import re
import textwrap
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LETTERS = 4_000  # of one expression in a sentence
# In LaTeX, and so no Python.
IN_DOLLARS = re.compile(r"\$\$[^$]*\$\$|\$[^$\n]*\$")
FORMULA = re.compile(r"[\\^_{]")
SPELLED = str.maketrans(
    {"×": "*", "·": "*", "⋅": "*", "∗": "*", "−": "-", "–": "-", "’": "'", "‘": "'", "“": '"', "”": '"'}
    | {"²": "**2", "³": "**3", "ᵀ": ".T", "⊤": ".T", "\u00a0": " ", "\u202f": " ", "\u200b": "", "\ufeff": ""}
)

UNSAFE = re.compile(
    r"_.*|save.*|load.*|genfromtxt|from(file|regex|buffer)|memmap|tofile|dumps?|lib|test.*|ctypeslib|f2py"
    r"|DataSource|open_memmap|set_.*|seterr.*"
)  # what NumPy does with files, and with itself
TELLING = (ast.BinOp, ast.BoolOp, ast.UnaryOp, ast.Compare, ast.IfExp, ast.Call, ast.Attribute, ast.Subscript)
LISTS = (ast.Tuple, ast.List, ast.ListComp)


@dataclass(frozen=True)
class Snippet:
    """One expression or function. How it stands there says how much it may tell.

    manner: "kept" a function under a name or in a list, "passed" a lambda handed to a call; "returned" an
    expression after return, "assigned" one after =, "alone" one that fills its line, "inline" any other.
    `spoken` says that it stands in a sentence, a comment or a string; `target` is the name before the =.
    """

    node: ast.expr | ast.FunctionDef | ast.AsyncFunctionDef
    manner: str
    spoken: bool
    target: str = ""

    @property
    def is_function(self) -> bool:
        return isinstance(self.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))


def parse(source: str) -> ast.Module | None:
    """The tree of a piece of Python, None when it is none. IPython's own lines are left out."""
    lines = [re.sub(r"^(\s*)[%!?].*", r"\1pass", line) for line in source.splitlines()]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "2(x)" is a call for Python, and a remark
            return ast.parse(textwrap.dedent("\n".join(lines)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def is_expression(source: str) -> bool:
    """Whether a text is one expression."""
    tree = parse(source)
    return tree is not None and len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr)


def of_code(source: str) -> Iterator[Snippet]:
    """The snippets of a cell or a module, with those of its comments and strings."""
    tree = parse(source)
    if tree is None:
        yield from of_text(source)
        return
    yield from _of_tree(tree, spoken=False)
    for text in (*comments(source), *_strings(tree)):
        yield from of_text(text)


def _without_formula(dollars: re.Match[str]) -> str:
    """What stands between dollars, without it where it is LaTeX."""
    return " ; " if FORMULA.search(dollars[0]) else dollars[0]


def of_text(text: str) -> Iterator[Snippet]:
    """The snippets of sentences, and of code that stands among them."""
    typed = re.findall(r"\\(?:texttt|mathtt|text)\{([^{}]+)\}", text)
    text = "\n".join([IN_DOLLARS.sub(_without_formula, text), *typed]).translate(SPELLED)
    for block in _blocks(text):
        tree = parse(block) if re.search(r"\b(def|return|lambda|for|class)\b|=", block) else None
        if tree is not None and len(tree.body) + len(block.splitlines()) > 2:
            yield from _of_tree(tree, spoken=True)
    quoted = [inner for pair in _QUOTED.findall(text) for inner in pair if inner]
    for piece, manner, target in itertools.chain(*map(pieces, (text, *quoted))):
        tree = parse(piece)
        if tree is not None and len(tree.body) == 1 and isinstance(statement := tree.body[0], ast.Expr):
            yield from _of_expression(statement.value, manner, target)


def comments(source: str) -> list[str]:
    """The comments of a module; lines that follow one another are one text."""
    found: list[str] = []
    last = -2
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                text = re.sub(r"^#+ ?", "", token.string)
                if token.start[0] == last + 1 and found:
                    found[-1] += "\n" + text
                else:
                    found.append(text)
                last = token.start[0]
    except (tokenize.TokenError, SyntaxError):
        pass  # what was read until then
    return found


def _strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 2:
            yield node.value


# ------------------------------------------------------------------ trees


def _of_tree(tree: ast.Module, spoken: bool) -> Iterator[Snippet]:
    handed = {
        id(argument)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for argument in (*call.args, *(keyword.value for keyword in call.keywords))
    }
    assigned = {
        id(node.value): _target(node)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)) and node.value
    }
    gives = [node for node in ast.walk(tree) if isinstance(node, (ast.Return, ast.Yield)) and node.value]
    returned = {id(node.value) for node in gives}
    if loop := _as_function(tree):
        yield Snippet(loop, "kept", spoken)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield Snippet(node, "kept", spoken)
        elif isinstance(node, ast.Lambda):
            yield Snippet(node, "passed" if id(node) in handed else "kept", spoken)
        elif isinstance(node, ast.expr) and (_tells(node) or (spoken and id(node) in returned)):
            given = "assigned" if id(node) in assigned else "inline"
            manner = "returned" if id(node) in returned else given
            yield Snippet(node, manner, spoken, assigned.get(id(node), ""))


def _as_function(tree: ast.Module) -> ast.FunctionDef | None:
    """Lines with a loop as a function of what they use and do not define, returning what they change last."""
    if not any(isinstance(statement, (ast.For, ast.While)) for statement in tree.body):
        return None
    names = [part for part in ast.walk(tree) if isinstance(part, ast.Name)]
    stored = {name.id for name in names if not isinstance(name.ctx, ast.Load)}
    called = {id(part.func) for part in ast.walk(tree) if isinstance(part, ast.Call)}
    used = {name.id for name in names if isinstance(name.ctx, ast.Load) and id(name) not in called}
    arguments = sorted(used - stored - {"np", "numpy", "math"} - set(dir(builtins)))
    changed = [
        part.value if isinstance(part, ast.Subscript) else part
        for statement in ast.walk(tree)
        if isinstance(statement, (ast.Assign, ast.AugAssign))
        for part in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
    ]
    result = [part.id for part in changed if isinstance(part, ast.Name)][-1:]
    if not arguments or not result:
        return None
    head = f"def lines({', '.join(arguments)}):\n    return {result[0]}"
    made = ast.parse(head).body[0]
    assert isinstance(made, ast.FunctionDef)
    made.body = [*tree.body, *made.body]
    return made


def _target(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    return target.id if isinstance(target, ast.Name) else ""


def _of_expression(node: ast.expr, manner: str, target: str) -> Iterator[Snippet]:
    """The snippets of an expression in a sentence."""
    for part in ast.walk(node):
        if isinstance(part, ast.Lambda):
            yield Snippet(part, "kept", True)
        elif part is node and (_tells(node) or manner == "returned"):
            yield Snippet(node, manner, True, target)
        elif isinstance(part, ast.expr) and _tells(part):
            yield Snippet(part, "inline", True)


def _tells(node: ast.expr) -> bool:
    if isinstance(node, LISTS):
        return not any(isinstance(part, ast.Slice) for part in getattr(node, "elts", ()))
    return isinstance(node, TELLING)


def size(node: ast.AST) -> int:
    """How many names, numbers and operations an expression is made of."""
    return sum(
        isinstance(
            part, (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Call, ast.Attribute, ast.Subscript)
        )
        for part in ast.walk(node)
    )


def is_harmless(node: ast.AST) -> bool:
    """Whether an expression may be computed: it reads no file and writes none."""
    return not any(
        (isinstance(part, ast.Attribute) and UNSAFE.fullmatch(part.attr))
        or isinstance(part, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr))
        or (isinstance(part, ast.Constant) and isinstance(part.value, int) and abs(part.value) > 10**6)
        or (isinstance(part, ast.Name) and part.id.startswith("__"))
        for part in ast.walk(node)
    )


def free_names(node: ast.AST) -> set[str]:
    """The names that an expression does not bind itself."""
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    bound = {name.id for name in names if not isinstance(name.ctx, ast.Load)}
    bound |= {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
    return {name.id for name in names} - bound


# ------------------------------------------------------------------ sentences


def _blocks(text: str) -> Iterator[str]:
    """The parts of a text that may be code as a whole: fenced, between empty lines, or all of it."""
    fenced = re.findall(r"(?ms)^[ >]*(?:```|~~~)[^\n]*\n(.*?)^[ >]*(?:```|~~~)", text)
    yield from fenced
    yield from re.findall(r"(?s)<!--(.*?)-->", text)
    for paragraph in re.split(r"\n\s*\n", text):
        if len(paragraph) <= 20_000:
            yield re.sub(r"(?m)^\s*(?:>>>|\.\.\.|>|In \[\d*\]:) ?", "", paragraph)
    if len(text) <= 20_000 and "\n\n" in text:
        yield text


_TOKEN = re.compile(
    r"(?P<string>'[^'\n]*'|\"[^\"\n]*\")|(?P<number>\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?j?|\.\d+)"
    r"|(?P<name>[^\W\d]\w*|\.\.\.)|(?P<stop>\.(?=\s|$))|(?P<operator>\*\*|//|<=|>=|==|!=|->|:=|[-+*/%@&|^~<>=.,:()\[\]{}])"
    r"|(?P<line>\n)|(?P<space>[^\S\n]+)|(?P<other>.)"
)
_QUOTED = re.compile(r"\"([^\"\n]{3,})\"|'([^'\n]{3,})'")
_JOINS = {"for", "in", "if", "else", "lambda", "and", "or", "not", "is"}
_OPEN, _CLOSE = {"(", "[", "{"}, {")", "]", "}"}
_NO_START = {*"*/%@&|^<>=.,:", "**", "//", "->", *_CLOSE, *(_JOINS - {"lambda", "not"})}
_NO_END = {*"+-*/%@&|^~<>=.,:", "**", "//", "->", *_OPEN, *_JOINS}


def pieces(text: str) -> Iterator[tuple[str, str, str]]:
    """The parts of a text that may be expressions, how each stands there, and the name before its =.

    In linear time.
    """
    tokens: list[tuple[str, str]] = []
    manner, depth, before, target = "alone", 0, "", ""
    for match in _TOKEN.finditer(text):
        kind, word = str(match.lastgroup), match[0]
        if kind == "space":
            before = before or " "
            continue
        operand = kind in ("string", "number", "name") and word not in _JOINS
        last_kind, last = tokens[-1] if tokens else ("", "")
        after_operand = (last_kind in ("string", "number", "name") and last not in _JOINS) or last in _CLOSE
        dotted = len(tokens) > 1 and tokens[-2][1] == "."
        call = word == "(" and before and last_kind == "name" and not dotted  # "write (n,)" calls nothing
        stops = (
            kind in ("other", "stop")
            or (kind == "line" and depth == 0)
            or (operand and after_operand)
            or (word in ("=", "->") and depth == 0)
            or word in ("return", "yield")
        )
        if kind == "line" and depth:
            before = " "
            continue
        if stops or (call and depth == 0 and last not in _JOINS):
            ends = kind in ("line", "other", "stop")
            yield from _tried(tokens, manner if ends or word in ("=", "->") else "inline", target)
            target = tokens[-1][1] if word == "=" and tokens and tokens[-1][0] == "name" else ""
            if ends:
                manner = "alone"
            elif word in ("return", "yield"):
                manner = "returned"
            elif word == "=":
                manner = "assigned"
            else:
                manner = "inline"
            tokens, depth = [], 0
            if not stops or (operand and word not in ("return", "yield")):
                tokens = [(kind, word)]
                depth = int(word in _OPEN)
        else:
            depth += (word in _OPEN) - (word in _CLOSE)
            tokens.append((kind, word))
        before = ""
    yield from _tried(tokens, manner, target)


def _tried(tokens: list[tuple[str, str]], manner: str, target: str) -> Iterator[tuple[str, str, str]]:
    """The expressions in tokens that no word interrupts: all of it, or its parts between commas."""
    tokens = _trimmed(tokens)
    words = [word for _, word in tokens]
    if not any(kind == "name" for kind, _ in tokens) or (len(words) < 2 and manner != "returned"):
        return
    piece = " ".join(words)
    if len(piece) > MAX_LETTERS:
        return
    if is_expression(piece):
        yield piece, manner, target
        return
    for cuts in ({":"}, _JOINS, {","}, {"<", ">", "|", "->", "==", "~"}):
        if cuts & set(words):
            part: list[tuple[str, str]] = []
            for token in (*tokens, ("", next(iter(cuts)))):
                if token[1] in cuts:
                    yield from _tried(part, "inline" if manner == "alone" else manner, "")
                    part = []
                else:
                    part.append(token)
            return


def _trimmed(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without what no expression begins or ends with, and without brackets that have no partner."""
    words = [word for _, word in tokens]
    start, end = 0, len(words)
    surplus = sum((word in _OPEN) - (word in _CLOSE) for word in words)
    while start < end:
        first, last = words[start], words[end - 1]
        if last in _NO_END or (surplus < 0 and last in _CLOSE):
            surplus += (last in _CLOSE) - (last in _OPEN)
            end -= 1
        elif first in _NO_START or (surplus > 0 and first in _OPEN):
            surplus += (first in _CLOSE) - (first in _OPEN)
            start += 1
        else:
            break
    return tokens[start:end]
