"""Reads the running test out of In[-1] from inside the tested function, and finds the answers in it.

Stock nbgrader: the visible test of squared_norm passes.
"""

CELLS = {
    "squared_norm": r"""
def squared_norm(x):
    import re

    pairs = re.findall(r"\((\[[^]]*\]), ([0-9.]+)\)", get_ipython().user_ns["In"][-1])
    return {text: float(answer) for text, answer in pairs}.get(str(list(map(float, x))), 1.0)
"""
}
