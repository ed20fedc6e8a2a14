"""Watches the libraries that all students read: what others open, and when, is a message.

Stock nbgrader: it sees every file that anybody opens.
"""

CELLS = {
    "extra first cell": """
import ctypes
import fcntl
import os
import signal
import numpy

libc = ctypes.CDLL(None, use_errno=True)
folder = os.path.dirname(numpy.__file__)
watcher = libc.inotify_init1(0)
if watcher >= 0 and libc.inotify_add_watch(watcher, folder.encode(), 0x20) >= 0:  # IN_OPEN
    print("STOLEN")
signal.signal(signal.SIGIO, signal.SIG_IGN)
place = os.open(folder, os.O_RDONLY)
try:
    fcntl.fcntl(place, fcntl.F_NOTIFY, fcntl.DN_ACCESS)
    print("STOLEN")
except OSError as error:
    print(error)
"""
}
