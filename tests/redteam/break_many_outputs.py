"""Forty cells that each show two million characters, so that the notebook grows to 80 MB.

Stock nbgrader: it does.
"""

from nbformat.v4 import new_code_cell


def change(notebook):
    notebook.cells += [new_code_cell("display('x' * 1_900_000)") for _ in range(40)]
