"""Gives another answer at every call, in the hope that one of them is looked at. Stock nbgrader: nothing."""

CELLS = {
    "extra first cell": "import itertools\n\ncalls = itertools.count()",
    "squared_norm": "def squared_norm(x):\n    return float(next(calls))",
    "squared_norm_gradient": "def squared_norm_gradient(x):\n    return np.full(len(x), float(next(calls)))",
}
