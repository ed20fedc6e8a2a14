"""The source text of answer keys: all that must not leak, and the part of it that decides about points."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil

from autograder.problem_sets.key import ANSWER_KEYS, CATALOGUED, UNJUDGED


def key_sources(name: str) -> dict[str, str]:
    """The source text of all that makes up an answer key: {name of a module: its text}."""
    module = importlib.import_module(f"{ANSWER_KEYS}.{name}")
    inside = pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module.__name__}.")
    modules = [module, *(importlib.import_module(found.name) for found in inside)]
    return {each.__name__: inspect.getsource(each) for each in modules}


def judging_sources(name: str) -> list[str]:
    """The source text of what an answer key judges by: its checks, inputs and references.

    Without what only explains or proves: catalogued answers, terms, and mutants that may pass.
    """
    module = importlib.import_module(f"{ANSWER_KEYS}.{name}")
    catalogues = {each.__name__ for each in getattr(module, "catalogues", ())}
    return [
        ast.get_source_segment(text, node) or ""
        for place, text in key_sources(name).items()
        if place not in catalogues
        for node in ast.parse(text).body
        if not _explains(node)
    ]


def _explains(node: ast.stmt) -> bool:
    """Whether a statement of an answer key has no part in what an answer earns."""
    if isinstance(node, ast.FunctionDef):
        called = [each.func for each in node.decorator_list if isinstance(each, ast.Call)]
        return any(isinstance(each, ast.Name) and each.id in CATALOGUED for each in called)
    if isinstance(node, ast.Assign):
        value = node.value.func if isinstance(node.value, ast.Call) else None
        if isinstance(value, ast.Name) and value.id in ("wrong", "patched"):
            return True
        return any(isinstance(name, ast.Name) and name.id in UNJUDGED for name in node.targets)
    return isinstance(node, (ast.Import, ast.ImportFrom)) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )
