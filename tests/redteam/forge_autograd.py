"""Lets a package differentiate that the grader has installed. Stock nbgrader: its own gradients."""

WINS_UNDER_STOCK = True
HONEST = 2.5
CELLS = {
    "squared_norm": """
def squared_norm(x):
    return x @ x
""",
    "squared_norm_gradient": """
def squared_norm_gradient(x):
    from autograd import grad

    return grad(lambda x: x @ x)(x)
""",
}
