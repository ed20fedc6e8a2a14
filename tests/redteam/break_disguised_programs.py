"""A fresh program that moves its stack, on paper, to look like a fork that shares its memory.

Stock nbgrader: there is nobody to deceive.
"""

CELLS = {
    "extra first cell": """
import ctypes

PR_SET_MM, PR_SET_MM_MAP_SIZE = 35, 15
libc = ctypes.CDLL(None, use_errno=True)
size = ctypes.c_uint()
if libc.prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, ctypes.byref(size), 0, 0) == 0:
    print("STOLEN", size.value)
"""
}
