"""What can go wrong, as one sentence for the person who gave the command."""

from __future__ import annotations


class CourseError(Exception):
    """Something the person who gave the command can put right, in one sentence."""

    exit_code = 2  # the call was wrong


class ContentError(CourseError):
    """The call was right, but what it works on is not."""

    exit_code = 1


def sentence(error: BaseException) -> str:
    """What went wrong, on one line, for the person who gave the command."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}."
    said = next(iter(str(error).strip().splitlines()), "")
    return said if isinstance(error, CourseError) else f"{type(error).__name__}: {said}".rstrip(": ")
