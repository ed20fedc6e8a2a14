"""The normal form of an expression: what is left when it is written in other words of the same meaning.

Names of variables, spacing, brackets, the order of what may be swapped, `np.dot` and `@`, `x.T` and
`np.transpose(x)`, `a * a` and `a ** 2`, `numpy.` and `np.`, conversions to floats: all the same.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import cast

SAME = {
    "matmul": "@",
    "dot": "@",
    "inner": "@",
    "vdot": "@",
    "multiply": "*",
    "add": "+",
    "subtract": "-",
} | {
    "divide": "/",
    "true_divide": "/",
    "power": "**",
    "pow": "**",
    "float_power": "**",
}
PLAIN = {"asarray", "array", "float", "float64", "asanyarray", "ascontiguousarray", "copy", "squeeze"}
MODULES = {"np", "numpy", "math", "linalg", "builtins", "jnp", "scipy"}
OPERATORS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
}

INDICES = {*"ijknm", "idx", "index", "place"}


def normal(node: ast.AST) -> str:
    """The normal form of an expression, as a text: two that mean the same are spelled the same."""
    names: dict[str, str] = {}

    def spelled(form: object, name: Callable[[str], str]) -> str:
        if not isinstance(form, tuple):
            return str(form)
        if form[0] == "name":
            return name(str(form[1]))
        if form[0] in ("+", "*"):
            parts = sorted(form[1:], key=lambda part: spelled(part, lambda _: "_"))
        else:
            parts = list(form[1:])
        return f"({form[0]} {' '.join(spelled(part, name) for part in parts)})"

    return spelled(_form(node), lambda name: names.setdefault(name, f"v{len(names)}"))


def _form(node: ast.AST) -> object:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            return f"{float(node.value):g}"
        return repr(node.value)
    if isinstance(node, ast.Name):
        return ("name", node.id)
    if isinstance(node, ast.UnaryOp):
        inner = _form(node.operand)
        return (
            _product(["-1", inner]) if isinstance(node.op, ast.USub) else ("u", type(node.op).__name__, inner)
        )
    if isinstance(node, ast.BinOp):
        sign = OPERATORS.get(type(node.op), type(node.op).__name__)
        return _operation(sign, _form(node.left), _form(node.right))
    if isinstance(node, ast.Attribute):
        if node.attr == "T":
            return ("T", _form(node.value))
        return (".", node.attr) if _is_module(node.value) else (".", node.attr, _form(node.value))
    if isinstance(node, ast.Call):
        return _call(node)
    return (type(node).__name__, *(_form(part) for part in ast.iter_child_nodes(node)))


def _is_module(node: ast.AST) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in MODULES


def _call(node: ast.Call) -> object:
    function, parts = node.func, [_form(part) for part in node.args]
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if isinstance(function, ast.Attribute) and not _is_module(function.value):
        parts = [_form(function.value), *parts]  # x.sum() is np.sum(x)
    elif not isinstance(function, (ast.Attribute, ast.Name)):
        return ("call", _form(function), *parts)
    if name in SAME and len(parts) == 2:
        return _operation(SAME[name], parts[0], parts[1])
    if name in PLAIN and parts:
        return parts[0]
    if name == "transpose" and len(parts) == 1:
        return ("T", parts[0])
    if name == "square" and len(parts) == 1:
        return _operation("**", parts[0], "2")
    if name == "negative" and len(parts) == 1:
        return _product(["-1", parts[0]])
    keywords = sorted(f"{word.arg}={normal(word.value)}" for word in node.keywords if word.arg != "dtype")
    if isinstance(function, ast.Name) and name not in ("sum", "max", "min", "abs", "len", "range"):
        return ("call", ("name", name), *parts, *keywords)
    return ("call", name, *parts, *keywords)


def _operation(sign: str, left: object, right: object) -> object:
    if sign == "-":
        return _sum([left, _product(["-1", right])])
    if sign == "+":
        return _sum([left, right])
    if sign == "*":
        return _product([left, right])
    return (sign, left, right)


def _sum(parts: list[object]) -> object:
    flat = [
        part for one in parts for part in (one[1:] if isinstance(one, tuple) and one[0] == "+" else [one])
    ]
    if len(flat) == 2 and flat[0] == flat[1]:
        return _product(["2", flat[0]])
    return ("+", *flat)


def _product(parts: list[object]) -> object:
    flat = [
        part for one in parts for part in (one[1:] if isinstance(one, tuple) and one[0] == "*" else [one])
    ]
    numbers, others, factor = [], [], 1.0
    for part in flat:
        try:
            factor *= float(part) if isinstance(part, str) else float("no number")
            numbers.append(part)
        except ValueError:
            others.append(part)
    if len(others) == 2 and others[0] == others[1]:
        others = [("**", others[0], "2")]
    if factor != 1.0 or not others:
        others = [f"{factor:g}", *others]
    return others[0] if len(others) == 1 else ("*", *others)


def plainer(node: ast.expr, spoken: bool) -> ast.expr:
    """An expression in variables only: `self.x` and `given["x"]` are `x`, and so is `x[i]` for any i.

    In a sentence, `x^2` is a square.
    """
    parts = list(ast.walk(node))
    if not any(isinstance(part, (ast.Subscript, ast.BitXor)) or _is_state(part) for part in parts):
        return node
    bound = {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    fresh = ast.parse(ast.unparse(node), mode="eval").body
    return cast(ast.expr, _Plainer(bound, spoken).visit(fresh))


def _is_state(node: ast.AST) -> bool:
    """Whether this is a variable of an object, such as `self.x`."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("self", "cls")
    )


class _Plainer(ast.NodeTransformer):
    def __init__(self, bound: set[str], spoken: bool) -> None:
        self.bound, self.spoken = bound, spoken

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if _is_state(node):
            return ast.Name(node.attr, ast.Load())
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if isinstance(node.value, ast.Name):
            index = node.slice
            if (
                isinstance(index, ast.Constant)
                and isinstance(index.value, str)
                and index.value.isidentifier()
            ):
                return ast.Name(index.value, ast.Load())
            if isinstance(index, ast.Name) and index.id in INDICES and index.id not in self.bound:
                return node.value
        return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if self.spoken and isinstance(node.op, ast.BitXor):
            node.op = ast.Pow()
        return self.generic_visit(node)
