"""Leaves a note wherever it may write, for another notebook to find: a way from one student to the next.

Stock nbgrader: everything stays where it is put.
"""

ALSO = ("04_ridge_descent",)
CELLS = {
    "extra first cell": """
import os
import pathlib

for folder, folders, files in os.walk("/"):
    if folder.startswith(("/usr", "/lib", "/home/student", "/proc")):
        folders.clear()
    note = pathlib.Path(folder) / "redteam-was-here"
    try:
        if note.exists():
            print("STOLEN", note, note.read_text())
        note.write_text("x")
    except OSError:
        pass
"""
}
