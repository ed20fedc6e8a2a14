"""What a student's source shows: evidence for sentences about code, and for nothing else.

A hint that speaks of code is told only when the code shows what it speaks of. Source is a student's
own text: it may inform a hint, and it changes no points.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

MOST = 20_000  # characters of source that are read; who writes more is told by numbers alone
DEEPEST = 20  # names put in for names, until an operand counts as an expression
ROUNDING = {"round", "around", "rint", "floor", "ceil", "trunc", "fix", "int", "format", "float32", "float16"}
LIKE = {"zeros_like", "ones_like", "empty_like", "full_like", "array", "asarray", "copy", "astype"}
KEEPING = {
    "array",
    "asarray",
    "copy",
    "astype",
    "ascontiguousarray",
    "float64",
}  # of which numbers stay the same
FLATTENING = {"reshape", "resize", "ravel", "flatten"}
OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@",
    ast.BitXor: "^", ast.FloorDiv: "//", ast.Mod: "%",
}  # fmt: skip
Loop = (ast.For, ast.While)


@dataclass(frozen=True)
class Code:
    """A function as it was written, and the student's own functions that it calls, its own first.

    `engine` are the names by which the cells know what derivation.py differentiates with.
    """

    functions: tuple[ast.FunctionDef, ...]
    engine: frozenset[str] = frozenset()

    @property
    def function(self) -> ast.FunctionDef:
        return self.functions[0]

    def nodes(self) -> Iterator[ast.AST]:
        for function in self.functions:
            yield from ast.walk(function)

    def shows(self, evidence: str) -> bool:
        """Whether the code holds what `evidence` names.

        It is made of the words of `features`, joined by "&" and, of less force, by "|"; "not" turns a
        word round.
        """
        return any(
            all(self._holds(word.strip()) for word in choice.split("&")) for choice in evidence.split("|")
        )

    def _holds(self, word: str) -> bool:
        return (word[4:] not in self.features) if word.startswith("not ") else word in self.features

    @cached_property
    def features(self) -> frozenset[str]:
        """What the code holds, each in a word or two.

        `exp()` is called, the attribute `imag` read, the number 1e-05 written; `loop`, `break`, `return in
        a loop`; `Y =`, `Y -=`, `-=`, `Y[] =` and `[] =` store something; `X @ W` is a product of two names,
        in which `difference` stands for a − b and `…` for any other expression; `solve X` and `solve for b`
        are what a linear system is solved with; `rounds`, `flattens`, `made like` are any way to do so.
        """
        found: set[str] = set()
        for function in self.functions:
            found |= _features(function)
        return frozenset(found)


def code_of(student: object, name: str) -> Code | None:
    """The source of a student's function; None when there is none to be had, or it is too long.

    What is called by another name than it was defined by, or is decorated, has none.
    """
    cells = getattr(student, "sources", ())
    if cells:
        code = read_code(cells, name) if getattr(student, "__name__", name) == name else None
        return None if code is None or code.function.decorator_list else code
    if not inspect.isfunction(student):
        return None
    try:
        text = textwrap.dedent(inspect.getsource(student))
    except OSError:
        return None
    return read_code([text], student.__name__)


def read_code(cells: Sequence[str], name: str) -> Code | None:
    """The function of this name, with those that it calls: as they stand in the cells, where that is sure.

    It is not where the name gets a value twice, or in a cell that is too long or no plain Python.
    """
    defined: dict[str, ast.FunctionDef] = {}
    values, engine = 0, set()
    for cell in cells:
        try:
            tree = ast.parse(cell) if len(cell) <= MOST else None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            tree = None
        if tree is None:
            values += 2 * (re.search(rf"\b{name}\b", cell) is not None)
            continue
        values += sum(_gives_a_value(node, name) for node in ast.walk(tree))
        engine |= {bound for node in ast.walk(tree) for bound in _engine_names(node)}
        defined |= {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if name not in defined or values != 1:
        return None
    found, waiting = [], [name]
    while waiting:
        function = defined.pop(waiting.pop(0), None)
        if function is not None:
            found.append(function)
            waiting += [called_name(node) for node in ast.walk(function) if isinstance(node, ast.Call)]
    return Code(tuple(found), frozenset(engine))


def _engine_names(node: ast.AST) -> set[str]:
    """What an import binds of derivation.py, but for what students are told to import."""
    match node:
        case ast.Import(names=names):
            return {each.asname or each.name for each in names if each.name == "derivation"}
        case ast.ImportFrom(module="derivation", names=names):
            return {each.asname or each.name for each in names if each.name != "derive"}
    return set()


def _gives_a_value(node: ast.AST, name: str) -> bool:
    """Whether this defines the name, assigns to it or imports it."""
    match node:
        case ast.FunctionDef(name=defined) | ast.ClassDef(name=defined):
            return defined == name
        case ast.Name(id=stored, ctx=ast.Store()):
            return stored == name
        case ast.alias():
            return (node.asname or node.name) == name
    return False


def called_name(call: ast.Call) -> str:
    """The last name of what is called: "exp" of np.exp(z)."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _features(function: ast.FunctionDef) -> set[str]:
    found: set[str] = set()
    names = single_assignments(function)
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            found |= _of_a_call(node, names)
        elif isinstance(node, ast.Attribute):
            found |= {node.attr, *({"made like"} if node.attr == "dtype" else ())}
        elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float, complex)):
            found |= _of_a_number(node.value)
        elif isinstance(node, ast.BinOp):
            found |= _of_an_operation(node, names)
        elif isinstance(node, ast.Compare):
            found |= {"=="} if any(isinstance(op, (ast.Eq, ast.NotEq)) for op in node.ops) else set()
        elif isinstance(node, ast.FormattedValue):
            found.add("rounds")
        elif isinstance(node, ast.Break):
            found.add("break")
        elif isinstance(node, Loop):
            found |= _of_a_loop(node)
        elif isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            found.add("loop")
        elif isinstance(node, (ast.Assign, ast.AugAssign)):
            found |= _of_a_store(node)
        elif isinstance(node, ast.Name):
            found.add(node.id)
    within = any(map(_calls_a_gradient, _calls_in_loops(function)))
    if "loop" in found and not within and any(map(_calls_a_gradient, ast.walk(function))):
        found.add("gradient before the loop")
    return found


def _of_a_call(node: ast.Call, names: dict[str, ast.expr]) -> set[str]:
    name = called_name(node)
    found = {f"{name}()"}
    found |= {"rounds"} if name in ROUNDING else set()
    found |= {"made like"} if name in LIKE else set()
    found |= {"flattens"} if name in FLATTENING else set()
    if name == "astype" and "int" in ast.unparse(node):
        found.add("rounds")
    if name in ("solve", "lstsq") and len(node.args) >= 2:
        found |= {f"solve {operand(node.args[0], names)}", f"solve for {operand(node.args[1], names)}"}
    left_and_right = product(node)
    if left_and_right is not None:
        found.add(" @ ".join(operand(side, names) for side in left_and_right))
    return found


def product(node: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """The two sides of a matrix product, however it is written."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        return node.left, node.right
    if isinstance(node, ast.Call) and called_name(node) in ("dot", "matmul"):
        if len(node.args) == 2:
            return node.args[0], node.args[1]
        if len(node.args) == 1 and isinstance(node.func, ast.Attribute):
            return node.func.value, node.args[0]
    return None


def _of_a_number(value: complex) -> set[str]:
    found = {repr(value)}
    if isinstance(value, complex):
        found.add("imaginary")
    elif 0 < abs(value) < 1e-100:
        found.add("tiny number")
    elif 0 < abs(value) < 1e-4:
        found.add("small number")
    return found


def _of_an_operation(node: ast.BinOp, names: dict[str, ast.expr]) -> set[str]:
    sign = OPERATORS.get(type(node.op), "")
    found = {sign}
    if sign in ("@", "*"):
        found.add(f"{operand(node.left, names)} {sign} {operand(node.right, names)}")
    if sign == "*" and isinstance(node.left, ast.BinOp) and isinstance(node.left.op, ast.Div):
        found.add("/ … *")
    return found


def _of_a_loop(loop: ast.For | ast.While) -> set[str]:
    found = {"loop"}
    if any(isinstance(statement, ast.Return) for statement in loop.body):
        found.add("return in a loop")
    for statement in loop.body:
        if isinstance(statement, ast.Assign) and isinstance(target := statement.targets[0], ast.Name):
            read = {node.id for node in ast.walk(statement.value) if isinstance(node, ast.Name)}
            found |= set() if target.id in read else {"overwrites in a loop"}
    return found


def _of_a_store(node: ast.Assign | ast.AugAssign) -> set[str]:
    found: set[str] = set()
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        sign = f"{OPERATORS.get(type(node.op), '')}=" if isinstance(node, ast.AugAssign) else "="
        at = target
        while isinstance(at, ast.Subscript):
            at = at.value
        name = at.id if isinstance(at, ast.Name) else ""
        found |= {f"{name} {sign}", sign} if at is target else {f"{name}[] {sign}", f"[] {sign}"}
    return found


def _calls_a_gradient(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and called_name(node).endswith("gradient")


def _calls_in_loops(function: ast.FunctionDef) -> Iterator[ast.Call]:
    for loop in (node for node in ast.walk(function) if isinstance(node, Loop)):
        yield from (node for node in ast.walk(loop) if isinstance(node, ast.Call))


def single_assignments(function: ast.FunctionDef) -> dict[str, ast.expr]:
    """The local names that get a value once, and that value's expression."""
    stored: dict[str, list[ast.expr | None]] = {argument.arg: [None] for argument in function.args.args}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            stored.setdefault(node.id, []).append(None)
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            stored[node.targets[0].id] = [*stored[node.targets[0].id][1:], node.value]
    return {name: values[0] for name, values in stored.items() if len(values) == 1 and values[0] is not None}


def operand(node: ast.expr, names: dict[str, ast.expr], depth: int = 0) -> str:
    """One side of a product: a name, its transpose, `difference` or `…`. Plain factors are left out."""

    def inner(node: ast.expr) -> str:
        return operand(node, names, depth + 1)

    if depth > DEEPEST:
        return "…"
    if isinstance(node, ast.Name):
        return inner(names[node.id]) if node.id in names else node.id
    if isinstance(node, ast.UnaryOp):
        return inner(node.operand)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return _transposed(inner(node.value))
    if isinstance(node, ast.Call) and called_name(node) == "transpose":
        inside = node.args[0] if node.args else node.func
        return _transposed(
            inner(inside.value if isinstance(inside, ast.Attribute) and not node.args else inside)
        )
    if isinstance(node, ast.Call) and called_name(node) in KEEPING:
        method = (
            isinstance(node.func, ast.Attribute)
            and called_name(node) in ("copy", "astype")
            and not (node.args and called_name(node) == "copy")
        )
        return (
            inner(node.func.value if method and isinstance(node.func, ast.Attribute) else node.args[0])
            if (method or node.args)
            else "…"
        )
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, (ast.Sub, ast.Add)):
            return "difference"
        if isinstance(node.op, ast.Mult) and _is_plain(node.left):
            return inner(node.right)
        if isinstance(node.op, (ast.Mult, ast.Div)) and _is_plain(node.right):
            return inner(node.left)
    return "…"


def _is_plain(node: ast.expr) -> bool:
    """A number, as far as can be seen."""
    if isinstance(node, ast.UnaryOp):
        return _is_plain(node.operand)
    if isinstance(node, ast.BinOp):
        return _is_plain(node.left) and _is_plain(node.right)
    named = isinstance(node, ast.Name) and node.id in ("lam", "learning_rate", "n", "m", "p", "h")
    return (
        named or isinstance(node, ast.Constant) or (isinstance(node, ast.Call) and called_name(node) == "len")
    )


def _transposed(text: str) -> str:
    return text.removesuffix(".T") if text.endswith(".T") else f"{text}.T"
