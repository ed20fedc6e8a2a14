"""Hands in 3,000 small files and a file whose name is no text. Stock nbgrader: it copies them all."""

import os


def hand_in(folder):
    (folder / "data").mkdir()
    for number in range(3000):
        (folder / "data" / f"{number}.txt").write_text("x")
    open(os.fsencode(folder) + b"/\xff\xfe\n.txt", "w").close()
