"""Imports the answer key and hands on its answers. Stock nbgrader: everything."""

WINS_UNDER_STOCK = True
CELLS = {
    "squared_norm": """
def squared_norm(x):
    from autograder.answer_keys.squared_norm import squared_norm

    return squared_norm(x)
""",
    "squared_norm_gradient": """
def squared_norm_gradient(x):
    from autograder.answer_keys.squared_norm import squared_norm_gradient

    return squared_norm_gradient(x)
""",
}
