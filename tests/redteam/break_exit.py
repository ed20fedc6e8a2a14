"""Ends Python in the middle of a tested function. Stock nbgrader: the notebook is removed, ungraded."""

CELLS = {"squared_norm": "def squared_norm(x):\n    import os\n\n    os._exit(0)"}
