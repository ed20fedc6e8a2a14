"""Hands in ten notebooks under other names, each large. Stock nbgrader: it copies and skips them."""

import json


def hand_in(folder):
    path = folder / "01_squared_norm.ipynb"
    content = json.loads(path.read_text())
    path.unlink()
    for number in range(10):
        content["metadata"]["x"] = [{}] * 130_000
        content["cells"][-1]["source"] = f"# {number}"
        text = json.dumps(content, separators=(",", ":"))
        (folder / f"copy-{number}.ipynb").write_text(text)
