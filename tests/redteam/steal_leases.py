"""Takes a lease on a file that all students read: it is told when somebody else opens it.

Stock nbgrader: on any file of the instructor's.
"""

CELLS = {
    "extra first cell": """
import fcntl
import numpy

with open(numpy.__file__, "rb") as file:
    for command, kind in ((fcntl.F_SETLEASE, fcntl.F_RDLCK), (fcntl.F_GETLEASE, 0)):
        try:
            fcntl.fcntl(file, command, kind)
            print("STOLEN")
        except OSError as error:
            print(error)
"""
}
