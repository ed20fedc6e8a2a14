"""Memory that the kernel keeps for nobody: semaphores, attributes, queues. Stock nbgrader: gigabytes."""

CELLS = {
    "extra first cell": """
import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
place = {"x86_64": 0, "aarch64": 1}[platform.machine()]
SEMGET, MSGGET, MQ_OPEN, IO_SETUP = ((64, 190), (68, 186), (240, 180), (206, 0))
context = ctypes.c_ulong(0)
if libc.syscall(SEMGET[place], 0, 32000, 0o1600) >= 0:
    print("STOLEN")
if libc.syscall(MSGGET[place], 0, 0o1600) >= 0:
    print("STOLEN")
if libc.syscall(MQ_OPEN[place], b"q", 0o102, 0o600, None) >= 0:
    print("STOLEN")
if libc.syscall(IO_SETUP[place], 1000, ctypes.byref(context)) >= 0:
    print("STOLEN")
open("mine", "w").close()
try:
    os.setxattr("mine", "user.mine", b"x" * 60000)
    print("STOLEN")
except OSError:
    pass
"""
}
