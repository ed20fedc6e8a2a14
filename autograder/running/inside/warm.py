"""The warm parent: imports once, then forks a process for every notebook.

It runs inside the sandbox and never runs student code itself. Each fork enters namespaces of its
own, so that two students share no process list, no files, no IPC and no network:

    warm parent ── forks ──▶ keeper (process 1 of its own namespace) ── forks ──▶ student

The keeper holds a second connection to the examiner. It interrupts or ends the student on a word,
ends it when the examiner hangs up, watches the memory of all its processes together, and says how it ended.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import resource
import select
import shutil
import signal
import socket
import stat
import struct
import sys
import sysconfig
import tempfile
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from . import syscalls
from .usage import PAGE, Usage

if TYPE_CHECKING:  # it takes its time, and is imported when there is something to warm up
    from .shell import Shell

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 16384, 1 << 18
MS_REMOUNT, MS_BIND = 32, 4096
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
CAPABILITY_VERSION_3 = 0x20080522
STUDENT_UID = 1000
WORK = "/home/student"
CACHE = "/var/cache/matplotlib"
WRITABLE = (WORK, "/tmp", "/dev/shm")  # noqa: S108  each student's own
SHARED = (CACHE, "/dev")  # the warm parent's, which students may only read
MAX_FILES, MAX_TERMINALS = 10_000, 16  # of each folder; both take memory that no process owns
MAX_OPEN, MAX_SIGNALS = 128, 64  # files of a process; signals that wait
LOOK_SECONDS = {True: 0.05, False: 0.5}  # confined or not: /proc then lists all of the machine
INTERRUPT, TIME, END = b"i", b"t", b"k"

libc = ctypes.CDLL(None, use_errno=True)


class Bounds(TypedDict):
    """What is sent for every student: a course's limits, sizes in bytes, and how to start."""

    sandboxed: bool
    memory_bytes: int
    file_bytes: int
    output_bytes: int
    processes: int
    seed: int


@dataclass(frozen=True)
class Ending:
    """How a student's process ended: its exit code, None if nobody knows, and the limit it passed, if any."""

    exit: int | None = None
    why: str = ""


def main() -> None:
    """Warm up, say so, then fork a student for every message until the connection closes.

    Arguments: the connection's descriptor, and the core for everything here, if it is to have one.
    """
    control = socket.socket(fileno=int(sys.argv[1]))
    if len(sys.argv) > 2:
        os.sched_setaffinity(0, {int(sys.argv[2])})
    from . import student_process

    sys.path.pop(0)  # students have no business with this package
    shell = student_process.warm_up()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()  # forks then share these objects' memory for longer
    control.sendall(b"ready")
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 10_000, 2)
        if not message:
            return
        if os.fork() == 0:
            control.close()
            _start(json.loads(message), shell, *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        _reap()


def probe() -> None:
    """Do all that confines a student, in a process that then ends; an error says what is refused."""
    _enter_namespaces()
    if os.fork() == 0:
        try:
            _own_files(1_000_000)
            _drop_privileges()
        except OSError as error:
            sys.exit(str(error))
        os._exit(0)
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))


def die_with_parent(parent: int) -> None:
    """Let this process be killed when the one that made it ends, however that ends, or has ended by now."""
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def limit_memory(size: int) -> None:
    """Let this process take so many bytes more than it has."""
    if sys.platform == "linux":
        now = int(Path("/proc/self/statm").read_text().split()[0]) * PAGE
        _limit(resource.RLIMIT_AS, now + size)


def limit_time(seconds: int) -> None:
    """Let this process be ended after so many seconds of the processor."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, hard))


def _limit(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (value, value))


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _start(limits: Bounds, shell: Shell, connection: int, watch: int) -> None:
    """Enter namespaces, become the keeper's parent, and be gone."""
    try:
        if limits["sandboxed"]:
            _enter_namespaces()
        if os.fork() == 0:
            _keep(limits, shell, connection, watch)
    except BaseException:
        traceback.print_exc()  # for the message of Sandbox.wait
    finally:
        os._exit(0)


# ------------------------------------------------------------------ the keeper


def _keep(limits: Bounds, shell: Shell, connection: int, watch: int) -> None:
    """Fork the student, guard it, and report how it ended."""
    ending = Ending()
    student, work = 0, WORK if limits["sandboxed"] else tempfile.mkdtemp(prefix="course-")
    try:
        os.setsid()
        if sys.platform == "linux":
            libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)  # or the student could trace its keeper
        usage = Usage()
        student = os.fork()
        if student == 0:
            os.close(watch)
            _be_student(limits, usage, work, shell, connection)
        os.close(connection)
        ending = _guard(student, watch, usage, limits)
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            _say(watch, asdict(ending))
        if student and not limits["sandboxed"]:
            with contextlib.suppress(OSError):
                os.killpg(student, signal.SIGKILL)
            shutil.rmtree(work, ignore_errors=True)
        os._exit(0)  # process 1 of a namespace takes all others with it


def _say(watch: int, what: Mapping[str, object]) -> None:
    """Tell the examiner; whatever a keeper says is a line of JSON."""
    os.write(watch, json.dumps(what).encode() + b"\n")


def _guard(student: int, watch: int, usage: Usage, limits: Bounds) -> Ending:
    """Wait for the student's end, an order, or a limit that is passed."""
    ended = [os.pidfd_open(student)] if hasattr(os, "pidfd_open") else []
    interval, why = LOOK_SECONDS[limits["sandboxed"]], ""
    while True:
        ready, _, _ = select.select([watch, *ended], [], [], interval)
        if watch in ready:
            order = os.read(watch, 1)
            if order == INTERRUPT:
                os.kill(student, signal.SIGINT)
            elif order == TIME:
                usage.look(0.0)
                _say(watch, asdict(usage.time()))
            else:  # told to, or the examiner has gone
                os.kill(student, signal.SIGKILL)
                return Ending(os.waitstatus_to_exitcode(os.waitpid(student, 0)[1]), why)
        elif not ready:
            usage.look(interval)
            if limits["sandboxed"]:
                why = why or usage.too_much(limits["memory_bytes"], limits["processes"])
            if why:
                os.kill(-1, signal.SIGKILL)  # everything in this namespace: more may come about meanwhile
        done, status = os.waitpid(-1, os.WNOHANG)
        while done and done != student:  # orphans of the student's
            done, status = os.waitpid(-1, os.WNOHANG)
        if done:
            return Ending(os.waitstatus_to_exitcode(status), why)


# ------------------------------------------------------------------ the student's own namespaces


def _call(name: str, *arguments: object) -> None:
    if getattr(libc, name)(*arguments) != 0:
        problem = ctypes.get_errno()
        raise OSError(problem, f"{name}: {os.strerror(problem)}")


def _enter_namespaces() -> None:
    uid, gid = os.getuid(), os.getgid()
    _call("unshare", CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{STUDENT_UID} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{STUDENT_UID} {gid} 1")


def _mount(kind: str, target: str, flags: int = 0, options: str = "") -> None:
    _call("mount", kind.encode(), target.encode(), kind.encode(), flags, options.encode())


def _be_student(limits: Bounds, usage: Usage, work: str, shell: Shell, connection: int) -> None:
    try:
        os.setsid()
        _own_descriptors(connection)  # while /proc is there
        if limits["sandboxed"]:
            _own_files(limits["file_bytes"])
        _set_limits(limits, usage)
        if limits["sandboxed"]:
            libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # or the keeper could not see whether it is a fork
            _drop_privileges()
        from .student_process import be_student

        own = socket.socket(fileno=connection)
        be_student(shell, own, Path(work), limits["output_bytes"], limits["seed"])
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _own_files(size: int) -> None:
    """Empty folders of its own where it may write; nothing of ours, and no list of processes."""
    _call("unshare", CLONE_NEWNS)
    _call("mount", None, b"/", None, MS_REC | MS_PRIVATE, None)
    safe = MS_NOSUID | MS_NODEV
    libraries = _libraries_in(WRITABLE)
    for folder in WRITABLE:
        _mount(
            "tmpfs",
            folder,
            safe,
            f"size={size},nr_inodes={MAX_FILES},mode=0700,uid={STUDENT_UID},gid={STUDENT_UID}",
        )
    for path, descriptor in libraries.items():  # an environment made below /tmp is needed there still
        os.makedirs(path, exist_ok=True)
        _call("mount", f"/proc/self/fd/{descriptor}".encode(), path.encode(), None, MS_BIND | MS_REC, None)
        os.close(descriptor)
    _mount(
        "devpts",
        "/dev/pts",
        MS_NOSUID | MS_NOEXEC,
        f"newinstance,ptmxmode=0666,mode=0620,max={MAX_TERMINALS}",
    )
    for folder in SHARED:  # or one student could leave something there for the next
        _call("mount", None, folder.encode(), None, MS_REMOUNT | MS_BIND | MS_RDONLY | safe, None)
    for folder in ("/proc", "/course"):
        _mount("tmpfs", folder, MS_RDONLY | safe | MS_NOEXEC, "size=4k,mode=0555")


def _libraries_in(folders: Iterable[str]) -> dict[str, int]:
    """The interpreter's places that lie in these folders, each held by a descriptor."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    places = {sys.prefix, sys.base_prefix, *map(sysconfig.get_path, names)}
    inside = sorted(place for place in places if any(place.startswith(f"{folder}/") for folder in folders))
    return {place: os.open(place, os.O_PATH) for place in inside if os.path.isdir(place)}


def _set_limits(limits: Bounds, usage: Usage) -> None:
    _limit(resource.RLIMIT_CORE, 1)  # at 0, Linux hands cores to a program that is set up to take them
    _limit(resource.RLIMIT_FSIZE, limits["file_bytes"])
    _limit(resource.RLIMIT_NOFILE, MAX_OPEN)
    if sys.platform == "linux":
        _limit(resource.RLIMIT_SIGPENDING, MAX_SIGNALS)
        _limit(resource.RLIMIT_AS, limits["memory_bytes"] + usage.address_space)
    if limits["sandboxed"]:
        _limit(resource.RLIMIT_NPROC, limits["processes"])


def _own_descriptors(connection: int) -> None:
    """Nothing inherited stays open but fonts, and those at a position of their own."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    for descriptor in range(3, 1024):
        with contextlib.suppress(OSError):
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                fresh = os.open(f"/proc/self/fd/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
                os.dup2(fresh, descriptor, inheritable=False)
                os.close(fresh)
            elif descriptor != connection:
                os.close(descriptor)


def _drop_privileges() -> None:
    """No capability, no way to one, and no system call that might open one."""
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = struct.pack("II", CAPABILITY_VERSION_3, 0)
    _call("capset", header, bytes(24))
    _call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    syscalls.confine()


if __name__ == "__main__":
    main()
