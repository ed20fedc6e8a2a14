"""The shapes in a student's function, followed through its source: which sizes do not fit, and whose.

The shapes of the arguments are known; those of everything else are worked out from what is written,
line by line, as NumPy would. Nothing of the student's is run. What cannot be worked out is unknown, and
nothing is said about it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exam.evidence import OPERATORS, Code, called_name, product
from autograder.exam.shape_rules import (
    ENTRYWISE,
    FILLED,
    IN_PAIRS,
    LARGEST,
    METHODS,
    OVER_AN_AXIS,
    Shape,
    broadcast,
    is_module,
    multiplied,
    rearranged,
)


@dataclass(frozen=True)
class Operation:
    """Two operands, as they are written, and what becomes of their shapes: None where they do not fit.

    sign is an operator, "dot" or "solve"; or "square", of a matrix alone that is to be one, or "call", of a
    right function, where `left` says what it was given.
    """

    text: str
    sign: str
    left: str
    left_shape: Shape
    right: str
    right_shape: Shape
    result: Shape | None


def operations(
    code: Code, arguments: Mapping[str, object], functions: Mapping[str, Callable[..., Any]]
) -> list[Operation]:
    """What the function does with two arrays, in order, as far as shapes can be followed.

    arguments are those of one call, by the names of the question; the function's own names may differ.
    functions are right ones that it may call, by name.
    """
    names = [argument.arg for argument in code.function.args.args]
    shapes: dict[str, Shape | None] = {
        name: np.asarray(value).shape
        for name, value in zip(names, arguments.values(), strict=False)
        if not callable(value)
    }
    walk = _Walk(shapes, functions)
    walk.statements(code.function.body)
    return walk.operations


class _Walk:
    """One pass over a function's statements."""

    def __init__(self, shapes: dict[str, Shape | None], functions: Mapping[str, Callable[..., Any]]):
        self.shapes, self.functions = shapes, functions
        self.integers: dict[str, int | None] = {}
        self.operations: list[Operation] = []

    def statements(self, body: list[ast.stmt]) -> None:
        for statement in body:
            match statement:
                case ast.Assign(targets=[target], value=value):
                    self._assign(target, value)
                case ast.AnnAssign(target=target, value=ast.expr() as value):
                    self._assign(target, value)
                case ast.AugAssign(target=ast.Name(id=name) as target, op=op, value=value):
                    read = ast.Name(name, ast.Load())
                    self.shapes[name] = self.shape(ast.BinOp(read, op, value))
                    self.integers[name] = None
                case ast.Return(value=ast.expr() as value) | ast.Expr(value=value):
                    self.shape(value)
                case ast.For(target=target, iter=over, body=inside):
                    self._loop(target, over)
                    self.statements(inside)
                case ast.If(body=inside, orelse=otherwise) | ast.While(body=inside, orelse=otherwise):
                    self.statements(inside)
                    self.statements(otherwise)
                case ast.With(body=inside):
                    self.statements(inside)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        shape, number = self.shape(value), self.integer(value)
        if isinstance(target, ast.Name):
            self.shapes[target.id], self.integers[target.id] = shape, number
        elif isinstance(target, (ast.Tuple, ast.List)):
            known = self._parts_of_a_call(value)
            for place, part in enumerate(target.elts):
                if isinstance(part, ast.Name):
                    each = value.elts[place] if isinstance(value, (ast.Tuple, ast.List)) else None
                    self.shapes[part.id] = self.shape(each) if each else known.get(place)
                    self.integers[part.id] = self.integer(each) if each else self._size(value, place)
                    if self.integers[part.id] is not None:
                        self.shapes[part.id] = ()

    def _loop(self, target: ast.expr, over: ast.expr) -> None:
        counts = isinstance(over, ast.Call) and called_name(over) == "range"
        shape = None if counts else self.shape(over)
        for part in ast.walk(target):
            if isinstance(part, ast.Name):
                self.shapes[part.id], self.integers[part.id] = None, None
        if isinstance(target, ast.Name):
            self.shapes[target.id] = () if counts else shape[1:] if shape else None

    # -------------------------------------------------------------- whole numbers

    def integer(self, node: ast.expr | None) -> int | None:
        match node:
            case ast.Constant(value=bool()):
                return None
            case ast.Constant(value=int(value)):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=inside):
                return None if (number := self.integer(inside)) is None else -number
            case ast.Name(id=name):
                return self.integers.get(name)
            case ast.Subscript(
                value=ast.Attribute(attr="shape") as shape, slice=ast.Constant(value=int(place))
            ):
                return self._size(shape, place)
            case ast.Call(func=ast.Name(id="len"), args=[argument]):
                measured = self.shape(argument)
                return measured[0] if measured else None
            case ast.Attribute(attr="size", value=argument):
                measured = self.shape(argument)
                return None if measured is None else int(np.prod(measured))
        return None

    def _size(self, node: ast.expr, place: int) -> int | None:
        """The entry at `place` of x.shape."""
        if not (isinstance(node, ast.Attribute) and node.attr == "shape"):
            return None
        shape = self.shape(node.value)
        return shape[place] if shape and -len(shape) <= place < len(shape) else None

    # -------------------------------------------------------------- shapes

    def shape(self, node: ast.expr | None) -> Shape | None:
        """The shape of an expression's value; None when unknown."""
        found = self._shape(node) if node is not None else None
        return (
            None
            if found is not None and (min(found, default=0) < 0 or max(found, default=0) > LARGEST)
            else found
        )

    def _shape(self, node: ast.expr) -> Shape | None:
        sides = product(node)
        if sides is not None:
            return self._pair(node, "@" if isinstance(node, ast.BinOp) else "dot", *sides)
        match node:
            case ast.Constant(value=int() | float() | complex()):
                return ()
            case ast.Name(id=name):
                return self.shapes.get(name)
            case ast.UnaryOp(operand=inside):
                return self.shape(inside)
            case ast.BinOp(left=left, op=op, right=right):
                return self._pair(node, OPERATORS.get(type(op), "?"), left, right)
            case ast.Attribute(attr="T", value=inside):
                return None if (shape := self.shape(inside)) is None else shape[::-1]
            case ast.Attribute(attr="real" | "imag", value=inside):
                return self.shape(inside)
            case ast.Subscript(value=inside, slice=index):
                return self._part(self.shape(inside), index)
            case ast.Call():
                return self._call(node)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:  # for the operations in them
                    self.shape(part)
        return None

    def _pair(self, node: ast.expr, sign: str, left: ast.expr, right: ast.expr) -> Shape | None:
        one, other = self.shape(left), self.shape(right)
        if one is None or other is None:
            return None
        result = multiplied(one, other, sign) if sign in ("@", "dot") else broadcast(one, other)
        texts = (ast.unparse(part) for part in (node, left, right))
        text, a, b = texts
        self.operations.append(Operation(text, sign, a, one, b, other, result))
        return result

    def _part(self, shape: Shape | None, index: ast.expr) -> Shape | None:
        if shape is None:
            return None
        parts = index.elts if isinstance(index, ast.Tuple) else [index]
        left, result = list(shape), list[int]()
        for part in parts:
            match part:
                case ast.Constant(value=None) | ast.Attribute(attr="newaxis"):
                    result.append(1)
                case ast.Slice(lower=None, upper=None, step=None) if left:
                    result.append(left.pop(0))
                case _ if left and (self.integer(part) is not None or self.shape(part) == ()):
                    left.pop(0)
                case _:
                    return None
        return (*result, *left)

    def _call(self, call: ast.Call) -> Shape | None:
        name, arguments = called_name(call), list(call.args)
        if isinstance(call.func, ast.Attribute) and not is_module(call.func.value) and name in METHODS:
            arguments.insert(0, call.func.value)
        if not arguments:
            return None
        first = arguments[0]
        if name in FILLED or name in ("eye", "identity"):
            return self._filled(name, first)
        if name in IN_PAIRS and len(arguments) == 2:
            return self._pair(call, IN_PAIRS[name], *arguments)
        if self._is_known(call):
            value = self._known(call)
            return None if value is None or isinstance(value, tuple) else np.asarray(value).shape
        if name == "solve" and len(arguments) == 2:
            return self._solved(call, *arguments)
        shape = self.shape(first)
        if shape is None:
            return None
        if name == "inv" and len(shape) == 2 and shape[0] != shape[1]:
            self._square(call, first, shape)
            return None
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        if name in ENTRYWISE:
            return shape
        if name in OVER_AN_AXIS:
            return self._over_an_axis(shape, arguments[1:], keywords)
        if name in ("reshape",):
            return self._reshaped(shape, arguments[1:])
        return rearranged(name, shape, [self.shape(argument) for argument in arguments[1:]], bool(keywords))

    def _solved(self, call: ast.Call, matrix: ast.expr, side: ast.expr) -> Shape | None:
        one, other = self.shape(matrix), self.shape(side)
        if one is None or other is None or len(one) != 2 or not other:
            return None
        if one[0] != one[1]:
            self._square(call, matrix, one)
            return None
        result = other if one[0] == other[0] else None
        texts = ast.unparse(call), ast.unparse(matrix), ast.unparse(side)
        self.operations.append(Operation(texts[0], "solve", texts[1], one, texts[2], other, result))
        return result

    def _square(self, call: ast.Call, matrix: ast.expr, shape: Shape) -> None:
        self.operations.append(
            Operation(ast.unparse(call), "square", ast.unparse(matrix), shape, "", (), None)
        )

    def _filled(self, name: str, size: ast.expr) -> Shape | None:
        sizes: tuple[int | None, ...] | Shape | None
        if isinstance(size, ast.Tuple):
            sizes = tuple(map(self.integer, size.elts))
        elif isinstance(size, ast.Attribute) and size.attr == "shape":
            sizes = self.shape(size.value)
        else:
            sizes = (self.integer(size),)
        if sizes is None or None in sizes:
            return None
        whole = tuple(size for size in sizes if size is not None)
        return whole * 2 if name in ("eye", "identity") else whole

    def _known(self, call: ast.Call) -> object:
        """What a right function gives for arrays of these shapes; None when that is not to be had."""
        shapes = [self.shape(argument) for argument in call.args]
        if call.keywords or None in shapes:
            return None
        given = [shape for shape in shapes if shape is not None]
        texts = [ast.unparse(argument) for argument in call.args]
        try:
            return self.functions[called_name(call)](*map(np.ones, given))
        except np.linalg.LinAlgError:  # of ones, nothing can be solved with
            return None
        except ValueError:
            told = ", ".join(f"{text} has shape {shape}" for text, shape in zip(texts, given, strict=True))
            self.operations.append(Operation(ast.unparse(call), "call", told, (), "", (), None))
        except Exception:  # called in a way that it does not take
            return None
        return None

    def _parts_of_a_call(self, value: ast.expr) -> dict[int, Shape]:
        """The shapes of what a right function returns together, by their places."""
        if not (isinstance(value, ast.Call) and self._is_known(value)):
            return {}
        parts = self._known(value)
        return {i: np.asarray(part).shape for i, part in enumerate(parts)} if isinstance(parts, tuple) else {}

    def _is_known(self, call: ast.Call) -> bool:
        return isinstance(call.func, ast.Name) and call.func.id in self.functions

    def _over_an_axis(
        self, shape: Shape, rest: list[ast.expr], keywords: Mapping[str | None, ast.expr]
    ) -> Shape | None:
        axis = keywords.get("axis", rest[0] if rest else None)
        keep = "keepdims" in keywords
        if axis is None:
            return (1,) * len(shape) if keep else ()
        place = self.integer(axis)
        if place is None or not -len(shape) <= place < len(shape):
            return None
        place %= len(shape)
        return (*shape[:place], *((1,) if keep else ()), *shape[place + 1 :])

    def _reshaped(self, shape: Shape, sizes: list[ast.expr]) -> Shape | None:
        parts = sizes[0].elts if len(sizes) == 1 and isinstance(sizes[0], ast.Tuple) else sizes
        given = [self.integer(part) for part in parts]
        known = [size for size in given if size is not None and size >= 0]
        count = int(np.prod(shape))
        if None in given or len(known) < len(given) - 1 or (len(known) < len(given) and not np.prod(known)):
            return None
        left = count // int(np.prod(known)) if len(known) < len(given) else 0
        whole = tuple(left if size == -1 else int(size or 0) for size in given)
        return whole if np.prod(whole) == count else None
