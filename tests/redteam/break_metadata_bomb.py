"""Hands in 6 MB of empty lists in metadata, which take 2.5 GB once read. Stock nbgrader: it reads them."""

import json


def hand_in(folder):
    path = folder / "01_squared_norm.ipynb"
    content = json.loads(path.read_text())
    content["metadata"]["x"] = [{}] * 2_000_000
    path.write_text(json.dumps(content, separators=(",", ":")))
