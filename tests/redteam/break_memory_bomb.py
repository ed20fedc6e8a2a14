"""Takes memory until there is none. Stock nbgrader: the machine kills something, not always the culprit."""

CELLS = {
    "extra first cell": """
import os

for _ in range(3):
    os.fork()
hoard = []
for _ in range(60):
    hoard.append(bytearray(b"x" * 25_000_000))
"""
}
