"""Leaves a word in a file that it may only read: a hint on how it will be written, which stays.

Stock nbgrader: the next one reads it there.
"""

ALSO = ("04_ridge_descent",)
CELLS = {
    "extra first cell": """
import fcntl
import struct
import numpy

SET_HINT, GET_HINT = 1036, 1035
with open(numpy.__file__, "rb") as file:
    for command, word in ((GET_HINT, 0), (SET_HINT, 3)):
        try:
            print("STOLEN", fcntl.fcntl(file, command, struct.pack("Q", word)))
        except OSError as error:
            print(error)
"""
}
