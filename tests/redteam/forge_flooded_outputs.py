"""Shows so much while a test runs that there seems to be no room left for the test's own verdict.

Stock nbgrader: nothing, it keeps every output.
"""

CELLS = {
    "squared_norm": """
def squared_norm(x):
    for number in range(300):
        display(number)
    return 1.0
""",
    "squared_norm_gradient": """
def squared_norm_gradient(x):
    display({"text/plain": "x" * 3_000_000}, raw=True)
    print("x" * 3_000_000)
    return np.ones(len(x))
""",
}
