"""Hands in modules called autograder, gradcheck and numpy, to be imported in place of the real ones.

Stock nbgrader: the visible test of the gradient passes, whose gradient_check is then the student's.
"""

HONEST = 2.5  # squared_norm is right
CELLS = {"squared_norm": "def squared_norm(x):\n    return np.dot(x, x)"}


def hand_in(folder):
    package = folder / "autograder"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "exam.py").write_text("def examine(*args, points, **kwargs):\n    return points\n")
    (package / "warm.py").write_text("raise SystemExit\n")
    for name in ("gradcheck.pyc", "gradcheck.cpython-311-x86_64-linux-gnu.so", "sitecustomize.py"):
        (folder / name).write_text("raise SystemExit\n")
    (folder / "gradcheck").mkdir()
    (folder / "gradcheck" / "__init__.py").write_text(
        "def gradient_check(*args):\n    return True\n\n\nnumerical_gradient = gradient_check\n"
    )
