"""Replaces showtraceback, and lets every result forget its error: nothing ever goes wrong.

Stock nbgrader: both visible tests pass.
"""

CELLS = {
    "extra first cell": """
from IPython.core.interactiveshell import ExecutionResult

shell = get_ipython()
for name in ("showtraceback", "showsyntaxerror", "_showtraceback"):
    setattr(shell, name, lambda *args, **kwargs: None)
ExecutionResult.error_in_exec = property(lambda self: None, lambda self, error: None)
"""
}
