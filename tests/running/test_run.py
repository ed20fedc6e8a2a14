"""Runners and the processes they live in: what they refuse, repeat and survive."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder import derivation
from autograder.course import Limits
from autograder.errors import CourseError
from autograder.running import sandbox
from autograder.running.run import Job, Runner
from autograder.running.workers import Workers

pytestmark = pytest.mark.slow

DRAW = "import random\nimport numpy as np\nprint(random.random(), np.random.rand())"


def job(source, seed=0):
    return Job(new_notebook(cells=[new_code_cell(source, id="only")]), new_notebook(), {}, Limits(), seed)


def printed(executed):
    return executed.notebook.cells[0].outputs[0].text


def test_a_job_that_is_run_again_draws_the_same_numbers(runner):
    first, again, other = (printed(runner.run(job(DRAW, seed))) for seed in (1, 1, 2))
    assert first == again != other


def test_a_runner_does_not_fork_beside_another_thread():
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        with Runner(sandboxed=False) as runner, pytest.raises(RuntimeError, match="no other threads"):
            runner.run(job("1"))
    finally:
        done.set()
        thread.join()


def end_this_process(runner):
    os._exit(1)


def test_workers_whose_process_was_ended_say_so_and_go_on():
    with Workers(sandboxed=False) as workers:
        assert workers.submit(end_this_process).exception() is not None
        with pytest.raises(CourseError, match="has ended"):
            workers.run(job("print(1)"))
        assert printed(workers.run(job("print(1)"))) == "1\n"


def test_a_job_is_run_as_it_is_and_stays_as_it_was(runner):
    asked = job("x = 1\nx")
    assert runner.run(asked).notebook.cells[0].outputs
    assert asked.notebook.cells[0].outputs == []


# ------------------------------------------------------------------ time is the student's own


@contextlib.contextmanager
def busy(count=8):
    """A machine with other things to do."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def within(source, **limits):
    return replace(job(source), limits=Limits(**limits))


COMPUTE = "import time\nwhile time.process_time() < {0}: pass\nprint('done')"


def test_a_busy_machine_takes_nothing_from_what_is_within_its_limits(runner):
    with busy():
        executed = runner.run(within(COMPUTE.format(1.2), seconds_per_cell=2, seconds_per_notebook=3))
    assert (executed.status, executed.limited, printed(executed)) == ("graded", False, "done\n")


@pytest.mark.parametrize(
    "source",
    [
        COMPUTE.format(60),
        "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()\nwhile True: pass",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'while True: pass'])",
        "import os\nwhile True:\n    os.fork() and os.wait() or os._exit(sum(range(10**6)) < 0)",
        "import os, signal, time\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)  # uncounted\n"
        "while True:\n    os.fork() and [time.sleep(0.4)] or os._exit(sum(range(10**7)) < 0)",
        "import time\ntime.sleep(10**6)",
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()",
        "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    ],
    ids=["computing", "a thread", "a child", "children", "lost children", "asleep", "deadlocked", "stopped"],
)
def test_what_never_ends_is_ended(runner, source):
    executed = runner.run(within(source, seconds_per_cell=1, seconds_per_notebook=2))
    assert (executed.status, executed.limited) == ("timed-out", True)


def test_a_student_may_wait_a_while(runner):
    executed = runner.run(within("import time\ntime.sleep(2.5)\nprint(1)", seconds_per_cell=1))
    assert (executed.status, printed(executed)) == ("graded", "1\n")


def test_a_notebook_that_was_killed_may_run_again_and_one_that_ended_itself_may_not(runner):
    killed = runner.run(job("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"))
    ended = runner.run(job("import os\nos._exit(0)"))
    assert (killed.status, killed.limited) == ("crashed", True)
    assert (ended.status, ended.limited) == ("crashed", False)


def refused_from_now_on(runner, asked):
    """What a machine does that forbids namespaces while the course is running."""
    runner._sandbox.close()
    program = sandbox.bwrap()[0]
    sandbox.bwrap = lambda: [program, "--seccomp", "99", "--"]  # which it cannot follow
    return runner.run(asked)


def test_what_the_machine_refuses_is_no_grade_and_is_told():
    with Workers() as workers, pytest.raises(CourseError, match="does not start: bwrap"):
        workers.submit(refused_from_now_on, job("1")).result()


def end_the_sandbox_each_time(runner, asked):
    """What a machine that is out of memory does."""
    started = type(runner)._warm

    def end_it(self):
        box = started(self)
        box.wait()
        box._process.kill()
        box._process.wait()
        return box

    runner._warm = end_it.__get__(runner)
    return runner.run(asked)


def test_a_sandbox_that_ends_twice_is_no_grade():
    with Workers() as workers, pytest.raises(CourseError, match="could not be run, twice"):
        workers.submit(end_the_sandbox_each_time, job("1")).result()


def killed_half_way(runner):
    """A result of which half is sent."""
    place = Path(f"/proc/self/task/{os.getpid()}/wchan")

    def kill():
        while "pipe_write" not in place.read_text():
            pass
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()
    return bytes(100_000_000)


def test_nobody_waits_for_the_rest_of_a_result_whose_worker_was_killed():
    """The pool would: its own end of the pipe is open, and so are the other workers'."""
    with Workers(2, sandboxed=False) as workers:
        futures = [workers.submit(killed_half_way) for _ in range(2)]
        with pytest.raises(BrokenExecutor):
            workers.finished(futures[0]).result()


def test_student_code_of_each_worker_has_a_core_of_its_own():
    usable = os.sched_getaffinity(0)
    asked = job("import os\nprint(sorted(os.sched_getaffinity(0)))")
    with Workers(2) as workers:
        both = [workers.submit(Runner.run, asked) for _ in range(4)]
        seen = {printed(future.result()) for future in both}
    assert seen <= {f"[{core}]\n" for core in usable}
    with Workers(1) as worker:
        assert printed(worker.run(asked)) == f"{sorted(usable)}\n"


# ------------------------------------------------------------------ what travels with a notebook

DERIVED = """
from derivation import derive
my_derivation = '''
f(x) = xᵀx
df = 2 xᵀ dx
∇f(x) = {}
'''
print(bool(derive(my_derivation, x="n")))
"""
MARKED = (
    "from autograder.exam import examine_derivation\n"
    "examine_derivation('squared_norm', 'derivation', my_derivation, points=2)"
)


@pytest.mark.parametrize("gradient, right, points", [("2 x", True, "2.0"), ("3 x", False, "1.0")])
def test_a_derivation_is_checked_inside_and_marked_outside(runner, gradient, right, points):
    """The student's process has the file, and the examiner its own; the text crosses as a plain value."""
    marks = {"grade": True, "grade_id": "test", "locked": True, "points": 2, "solution": False, "task": False}
    test = new_code_cell(MARKED, id="test", metadata={"nbgrader": {**marks, "schema_version": 3}})
    cells = [new_code_cell(DERIVED.format(gradient), id="only"), test]
    files = {"derivation.py": Path(derivation.__file__).read_bytes()}
    asked = Job(new_notebook(cells=cells), new_notebook(cells=cells), files, Limits())
    first, second = runner.run(asked).notebook.cells
    assert first.outputs[0].text == f"{right}\n"
    assert second.outputs[0].data["text/plain"] == points
