"""The tests: a folder a wing of the package, and at the top what tests the course as a whole."""

import pytest

from autograder.startup import leave_out_iri_formats

leave_out_iri_formats()  # as the command does, before anything imports nbformat

# Asserts in these say what they saw, as those in test modules do.
pytest.register_assert_rewrite("tests.helpers", "tests.grading.helpers", "tests.redteam.helpers")
