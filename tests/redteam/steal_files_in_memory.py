"""Asks which pages of shared files lie in memory: those that somebody else has just read.

Stock nbgrader: it sees what the instructor works with.
"""

CELLS = {
    "extra first cell": """
import ctypes
import mmap
import os
import numpy

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
CACHESTAT = 451
file = os.open(numpy.__file__, os.O_RDONLY)
start = libc.mmap(None, ctypes.c_size_t(4096), mmap.PROT_READ, mmap.MAP_SHARED, file, ctypes.c_long(0))
seen = ctypes.create_string_buffer(40)
if libc.mincore(ctypes.c_void_p(start), ctypes.c_size_t(4096), seen) == 0:
    print("STOLEN", seen.raw[0])
if libc.syscall(CACHESTAT, file, ctypes.byref((ctypes.c_uint64 * 2)(0, 4096)), seen, 0) == 0:
    print("STOLEN", seen.raw)
try:
    os.preadv(file, [bytearray(100)], 0, os.RWF_NOWAIT)
    print("STOLEN")
except OSError as error:
    print(error)
"""
}
