"""Returns an object that answers every NumPy function it is handed to: it is close to everything.

Stock nbgrader: the visible test of squared_norm passes.
"""

CELLS = {
    "squared_norm": """
class Agreeable:
    def __array_function__(self, function, types, args, kwargs):
        return 0 if function.__name__ in ("ndim", "size") else True

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return True

    def __eq__(self, other):
        return True

    __lt__ = __le__ = __gt__ = __ge__ = __ne__ = __eq__


def squared_norm(x):
    return Agreeable()
""",
    "squared_norm_gradient": "def squared_norm_gradient(x):\n    return Agreeable()",
}
