"""Hands in names that other systems take for one: other case, other accents. Stock nbgrader: two of them."""


def hand_in(folder):
    text = (folder / "01_squared_norm.ipynb").read_text()
    for name in (
        "01_Squared_Norm.ipynb",
        "01_squared_norm.IPYNB",
        "é.ipynb",
        "e\u0301.ipynb",
        "01_squared_norm.ipynb ",
    ):
        (folder / name).write_text(text)
    for name in ("é.txt", "e\u0301.txt", "GRADCHECK.py", "gradcheck.PY"):
        (folder / name).write_text("x")
