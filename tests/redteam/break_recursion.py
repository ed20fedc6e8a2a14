"""Calls itself without end, in Python and in C. Stock nbgrader: the kernel may die."""

CELLS = {
    "squared_norm": "def squared_norm(x):\n    return squared_norm(x)",
    "squared_norm_gradient": """
def squared_norm_gradient(x):
    nest = []
    for _ in range(1_000_000):
        nest = [nest]
    return nest
""",
}
