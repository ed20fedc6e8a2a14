"""The class of four, late."""

from tests.grading.conftest import class_of_four, graded_once

__all__ = ["class_of_four", "graded_once"]
