"""Hands in JSON nested 10,000 deep. Stock nbgrader: a traceback, and no grade."""


def hand_in(folder):
    deep = "[" * 10_000 + "]" * 10_000
    text = f'{{"cells": [], "metadata": {{"x": {deep}}}, "nbformat": 4, "nbformat_minor": 5}}'
    (folder / "01_squared_norm.ipynb").write_text(text)
