"""Reads whatever open file or connection it inherited. Stock nbgrader: the kernel's own sockets."""

CELLS = {
    "extra first cell": """
import os
import stat

for descriptor in range(3, 1024):
    try:
        kind = os.fstat(descriptor).st_mode
    except OSError:
        continue
    if stat.S_ISDIR(kind):
        print("STOLEN", os.listdir(descriptor))
    elif stat.S_ISREG(kind):
        head = os.pread(descriptor, 4, 0)
        if head not in (b"", bytes([0, 1, 0, 0]), b"OTTO", b"ttcf", b"true"):  # fonts are no secret
            print("STOLEN", head)
    print(descriptor, oct(kind))
"""
}
