"""Raises, prints and returns half a character. Stock nbgrader: the notebook cannot be written."""

CELLS = {
    "extra first cell": """
print("\\ud800")
raise ValueError("\\udfff")
""",
    "squared_norm": """
def squared_norm(x):
    raise ValueError("\\ud800")
""",
    "squared_norm_gradient": """
def squared_norm_gradient(x):
    return "\\udc00"
""",
}
