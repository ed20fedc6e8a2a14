"""Registers a function for the end of the process that never ends.

Stock nbgrader: the kernel does not stop.
"""

CELLS = {
    "extra first cell": """
import atexit
import threading


@atexit.register
def stay():
    while True:
        pass


threading._register_atexit(stay)
raise SystemExit
"""
}
