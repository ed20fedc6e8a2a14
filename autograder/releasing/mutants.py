"""Wrong answers made by machine: an answer key's own functions with one thing changed.

An operator, a constant, an index, an axis, a transpose, the order of arguments, a term that is
left out. Each mutant is either noticed by a check, or does the same as the original.
"""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from autograder.problem_sets.key import Answer, Question, Reference

Change = Callable[[Any], ast.AST]  # of a node, of the kind that the change was made for

OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,),
}
COMPARISONS = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq}
RENAMED = {
    "sum": ("mean", "max"),
    "mean": ("sum",),
    "max": ("min", "sum"),
    "exp": ("expm1",),
    "log": ("log1p",),
    "zeros": ("ones",),
    "zeros_like": ("ones_like",),
    "ones": ("zeros",),
    "eye": ("ones_like",),
    "tanh": ("sinh",),
    "outer": ("multiply",),
    "abs": ("real",),
}


@dataclass(frozen=True)
class Mutant:
    """A function with one change; its name is the line that came of it, and unique for its function."""

    name: str
    answer: Answer


def mutants(question: Question) -> list[Mutant]:
    """Every mutant of a question's reference function, each program once, and not the reference itself.

    Raises ValueError when two of them have one name.
    """
    reference = question.reference
    tree = ast.parse(textwrap.dedent(inspect.getsource(reference)))
    sources, found = {ast.unparse(tree)}, {}
    for number, node in enumerate(ast.walk(tree)):
        if not isinstance(node, (ast.expr, ast.stmt)):
            continue
        for change in _changes(node):
            changed = copy.deepcopy(tree)
            target = next(n for i, n in enumerate(ast.walk(changed)) if i == number)
            _replace(changed, target, change(target))
            if (source := ast.unparse(ast.fix_missing_locations(changed))) not in sources:
                sources.add(source)
                name = _line(ast.unparse(tree), source)
                if name in found:
                    raise ValueError(f"Two mutants of {question.name} are called {name!r}.")
                found[name] = Mutant(name, _compiled(changed, reference))
    return list(found.values())


def _line(original: str, changed: str) -> str:
    """The line in which a mutant differs, and where that stands more than once, the line above as well."""
    old, new = original.splitlines(), changed.splitlines()
    place = next(i for i, (one, other) in enumerate(zip(old, new, strict=False)) if one != other)
    line = new[place].strip()
    line = f"without {old[place].strip()}" if line == "pass" else line
    return line if old.count(old[place]) == 1 else f"{line} (below {old[place - 1].strip()})"


def _compiled(tree: ast.Module, reference: Reference) -> Answer:
    names = dict(vars(inspect.getmodule(reference)))
    exec(compile(ast.fix_missing_locations(tree), "mutant", "exec"), names)
    answer: Answer = names[reference.__name__]
    return answer


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    """Put `new` where `old` stands in the tree."""
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list) and any(item is old for item in value):
                value[:] = [new if item is old else item for item in value]


def _with(**changes: object) -> Change:
    """A change of a node's fields."""

    def change(node: ast.AST) -> ast.AST:
        changed = copy.copy(node)
        for field, value in changes.items():
            setattr(changed, field, value(node) if callable(value) and not isinstance(value, type) else value)
        return changed

    return change


def _changes(node: ast.AST) -> Iterator[Change]:
    """What can be changed about a node: functions that make the changed one."""
    if isinstance(node, ast.BinOp):
        for operator in OPERATORS.get(type(node.op), ()):
            yield _with(op=operator())
        if isinstance(node.op, (ast.Add, ast.Sub, ast.Mult, ast.MatMult)):
            yield lambda n: n.left
            yield lambda n: n.right
        if isinstance(node.op, (ast.Sub, ast.Div, ast.MatMult)):
            yield _with(left=lambda n: n.right, right=lambda n: n.left)
    elif (
        isinstance(node, ast.Constant)
        and isinstance(node.value, (int, float))
        and not isinstance(node.value, bool)
    ):
        for value in {node.value + 1, node.value - 1, -node.value, node.value / 2} - {node.value}:
            whole = int(value) if isinstance(node.value, int) and value == int(value) else value
            yield _with(value=whole)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield _with(value=not node.value)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield lambda n: n.operand
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield lambda n: n.value
    elif isinstance(node, ast.Attribute):
        for name in RENAMED.get(node.attr, ()):
            yield _with(attr=name)
    elif isinstance(node, ast.Call):
        if len(node.args) >= 2:
            yield _with(args=lambda n: [n.args[1], n.args[0], *n.args[2:]])
        for place, keyword in enumerate(node.keywords):
            if keyword.arg != "dtype":
                yield _with(keywords=lambda n, k=place: [x for i, x in enumerate(n.keywords) if i != k])
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        yield _with(ops=[COMPARISONS[type(node.ops[0])]()])
    elif isinstance(node, ast.Return):
        yield _with(value=lambda n: ast.BinOp(n.value, ast.Mult(), ast.Constant(2)))
        yield _with(value=lambda n: ast.BinOp(n.value, ast.Add(), ast.Constant(1)))
        yield _with(value=None)
    elif isinstance(node, (ast.Assign, ast.AugAssign, ast.For, ast.Expr)) and not _is_docstring(node):
        yield lambda n: ast.copy_location(ast.Pass(), n)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
