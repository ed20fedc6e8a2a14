"""Calls a numerical derivative where a formula is asked for: half of the points are for a formula.

Stock nbgrader: all points, and not a word.
"""

HONEST = 5.0  # squared_norm, and half of its gradient
CELLS = {
    "squared_norm": "def squared_norm(x):\n    return np.dot(x, x)",
    "squared_norm_gradient": """
def squared_norm_gradient(x):
    return numerical_gradient(squared_norm, x)
""",
}
