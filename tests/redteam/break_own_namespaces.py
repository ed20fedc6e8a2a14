"""Makes a user namespace in which it is root, and a file system in memory without a limit.

Stock nbgrader: the same.
"""

CELLS = {
    "extra first cell": """
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
if os.fork() == 0:
    os.makedirs("big", exist_ok=True)
    refused = libc.unshare(0x10000000 | 0x00020000)
    refused = refused or libc.mount(b"tmpfs", os.path.abspath("big").encode(), b"tmpfs", 0, b"size=4g")
    if not refused:
        for number in range(8):
            open(f"big/{number}", "wb").write(b"x" * 50_000_000)
    os._exit(7 if not refused else 0)
if os.waitstatus_to_exitcode(os.wait()[1]) == 7:
    print("STOLEN 400 MB beyond every limit")
"""
}
