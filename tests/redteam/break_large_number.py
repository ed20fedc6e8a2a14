"""Hands in a number of five million digits. Stock nbgrader: reading it ends in a traceback."""


def hand_in(folder):
    path = folder / "01_squared_norm.ipynb"
    text = path.read_text().rstrip().removesuffix("}")
    path.write_text(text + ', "x": ' + "7" * 5_000_000 + "}")
