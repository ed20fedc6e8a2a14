"""Threads that never end and hold the interpreter. Stock nbgrader: the kernel slows down for good."""

CELLS = {
    "extra first cell": """
import threading


def spin():
    while True:
        sum(range(100_000))


for _ in range(8):
    threading.Thread(target=spin).start()
"""
}
