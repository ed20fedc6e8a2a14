"""Takes all watches on files that the user may have, of which every program wants some.

Stock nbgrader: editors and servers of the instructor's stop noticing changes.
"""

CELLS = {
    "extra first cell": """
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
taken = [descriptor for _ in range(100) if (descriptor := libc.inotify_init1(0)) >= 0]
if taken:
    print("STOLEN", len(taken))
"""
}
