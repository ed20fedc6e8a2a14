"""Hands in named pipes, which make a reader wait for ever. Stock nbgrader: it waits."""

import os


def hand_in(folder):
    for name in ("data.txt", "timestamp.txt", "02_linear_form.ipynb"):
        os.mkfifo(folder / name)
