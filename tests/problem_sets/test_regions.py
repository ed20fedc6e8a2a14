"""The regions that a build takes out."""

from autograder.problem_sets.regions import region_lines, without_markers, without_region


def test_regions_are_found_and_removed():
    source = "a\n  ### BEGIN SOLUTION\n  b\n  c\n  ### END SOLUTION\nd"
    assert region_lines(source, "SOLUTION") == ["  b", "  c"]
    assert without_region(source, "SOLUTION") == "a\nd"
    assert without_markers(source) == "a\n  b\n  c\nd"
