"""Hands in expressions nested as deep as there is room for. Stock nbgrader: the kernel may crash."""

CELLS = {
    "squared_norm": "def squared_norm(x):\n    return "
    + "(" * 190
    + "1"
    + ")" * 190
    + "\n"
    + "-" * 60_000
    + "1",
    "squared_norm_gradient": "def squared_norm_gradient(x):\n    return x" + "[0]" * 25_000,
    "extra last cell": "x = " + "[" * 90_000 + "]" * 90_000,
}
