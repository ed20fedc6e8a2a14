"""Returns functions, types and modules in place of numbers. Stock nbgrader: nothing."""

CELLS = {
    "squared_norm": "def squared_norm(x):\n    return squared_norm",
    "squared_norm_gradient": "def squared_norm_gradient(x):\n    return [np, float, squared_norm][: len(x)]",
}
