"""Shows JSON of many small values in forty cells: short to send, large to hold. Stock nbgrader keeps all."""

from nbformat.v4 import new_code_cell

show = """
from IPython.display import publish_display_data

publish_display_data({"application/json": [{}] * 450_000, "text/plain": "x"})
"""


def change(notebook):
    notebook.cells += [new_code_cell(show) for _ in range(40)]
