"""Replaces the builtin abs: every difference the hidden tests look at is then 0.

Stock nbgrader: all points of the hidden test of squared_norm.
"""

WINS_UNDER_STOCK = True
CELLS = {
    "extra first cell": """
import builtins

builtins.abs = lambda value: 0 * value
"""
}
