"""The system calls a student's process may not make, tried from inside one."""

import platform

import nbformat
import pytest

from autograder.course import Limits
from autograder.running.inside.syscalls import CLONE, DENIED, MACHINES
from autograder.running.run import Job

CALL = "import ctypes, os, socket\nlibc = ctypes.CDLL(None, use_errno=True)\n"
COLUMN = MACHINES[platform.machine()][0]


@pytest.fixture(scope="module")
def run(runner):
    """Run one cell in a student's process; what it prints."""

    def run_cell(source):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        done = runner.run(Job(notebook, nbformat.v4.new_notebook(), {}, Limits(10, 5, 20)))
        assert done.status == "graded"
        return "".join(
            output.get("text", output.get("evalue", "")) for output in done.notebook.cells[0].outputs
        )

    return run_cell


def test_denied_calls_are_refused(run):
    numbers = [pair[COLUMN] for pair in DENIED.values()]
    said = run(
        CALL + f"for number in {numbers}:\n    if libc.syscall(number, 0, 0, 0, 0, 0) == 0 or "
        "ctypes.get_errno() != 1: print(number, ctypes.get_errno())"
    )
    assert said == ""


def test_a_new_user_namespace_is_refused_by_every_way(run):
    clone = f"libc.syscall({CLONE[COLUMN]}, 0x10000000 | 17, 0, 0, 0, 0), ctypes.get_errno()"
    assert run(f"{CALL}print({clone})") == "-1 1\n"
    assert "Operation not permitted" in run("import subprocess\nsubprocess.run(['unshare', '-U', 'true'])")


def test_sockets_that_leave_the_network_namespace_are_refused(run):
    said = run(
        f"{CALL}for family in (16, 38, 40):\n    try: socket.socket(family, 3)\n"
        "    except OSError as error: print(error.errno)"
    )
    assert said == "97\n97\n97\n"


def test_a_process_stays_in_the_students_session(run):
    """Or many of them would take the processor from other students: it is shared among sessions."""
    said = run("import os\nold = os.getsid(0)\nos.setsid()\nprint(os.getsid(0) == old)\n!echo in a terminal")
    assert said.split() == ["True", "in", "a", "terminal"]


def test_ordinary_programs_run(run):
    said = run(
        "import subprocess, threading, multiprocessing, socket, tempfile\n"
        "print(subprocess.run(['echo', 'program'], capture_output=True, text=True).stdout.strip())\n"
        "thread = threading.Thread(target=print, args=('thread',)); thread.start(); thread.join()\n"
        "with multiprocessing.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1, 2]))\n"
        "print(socket.socketpair()[0].family.name, socket.socket().family.name)\n"
        "with tempfile.TemporaryFile() as file: print(file.write(b'1234'))\n"
    )
    assert said == "program\nthread\n[1, 2]\nAF_UNIX AF_INET\n4\n"
