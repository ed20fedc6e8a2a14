"""Replaces the shell's showtraceback, so that no error ever becomes an output.

Stock nbgrader: both visible tests pass.
"""

WINS_UNDER_STOCK = True
CELLS = {
    "extra first cell": """
shell = get_ipython()
for name in ("showtraceback", "showsyntaxerror", "_showtraceback"):
    setattr(shell, name, lambda *args, **kwargs: None)
"""
}
