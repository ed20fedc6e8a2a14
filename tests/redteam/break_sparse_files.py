"""Hands in a file of 1 TB and forty of 49 MB, on no disk. Stock nbgrader: it copies them."""

import os


def hand_in(folder):
    for number in range(40):
        with (folder / f"data-{number}.bin").open("wb") as file:
            os.truncate(file.fileno(), 49_000_000)
    with (folder / "all.bin").open("wb") as file:
        os.truncate(file.fileno(), 10**12)
