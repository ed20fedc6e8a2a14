"""Grading over Dask: the same grades, who may grade, and what happens when processes are killed."""

from __future__ import annotations

import json
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import dask
import psutil
import pytest
from click.testing import CliRunner
from distributed import Future, Security
from nbformat.v4 import new_code_cell

from autograder import stopping
from autograder.cli import main
from autograder.course import find_course
from autograder.errors import CourseError
from autograder.grading import records, remote
from autograder.grading.addresses import exposed
from autograder.grading.classroom import grade_class
from autograder.grading.cluster import Cluster
from tests.faults.kinds import DaskWorker, environment
from tests.grading.helpers import NAMES, SCORES
from tests.helpers import FIRST, edit


def kept(small):
    """What the records say, all of it."""
    return {record.student: record for record in records.load_all(small, "ps1")}


def refused(address, monkeypatch=None, place=None):
    if place:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, 8786))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: found)
    with pytest.raises(CourseError) as raised:
        Cluster(address)
    assert raised.value.exit_code == 2
    return str(raised.value)


# ------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    "addresses",
    [
        "local: local:0 local:x local:257 local:-1",
        "x localhost:8786 tcp://host tcp://:8786 tcp://[::1 tls://h:99999",
        f"local:{'9' * 10_000} local:² tcp://{'x' * 64}:1 tcp://{'ü' * 300}:1 tls://a..b:1 tcp://℀:1",
        "tls://a\udcff:1 tcp://a\0b:1 tcp://a\u202eb:1 tcp://[::1%\0]:1",
    ],
)
def test_what_is_no_address_is_said(addresses):
    for address in addresses.split():
        said = refused(address)
        assert len(said) < 250 and said.isprintable()
        assert ("names no cluster" if address.startswith("local:") else "is no address") in said


@pytest.mark.parametrize(
    "place", ["8.8.8.8", "2001:4860:4860::8888", "100.64.0.1", "100.127.255.254", "::ffff:8.8.8.8"]
)
def test_a_public_address_needs_tls_and_that_a_certificate(monkeypatch, tmp_path, place):
    said = refused("tcp://scheduler.example.org:8786", monkeypatch, place)
    assert place in said and "TLS" in said
    tls = "tls://scheduler.example.org:8786"
    assert "needs a certificate (Dask knows of none)" in refused(tls)
    keys = Security.temporary()
    names = {
        "ca-file": keys.tls_ca_file,
        "client.cert": keys.tls_client_cert,
        "client.key": keys.tls_client_key,
    }
    for name, text in names.items():
        (tmp_path / name).write_text(text)
    with dask.config.set({f"distributed.comm.tls.{name}": str(tmp_path / name) for name in names}):
        Cluster(tls)
        (tmp_path / "ca-file").unlink()
        assert "needs a certificate (FileNotFoundError" in refused(tls)


@pytest.mark.parametrize(
    "place", ["127.0.0.1", "10.1.2.3", "192.168.0.7", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1"]
)
def test_a_private_one_does_not(monkeypatch, place):
    found = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (place, 8786))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: found)
    Cluster("tcp://scheduler:8786")


def test_a_name_that_nobody_knows_is_said(monkeypatch):
    def unknown(*arguments, **options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "nobody.example is not known here" in refused("tcp://nobody.example:8786")


def test_a_worker_with_no_address_is_refused():
    """Schedulers hand on what workers call themselves."""
    for address in (f"tcp://{'x' * 64}:1", "tcp://[::1", "tcp://h:x"):
        assert exposed(address) == "it is no address."


def test_where_dask_is_missing_it_is_said_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "[cluster]" in refused("local:2")


@pytest.mark.parametrize("option", [("--workers", "2"), ("--unsafe-no-sandbox",)])
def test_options_of_this_machine_say_nothing_to_a_cluster(option):
    done = CliRunner().invoke(main, ["grade", "ps1", "--cluster", "local:2", *option])
    assert done.exit_code == 2 and f"{option[0]} is for this machine" in done.stderr


# ------------------------------------------------------------------ threads of one process as workers


THREADS = """
from distributed import LocalCluster
settings = dict(n_workers=2, threads_per_worker=1, processes=False, protocol="tcp://", dashboard_address=None)
with LocalCluster(**settings, scheduler_kwargs={"dashboard_address": "127.0.0.1:0"}) as local:
    print(local.scheduler_address, flush=True)
    input()
"""


@pytest.fixture(scope="module")
def process():
    """A process with a scheduler and two workers, which are threads of it: their children are processes."""
    with subprocess.Popen(
        [sys.executable, "-c", THREADS],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield process
        process.communicate("\n")
    if Future._cb_executor is not None:  # its thread would be in the way of tests that fork
        Future._cb_executor.shutdown()
        Future._cb_executor = None


@pytest.fixture(scope="module")
def threads(process):
    """The address of its scheduler."""
    return process.stdout.readline().strip()


def children(process):
    """The processes with sandboxes that its workers started."""
    return [
        p for p in psutil.Process(process.pid).children() if "remote import serve" in " ".join(p.cmdline())
    ]


@pytest.mark.slow
def test_grades_are_the_same_and_a_second_run_skips_them(class_of_four, threads):
    small, _ = class_of_four
    before = kept(small)
    with Cluster(threads) as cluster:
        grades = grade_class(small, "ps1", force=True, cluster=cluster)
    assert {graded.student: graded.score for graded in grades.graded} == SCORES and grades.failed == ()
    assert kept(small) == before
    assert (small.autograded / "right" / "ps1" / f"{FIRST}.ipynb").is_file()
    with Cluster(threads) as cluster:
        assert set(grade_class(small, "ps1", cluster=cluster).skipped) == set(NAMES)
        assert cluster._client is None  # nobody was asked


@pytest.mark.slow
def test_a_child_that_is_killed_costs_nobody_a_grade(class_of_four, threads, process):
    small, _ = class_of_four
    before, killed = kept(small), []

    def kill(done, total, student):
        if done == 1:
            for child in children(process):
                child.kill()
                killed.append(child)

    with Cluster(threads) as cluster:
        grades = grade_class(small, "ps1", force=True, cluster=cluster, progress=kill)
    assert killed and grades.failed == () and kept(small) == before


@pytest.mark.slow
def test_what_ran_into_a_limit_is_run_once_more_there(class_of_four, threads):
    small, _ = class_of_four
    path = small.submitted / "wrong" / "ps1" / f"{FIRST}.ipynb"
    config = small.root / "course_config.py"
    config.write_text(config.read_text() + "\nc.Limits.seconds_per_cell = 1\n")
    small = find_course(small.root)

    def loop(notebook):
        notebook.cells.append(new_code_cell("while True: pass"))

    edit(path, loop)
    runs = []
    with Cluster(threads) as cluster:
        sending = cluster.send
        cluster.send = lambda *said: (runs.append(said), sending(*said))[1]
        grades = grade_class(small, "ps1", student="wrong", cluster=cluster)
    assert grades.graded[0].notebooks[0].status == "timed-out" and grades.failed == ()
    assert [function for _, function, *_ in runs].count(remote.grade) == 2


@pytest.mark.slow
def test_ctrl_c_reaches_the_workers_and_the_next_run_goes_on(class_of_four, threads, monkeypatch):
    small, _ = class_of_four
    before, asked = kept(small), threading.Event()
    monkeypatch.setattr(stopping, "asked", asked.is_set)
    with Cluster(threads) as cluster:
        stopped = grade_class(
            small, "ps1", force=True, cluster=cluster, progress=lambda done, *rest: done and asked.set()
        )
    assert 1 <= len(stopped.left) <= 3 and stopped.failed == ()
    asked.clear()
    with Cluster(threads) as cluster:
        again = grade_class(small, "ps1", cluster=cluster, force=True)
    assert again.left == again.failed == () and kept(small) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "other, said",
    [
        ({"numpy": "1.26"}, "its numpy is {here}, and 1.26 is needed."),
        ({"Python": "3.9"}, "its Python is {here}, and 3.9 is needed."),
        (
            {"answer key": "x"},
            "its course package has another answer key. Install there what is installed here.",
        ),
    ],
)
def test_workers_that_grade_with_something_else_are_refused_by_name(
    class_of_four, threads, monkeypatch, other, said
):
    small, _ = class_of_four
    here, told = remote.what_is_here(), []
    monkeypatch.setattr(remote, "what_is_here", lambda: here | other)
    with Cluster(threads, told.append) as cluster, pytest.raises(CourseError, match="each of them") as raised:
        grade_class(small, "ps1", student="blank", force=True, cluster=cluster)
    assert raised.value.exit_code == 2 and len(told) == 2
    (name,) = other
    assert all(
        text.startswith("worker tcp://") and text.endswith(said.format(here=here[name])) for text in told
    )


def test_a_worker_without_a_sandbox_or_without_this_package_is_refused():
    told, cluster = [], Cluster("local:1")
    cluster.tell = told.append
    proof = remote.Proof(remote.what_is_here(), "Student code cannot be confined here.")
    for answer in (
        remote.DONE + json.dumps(vars(proof)).encode(),
        remote.DONE + b"{",
        remote.FAILED + b"No module named 'autograder'",
        remote.ENDED,
    ):
        cluster._judge("tcp://10.0.0.1:1", 1, answer)
    assert len(told) == 4 and cluster.workers == {}
    assert "cannot be confined" in told[0] and "No module named" in told[2]
    cluster._judge("tcp://10.0.0.1:1", 1, remote.DONE + json.dumps(vars(remote.Proof(proof.has))).encode())
    assert set(cluster.workers) == {"tcp://10.0.0.1:1"}


class Nothing:
    def add_done_callback(self, call):
        pass


class Scheduler:
    """Stands in for a client of one that knows these workers, none of which ever answers."""

    status = "running"

    def __init__(self, there):
        self.there, self.asked, self.scheduler = there, [], self

    def identity(self, n_workers):
        return {"workers": {a: {"local_directory": f, "nthreads": 1} for a, f in self.there.items()}}

    def sync(self, function, **options):
        return function(**options)

    def submit(self, function, *arguments, workers, **options):
        self.asked += workers
        return Nothing()


def test_a_worker_that_never_proves_itself_is_refused(monkeypatch):
    told, cluster = [], Cluster("local:1")
    cluster.tell, cluster._client = told.append, Scheduler({"tls://10.0.0.1:1": "a"})
    monkeypatch.setattr("autograder.grading.cluster.LOOK_SECONDS", 0)
    cluster.look()
    cluster.look()
    assert told == [] and len(cluster._proving) == 1
    cluster._proving = {future: (*who, until - 601) for future, (*who, until) in cluster._proving.items()}
    with pytest.raises(CourseError, match="each of them was refused"):
        cluster.look()
    assert told == ["worker tls://10.0.0.1:1 is refused: it did not prove itself within 10 minutes."]


def test_another_process_at_the_same_address_proves_itself_too(monkeypatch):
    monkeypatch.setattr("autograder.grading.cluster.LOOK_SECONDS", 0)
    cluster, (first, second) = Cluster("local:1"), ("tls://10.0.0.1:1", "tls://10.0.0.1:2")
    cluster._client = Scheduler({first: "a", second: "b"})
    proof = remote.DONE + json.dumps(vars(remote.Proof(remote.what_is_here()))).encode()
    cluster.look()
    cluster._judge(first, 1, proof)
    cluster.refuse(second, "it is another.")
    cluster._proving.clear()
    cluster.look()
    assert cluster._client.asked == [first, second] and set(cluster.workers) == {first}
    cluster._client.there = {first: "c", second: "d"}
    cluster.look()
    assert cluster._client.asked == [first, second] * 2 and cluster.workers == {}
    assert {address for address, *_ in cluster._proving.values()} == {first, second}


def test_a_child_that_hangs_is_ended(monkeypatch):
    """It has not even read the message, which is larger than the line."""
    monkeypatch.setattr(remote, "START", "import time; time.sleep(3)")
    assert remote.grade("run", bytes(10_000_000), 0.1) == remote.ENDED
    child = remote._own.__dict__.pop("child")
    child.close()
    assert child._process.returncode == -signal.SIGKILL and not child.usable


@pytest.mark.slow
def test_a_sandbox_that_does_not_hold_is_noticed():
    """Student code that runs unconfined can do what a confined one is refused."""
    code = (
        "from autograder.grading import remote; from autograder.running.run import Runner\n"
        "with Runner(sandboxed=False) as runner: print(remote._proof(runner).problem)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "Student code can leave the sandbox there, or nothing runs in it.\n", done.stderr


# ------------------------------------------------------------------ a cluster started by hand


def written(small):
    return list((small.records / "ps1").glob("*.json"))


def grading(small, dask):
    """`course grade` over a cluster, from the moment on when the first record is there."""
    shutil.rmtree(small.records)
    run = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "autograder", "grade", "ps1", *dask.options],
        cwd=small.root,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    while run.poll() is None and not written(small):
        time.sleep(0.01)
    return run


@pytest.mark.slow
def test_whoever_is_killed_nothing_is_lost(class_of_four):
    small, _ = class_of_four
    before = kept(small)
    with DaskWorker(workers=1) as dask:
        run = grading(small, dask)
        assert dask.kill(run, random.Random(0)), run.communicate()[0]
        said = run.communicate()[0]
        assert run.returncode == 0 and "Traceback" not in said, said
        assert kept(small) == before

        run = grading(small, dask)
        dask.scheduler.kill()
        said = run.communicate()[0]
    assert run.returncode == 1 and said.endswith(
        f"course: The Dask scheduler at {dask.address} has gone. What was graded is kept: start one, and run "
        "the command again to go on.\n"
    ), said
    assert 1 <= len(written(small)) < len(NAMES)
    again = grade_class(small, "ps1")  # goes on without a cluster too
    assert again.failed == () and len(again.skipped) >= 1 and kept(small) == before
