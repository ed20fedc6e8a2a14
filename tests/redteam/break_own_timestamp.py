"""Hands in a timestamp.txt of its own, of 1999. Stock nbgrader: it was handed in then, whenever that was."""


def hand_in(folder):
    (folder / "timestamp.txt").write_text("1999-01-01 00:00:00 UTC")
