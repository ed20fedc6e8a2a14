"""Starts threads without end: a limit of processes does not bind root. Stock nbgrader: all of them run."""

CELLS = {
    "extra first cell": """
import threading
import time

done = threading.Event()
for _ in range(2000):
    threading.Thread(target=done.wait, daemon=True).start()
time.sleep(1)
print("STOLEN")
"""
}
