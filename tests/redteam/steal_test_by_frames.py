"""Prints the source of every frame above a tested function, and every string of the process.

Stock nbgrader: the hidden test and the answer key stand in the student's feedback.
"""

CELLS = {
    "extra first cell": """
import gc
import inspect
import linecache
import sys

found = []


def look(x):
    frame = sys._getframe(1)
    while frame is not None:
        try:
            found.append(inspect.getsource(frame))
        except OSError:
            pass
        frame = frame.f_back
    for thing in gc.get_objects():
        if isinstance(thing, dict):
            found.extend(v for v in list(thing.values()) if isinstance(v, str) and "examine" in v)
    return 1.0
""",
    "squared_norm": "squared_norm = look",
    "squared_norm_gradient": "squared_norm_gradient = look",
    "extra last cell": """
print(*linecache.cache)
for text in found:
    print(text)
""",
}
