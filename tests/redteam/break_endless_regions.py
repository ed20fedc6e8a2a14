"""Fills locked cells with marks that begin and never end, which took time by the square of their number.

Stock nbgrader: it puts the cells back unread.
"""

from autograder.problem_sets.notebooks import is_locked


def change(notebook):
    for cell in [cell for cell in notebook.cells if is_locked(cell)]:
        cell.source = "BEGIN HIDDEN TESTS BEGIN MARK SCHEME\n" * 3_000
