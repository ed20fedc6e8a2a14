"""Moves the locked first cell, which imports gradient_check, behind the tests, and defines its own.

Stock nbgrader: the visible test of the gradient passes with a wrong gradient.
"""

HONEST = 2.5  # squared_norm is right
CELLS = {
    "extra first cell": """
import numpy as np
import matplotlib.pyplot as plt


def gradient_check(*args):
    return True


numerical_gradient = gradient_check
""",
    "squared_norm": "def squared_norm(x):\n    return np.dot(x, x)",
}


def change(notebook):
    setup = next(cell for cell in notebook.cells if cell.id == "setup")
    notebook.cells.remove(setup)
    notebook.cells.append(setup)
