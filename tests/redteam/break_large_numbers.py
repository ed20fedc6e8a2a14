"""Returns whole numbers of a million digits, and tuples of everything JSON has no word for.

Stock nbgrader: nothing.
"""

CELLS = {
    "squared_norm": "def squared_norm(x):\n    return 7 ** 1_000_000",
    "squared_norm_gradient": """
def squared_norm_gradient(x):
    return [float("nan"), -float("inf"), 10**300, 1j, {1: {2: set()}}, (frozenset(),), ..., None]
""",
}
