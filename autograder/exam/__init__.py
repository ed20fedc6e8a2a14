"""Judging one answer. A hidden test's last line calls `examine`."""

from autograder.exam.examine import examine

__all__ = ["examine"]
