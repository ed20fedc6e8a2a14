"""Hands in every test twice, one of them empty, as if either could count. Stock nbgrader: no grade at all."""

import copy


def change(notebook):
    tests = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    for place, cell in enumerate(tests):
        twin = copy.deepcopy(cell)
        twin.source, twin.id = "pass", f"twin-{place}"
        notebook.cells.append(twin)
