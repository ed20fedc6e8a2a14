"""Locks bytes of a file that all students read: whoever asks about them learns which.

Stock nbgrader: they share all files anyway.
"""

CELLS = {
    "extra first cell": """
import fcntl
import struct
import numpy

with open(numpy.__file__, "rb") as file:
    for command in (fcntl.F_SETLK, fcntl.F_GETLK, fcntl.F_OFD_SETLK, fcntl.F_OFD_GETLK):
        lock = struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 41, 1, 0)
        try:
            fcntl.fcntl(file, command, lock)
            print("STOLEN", command)
        except OSError as error:
            print(error)
"""
}
