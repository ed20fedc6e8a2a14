"""Locks a file that all students read, to tell the next one something. Stock nbgrader: they share all."""

CELLS = {
    "extra first cell": """
import fcntl
import numpy

with open(numpy.__file__) as file:
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        print("STOLEN")
    except OSError:
        pass
"""
}
