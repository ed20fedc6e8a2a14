"""Hands in 20,000 cells, every one a copy of a test. Stock nbgrader: hours."""

import json


def hand_in(folder):
    meta = {"grade": True, "grade_id": "squared-norm-test", "locked": True, "points": 1}
    cell = {"cell_type": "code", "source": "1", "metadata": {"nbgrader": meta}, "outputs": []}
    cell["execution_count"] = None
    cells = [{**cell, "id": str(number)} for number in range(20_000)]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "01_squared_norm.ipynb").write_text(json.dumps(notebook, separators=(",", ":")))
