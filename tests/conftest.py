"""The course itself, small copies of it to break, and the sample that `make quick` runs."""

from __future__ import annotations

import functools
import os
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import hypothesis
import pytest

from autograder.course import Course, find_course
from autograder.grading import graders
from autograder.problem_sets.notebooks import ProblemSet, read_problem_set
from autograder.releasing import build, gate
from autograder.running import sandbox
from autograder.running.workers import Workers
from tests.helpers import FIRST, REPOSITORY, copy_course
from tests.kept_workers import KeptWorkers

FEW = 2  # cases of a test, or of a test and a function of an answer key, that are a sample
hypothesis.settings.register_profile("quick", max_examples=10)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick", action="store_true", help="no slow or long tests, and a sample of those with many cases"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--quick"):
        hypothesis.settings.load_profile("quick")


@pytest.hookimpl(trylast=True)  # after pytest-randomly, whose order stays but for this
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--quick"):
        # Files with slow tests first: one that starts last keeps a single core busy while the others idle.
        slow = {item.path for item in items if item.get_closest_marker("slow")}
        items.sort(key=lambda item: item.path not in slow)
        return
    chosen = sample(item for item in items if not any(map(item.get_closest_marker, ("slow", "long"))))
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = [item for item in items if item in chosen]


def sample(items: Iterable[pytest.Item]) -> set[pytest.Item]:
    """The same few cases of each test every time: the first, the last and what lies evenly between.

    Entries of a catalogue are counted by the function they answer, so that each function keeps some.
    """
    alike = defaultdict(list)
    for item in items:
        cases = item.callspec.params.values() if hasattr(item, "callspec") else ()
        functions = tuple(getattr(case, "function", "") for case in cases)
        alike[item.nodeid.partition("[")[0], functions].append(item)
    chosen: set[pytest.Item] = set()
    for cases in alike.values():
        cases.sort(key=lambda item: item.nodeid)
        chosen |= {cases[place * (len(cases) - 1) // (FEW - 1)] for place in range(FEW)}
    return chosen


@pytest.fixture(scope="session", autouse=True)
def heads_are_asked_once(request: pytest.FixtureRequest) -> None:
    """nbgrader starts alembic for each new gradebook, for seconds, and the answer is always the same."""
    if any(item.get_closest_marker("slow") for item in request.session.items):
        from nbgrader import api

        api.get_alembic_version = functools.cache(api.get_alembic_version)


@pytest.fixture(scope="session")
def course() -> Course:
    return find_course(REPOSITORY)


@pytest.fixture(scope="session")
def problem_set(course: Course) -> ProblemSet:
    return read_problem_set(course.source, "ps1")


@pytest.fixture(scope="session")
def runner() -> Iterator[Workers]:
    """A process that runs notebooks, confined."""
    with Workers() as workers:
        yield workers


@pytest.fixture(scope="session")
def kept_workers() -> Iterator[KeptWorkers]:
    """Those that last for the session."""
    kept = KeptWorkers()
    yield kept
    kept.end()


@pytest.fixture
def workers_are_kept(monkeypatch: pytest.MonkeyPatch, kept_workers: KeptWorkers) -> None:
    """Checking, building and grading in this process use workers that are warm already."""
    for module in (gate, build, graders):
        monkeypatch.setattr(module, "Workers", kept_workers)


@pytest.fixture
def small_course(tmp_path: Path) -> Course:
    """A copy of the course with its first notebook only."""
    return find_course(copy_course(tmp_path, f"{FIRST}.ipynb"))


@pytest.fixture
def machine_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which bwrap is refused, as where user namespaces are forbidden."""
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(sandbox, "bwrap_program", lambda: str(program))
    sandbox._machine_cannot.cache_clear()
    yield
    sandbox._machine_cannot.cache_clear()


@pytest.fixture
def deep_folder() -> Iterator[Path]:
    """A folder in a folder in a folder, 1,100 deep, with a file in each: recursion ends before."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as top:
        place = os.open(top, os.O_RDONLY)
        for _ in range(1100):  # one by one: the whole path is longer than a path may be
            os.mkdir("d", dir_fd=place)
            below = os.open("d", os.O_RDONLY, dir_fd=place)
            os.close(place)
            place = below
            os.close(os.open("x", os.O_CREAT, dir_fd=place))
        os.close(place)
        yield Path(top)
        subprocess.run(["rm", "-rf", f"{top}/d"], check=True)  # Python's own way there is recursive
