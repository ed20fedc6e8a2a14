"""What was proven of a problem set, by content: of the same files, another proof would find the same.

What no fault was found in is noted in a file for staff, with a digest of all that the proof depends on: the
course's sources, release and solutions, its settings, this package, the versions of what runs notebooks.
Whoever removes the file has all proven again. Students' work has no part in it, and never comes near it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

from autograder.course import Course
from autograder.errors import ContentError
from autograder.files import hash_files, plain_files, write_whole
from autograder.grading.submission import digest_of, shared_parts
from autograder.problem_sets.notebooks import ProblemSet

FILE_NAME = ".proven.json"  # no problem set has such a name
ROOM = 10**10  # bytes: of a course's own files, all are read


class Proven:
    """Notes on one problem set, in a folder for staff. `folder` None has nothing noted, and notes nothing."""

    def __init__(self, course: Course, problem_set: ProblemSet, folder: Path | None):
        self._path = None if folder is None else folder / FILE_NAME
        self._course, self._problem_set = course, problem_set
        self._content = "" if folder is None else content_of(course, problem_set)

    def is_known(self, proof: str, made: str = "") -> bool:
        """Whether this was proven of the same content; `made` is what else was made of it, as it is now."""
        return self._noted().get(self._key(proof)) == self._digest(made) and self._path is not None

    def note(self, proof: str, made: str = "") -> None:
        """Note that it is proven, unless somebody edited something meanwhile.

        Where nothing can be written, it is proven again next time.
        """
        if self._path is not None and self._content == content_of(self._course, self._problem_set):
            with contextlib.suppress(ContentError):
                noted = {**self._noted(), self._key(proof): self._digest(made)}
                write_whole(self._path, json.dumps(noted, indent=1, sort_keys=True) + "\n")

    def _key(self, proof: str) -> str:
        return f"{self._problem_set.name}: {proof}"

    def _digest(self, made: str) -> str:
        return hashlib.sha256(f"{self._content} {made}".encode()).hexdigest()

    def _noted(self) -> dict[str, str]:
        try:
            noted = json.loads(self._path.read_text(encoding="utf-8")) if self._path else {}
        except (OSError, ValueError, RecursionError):
            return {}
        return noted if isinstance(noted, dict) else {}


def content_of(course: Course, problem_set: ProblemSet) -> str:
    """A digest of all that a proof of this problem set depends on."""
    digest = hashlib.sha256()
    for folder in (course.source, course.release, course.solutions):
        hash_files(digest, course.root, plain_files(folder), ROOM)
    beside = (path for path in course.root.iterdir() if path.is_file())
    hash_files(digest, course.root, beside, ROOM)
    return digest_of({**shared_parts(course, problem_set), "all": digest.hexdigest()})
