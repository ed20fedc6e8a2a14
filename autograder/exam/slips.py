"""Slips that a student's own lines show, or the error they ended with: true of the code, whatever it was for.

Each sentence quotes what it speaks of. Nothing here guesses what somebody meant.
"""

from __future__ import annotations

import ast
import difflib
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np

from autograder.exam.calls import Reply
from autograder.exam.evidence import Code, called_name
from autograder.exam.shape_rules import Shape
from autograder.exam.shapes import Operation, operations
from autograder.gradcheck import meaning_of

LONGEST = 40  # characters of a line that are quoted
NUMBERS = re.compile(r"\d+")


def in_a_line(code: Code | None) -> str | None:
    """What a line of a wrong answer shows by itself, whatever the numbers are; None when none does."""
    sentences = (_of_a_statement(node) or _never_reached(node) for node in (code.nodes() if code else ()))
    return next((sentence for sentence in sentences if sentence), None)


def in_the_code(
    code: Code | None,
    answers: Sequence[Reply],
    inputs: Sequence[Mapping[str, object]],
    right: object,
    functions: Mapping[str, Callable[..., Any]],
) -> str | None:
    """What the code of a wrong answer shows as a whole; None when it shows nothing of this kind.

    answers are its replies to inputs, right what the first of these should have given, and functions those
    right ones that it may call.
    """
    if code is None:
        return None
    if answers and all(answer.error is None and answer.value is None for answer in answers):
        return _of_none(code)
    early = _of_a_loop_left_early(code, answers, inputs, right)
    if early is not None:
        return early
    if code.features & {"matrix()", "asmatrix()", "mat()"}:
        return (
            "You use np.matrix: there * is the matrix product, and every result keeps two axes. "
            "Use plain arrays, and @ for the product."
        )
    if not isinstance(right, tuple) and np.asarray(right).ndim < 2:
        for operation in operations(code, inputs[0], functions):
            if _makes_a_table(operation):
                return _table(operation)
    return None


def of_an_error(
    code: Code | None,
    error: BaseException,
    arguments: Mapping[str, object],
    functions: Mapping[str, Callable[..., Any]],
) -> str | None:
    """What an error says about the line it came from; None when that cannot be told."""
    kind, text = type(error).__name__, str(error)
    if (meaning := meaning_of(f"{kind}: {text}")) is not None:
        return meaning
    if found := re.search(r"name '(\w+)' is not defined", text):
        return _of_a_name(found[1], code, arguments)
    if code is None:
        return None
    for operation in operations(code, arguments, functions):
        if operation.result is None:
            return _of_sizes(operation, text)
    return None


def _of_a_statement(node: ast.AST) -> str | None:
    match node:
        case ast.Expr(value=ast.Compare(ops=[ast.Eq()]) as compared):
            return f"`{quoted(compared)}` compares and stores nothing. A single = stores."
        case ast.Expr(value=ast.BinOp() as computed):
            return f"`{quoted(computed)}` is computed and then dropped: no name keeps it."
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call) if _appends_to(call, name):
            return (
                "`append` returns None: it changes the list itself. Write it as a line of its own, without =."
            )
        case ast.BinOp(op=ast.BitXor()):
            return f"In `{quoted(node)}`, ^ is no power: Python's ^ compares bits. For a power, write **."
        case ast.For(body=body) if any(isinstance(statement, ast.Return) for statement in body):
            return (
                "A return stands inside a loop, so that its first turn is its last. "
                "If others are to follow, move it to the left."
            )
    return None


def _never_reached(node: ast.AST) -> str | None:
    """A line after a return that begins with + or −, as where an expression was broken in two."""
    body = getattr(node, "body", [])
    for before, after in itertools.pairwise(body) if isinstance(body, list) else ():
        if isinstance(before, ast.Return) and isinstance(after, ast.Expr) and _has_a_sign(after.value):
            return (
                f"`{quoted(after)}` stands after a return and is never reached. Put both lines in brackets."
            )
    return None


def _has_a_sign(node: ast.expr) -> bool:
    while isinstance(node, ast.BinOp):
        node = node.left
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.UAdd, ast.USub))


def _appends_to(call: ast.Call, name: str) -> bool:
    """Whether this is name.append(…): x = x.append(…) loses the list."""
    return called_name(call) == "append" and ast.unparse(call.func) == f"{name}.append"


def _of_none(code: Code) -> str:
    returns = [node for node in ast.walk(code.function) if isinstance(node, ast.Return)]
    if any(node.value is not None for node in returns):
        return "It returned None: is there a way through the function that meets no return?"
    if "print()" in code.features:
        return "It prints its result and returns nothing. Write return in place of print."
    return "There is no return with a value in it, so that the result is lost. Return it."


def _of_a_loop_left_early(
    code: Code, answers: Sequence[Reply], inputs: Sequence[Mapping[str, object]], right: object
) -> str | None:
    """Of a loop over range(n) with a `break`, which gave fewer than n numbers, and more for a smaller n.

    What grows with n is no work of a break: one number is left out, or every second, or five are kept. Nor
    are results in another order.
    """
    if not isinstance(right, tuple):
        return None
    for loop in (node for node in code.nodes() if isinstance(node, ast.For)):
        if not (isinstance(loop.iter, ast.Call) and called_name(loop.iter) == "range"):
            continue
        turns = ast.unparse(loop.iter.args[0]) if len(loop.iter.args) == 1 else ""
        if not _has_a_break(loop) or not isinstance(inputs[0].get(turns), int):
            continue
        for place in (p for p, part in enumerate(right) if np.shape(part) == (inputs[0][turns],)):
            seen = [
                (due, len(row))
                for answer, due in zip(answers, (given[turns] for given in inputs), strict=True)
                if isinstance(due, int) and (row := _row(answer, place, len(right))) is not None
            ]
            short = [(due, got) for due, got in seen if got < due]
            if any(more <= due and longer > got for due, got in short for more, longer in seen):
                return (
                    "A `break` can leave your loop before its last turn, and you returned fewer numbers than "
                    f"{turns} asks for. Take every one of the {turns} steps, whatever the numbers do."
                )
    return None


def _row(answer: Reply, place: int, count: int) -> Sequence[object] | None:
    """The row of numbers at this place among so many results; None where there is none."""
    if not isinstance(answer.value, tuple) or len(answer.value) != count:
        return None
    return row if _is_a_row(row := answer.value[place]) else None


def _is_a_row(value: object) -> TypeGuard[Sequence[object]]:
    if isinstance(value, np.ndarray):
        return value.ndim == 1
    return isinstance(value, list) and all(map(np.isscalar, value))


def _has_a_break(loop: ast.For) -> bool:
    """Whether a `break` leaves this loop, and not one inside it."""
    nodes: list[ast.AST] = list(loop.body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Break):
            return True
        if not isinstance(node, (ast.For, ast.While, ast.FunctionDef, ast.Lambda)):
            nodes += [
                child
                for child in ast.iter_child_nodes(node)
                if isinstance(child, (ast.stmt, ast.ExceptHandler))
            ]
    return False


def _of_a_name(name: str, code: Code | None, arguments: Mapping[str, object]) -> str:
    given = [argument.arg for argument in code.function.args.args] if code else list(arguments)
    known = [*given, *(single for single in (code.features if code else ()) if single.isidentifier())]
    alike = [each for each in known if each.lower() == name.lower() and each != name]
    alike += [each for each in difflib.get_close_matches(name, given, cutoff=0.75) if each != name]
    hint = f" Did you mean `{alike[0]}`?" if alike else ""
    return f"The name `{name}` means nothing here: nothing of that name was given or computed.{hint}"


def _of_sizes(operation: Operation, text: str) -> str | None:
    """The sentence about sizes that do not fit, if NumPy's error names these sizes too."""
    one, other = operation.left_shape, operation.right_shape
    if operation.sign == "call" and re.search("mismatch|broadcast|aligned|shape|dimension", text):
        return f"`{short(operation.text)}` is called with sizes that do not fit: {operation.left}."
    if operation.sign == "square" and "square" in text:
        return (
            f"In `{short(operation.text)}`, {_sized(operation.left, one)}. A square matrix is needed there."
        )
    if operation.sign in ("call", "square"):
        return None
    sizes = set(NUMBERS.findall(text.split("gufunc signature")[-1].rpartition("(size")[2] or text))
    if operation.sign in ("@", "dot", "solve"):
        if not one or not other:
            which = operation.left if not one else operation.right
            return (
                f"In `{short(operation.text)}`, `{short(which)}` is a single number. Multiply numbers with *."
            )
        a, b = one[-1], other[0] if len(other) == 1 or operation.sign == "solve" else other[-2]
        inner = "inner sizes" if len(one) == len(other) == 2 else "sizes"
    else:
        pairs = zip(reversed(one), reversed(other), strict=False)
        a, b = next((a, b) for a, b in pairs if a != b and 1 not in (a, b))
        inner = "sizes"
    if not {str(a), str(b)} <= sizes:
        return None
    return (
        f"In `{short(operation.text)}`, {_sized(operation.left, one)} and {_sized(operation.right, other)}: "
        f"the {inner} {a} and {b} differ."
    )


def _makes_a_table(operation: Operation) -> bool:
    """Whether a column and a flat vector are added or subtracted, which gives every pair."""
    shapes = sorted((operation.left_shape, operation.right_shape), key=len)
    flat, column = shapes
    return (
        operation.sign in ("+", "-")
        and len(flat) == 1 < flat[0]
        and len(column) == 2
        and column[1] == 1 < column[0]
    )


def _table(operation: Operation) -> str:
    rows, columns = operation.result or (0, 0)
    return (
        f"In `{short(operation.text)}`, a column of shape {operation.left_shape} meets a flat "
        f"{operation.right_shape}"
        if len(operation.left_shape) == 2
        else f"In `{short(operation.text)}`, a flat {operation.left_shape} meets a column of shape "
        f"{operation.right_shape}"
    ) + f", and NumPy makes a table of {rows}×{columns} of them. Keep both flat."


def _sized(text: str, shape: Shape) -> str:
    name = f"`{short(text)}`" if len(text) <= LONGEST else "one side"
    if not shape:
        return f"{name} is a single number"
    if len(shape) == 1:
        return f"{name} has {shape[0]} numbers"
    return f"{name} is {'×'.join(map(str, shape))}"


def quoted(node: ast.AST) -> str:
    return short(ast.unparse(node))


def short(text: str) -> str:
    """Source on one line, cut where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
