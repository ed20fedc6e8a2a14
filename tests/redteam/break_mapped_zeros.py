"""Maps the device of zeros to share it, which is memory without a file, and lets go of all but a page.

Stock nbgrader: as much as there is. Here it stops at 1.1 GB, to spare the machine.
"""

CELLS = {
    "extra first cell": """
import ctypes
import mmap
import os

libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
SIZE, zeros = 50_000_000 // mmap.PAGESIZE * mmap.PAGESIZE, os.open("/dev/zero", os.O_RDWR)
held = 0
for _ in range(22):
    start = libc.mmap(None, ctypes.c_size_t(SIZE), 3, mmap.MAP_SHARED, zeros, ctypes.c_long(0))
    if start in (None, 2**64 - 1):
        break
    ctypes.memset(start, 1, SIZE)
    libc.munmap(ctypes.c_void_p(start + mmap.PAGESIZE), ctypes.c_size_t(SIZE - mmap.PAGESIZE))
    held += SIZE
if held > 1_050_000_000:
    print("STOLEN", held)
"""
}
