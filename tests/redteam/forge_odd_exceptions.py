"""Raises exceptions that are shown in ways of their own, or not at all: syntax errors, groups, exits.

Stock nbgrader: nothing, each of them becomes an error output.
"""

CELLS = {
    "extra first cell": """
import bdb

ODD = [SyntaxError, IndentationError, SystemExit, KeyboardInterrupt, UnicodeDecodeError, bdb.BdbQuit]
ODD += [type("<b>" + chr(27) + "[2J", (Exception,), {}), type("CellTimeoutError", (TimeoutError,), {})]
calls = 0


def raise_something(x):
    global calls
    calls += 1
    kind = ODD[calls % len(ODD)]
    raise kind.__new__(kind)
""",
    "squared_norm": "squared_norm = raise_something",
    "squared_norm_gradient": "squared_norm_gradient = raise_something",
}
