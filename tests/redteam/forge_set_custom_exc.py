"""Handles every exception with a handler of its own, which shows nothing.

Stock nbgrader: nothing by itself, it adds the error that the kernel's reply still holds.
"""

CELLS = {
    "extra first cell": """
def nothing_happened(shell, kind, error, traceback, tb_offset=None):
    return []


get_ipython().set_custom_exc((Exception,), nothing_happened)
"""
}
