"""Keeps memory in files that exist in memory only, which no process is charged for.

Stock nbgrader: as much as there is. Here it stops at 1.5 GB, to spare the machine.
"""

CELLS = {
    "extra first cell": """
import os

for number in range(30):
    descriptor = os.memfd_create(str(number))
    os.write(descriptor, b"x" * 50_000_000)
print("STOLEN 1.5 GB")
"""
}
