"""The seed from which a hand-in's hidden tests draw their inputs.

It is made of a secret of the course's, the student, the problem set and what was handed in. So what one
hand-in saw is of no use to the next, and a regrade draws the same. The secret is a file in the grading
folder, made when it is first needed. The record keeps the seed: should the secret be lost, a hand-in
that has not changed is regraded with the same inputs all the same.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.errors import CourseError, DiskError, not_written
from autograder.files import hash_files, plain_files
from autograder.lateness import timestamps

SECRET_BYTES, SEED_BYTES = 32, 16


@dataclass(frozen=True)
class Drawn:
    """What a hand-in's inputs are drawn from: `seed`, made of a digest of its `content`."""

    content: str = ""
    seed: int = 0


def drawn_for(course: Course, assignment: str, student: str) -> Drawn:
    """The seed of what a student has handed in for an assignment.

    Raises CourseError when there is no secret and none can be written.
    """
    content = _content(course.submitted / student / assignment)
    kept = _kept(course.record(assignment, student))
    if kept.seed and kept.content == content:
        return kept
    said = json.dumps([student, assignment, content]).encode()
    digest = hmac.digest(course_secret(course), said, "sha256")
    return Drawn(content, int.from_bytes(digest[:SEED_BYTES]))


def course_secret(course: Course) -> bytes:
    """The secret of a course, made at first use for its owner's eyes only.

    Raises CourseError when it cannot be read or written; DiskError on a disk that is full or read-only.
    """
    path = course.secret
    try:
        if not path.exists():
            _make(path)
        said = path.read_bytes()
    except OSError as error:
        told = not_written(path, error)
        if isinstance(told, DiskError):
            raise told from error
        raise CourseError(
            f"{path} holds what hidden tests' inputs are drawn from, and it cannot be read or made: "
            f"{error.strerror}. Grade as the user whose file it is."
        ) from None
    if len(said) < SECRET_BYTES:
        raise CourseError(f"{path} is damaged. Put the one from a backup there, or delete it.")
    return said


def _make(path: Path) -> None:
    """The file gets its name when it is complete; whoever comes second leaves the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".secret-", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(name)


def _content(folder: Path) -> str:
    digest = hashlib.sha256()
    moment = folder / timestamps.NAME  # is no part of what was handed in
    hash_files(digest, folder, (path for path in plain_files(folder) if path != moment))
    return digest.hexdigest()


def _kept(record: Path) -> Drawn:
    try:
        said = json.loads(record.read_text(encoding="utf-8"))
        return Drawn(str(said["content"]), int(said["seed"]))
    except (OSError, ValueError, TypeError, KeyError):
        return Drawn()
