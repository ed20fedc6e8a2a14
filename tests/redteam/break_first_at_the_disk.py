"""Asks for the best place in the queue of every disk. Stock nbgrader: it gets it."""

CELLS = {
    "extra first cell": """
import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
IOPRIO_SET = {"x86_64": 251, "aarch64": 30}[platform.machine()]
if libc.syscall(IOPRIO_SET, 1, 0, 2 << 13 | 0) == 0:  # best effort, level 0
    print("STOLEN")
"""
}
