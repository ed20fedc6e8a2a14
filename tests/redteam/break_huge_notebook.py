"""Hands in a notebook of 200 MB. Stock nbgrader: it reads it, several times."""


def hand_in(folder):
    with (folder / "01_squared_norm.ipynb").open("w") as file:
        file.write('{"cells": [], "metadata": {"x": "')
        for _ in range(200):
            file.write("x" * 1_000_000)
        file.write('"}, "nbformat": 4, "nbformat_minor": 5}')
