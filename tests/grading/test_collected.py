"""What the platform said of hand-ins, kept."""

from datetime import UTC, datetime

import pytest

from autograder.errors import ContentError
from autograder.grading.collected import Collected, collected_file, read_collected, write_collected

MOMENT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def test_what_is_written_is_read(small_course):
    assert read_collected(small_course, "ps1") == {}
    ann = Collected("Ünal, José", MOMENT, True, "nbgrader", "ann", ("01_squared_norm.ipynb",), 7)
    bob = Collected("bob", None, None, "moodle", "107", ())
    write_collected(small_course, "ps1", {"bob": bob, ann.student: ann})
    assert read_collected(small_course, "ps1") == {"bob": bob, ann.student: ann}
    assert read_collected(small_course, "ps2") == {}


@pytest.mark.parametrize("text", ["", "[", "{}", '[{"student": "a"}]', '["a"]', "\udcff"])
def test_a_damaged_record_is_said(small_course, text):
    path = collected_file(small_course, "ps1")
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ContentError, match="collect again"):
        read_collected(small_course, "ps1")


def test_a_moment_has_a_time_zone(small_course):
    write_collected(small_course, "ps1", {"a": Collected("a", datetime(2026, 1, 1), None, "x", "", ())})
    with pytest.raises(ContentError, match="time zone"):
        read_collected(small_course, "ps1")
