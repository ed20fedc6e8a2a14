"""Returns a long text beside many numbers: NumPy makes every entry as wide as the text, 40 GB in all.

Stock nbgrader: the kernel takes that memory.
"""

CELLS = {
    "squared_norm": "def squared_norm(x):\n    return ['x' * 500_000] + [0] * 20_000",
    "squared_norm_gradient": "def squared_norm_gradient(x):\n    return ['x' * 500_000] + [0] * 20_000",
}
