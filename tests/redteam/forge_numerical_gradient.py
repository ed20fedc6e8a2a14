"""Calls a numerical derivative where a formula is asked for. It is right, so it earns its points.

Stock nbgrader: all points, and not a word. Here the feedback names it.
"""

HONEST = 7.5
CELLS = {
    "squared_norm": "def squared_norm(x):\n    return np.dot(x, x)",
    "squared_norm_gradient": """
def squared_norm_gradient(x):
    return numerical_gradient(squared_norm, x)
""",
}
