"""Handles every exception with a handler of its own, which shows nothing.

Stock nbgrader: both visible tests pass, because a test without an error output has passed.
"""

WINS_UNDER_STOCK = True
CELLS = {
    "extra first cell": """
def nothing_happened(shell, kind, error, traceback, tb_offset=None):
    return []


get_ipython().set_custom_exc((Exception,), nothing_happened)
"""
}
