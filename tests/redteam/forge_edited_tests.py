"""Replaces the text of every test by a print, and gives the tests no points and other flags.

Stock nbgrader: nothing, it puts the text of locked cells back.
"""


def change(notebook):
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source = "print('all tests passed')"
            cell.metadata.nbgrader.update(locked=False, solution=True, points=0)
