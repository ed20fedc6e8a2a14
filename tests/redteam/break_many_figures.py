"""Draws pictures of 49 megapixels in a hundred cells, ten times each. Stock nbgrader: a page of gigabytes."""

from nbformat.v4 import new_code_cell

from tests.pictures import as_text, png

show = f"""
from IPython.display import publish_display_data

for _ in range(10):
    publish_display_data({{"image/png": "{as_text(png(7000, 7000))}", "text/plain": "x"}})
"""


def change(notebook):
    notebook.cells += [new_code_cell(show) for _ in range(100)]
