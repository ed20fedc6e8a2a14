"""Locks its memory, so that the machine can only push out that of others. Stock nbgrader: it does."""

CELLS = {
    "extra first cell": """
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
mine = ctypes.create_string_buffer(1 << 16)
if libc.mlock(mine, len(mine)) == 0 or libc.mlockall(4) == 0:
    print("STOLEN")
"""
}
