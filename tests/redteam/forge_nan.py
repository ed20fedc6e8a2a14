"""Returns NaN and infinity, with which no comparison is true.

Stock nbgrader: tests of the form not (a > b).
"""

CELLS = {
    "squared_norm": "def squared_norm(x):\n    return float('nan')",
    "squared_norm_gradient": "def squared_norm_gradient(x):\n    return np.full(len(x), np.inf)",
}
