"""Prints for ever, in all the ways there are. Stock nbgrader: the notebook grows until memory ends."""

CELLS = {
    "extra first cell": """
import os
import sys

while True:
    print("x" * 1_000_000)
    print("y" * 1_000_000, file=sys.stderr)
    display("z" * 100_000)
    os.write(1, b"x" * 100_000)
"""
}
