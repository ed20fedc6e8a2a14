"""Prints the environment, where tokens are kept. Stock nbgrader: all of the instructor's."""

CELLS = {
    "extra first cell": """
import ctypes
import os
import subprocess

print(dict(os.environ), os.environb)
print(subprocess.run(["env"], capture_output=True).stdout)
environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
place = 0
while environ[place]:
    print(environ[place])
    place += 1
"""
}
