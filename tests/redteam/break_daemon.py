"""Leaves a process behind that has no parent, no terminal and no group of its maker's.

Stock nbgrader: it lives as long as it likes.
"""

CELLS = {
    "extra first cell": """
import os
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            time.sleep(0.1)
    os._exit(0)
os.wait()
os.system("nohup sleep 1234 >/dev/null 2>&1 &")
"""
}
