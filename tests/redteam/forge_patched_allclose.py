"""Replaces NumPy's comparisons by functions that always agree, before any test runs.

Stock nbgrader: the visible test of squared_norm passes.
"""

CELLS = {
    "extra first cell": """
import numpy as np

for name in ("allclose", "isclose", "array_equal", "array_equiv"):
    setattr(np, name, lambda *args, **kwargs: True)
"""
}
