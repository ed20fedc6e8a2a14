"""A student's code without what tells whose it is: comments, texts of its own, names of people."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterable

SHORTEST = 3  # letters of a name worth looking for
ORDINARY = {word.lower() for word in (*keyword.kwlist, *dir(builtins))}  # Max and Sum are in there


def code(source: str, people: Iterable[str]) -> str:
    """source without comments, documentation and names of people; other texts become "…".

    Code that is no Python keeps its lines, without quoted texts and what follows a #.
    """
    try:
        text = ast.unparse(_Plain().visit(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        text = re.sub(r'(?s)("""|\'\'\').*?(\1|\Z)', "", source)
        text = re.sub(r"#.*|(\"[^\"\n]*\"?|'[^'\n]*'?)", lambda found: '"…"' if found[1] else "", text)
        text = "\n".join(line.rstrip() for line in text.splitlines() if line.strip())
    return without_names(text, people)


def without_names(text: str, people: Iterable[str]) -> str:
    """The text with "name" in place of each word of these people's names."""
    words = {word.lower() for name in people for word in re.findall(r"[^\W_]+", name)} - ORDINARY
    found = "|".join(sorted(map(re.escape, (word for word in words if len(word) >= SHORTEST))))
    # An attribute (np.max) is somebody else's name for something, whoever is called Max.
    return re.sub(rf"(?i)(?<![^\W_])(?<!\.)({found})(?![^\W_])", "name", text) if found else text


class _Plain(ast.NodeTransformer):
    """Drops documentation and hides texts."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return None
        return self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        body = getattr(node, "body", None)
        if body == [] and not isinstance(node, ast.Module):
            body.append(ast.Pass())
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("…") if isinstance(node.value, (str, bytes)) else node
