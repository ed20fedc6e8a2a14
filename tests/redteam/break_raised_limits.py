"""Raises its own limits and asks for a higher priority than everyone else. Stock nbgrader: there are none."""

CELLS = {
    "extra first cell": """
import os
import resource

for what in ("RLIMIT_AS", "RLIMIT_NPROC", "RLIMIT_FSIZE", "RLIMIT_CORE", "RLIMIT_NOFILE"):
    try:
        resource.setrlimit(getattr(resource, what), (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print("STOLEN", what)
    except (OSError, ValueError) as error:
        print(what, error)
try:
    os.nice(-10)
    print("STOLEN priority")
except OSError as error:
    print(error)
"""
}
