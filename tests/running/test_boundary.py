"""What a student's process can see stands on its own: it is mounted alone, under another name."""

import ast
import sys
from collections.abc import Iterator

import pytest

from tests.helpers import REPOSITORY

INSIDE = REPOSITORY / "autograder" / "running" / "inside"
MODULES = sorted(INSIDE.glob("**/*.py"))
OTHER_PEOPLES = {
    "numpy",
    "matplotlib",
    "matplotlib_inline",
    "IPython",
    "ipykernel",
    "jupyter_client",
    "traitlets",
}


def strays(source: str) -> Iterator[str]:
    """The imports, anywhere in a module, of what is not there when the folder is mounted alone.

    What the folder holds is imported relatively: by its long name it is there for us and not for students.
    """
    siblings = {path.stem for path in MODULES}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            named = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            named = [str(node.module)]
        elif isinstance(node, ast.ImportFrom):
            wanted = [node.module] if node.module else [name.name for name in node.names]
            yield from (
                f"{'.' * node.level}{name}" for name in wanted if node.level > 1 or name not in siblings
            )
            continue
        else:
            continue
        known = OTHER_PEOPLES | sys.stdlib_module_names
        yield from (name for name in named if name.partition(".")[0] not in known)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_the_students_side_imports_only_itself(path):
    assert list(strays(path.read_text())) == []


@pytest.mark.parametrize(
    "line, stray",
    [
        ("from autograder.errors import CourseError", "autograder.errors"),
        ("import autograder.running.inside.values", "autograder.running.inside.values"),
        ("from autograder.running.inside import values", "autograder.running.inside"),
        ("from ..names import Finder", "..names"),
        ("from .. import names", "..names"),
        ("from . import gradcheck", ".gradcheck"),
        ("import nbformat.v4", "nbformat.v4"),
        ("def late():\n    import nbgrader", "nbgrader"),
    ],
)
def test_a_planted_import_is_found(line, stray):
    assert list(strays(f"import json\nfrom .values import decode\n{line}\n")) == [stray]
