"""Student processes beside each other, and machines that cannot confine them."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_notebook

from autograder.cli import main
from autograder.course import Limits
from autograder.grading import records
from autograder.problem_sets.notebooks import read_problem_set, to_text
from autograder.releasing.build import solved_submission
from autograder.running import sandbox
from autograder.running.inside.protocol import Peer
from autograder.running.run import Job
from tests.helpers import FIRST

pytestmark = pytest.mark.slow

DRAW = r"""
import hashlib, time
import matplotlib.pyplot as plt
import numpy as np
digests = set()
for k in range(12):
    fig, ax = plt.subplots(figsize=(3, 2), dpi=60)
    glyphs = r"$\alpha\beta\gamma\delta\lambda\nabla\partial\sum\int\sqrt{x_{%d}}\frac{a}{b}\top\otimes$"
    ax.set_title(glyphs % 7 + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", fontsize=SIZE)
    fig.canvas.draw()
    digests.add(hashlib.sha256(np.asarray(fig.canvas.buffer_rgba()).tobytes()).hexdigest())
    plt.close(fig)
print(sorted(digests))
"""


def test_students_who_draw_at_once_do_not_share_their_fonts(runner):
    """Forks share the position in an open file, and fonts stay open: each needs its own."""
    box = sandbox.Sandbox()
    alone = printed(runner.run(Job(drawing(9), new_notebook(), {}, Limits())))
    students = [box.student(Limits()) for _ in range(2)]
    talks = [Peer(student.connection) for student in students]
    shown = ["", ""]
    for which, peer in enumerate(talks):
        peer.on_event = lambda text, which=which: shown.__setitem__(which, shown[which] + said(text))
        peer._send("ask", "run", (drawing(9).cells[0].source, 1))
    for peer in talks:
        peer.wait()
    for student in students:
        student.close()
    box.close()
    assert shown == [alone, alone] and alone.count("'") == 2


HOLD = """
import socket, time
kept = [socket.socketpair() for _ in range({})]
print(1, flush=True)
time.sleep(20)
"""
PROGRAMS = """
import subprocess, sys, time
started = [subprocess.Popen([sys.executable, "-ISc", HOLD], stdout=-1, bufsize=0) for _ in range(8)]
for program in started:
    program.stdout.read(1)
time.sleep(0.5)
for program in started:
    program.kill()
"""


@pytest.mark.parametrize(("pairs", "status"), [(0, "graded"), (55, "crashed")])
def test_what_sockets_can_hold_counts_as_memory(runner, pairs, status):
    source = f"HOLD = {HOLD.format(pairs)!r}\n{PROGRAMS}"
    cells = [new_code_cell(source, id="hold")]
    done = runner.run(Job(new_notebook(cells=cells), new_notebook(), {}, Limits(memory_megabytes=250)))
    assert done.status == status, done.notebook.cells[0].outputs


FORKS = """
import os, time
for _ in range(COUNT):
    if os.fork() == 0:
        time.sleep(20)
        os._exit(0)
time.sleep(0.5)
print(1)
"""


@pytest.mark.parametrize(("count", "status"), [(3, "graded"), (20, "crashed")])
def test_a_fork_counts_as_if_it_had_written_to_all_it_inherited(runner, count, status):
    cells = [new_code_cell(FORKS.replace("COUNT", str(count)), id="fork")]
    done = runner.run(Job(new_notebook(cells=cells), new_notebook(), {}, Limits(memory_megabytes=500)))
    assert done.status == status, done.notebook.cells[0].outputs


def said(text):
    kind, content = json.loads(text)
    return content["text"] if kind == "stream" else ""


def drawing(size):
    return new_notebook(cells=[new_code_cell(DRAW.replace("SIZE", str(size)), id="draw")])


def printed(executed):
    return "".join(output.get("text", "") for output in executed.notebook.cells[0].outputs)


# ------------------------------------------------------------------ machines without a sandbox


def test_without_a_sandbox_nothing_is_graded_unless_the_instructor_insists(small_course, machine_without):
    problem_set = read_problem_set(small_course.source, "ps1")
    folder = small_course.submitted / "right" / "ps1"
    folder.mkdir(parents=True)
    solved = solved_submission(small_course, problem_set)[FIRST]
    (folder / f"{FIRST}.ipynb").write_text(to_text(solved))
    command = ["--course-dir", str(small_course.root), "grade", "ps1"]
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 2
    assert "No permissions to create new namespace" in refused.stderr
    assert "kernel.unprivileged_userns_clone=1" in refused.stderr
    assert "--unsafe-no-sandbox" in refused.stderr
    assert not list(small_course.grading.rglob("*.json"))
    insisted = CliRunner().invoke(main, [*command, "--unsafe-no-sandbox"])
    assert insisted.exit_code == 0, insisted.output
    assert "WITHOUT a sandbox" in insisted.stdout
    record = records.load(small_course, "ps1", "right")
    assert (record.sandboxed, record.score) == (False, 7.5)


def test_the_demo_says_first_that_it_needs_a_sandbox(small_course, machine_without):
    refused = CliRunner().invoke(main, ["--course-dir", str(small_course.root), "demo"])
    assert refused.exit_code == 2 and refused.stdout == ""
    assert (
        "No permissions to create new namespace" in refused.stderr and "needs the sandbox" in refused.stderr
    )


@pytest.mark.parametrize("place", ["/usr/src/course", sys.prefix, f"{sys.prefix}/share/course"])
def test_a_course_among_the_libraries_is_refused(place):
    assert "which student code may read" in sandbox.why_not(Path(place))
