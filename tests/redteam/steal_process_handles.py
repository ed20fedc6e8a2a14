"""Takes a handle on the process that watches it, by which files and signals may be reached.

Stock nbgrader: of every process of the instructor's.
"""

CELLS = {
    "extra first cell": """
import os
import signal

for process in {1, os.getppid()}:
    try:
        handle = os.pidfd_open(process)
        signal.pidfd_send_signal(handle, 0)
        print("STOLEN", handle)
    except OSError as error:
        print(error)
"""
}
