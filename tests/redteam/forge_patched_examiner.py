"""Imports the module behind the hidden tests and replaces examine by a function that gives the points.

Stock nbgrader: all points of both hidden tests.
"""

WINS_UNDER_STOCK = True
CELLS = {
    "extra first cell": """
try:
    import autograder.exam

    autograder.exam.examine = lambda *args, points, **kwargs: points
except ImportError as error:
    print(error)
"""
}
