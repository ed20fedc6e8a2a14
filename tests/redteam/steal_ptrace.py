"""Attaches to the processes around it as a debugger does. Stock nbgrader: to any of the instructor's."""

CELLS = {
    "extra first cell": """
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
for request in (16, 0x4206):  # PTRACE_ATTACH, PTRACE_SEIZE
    for process in {os.getppid(), *range(1, 60)} - {os.getpid()}:
        if libc.ptrace(request, process, None, None) == 0:
            print("STOLEN", process)
print(os.strerror(ctypes.get_errno()))
"""
}
