"""Has the whole machine's disks written out, again and again, while others wait for them.

Stock nbgrader: nothing else gets to write.
"""

CELLS = {
    "extra first cell": """
import ctypes
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
with open(sys.executable, "rb") as file:  # on a disk, with everyone else's files
    for _ in range(3):
        libc.syncfs(file.fileno())
        os.sync()
if libc.syncfs(-1) != 0 or libc.fsync(-1) != 0:  # only the kernel knows that this is no file
    print("STOLEN")
"""
}
