"""What we use of nbgrader that it does not promise: the chains of preprocessors behind its commands.

The gradebook's rows, the other such thing, are touched by grading/gradebook.py alone; ipykernel's
insides by running/inside/shell.py. tests/test_hosts.py says what must stay true of a new version.
"""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode
from traitlets.config import Config

Chain = list[type[Any]]  # NbGraderPreprocessor, of a package that has no types


def release_chain() -> Chain:
    """What makes a release of a source notebook, in order; without what writes to the gradebook."""
    from nbgrader.preprocessors import SaveCells

    return [step for step in _generate_assignment() if step is not SaveCells]


def entering_chain() -> Chain:
    """What enters a source notebook's cells into the gradebook, in order."""
    from nbgrader.preprocessors import SaveCells

    chain = _generate_assignment()
    return chain[: chain.index(SaveCells) + 1]


def preprocess(
    step: type[Any], config: Config, notebook: NotebookNode, resources: dict[str, Any]
) -> tuple[NotebookNode, dict[str, Any]]:
    """The notebook and resources after one step of a chain."""
    notebook, resources = step(config=config).preprocess(notebook, resources)
    return notebook, resources


def _generate_assignment() -> Chain:
    from nbgrader.converters import GenerateAssignment  # takes seconds: see docs/maintainers.md

    chain: Chain = list(GenerateAssignment.preprocessors.default_args[0])
    return chain
