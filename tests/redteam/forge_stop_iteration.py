"""Raises StopIteration, which ends a loop quietly where somebody calls next() or map().

Stock nbgrader: nothing.
"""

CELLS = {
    "squared_norm": "def squared_norm(x):\n    raise StopIteration(25.0)",
    "squared_norm_gradient": "def squared_norm_gradient(x):\n    raise GeneratorExit",
}
