"""Attaches pictures of 900 megapixels each to a text, 50 of them. Stock nbgrader: a page no browser opens."""

from nbformat.v4 import new_markdown_cell

from tests.pictures import as_text, png


def change(notebook):
    picture = as_text(png(30_000, 30_000))
    cell = new_markdown_cell(f"![](attachment:1.png) ![](data:image/png;base64,{picture})")
    cell.attachments = {f"{number}.png": {"image/png": picture} for number in range(50)}
    notebook.cells.append(cell)
