"""Ctrl-C, three times at random moments: nothing is lost, nothing hangs, and nothing stays behind.

`STOPPING_RUNS=30` in the environment makes it thirty runs instead of three, and prints how long each took.
"""

import contextlib
import ctypes
import json
import os
import pty
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell

from autograder.course import find_course
from autograder.grading import records
from autograder.grading.gradebook import is_entered, read_entered
from autograder.problem_sets.notebooks import read_problem_set, to_text
from autograder.releasing.build import solved_submission
from autograder.stopping import AT_ONCE, SOON
from tests.helpers import FIRST, copy_course, run_course

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="orphans come to this process on Linux only"),
]
RUNS = int(os.environ.get("STOPPING_RUNS", "3"))
PR_SET_CHILD_SUBREAPER = 36
STUDENTS = [f"student-{number}" for number in range(6)]
AT_MOST = 60  # seconds, for what takes none on an idle machine
UGLY = ("Traceback", "Aborted", "Exception ignored", "resource_tracker", "Error")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A class of six. The notebook of one sleeps."""
    small = find_course(copy_course(tmp_path_factory.mktemp("stopping"), f"{FIRST}.ipynb"))
    solved = solved_submission(small, read_problem_set(small.source, "ps1"))[FIRST]
    for student in STUDENTS:
        (small.submitted / student / "ps1").mkdir(parents=True)
        (small.submitted / student / "ps1" / f"{FIRST}.ipynb").write_text(to_text(solved))
    solved.cells.insert(2, new_code_cell("import time; time.sleep(3)", id="nap"))
    (small.submitted / STUDENTS[2] / "ps1" / f"{FIRST}.ipynb").write_text(to_text(solved))
    return small


@pytest.fixture
def orphans():
    """Whatever of our descendants is alive, though who started it has ended: such orphans come to us."""
    libc, before = ctypes.CDLL(None), set(psutil.Process().children(recursive=True))
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def alive():
        found = []
        for process in set(psutil.Process().children(recursive=True)) - before:
            with contextlib.suppress(psutil.NoSuchProcess, ChildProcessError):
                if process.status() == psutil.STATUS_ZOMBIE and process.ppid() == os.getpid():
                    os.waitpid(process.pid, 0)
                elif process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    yield alive
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def wait_for(condition, seconds=AT_MOST):
    """Seconds until it came true."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + seconds, "it never came true"
        time.sleep(0.005)
    return time.monotonic() - began


@contextlib.contextmanager
def started(root, *arguments, stderr=subprocess.PIPE, ignored=None):
    """A command as a shell starts it, from the moment on when it watches for signals."""

    def before():
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP):  # tests may run under nohup
            signal.signal(number, signal.SIG_DFL)
        if ignored is not None:
            signal.signal(ignored, signal.SIG_IGN)

    run = subprocess.Popen(
        [sys.executable, "-m", "autograder", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        start_new_session=True,
        preexec_fn=before,
    )
    try:
        wait_for(lambda: run.poll() is not None or psutil.Process(run.pid).num_threads() > 1)
        yield run
    finally:
        run.kill()
        run.wait()
        for stream in filter(None, (run.stdout, run.stderr)):
            stream.close()


def is_grading(run):
    with contextlib.suppress(psutil.NoSuchProcess):
        return any("--multiprocessing-fork" in p.cmdline() for p in psutil.Process(run.pid).children())
    return False


def press(run, number=signal.SIGINT):
    """To everything in front of a terminal."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(run.pid, number)


def assert_consistent(small):
    """Every record is whole, and the gradebook has what it says."""
    for path in (small.records / "ps1").glob("*.json"):
        record = records.load(small, "ps1", path.stem)
        assert record is not None and is_entered(record, read_entered(small, "ps1")), path
    for path in small.grading.rglob("[!.]*/ps1/*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))
    if (small.grading / "gradebook.db").exists():
        with contextlib.closing(sqlite3.connect(small.grading / "gradebook.db")) as book:
            assert book.execute("pragma integrity_check").fetchall() == [("ok",)]
            assert book.execute("select count(*) from alembic_version").fetchall() == [(1,)]


def entered_scores(small):
    with contextlib.closing(sqlite3.connect(small.grading / "gradebook.db")) as book:
        return sorted(
            book.execute(
                "select a.student_id, c.name, g.auto_score from grade g join submitted_notebook n on "
                "g.notebook_id = n.id join submitted_assignment a on n.assignment_id = a.id "
                "join base_cell c on g.cell_id = c.id"
            )
        )


def forget_all(small):
    for path in small.grading.iterdir():
        if path != small.submitted and path.name != "secret":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def completed(small):
    run_course(small.root, "grade", "ps1", "--json", "grades.json")
    # On a busy machine a new gradebook in the making is not waited for: it is left, and never taken for one.
    left = [path for path in small.grading.rglob(".*") if not path.name.startswith((".lock", ".gradebook-"))]
    assert left == []
    return json.loads((small.root / "grades.json").read_text()), entered_scores(small)


def test_three_times_at_random_moments(small, orphans, capsys):
    undisturbed = completed(small)
    seed = random.randrange(10**6)
    chance, codes = random.Random(seed), []
    for number in range(RUNS):
        if number % 3 == 0:
            forget_all(small)
        with started(small.root, "grade", "ps1", *["--force"] * (number % 3 == 2)) as run:
            if number % 2:  # in the middle of grading, or at any time from the start on
                wait_for(lambda: run.poll() is not None or is_grading(run))
            pressed = []
            for pause in (chance.uniform(0, 3), chance.uniform(0, 1.5), chance.uniform(0, 1.5)):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    run.wait(pause)
                    break
                press(run)
                pressed.append(time.monotonic())
            run.wait(AT_MOST)
            took = time.monotonic() - pressed[1] if pressed[1:] else 0.0
            gone = wait_for(lambda: not orphans())
            said = run.stdout.read() + run.stderr.read()
        assert not any(ugly in said for ugly in UGLY), (seed, said)
        assert run.returncode == (1 if SOON in said or AT_ONCE in said else 0), (seed, said)
        assert not pressed or run.returncode == 0 or AT_ONCE in said or "not graded yet" in said, (seed, said)
        assert_consistent(small)
        codes.append(run.returncode)
        if RUNS > 3:
            with capsys.disabled():
                print(
                    f"\nrun {number}: pressed {len(pressed)} times, exit {run.returncode}, {took:.2f} s from "
                    f"the second to the end, {gone:.2f} s more until all had ended: {said.splitlines()[:2]}"
                )
        if number == RUNS - 1 or number % 3 == 2:
            assert completed(small) == undisturbed
    assert 1 in codes


def end_of(run, orphans):
    run.wait(AT_MOST)
    wait_for(lambda: not orphans())
    said = run.stdout.read() + run.stderr.read()
    assert not any(ugly in said for ugly in UGLY), said
    return said


def test_the_first_lets_what_is_under_way_come_to_its_end(small, orphans):
    """The notebook that sleeps is graded, and entered; nobody is begun after it."""
    forget_all(small)
    slow = STUDENTS[2]
    with started(small.root, "grade", "ps1", "--workers", "1", "--json", "stopped.json") as run:
        wait_for(lambda: run.poll() is not None or (small.records / "ps1" / f"{STUDENTS[1]}.json").exists())
        time.sleep(1)  # a second of the three
        press(run)
        said = end_of(run, orphans)
    assert run.returncode == 1
    assert (
        said.strip()
        == f"{SOON}\ncourse: 3 of 6 submissions of ps1 are not graded yet: run it again to go on."
    )
    graded = {path.stem for path in (small.records / "ps1").glob("*.json")}
    assert graded == {*STUDENTS[:2], slow} and not (small.root / "stopped.json").exists()
    assert_consistent(small)
    again = run_course(small.root, "grade", "ps1")
    assert "3 of 6 had not changed" in again.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_polite_kill_and_the_end_of_a_terminal_end_all_at_once(small, orphans, number):
    with started(small.root, "grade", "ps1", "--force") as run:
        wait_for(lambda: run.poll() is not None or is_grading(run))
        os.kill(run.pid, number)  # this process alone: it ends the others
        assert end_of(run, orphans).strip() == AT_ONCE
    assert run.returncode == 1
    assert_consistent(small)


@pytest.mark.parametrize("command", ["build", "feedback", "demo"])
def test_other_commands_end_at_once(small, orphans, command):
    with started(small.root, command, *["ps1"] * (command != "demo")) as run:
        time.sleep(random.uniform(0, 0.5))
        press(run)
        said = end_of(run, orphans)
    if run.returncode:  # or it was done before
        assert run.returncode == 1 and said.endswith(f"{AT_ONCE}\n"), said
    for folder in ("release", "solutions"):
        assert (small.root / folder / "ps1" / f"{FIRST}.ipynb").exists()
        assert list((small.root / folder).glob(".*")) == []


def test_the_terminal_gets_its_cursor_back(small, orphans):
    ours, theirs = pty.openpty()
    said = []

    def read():
        with contextlib.suppress(OSError):  # its end
            while more := os.read(ours, 10_000):
                said.append(more)

    reader = threading.Thread(target=read)
    reader.start()
    with started(small.root, "grade", "ps1", "--force", stderr=theirs) as run:
        os.close(theirs)
        wait_for(lambda: run.poll() is not None or is_grading(run))
        press(run)
        wait_for(lambda: SOON.encode() in b"".join(said))  # two at once are one
        press(run)
        run.wait(AT_MOST)
        wait_for(lambda: not orphans())
    reader.join()
    os.close(ours)
    shown = b"".join(said).decode().replace("\r\n", "\n")
    assert "\x1b[?25l" in shown and shown.endswith(f"\r\x1b[2K{AT_ONCE}\n\x1b[?25h"), shown


def test_ctrl_c_over_a_cluster(small, orphans):
    for path in (small.records / "ps1").glob("*.json"):
        path.unlink()
    with started(small.root, "grade", "ps1", "--cluster", "local:2") as run:
        wait_for(lambda: run.poll() is not None or any((small.records / "ps1").glob("*.json")))
        press(run)
        said = "".join(run.communicate(timeout=AT_MOST))
    assert run.returncode == 1 and said.startswith(SOON), said
    assert not [word for word in UGLY if word in said] and "run it again to go on" in said
    wait_for(lambda: not orphans())
    assert_consistent(small)


def test_a_terminal_that_takes_nothing_is_not_waited_for(small, orphans):
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(theirs, b"x" * 1000)
    os.set_blocking(theirs, True)
    with started(small.root, "report", "ps1", stderr=theirs) as run:
        press(run, signal.SIGTERM)
        assert run.wait(AT_MOST) == 1
    os.close(ours)
    os.close(theirs)


def test_what_a_process_was_told_to_ignore_it_ignores(small, orphans):
    with started(small.root, "report", "ps9", ignored=signal.SIGHUP) as run:
        press(run, signal.SIGHUP)
        assert "There is no problem set 'ps9'" in end_of(run, orphans)
    assert run.returncode == 2


def test_a_file_that_is_being_written_is_written_first(tmp_path):
    """Killed in the middle, but by a signal that is watched for."""
    code = (
        "import os, signal, time; from pathlib import Path; from autograder import files, stopping\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a job in the background ignores it
        "stopping.watch()\n"
        "with stopping.whole():\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(0.5)\n"
        f"    files.write_whole(Path({str(tmp_path / 'page.html')!r}), 'all of it')\n"
        "time.sleep(60)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr == f"{AT_ONCE}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    assert (tmp_path / "page.html").read_text() == "all of it"
