"""Hands in 8,000 empty notebooks and as many folders. Stock nbgrader: it looks for each in its database."""


def hand_in(folder):
    for number in range(8_000):
        (folder / f"{number}.ipynb").touch()
        (folder / f"folder-{number}").mkdir()
