"""Every setting of the course, in one place.

`course` reads this file; so does every stock nbgrader command, through nbgrader_config.py.
"""

import os
import sys
from pathlib import Path

root = Path(__file__).resolve().parent
c = get_config()  # noqa: F821  given by traitlets, which runs this file

# ---- where things are ------------------------------------------------------------------
c.CourseDirectory.root = str(root)  # the folder of this file
c.CourseDirectory.course_id = "matrix-calculus"  # the name of the course in the gradebook
c.CourseDirectory.source_directory = "source"  # what instructors edit
c.CourseDirectory.release_directory = "release"  # what students get
c.CourseDirectory.solution_directory = "solutions"  # worked, for staff
c.CourseDirectory.submitted_directory = "grading/submitted"  # what students handed in
c.CourseDirectory.autograded_directory = "grading/autograded"  # their notebooks, run
c.CourseDirectory.feedback_directory = "grading/feedback"  # the pages students get
c.CourseDirectory.db_url = f"sqlite:///{root}/grading/gradebook.db"  # nbgrader's gradebook

# ---- when things were handed in ---------------------------------------------------------
c.Submissions.timestamps = False  # True if nbgrader's collect puts submissions there; else a student could

# ---- deadlines -------------------------------------------------------------------------
# grading/extensions.csv gives single students more time: student, problem set, until, why.
c.Deadlines.due = {}  # {"ps1": "2026-03-06 23:59"}: when each problem set is due; without, nobody is late
c.Deadlines.timezone = "UTC"  # of these dates, such as "Europe/Zurich"
c.AssignLatePenalties.plugin_class = "autograder.nbgrader_plugin.LatePolicy"  # what lateness costs
c.LatePolicy.share_per_day = 0.0  # 0.1: a notebook loses a tenth of its score for every day begun
c.LatePolicy.most = 1.0  # of the score, however late
c.LatePolicy.grace_minutes = 0.0  # so long nothing is taken

# ---- limits on student code ------------------------------------------------------------
# Seconds are processor time of the notebook's own processes: a busy machine costs nobody a point. Five
# seconds asleep count as one. What ran into a limit is run once more, alone, and that run counts.
c.Limits.seconds_per_cell = 10  # then the cell is interrupted; a test earns nothing
c.Limits.seconds_per_call = 5  # of one call that a test makes of a student's function
c.Limits.seconds_per_notebook = 90  # a notebook that needs longer is stopped where it is
c.Limits.memory_megabytes = 1000  # of all its processes together
c.Limits.processes = 32  # and threads, of one notebook at once
c.Limits.file_megabytes = 64  # of the files it may write
c.Limits.output_megabytes = 2  # of what one cell may show; the rest is left out
c.Execute.timeout = c.Limits.seconds_per_cell  # for `nbgrader validate`, which runs a kernel

# ---- how notebooks are run -------------------------------------------------------------
c.KernelManager.transport_encryption = "auto"  # kernels warn when they talk in plain text
# What reads notebooks for `nbgrader autograde`: a submitted one inside limits.
c.Autograde.exporter_class = "autograder.nbgrader_plugin.SubmittedNotebooks"
# What `nbgrader autograde` does to a submitted notebook before it is run.
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "autograder.nbgrader_plugin.RepairCells",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# What it does next: run the notebook, then enter the points.
c.Autograde.autograde_preprocessors = [
    "autograder.nbgrader_plugin.ExecuteConfined",  # in place of nbgrader.preprocessors.Execute
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# What `nbgrader generate_feedback` writes: the pages of `course feedback`.
c.GenerateFeedback.exporter_class = "autograder.nbgrader_plugin.FeedbackPages"
c.GenerateFeedback.preprocessors = []  # the stock ones prepare the stock page
c.OverwriteCells.add_missing_cells = True  # a deleted test comes back instead of waiting

# ---- what nbgrader expects to find around it -------------------------------------------
(root / "grading").mkdir(exist_ok=True)  # SQLite makes the gradebook, not its folder
scripts = str(Path(sys.executable).parent)  # nbgrader starts `alembic` by its bare name
if scripts not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = scripts + os.pathsep + os.environ.get("PATH", "")
if "nbgrader" in sys.modules:  # this is one of its own programs, such as the formgrader
    from autograder.grading.penalties import keep_up_to_date

    keep_up_to_date(root, c.CourseDirectory.db_url)  # penalties follow marks, dates and extensions
