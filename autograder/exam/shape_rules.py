"""What NumPy's functions make of shapes: the rules that shapes.py follows a student's code by."""

from __future__ import annotations

import ast

import numpy as np

Shape = tuple[int, ...]
LARGEST = 10_000  # numbers in a shape that is believed
ENTRYWISE = frozenset(
    {
        "exp",
        "log",
        "log2",
        "log10",
        "log1p",
        "expm1",
        "sqrt",
        "abs",
        "absolute",
        "fabs",
        "tanh",
        "sinh",
        "cosh",
    }
    | {
        "square",
        "sign",
        "negative",
        "reciprocal",
        "clip",
        "round",
        "around",
        "nan_to_num",
        "real",
        "imag",
        "conj",
    }
    | {"asarray", "array", "copy", "float64", "astype", "ascontiguousarray", "cumsum", "sort"}
    | {"zeros_like", "ones_like", "empty_like", "full_like"}
)
OVER_AN_AXIS = frozenset(
    {"sum", "mean", "max", "min", "amax", "amin", "prod", "std", "var", "average", "any", "all", "median"}
    | {"argmax", "argmin"}
)
FILLED = frozenset({"zeros", "ones", "empty", "full"})
IN_PAIRS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "maximum": "max", "minimum": "min"}
METHODS = ENTRYWISE | OVER_AN_AXIS | {"reshape", "ravel", "flatten", "squeeze", "transpose", "trace"}


def is_module(node: ast.expr) -> bool:
    text = ast.unparse(node)
    return text in ("np", "numpy", "np.linalg", "numpy.linalg", "math", "linalg", "la", "LA")


def multiplied(one: Shape, other: Shape, sign: str) -> Shape | None:
    """The shape of one @ other, for vectors and matrices."""
    if not one or not other:
        return None if sign == "@" else one or other
    inner = other[0] if len(other) == 1 else other[-2]
    if one[-1] != inner:
        return None
    return (*one[:-1], *(other[-1:] if len(other) > 1 else ()))


def broadcast(one: Shape, other: Shape) -> Shape | None:
    try:
        return np.broadcast_shapes(one, other)
    except ValueError:
        return None


def rearranged(name: str, shape: Shape, others: list[Shape | None], told: bool) -> Shape | None:
    """The shape after one of NumPy's functions that are not entrywise; `told` when it has keywords."""
    other = others[0] if others else None
    if told:
        return None
    match name, len(shape):
        case "transpose", _ if not others:
            return shape[::-1]
        case "ravel" | "flatten", _:
            return (int(np.prod(shape)),)
        case "squeeze", _ if not others:
            return tuple(size for size in shape if size != 1)
        case "diag" | "diagflat", 1:
            return shape * 2
        case "diag" | "diagonal", 2:
            return (min(shape),)
        case "trace" | "det", 2:
            return ()
        case "norm", _ if not others:
            return ()
        case "inv" | "pinv", 2:
            return shape[::-1]
        case "outer", _ if other is not None:
            return (int(np.prod(shape)), int(np.prod(other)))
        case "kron", _ if other is not None and len(other) <= 2 and len(shape) <= 2:
            a, b = ((1,) * (max(len(shape), len(other)) - len(s)) + s for s in (shape, other))
            return tuple(p * q for p, q in zip(a, b, strict=True))
    return None
