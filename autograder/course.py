"""Where a course keeps things, read from its course_config.py."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.errors import CourseError, sentence

PACKAGE = Path(__file__).resolve().parent  # all of our own code: what grades, and what must stay hidden
CONFIG_NAME = "course_config.py"


@dataclass(frozen=True)
class Limits:
    """What one notebook's processes may use. Seconds are of the processor: see running/clock.py."""

    seconds_per_cell: float = 10
    seconds_per_call: float = 5
    seconds_per_notebook: float = 90
    memory_megabytes: int = 1000
    processes: int = 32
    file_megabytes: int = 64
    output_megabytes: int = 2


@dataclass(frozen=True)
class Course:
    """Paths and settings of one course. `config` is handed to nbgrader as it is."""

    root: Path
    source: Path
    release: Path
    solutions: Path
    grading: Path
    submitted: Path
    autograded: Path
    feedback: Path
    db_url: str
    limits: Limits
    config: Config

    @property
    def records(self) -> Path:
        """One JSON file a submission: what grading found, for feedback and reports."""
        return self.grading / "reports"

    @property
    def gradebook(self) -> str:
        """What the gradebook is called in a sentence: its file, or its address without a password."""
        from sqlalchemy.engine import make_url

        return str(self.database or make_url(self.db_url).render_as_string(hide_password=True))

    @property
    def database(self) -> Path | None:
        """The gradebook's file; None where SQLite does not hold it, or not in a file."""
        from sqlalchemy.engine import make_url  # takes its time

        url = make_url(self.db_url)
        in_a_file = url.get_backend_name() == "sqlite" and url.database and "uri" not in url.query
        return Path(url.database) if in_a_file and url.database and url.database != ":memory:" else None

    @property
    def backups(self) -> Path:
        """Snapshots of the gradebook."""
        return self.grading / "backups"

    def record(self, assignment: str, student: str) -> Path:
        return self.records / assignment / f"{student}.json"

    @property
    def secret(self) -> Path:
        """What nobody can guess the inputs of hidden tests without."""
        return self.grading / "secret"

    def with_grading(self, directory: Path) -> Course:
        """The same course with another grading folder and gradebook."""
        return replace(
            self,
            grading=directory,
            submitted=directory / "submitted",
            autograded=directory / "autograded",
            feedback=directory / "feedback",
            db_url=f"sqlite:///{directory / 'gradebook.db'}",
        )


def find_course(start: Path) -> Course:
    """The course in `start` or the nearest parent that holds course_config.py.

    Raises CourseError when there is none, or when the file does not run.
    """
    start = start.resolve()
    for directory in (start, *start.parents):
        if (directory / CONFIG_NAME).is_file():
            return _read(directory)
    raise CourseError(
        f"No {CONFIG_NAME} in {start} or above it. Go to the course, or name it with --course-dir."
    )


def _read(root: Path) -> Course:
    try:
        config = PyFileConfigLoader(CONFIG_NAME, path=str(root)).load_config()
    except Exception as error:
        raise CourseError(f"{root / CONFIG_NAME} does not run: {sentence(error)}") from error
    places = config.CourseDirectory  # nbgrader's defaults where the course says nothing
    return Course(
        root=root,
        source=root / places.get("source_directory", "source"),
        release=root / places.get("release_directory", "release"),
        solutions=root / places.get("solution_directory", "solution"),
        grading=root / "grading",
        submitted=root / places.get("submitted_directory", "submitted"),
        autograded=root / places.get("autograded_directory", "autograded"),
        feedback=root / places.get("feedback_directory", "feedback"),
        db_url=places.get("db_url", f"sqlite:///{root / 'gradebook.db'}"),
        limits=_limits(root, config),
        config=config,
    )


def _limits(root: Path, config: Config) -> Limits:
    given = dict(config.Limits)
    unknown = set(given) - {field.name for field in fields(Limits)}
    if unknown or not all(isinstance(value, (int, float)) and value > 0 for value in given.values()):
        problem = f"there is no limit {min(unknown)}" if unknown else "every limit is a number above 0"
        raise CourseError(f"{root / CONFIG_NAME}: {problem}.")
    return Limits(**given)
