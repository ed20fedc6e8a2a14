"""Writes noise into its connection to the grader, by every descriptor it holds.

Stock nbgrader: the kernel's sockets.
"""

CELLS = {
    "squared_norm": """
def squared_norm(x):
    import os
    import stat

    for descriptor in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                os.write(descriptor, bytes(range(256)) * 1000)
        except OSError:
            pass
    return 1.0
"""
}
