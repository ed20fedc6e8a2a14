"""A cell that never ends. Stock nbgrader: it waits for its timeout, then the kernel is gone."""

CELLS = {"extra first cell": "while True:\n    pass"}
