"""The tests: a folder a wing of the package, and at the top what tests the course as a whole."""

import pytest

# Asserts in these say what they saw, as those in test modules do.
pytest.register_assert_rewrite("tests.helpers", "tests.grading.helpers", "tests.redteam.helpers")
