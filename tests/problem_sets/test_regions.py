"""The regions that a build takes out."""

import random
import re

from autograder.problem_sets.regions import region_lines, without_markers, without_region


def test_regions_are_found_and_removed():
    source = "a\n  ### BEGIN SOLUTION\n  b\n  c\n  ### END SOLUTION\nd"
    assert region_lines(source, "SOLUTION") == ["  b", "  c"]
    assert without_region(source, "SOLUTION") == "a\nd"
    assert without_markers(source) == "a\n  b\n  c\nd"


def test_what_is_left_is_the_same_as_ever():
    """Against a regular expression that says it in one line, and takes hours where a student means harm."""
    pieces = ("BEGIN SOLUTION", "END SOLUTION", "# BEGIN SOLUTION x", "\n", "\n", "\n", "a", "\r", "")
    source = random.Random(1)
    for _ in range(3000):
        lines = "".join(source.choices(pieces, k=source.randrange(9)))
        if re.search(r"BEGIN[^\n]*BEGIN", lines):  # which of two on a line begins is nobody's business
            continue
        told = re.sub(r"(?ms)^[^\n]*BEGIN SOLUTION.*?END SOLUTION[^\n]*(\n|\Z)", "", lines)
        assert without_region(lines, "SOLUTION") == told, lines


def test_marks_that_never_end_take_no_time():
    text = "BEGIN HIDDEN TESTS\n" * 50_000
    assert without_region(text, "HIDDEN TESTS") == text
