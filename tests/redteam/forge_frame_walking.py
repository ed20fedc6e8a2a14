"""Walks from a student's function up its callers' frames to the question, and calls its reference.

Stock nbgrader: all points of both hidden tests.
"""

WINS_UNDER_STOCK = True
CELLS = {
    "extra first cell": """
import sys


def ask_the_caller(*arguments):
    frame = sys._getframe()
    while frame is not None:
        question = frame.f_locals.get("question")
        if hasattr(question, "reference"):
            return question.reference(*arguments)
        frame = frame.f_back
    return 1.0
""",
    "squared_norm": "def squared_norm(x):\n    return ask_the_caller(x)",
    "squared_norm_gradient": "def squared_norm_gradient(x):\n    return ask_the_caller(x)",
}
