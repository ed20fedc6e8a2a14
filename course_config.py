"""Every setting of the course, in one place.

`course` reads this file; so does every stock nbgrader command, through nbgrader_config.py.
"""

import os
import sys
from pathlib import Path

root = Path(__file__).resolve().parent
c = get_config()  # noqa: F821  given by traitlets, which runs this file

# ---- where things are ------------------------------------------------------------------
c.CourseDirectory.root = str(root)
c.CourseDirectory.course_id = "matrix-calculus"
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.release_directory = "release"
c.CourseDirectory.solution_directory = "solutions"
c.CourseDirectory.submitted_directory = "grading/submitted"
c.CourseDirectory.autograded_directory = "grading/autograded"
c.CourseDirectory.feedback_directory = "grading/feedback"
c.CourseDirectory.db_url = f"sqlite:///{root}/grading/gradebook.db"

# ---- limits on student code ------------------------------------------------------------
c.Execute.timeout = 10  # seconds a cell may take; then it is interrupted and earns nothing
c.Course.seconds_per_notebook = 90  # a notebook that needs longer is stopped where it is

# ---- how notebooks are run -------------------------------------------------------------
c.KernelManager.transport_encryption = "auto"  # kernels warn when they talk in plain text
c.OverwriteCells.add_missing_cells = True  # a deleted test comes back instead of waiting

# ---- what nbgrader expects to find around it -------------------------------------------
(root / "grading").mkdir(exist_ok=True)  # SQLite makes the gradebook, not its folder
scripts = str(Path(sys.executable).parent)  # nbgrader starts `alembic` by its bare name
if scripts not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = scripts + os.pathsep + os.environ.get("PATH", "")
