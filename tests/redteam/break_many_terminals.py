"""Takes all pseudo-terminals of the machine. Stock nbgrader: nobody can log in."""

CELLS = {
    "extra first cell": """
import os

taken = []
try:
    for _ in range(120):
        taken.append(os.openpty()[0])
except OSError:
    pass
if len(taken) > 20:
    print("STOLEN")
"""
}
