"""Was a derivative written as a formula, or computed from values of the function it is the derivative of?

Two things tell. The last digits: a formula is within a few units of rounding of the reference, a difference
quotient hundreds or millions away, and that by noise: at a point beside, it is off by something else. And
the source, followed through the student's own functions: what is returned comes from the difference of
two values of the function, from an imaginary step, or from what differentiates by itself. What remains
doubtful passes, with a remark.
"""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np

from autograder.exam.calls import ask
from autograder.exam.evidence import Code, called_name, single_assignments
from autograder.problem_sets.key import Answer, Check, Instance, Question

# Units of rounding, relative to the largest entry. Measured on the catalogues over fifty seeds: right
# formulas are within 4 units; central differences beyond 11,000 at steps of 1e-5 and 1e-6, and beyond 26
# when extrapolated. The test of this module measures again.
ROUGH, COARSE = 20.0, 200.0
DIGITS = 12  # an answer that is rounded to so many digits or fewer is no difference quotient
ADVICE = "Half of the points are for a formula. Derive it on paper, and return what it gives."
DIFFERENTIATORS = frozenset(
    {"numerical_gradient", "numerical_jacobian", "complex_step_derivative", "approx_fprime"}
    | {"approx_derivative", "check_grad", "elementwise_grad", "value_and_grad", "jacfwd", "jacrev"}
)
LIKE_DIFFERENTIATORS = frozenset({"grad", "jacobian", "derivative", "hessian"})  # of a package, or one's own


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


@dataclass(frozen=True)
class Pair:
    """A right derivative with the reference's, at a point and at one close by."""

    here: Any
    due: object
    beside: Any
    due_beside: object

    @property
    def roughness(self) -> float:
        """In units of rounding. What is off by as much at both points is no noise, but a typed constant."""
        rough = roughness(self.here, self.due)
        if rough <= ROUGH:
            return rough
        try:
            here, beside = _off(self.here, self.due), _off(self.beside, self.due_beside)
        except Exception:  # close by, it is no longer an answer
            return 0.0
        return min(rough, float(abs(here - beside).max()))


def pair(value: object, due: object, question: Question, instance: Instance, student: Answer) -> Pair:
    """The pair at an instance; close to it is as close as rounding matters."""
    moved = {
        name: given * (1 + 2.0**-20) if isinstance(given, np.ndarray) else given
        for name, given in question.arguments(instance).items()
    }
    return Pair(value, due, ask(student, moved).value, question.reference(**moved))


def _off(value: Any, right: object) -> np.ndarray:
    """By how much every entry is off, in units of rounding of the largest one."""
    if isinstance(right, tuple):
        return np.concatenate([_off(part, due) for part, due in zip(value, right, strict=True)])
    due = np.asarray(right, dtype=float)
    off: np.ndarray = (np.asarray(value, dtype=float) - due).ravel()
    return off / (np.finfo(float).eps * (abs(due).max() or 1.0))


def judge(code: Code | None, function: str, pairs: Sequence[Pair]) -> tuple[Looks, str]:
    """How right values of a derivative of `function` came about, and what tells that, as a sentence."""
    reason = how_it_differentiates(code, function)
    if reason is not None:
        return Looks.NUMERICAL, reason
    least = min((pair.roughness for pair in pairs), default=0.0)
    if least > COARSE:
        return Looks.NUMERICAL, "It carries the rounding of a difference quotient, which a formula does not."
    return Looks.DOUBTFUL if least > ROUGH else Looks.LIKE_A_FORMULA, ""


def is_too_rough(question: Question, code: Code | None, failed: Sequence[Check]) -> bool:
    """Whether a derivative differs from the right one as a difference quotient does, which its source is.

    failed are the checks that it does not pass: the one for a formula, and no other.
    """
    if question.differentiates is None or [check.formula for check in failed] != [True]:
        return False
    return how_it_differentiates(code, question.differentiates.__name__) is not None


def how_it_differentiates(code: Code | None, function: str) -> str | None:
    """What in the source computes a derivative from values of `function`, as a sentence; None for nothing."""
    if code is None:
        return None
    defined = {each.name: each for each in code.functions}
    own = {name for each in code.functions for name in _names_defined(each)}
    values = _that_call(defined, set() if function.startswith("_") else {function})
    for each, reached in _reached(code.function, defined):
        calls = [node for node in reached if isinstance(node, ast.Call)]
        used = {called_name(call) for call in calls} & (DIFFERENTIATORS - own)
        named = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
        used |= named & (LIKE_DIFFERENTIATORS - own)
        if used:
            return f"It calls `{min(used)}`."
        if borrowed := {node.id for node in reached if isinstance(node, ast.Name)} & code.engine - own:
            return f"It takes `{min(borrowed)}` of `derivation.py`, which differentiates by itself."
        if _takes_an_imaginary_step(reached):
            return "It takes an imaginary step."
        if _subtracts_two_values(each, reached, values | _functions_inside(each, values)):
            name = "the function" if function.startswith("_") else function  # no name of ours
            return f"It subtracts one value of {name} from another."
    return None


def _names_defined(function: ast.FunctionDef) -> set[str]:
    """The function's own name, and all that are defined or given in it."""
    nodes = list(ast.walk(function))
    inside = {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return inside | stored | {node.arg for node in nodes if isinstance(node, ast.arg)}


def _that_call(defined: dict[str, ast.FunctionDef], values: set[str]) -> set[str]:
    """These functions, and all of the student's that call them, through however many others."""
    found = set(values)
    while True:
        more = {
            name
            for name, each in defined.items()
            if name not in found and any(_calls(node, found) for node in ast.walk(each))
        }
        if not more:
            return found
        found |= more


def _reached(
    function: ast.FunctionDef, defined: dict[str, ast.FunctionDef]
) -> Iterator[tuple[ast.FunctionDef, list[ast.AST]]]:
    """The function and those of its helpers that its result goes through, with what goes into their results.

    A test inside, or a line whose value nobody returns, is no part of that.
    """
    waiting, seen = [function.name], set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in defined:
            continue
        seen.add(name)
        nodes = _going_into_the_result(defined[name])
        waiting += [node.id for node in nodes if isinstance(node, ast.Name)]
        yield defined[name], nodes


def _going_into_the_result(function: ast.FunctionDef) -> list[ast.AST]:
    names: set[str] = set()
    taken: dict[int, ast.AST] = {}
    before = -1
    while len(taken) > before:  # until nothing more is needed for what is needed
        before = len(taken)
        for statement in ast.walk(function):
            for part in _needed(statement, names, function):
                for node in ast.walk(part):
                    taken[id(node)] = node
                    names |= {node.id} if isinstance(node, ast.Name) else set()
    return list(taken.values())


def _needed(statement: ast.AST, names: set[str], function: ast.FunctionDef) -> list[ast.AST]:
    """The expressions of a statement that a value of these names, or the result, is made of."""
    match statement:
        case ast.Return(value=ast.expr() as value):
            return [value]
        case ast.Assign(targets=targets, value=value) if names & _bases(*targets):
            return [value]
        case ast.AugAssign(target=target, value=value) | ast.For(target=target, iter=value) if names & _bases(
            target
        ):
            return [value]
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)), args=args)) if (
            name in names
        ):
            return [*args]  # losses.append(...)
        case ast.With(items=items):
            return [item.context_expr for item in items]
    return []


def _bases(*targets: ast.expr) -> set[str]:
    return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}


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


def _takes_an_imaginary_step(nodes: Sequence[ast.AST]) -> bool:
    imaginary = any(isinstance(n, ast.Constant) and isinstance(n.value, complex) for n in nodes)
    part = any(isinstance(n, ast.Attribute) and n.attr == "imag" for n in nodes)
    return (imaginary or any(_calls(n, {"complex"}) for n in nodes)) and part


def _subtracts_two_values(function: ast.FunctionDef, reached: Sequence[ast.AST], values: set[str]) -> bool:
    """Whether one value of a function is subtracted from another of the same: calls of one of these names.

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
    known: dict[str, frozenset[tuple[str, object]]] = {}

    def calls(node: ast.AST) -> frozenset[tuple[str, object]]:
        """The calls in an expression, with what they say, or one by one where their argument is moved."""
        if isinstance(node, ast.Name) and node.id in names:
            if node.id not in known:
                known[node.id] = frozenset()  # a name that is made of itself ends here
                known[node.id] = calls(names[node.id])
            return known[node.id]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in values:
            inside = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            return frozenset({(node.func.id, id(node) if inside & moved else ast.unparse(node))})
        return frozenset().union(*map(calls, ast.iter_child_nodes(node)))

    for node in reached:
        sides: list[ast.expr] = []
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            sides = [node.left, node.right]
        elif _calls(node, {"subtract"}) and len(node.args) == 2:
            sides = list(node.args)
        if sides:
            one, other = map(calls, sides)
            if {name for name, _ in one - other} & {name for name, _ in other - one}:
                return True
    return False
