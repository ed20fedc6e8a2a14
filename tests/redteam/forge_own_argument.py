"""Changes its argument in place and returns that same array, so that both sides are one object.

Stock nbgrader: tests that compare the answer with the changed input.
"""

CELLS = {
    "squared_norm_gradient": """
def squared_norm_gradient(x):
    x[...] = 0
    return x
"""
}
