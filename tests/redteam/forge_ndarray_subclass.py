"""Returns an ndarray subclass that takes over NumPy's functions. Stock nbgrader: the visible test passes."""

CELLS = {
    "squared_norm": """
class Mine(np.ndarray):
    def __array_function__(self, function, types, args, kwargs):
        return 0 if function.__name__ == "ndim" else np.True_

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.zeros(self.shape)

    def tobytes(self, *args):
        raise RuntimeError("no bytes here")

    def __array_finalize__(self, other):
        pass


def squared_norm(x):
    return np.ones(()).view(Mine)
""",
    "squared_norm_gradient": "def squared_norm_gradient(x):\n    return np.ones(len(x)).view(Mine)",
}
