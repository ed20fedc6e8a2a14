"""Reads address 0. Stock nbgrader: the kernel dies and the notebook is removed, ungraded."""

CELLS = {"squared_norm": "def squared_norm(x):\n    import ctypes\n\n    ctypes.string_at(0)"}
