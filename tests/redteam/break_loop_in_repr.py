"""An object whose __repr__ and __array__ never end. Stock nbgrader: showing it takes until the timeout."""

CELLS = {
    "squared_norm": """
class Endless:
    def __repr__(self):
        while True:
            pass

    __str__ = __array__ = __float__ = _repr_html_ = _repr_png_ = __repr__


def squared_norm(x):
    return Endless()
""",
    "extra last cell": "Endless()",
}
