"""Runners and the processes they live in: what they refuse, repeat and survive."""

import os
import threading

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.course import Limits
from autograder.errors import CourseError
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
