"""kill -9 in the middle of a run: nothing is left behind, and the next run completes the class."""

import contextlib
import itertools
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from autograder.course import find_course
from autograder.grading import records
from autograder.problem_sets.notebooks import read_problem_set, to_text
from autograder.releasing.build import solved_submission
from autograder.stopping import SOON
from tests.helpers import FIRST, copy_course, run_course

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc"),
]
STUDENTS = ("first", "second")
seconds_asleep = (f"{2 + k / 1000:.3f}" for k in itertools.count())  # each run is known by its own


@dataclass(frozen=True)
class Process:
    number: int
    parent: int
    began: str
    command: str

    def ended(self) -> bool:
        now = look_at(self.number)
        return now is None or now.began != self.began

    def kill(self) -> None:
        os.kill(self.number, signal.SIGKILL)


def look_at(number):
    """A process that runs, None for one that has ended or waits to be reaped."""
    try:
        after_name = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        command = Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return None
    return None if after_name[0] == "Z" else Process(number, int(after_name[1]), after_name[19], command)


def below(root):
    """Every process that `root` or its children started, from top to bottom."""
    running = [p for entry in os.listdir("/proc") if entry.isdigit() and (p := look_at(int(entry)))]
    found, numbers = [], {root}
    while more := [p for p in running if p.parent in numbers and p.number not in numbers]:
        found += more
        numbers |= {p.number for p in more}
    return found


def wait_for(condition, what):
    end = time.monotonic() + 120
    while not (found := condition()):
        assert time.monotonic() < end, what
        time.sleep(0.02)
    return found


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    small = find_course(copy_course(tmp_path_factory.mktemp("crash"), f"{FIRST}.ipynb"))
    solved = solved_submission(small, read_problem_set(small.source, "ps1"))[FIRST]
    for student in STUDENTS:
        (small.submitted / student / "ps1").mkdir(parents=True)
        (small.submitted / student / "ps1" / f"{FIRST}.ipynb").write_text(to_text(solved))
    run_course(small.root, "grade", "ps1")
    return small


@contextlib.contextmanager
def grading(small, longer=0):
    """`course grade`, at the moment when both students' second cell is under way, with all processes."""
    naps = []
    for student in STUDENTS:
        path = small.submitted / student / "ps1" / f"{FIRST}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        notebook.cells = [cell for cell in notebook.cells if not cell.source.startswith("!sleep")]
        naps.append(f"{float(next(seconds_asleep)) + longer:.3f}")
        notebook.cells.insert(2, new_code_cell(f"!sleep {naps[-1]}", id="nap"))
        path.write_text(to_text(notebook))
    command = [sys.executable, "-m", "autograder", "grade", "ps1", "--workers", "2", "--json", "grades.json"]
    run = subprocess.Popen(
        command,
        cwd=small.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # as a shell gives every command a group of its own
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # where it is ignored
    )
    try:

        def both_asleep():
            now = below(run.pid)
            return now if all(any(p.command.strip() == f"sleep {nap}" for p in now) for nap in naps) else None

        yield run, wait_for(both_asleep, "nobody sleeps")
    finally:
        run.kill()
        run.wait()
        run.stdout.close()


def scores_in(small):
    rows = json.loads((small.root / "grades.json").read_text())
    return {row["student"]: (row["status"], row["score"]) for row in rows}


RIGHT = dict.fromkeys(STUDENTS, ("graded", 7.5))


def all_ended(processes):
    wait_for(lambda: all(p.ended() for p in processes), [p for p in processes if not p.ended()])


def nothing_is_half_written(small):
    for path in small.grading.rglob("*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))
    for path in (small.records / "ps1").glob("*.json"):
        assert records.load(small, "ps1", path.stem) is not None
    with contextlib.closing(sqlite3.connect(small.grading / "gradebook.db")) as book:
        assert book.execute("pragma integrity_check").fetchall() == [("ok",)]


def is_worker(p):
    return "--multiprocessing-fork" in p.command


def workers(processes):
    numbers = {p.number for p in processes if is_worker(p)}
    return [p for p in processes if is_worker(p) and p.parent not in numbers]


def examiners(processes):
    numbers = {p.number for p in workers(processes)}
    return [p for p in processes if is_worker(p) and p.parent in numbers]


def outer_bwraps(processes):
    numbers = {p.number for p in workers(processes)}
    return [p for p in processes if "bwrap" in p.command.partition(" ")[0] and p.parent in numbers]


def warm_parents(processes):
    bwraps = {p.number for p in processes if "bwrap" in p.command.partition(" ")[0]}
    inside = [p for p in processes if p.parent in bwraps and p.number not in bwraps]
    oldest = {p.parent: p for p in sorted(inside, key=lambda p: -int(p.began))}  # the others are its forks
    return list(oldest.values())


@pytest.mark.parametrize("who", [outer_bwraps, warm_parents, examiners, workers], ids=lambda f: f.__name__)
def test_a_process_is_killed_and_the_run_completes_the_class(small, who):
    with grading(small) as (run, processes):
        victims = who(processes)
        assert len(victims) == 2, [p.command[-80:] for p in victims]
        victims[0].kill()
        later = []
        while run.poll() is None:
            later += below(run.pid)
            time.sleep(0.2)
        output = run.stdout.read()
    assert run.returncode == 0, output
    assert scores_in(small) == RIGHT
    all_ended([*processes, *later])
    nothing_is_half_written(small)


def test_the_course_command_is_killed_and_the_next_run_completes_the_class(small):
    (small.root / "grades.json").unlink(missing_ok=True)
    with grading(small) as (run, processes):
        run.kill()
        all_ended(processes)
    nothing_is_half_written(small)
    assert not (small.root / "grades.json").exists()
    run_course(small.root, "grade", "ps1", "--json", "grades.json")
    assert scores_in(small) == RIGHT
    again = run_course(small.root, "grade", "ps1")
    assert "2 of 2 had not changed" in again.stdout


def test_a_second_ctrl_c_ends_all_at_once_and_the_next_run_completes_the_class(small):
    with grading(small, longer=300) as (run, processes):
        os.killpg(run.pid, signal.SIGINT)  # everything in front of a terminal hears it
        assert run.stdout.readline().strip() == SOON
        os.killpg(run.pid, signal.SIGINT)
        run.wait(timeout=40)  # cells that sleep are stopped after 50 seconds, and run once more
        output = run.stdout.read()
        all_ended(processes)
    assert run.returncode == 1 and "Traceback" not in output, output
    nothing_is_half_written(small)
    with grading(small) as (run, _):
        run.communicate()
    assert scores_in(small) == RIGHT


def test_a_student_process_that_is_killed_from_outside_costs_nobody_a_point(small):
    with grading(small) as (run, processes):
        by_number = {p.number: p for p in processes}
        victim = next(p for p in processes if p.command.startswith("sleep "))
        while "inside.warm" not in victim.command:
            victim = by_number[victim.parent]
        victim.kill()
        output = run.stdout.read()
        run.wait()
    assert run.returncode == 0, output
    assert scores_in(small) == RIGHT  # its notebook was run once more
