"""Moves to the processor on which somebody else is graded, with many processes.

Stock nbgrader: every process may run where it likes.
"""

CELLS = {
    "extra first cell": """
import os

for processor in range(os.cpu_count() or 1):
    try:
        os.sched_setaffinity(0, {processor})
        print("STOLEN", processor)
    except OSError as error:
        print(error)
"""
}
