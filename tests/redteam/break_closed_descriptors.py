"""Closes every descriptor it inherited, the connection among them. Stock nbgrader: the kernel is deaf."""

CELLS = {"extra first cell": "import os\n\nos.closerange(0, 1024)"}
