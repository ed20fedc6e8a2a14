"""Searches every object of the process for the answer key's reference functions, and calls them.

Stock nbgrader: all points of both hidden tests.
"""

WINS_UNDER_STOCK = True
CELLS = {
    "extra first cell": """
import gc
import types


def find(name, *arguments):
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType) and thing.__name__ == name:
            if thing.__module__ != "__main__":
                return thing(*arguments)
    return 1.0
""",
    "squared_norm": "def squared_norm(x):\n    return find('squared_norm', x)",
    "squared_norm_gradient": "def squared_norm_gradient(x):\n    return find('squared_norm_gradient', x)",
}
