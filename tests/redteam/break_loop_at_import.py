"""Hands in a module that never finishes to be imported. Stock nbgrader: it waits for its timeout."""

CELLS = {"extra first cell": "import endless"}


def hand_in(folder):
    (folder / "endless.py").write_text("while True:\n    pass\n")
