"""Locks thousands of single bytes of a file: each lock is a piece of the kernel's memory.

Stock nbgrader: as many as there is memory for.
"""

CELLS = {
    "extra first cell": """
import fcntl

set_so_far = 0
with open("locked", "w+") as file:
    try:
        for place in range(0, 8000, 2):
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            set_so_far += 1
    except OSError as error:
        print(error)
if set_so_far > 1000:
    print("STOLEN", set_so_far)
"""
}
