"""The old name of `nbgrader_plugin`: course_config.py files written before it was renamed say this one."""

from autograder.nbgrader_plugin import ExecuteConfined, FeedbackPages, RepairCells

__all__ = ["ExecuteConfined", "FeedbackPages", "RepairCells"]
