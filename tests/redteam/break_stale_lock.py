"""Leaves lock files about, as a killed run of nbgrader, SQLite or Jupyter would.

Stock nbgrader: it may wait.
"""


def hand_in(folder):
    grading = folder.parent.parent.parent
    (grading / ".lock").write_text("1")
    for name in (".lock", "gradebook.db-journal", ".~lock.01_squared_norm.ipynb#"):
        (folder / name).write_text("1")
