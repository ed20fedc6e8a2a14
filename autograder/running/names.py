"""How a test cell finds its names, in order:

1. what locked cells and tests have defined, run by the examiner on the trusted harness;
2. Python's builtins;
3. what the student's notebook holds at that moment: functions as remote functions, arrays and
   plain values as copies, modules as our own of the same name.

Names that a solution cell of the source defines are always the student's, also when a test
removes one for a while to see who relies on it. Names that a locked cell defines are never the
student's, wherever in the notebook that cell has been moved to.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib
import sys
from collections.abc import Iterable, Iterator
from typing import Protocol

from autograder.running.inside.protocol import RemoteError, RemoteFunction
from autograder.running.inside.values import Module, Opaque


class Notebook(Protocol):
    """The student's notebook, as the names need it."""

    def look(self, name: str) -> tuple[bool, object]:
        """(True, value) when it defines the name, else (False, None)."""

    def tell(self, what: str, *values: object) -> None:
        """Assign or delete a name there."""


class Names(dict[str, object]):
    """The namespace of the tests; what is not in it is looked up in the student's notebook."""

    def __init__(self, notebook: Notebook, asked: set[str], issued: set[str]):
        super().__init__()
        self.notebook, self.asked, self.issued = notebook, asked, issued - asked
        self._seen: dict[str, object] = {}

    def look_again(self) -> None:
        """Forget what the student's notebook held: a cell of it has run since."""
        self._seen.clear()

    def __missing__(self, name: str) -> object:
        if name not in self._seen:
            own = name in self.issued or hasattr(builtins, name)
            if name.startswith("__") or (name not in self.asked and own):
                raise KeyError(name)
            found, value = self.notebook.look(name)
            if not found:
                raise KeyError(name)
            self._seen[name] = _module(value) if isinstance(value, Module) else value
        return self._seen[name]

    def __setitem__(self, name: str, value: object) -> None:
        if name in self.asked and isinstance(value, RemoteFunction):  # put back what was taken away
            self._seen.pop(name, None)
            self.notebook.tell("assign", {name: value})
        else:
            super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        if name in self.keys():
            super().__delitem__(name)
        elif name in self.asked:
            self._seen.pop(name, None)
            try:
                self.notebook.tell("delete", name)
            except RemoteError:
                raise KeyError(name) from None
        else:
            raise KeyError(name)


def _module(module: Module) -> object:
    """Our own module of that name, if it is one that is loaded here anyway."""
    return sys.modules.get(module.name) or Opaque(f"module {module.name}")


OWN_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _parsed(sources: Iterable[str]) -> Iterator[ast.Module]:
    for source in sources:
        lines = ("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
        with contextlib.suppress(SyntaxError):
            yield ast.parse("\n".join(lines))


def names_bound(sources: Iterable[str]) -> set[str]:
    """The names that cells define at their top level."""
    found: set[str] = set()
    for tree in _parsed(sources):
        waiting: list[ast.AST] = list(tree.body)
        while waiting:
            node = waiting.pop()
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found.add(node.name)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.Name):
                found |= {node.id} if isinstance(node.ctx, ast.Store) else set()
            elif not isinstance(node, OWN_SCOPES):
                waiting += ast.iter_child_nodes(node)
    return found


def names_read(sources: Iterable[str]) -> set[str]:
    """The names that cells mention anywhere."""
    return {
        node.id
        for tree in _parsed(sources)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def modules_imported(sources: Iterable[str]) -> set[str]:
    """The modules that cells import anywhere, by their full names."""
    found: set[str] = set()
    for node in (node for tree in _parsed(sources) for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def import_modules(names: Iterable[str]) -> None:
    """Import those of the named modules that there are."""
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
