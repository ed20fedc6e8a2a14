"""Returns a float64 subclass lying in __lt__, __le__ and __rsub__.

Stock nbgrader: tests without NumPy only.
"""

CELLS = {
    "squared_norm": """
class Small(np.float64):
    def __lt__(self, other):
        return True

    __le__ = __gt__ = __ge__ = __eq__ = __lt__

    def __rsub__(self, other):
        return Small(0)

    __sub__ = __abs__ = __rsub__

    def __abs__(self):
        return Small(0)


def squared_norm(x):
    return Small(3)
"""
}
