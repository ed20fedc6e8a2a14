"""Closes and replaces the shell's outputs from inside a tested function.

Stock nbgrader: the visible tests pass.
"""

CELLS = {
    "squared_norm": """
def squared_norm(x):
    import sys

    get_ipython().display_pub.publish = lambda *args, **kwargs: None
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = None
    return 1.0
"""
}
