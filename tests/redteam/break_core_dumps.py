"""Crashes with a large memory where the machine hands cores to a program of root's.

Stock nbgrader: every crash is compressed and kept. A limit of nothing does not stop it, one of a byte does.
"""

CELLS = {
    "extra first cell": """
import os
import resource
import signal

try:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (OSError, ValueError) as error:
    print(error)
if resource.getrlimit(resource.RLIMIT_CORE)[0] != 1:
    print("STOLEN")
if os.fork() == 0:
    os.kill(os.getpid(), signal.SIGSEGV)
if os.WCOREDUMP(os.wait()[1]):
    print("STOLEN a core")
"""
}
