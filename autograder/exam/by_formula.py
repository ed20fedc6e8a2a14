"""Was a derivative written as a formula, or computed from values of the function it is the derivative of?

Two things tell. The last digits: a formula is within a few units of rounding of the reference, a difference
quotient hundreds or millions away. And the source, followed through the student's own functions: it
subtracts two values of the function, takes an imaginary step, or calls what differentiates by itself.
What remains doubtful passes, with a remark.
"""

from __future__ import annotations

import ast
import enum
from collections.abc import Sequence
from typing import Any, TypeGuard

import numpy as np

from autograder.exam.evidence import Code, called_name, single_assignments

# Units of rounding, relative to the largest entry. Measured on the catalogues over fifty seeds: right
# formulas are within 4 units; central differences beyond 11,000 at steps of 1e-5 and 1e-6, and beyond 26
# when extrapolated. The test of this module measures again.
ROUGH, COARSE = 20.0, 200.0
DIGITS = 12  # an answer that is rounded to so many digits or fewer is no difference quotient
ADVICE = "Half of the points are for a formula. Derive it on paper, and return what it gives."
DIFFERENTIATORS = frozenset(
    {
        "numerical_gradient",
        "numerical_jacobian",
        "complex_step_derivative",
        "approx_fprime",
        "approx_derivative",
    }
    | {"check_grad", "grad", "elementwise_grad", "value_and_grad", "jacobian", "jacfwd", "jacrev", "hessian"}
    | {"jvp", "vjp", "derivative", "backward"}
)
DEEPEST = 10


def roughness(value: Any, right: object) -> float:
    """How far a right derivative is from the formula, in units of rounding; 0 when that says nothing.

    Nothing is said of single precision, nor of numbers that were rounded: they are off for another reason.
    """
    if isinstance(right, tuple):
        return max(roughness(part, due) for part, due in zip(value, right, strict=True))
    yours, due = np.asarray(value), np.asarray(right, dtype=float)
    size = abs(due).max()
    if yours.dtype != float or not size:
        return 0.0
    off = float(abs(yours - due).max() / (np.finfo(float).eps * size))
    decimals = range(max(1, DIGITS + 1 - int(np.ceil(np.log10(size)))))
    rounded = off > ROUGH and any((np.round(yours, place) == yours).all() for place in decimals)
    return 0.0 if rounded else off


class Looks(enum.IntEnum):
    """How a right derivative seems to have been computed."""

    LIKE_A_FORMULA = 0
    DOUBTFUL = 1
    NUMERICAL = 2


def judge(code: Code | None, function: str, replies: Sequence[tuple[Any, object]]) -> tuple[Looks, str]:
    """How right values of a derivative of `function` came about, and what tells that, as a sentence.

    replies are the student's values with the references'.
    """
    reason = how_it_differentiates(code, function)
    if reason is not None:
        return Looks.NUMERICAL, reason
    least = min((roughness(value, right) for value, right in replies), default=0.0)
    if least > COARSE:
        return Looks.NUMERICAL, "It carries the rounding of a difference quotient, which a formula does not."
    return Looks.DOUBTFUL if least > ROUGH else Looks.LIKE_A_FORMULA, ""


def how_it_differentiates(code: Code | None, function: str) -> str | None:
    """What in the source computes a derivative from values of `function`, as a sentence; None for nothing."""
    if code is None:
        return None
    known = {each.name for each in code.functions}
    values = {function} | {
        each.name for each in code.functions[1:] if any(_calls(node, {function}) for node in ast.walk(each))
    }
    for each in code.functions:
        used = {called_name(node) for node in ast.walk(each) if _calls(node, DIFFERENTIATORS - known)}
        if used:
            return f"It calls `{min(used)}`."
        if _takes_an_imaginary_step(each):
            return "It takes an imaginary step."
        if _subtracts_two_values(each, values | _functions_inside(each, values)):
            return f"It subtracts one value of {function} from another."
    return None


def _calls(node: ast.AST, names: frozenset[str] | set[str]) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and called_name(node) in names


def _functions_inside(function: ast.FunctionDef, values: set[str]) -> set[str]:
    """Functions defined inside that call one of `values`, and arguments that are called."""
    found = {argument.arg for argument in function.args.args}
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef) and node is not function:
            found |= {node.name} if any(_calls(inner, values) for inner in ast.walk(node)) else set()
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            called = any(_calls(inner, values) for inner in ast.walk(node.value))
            found |= {t.id for t in node.targets if isinstance(t, ast.Name)} if called else set()
    return found


def _takes_an_imaginary_step(function: ast.FunctionDef) -> bool:
    nodes = list(ast.walk(function))
    imaginary = any(isinstance(n, ast.Constant) and isinstance(n.value, complex) for n in nodes)
    part = any(isinstance(n, ast.Attribute) and n.attr == "imag" for n in nodes)
    return (imaginary or any(_calls(n, {"complex"}) for n in nodes)) and part


def _subtracts_two_values(function: ast.FunctionDef, values: set[str]) -> bool:
    """Whether a value of a function is subtracted from another one: calls of these names, or what holds them.

    The two must be of different arguments: diag(p) − ppᵀ, with p on both sides, is a formula.
    """
    names = single_assignments(function)
    moved = {  # arrays that are stepped in place, so that the same call gives another value
        stored.value.id
        for stored in ast.walk(function)
        if isinstance(stored, ast.Subscript)
        and isinstance(stored.ctx, ast.Store)
        and isinstance(stored.value, ast.Name)
    }

    def calls(node: ast.AST, depth: int = 0) -> set[object]:
        """The calls in an expression: by what they say, or one by one where their argument is moved."""
        if depth > DEEPEST:
            return set()
        if isinstance(node, ast.Name) and node.id in names:
            return calls(names[node.id], depth + 1)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in values:
            inside = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            return {id(node) if inside & moved else ast.unparse(node)}
        return set().union(*(calls(child, depth + 1) for child in ast.iter_child_nodes(node)))

    differences = (
        (calls(node.left), calls(node.right))
        for node in ast.walk(function)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
    )
    return any(one - other and other - one for one, other in differences)
