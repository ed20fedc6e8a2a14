"""Sends itself signals that it never takes, all of which the kernel keeps.

Stock nbgrader: as many as the user may, and none are left for the user's other programs.
"""

CELLS = {
    "extra first cell": """
import os
import signal

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
for _ in range(20_000):
    os.kill(os.getpid(), signal.SIGRTMIN)
kept = 0
while signal.sigtimedwait({signal.SIGRTMIN}, 0):
    kept += 1
if kept > 1000:
    print("STOLEN", kept)
"""
}
