"""A function that never returns. Stock nbgrader: the kernel is interrupted, test after test."""

CELLS = {
    "squared_norm": "def squared_norm(x):\n    while True:\n        pass",
    "squared_norm_gradient": "def squared_norm_gradient(x):\n    while True:\n        pass",
}
