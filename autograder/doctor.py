"""What this machine can and cannot do for the course, with the remedy."""

from __future__ import annotations

import os
import shutil
import site
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from autograder.course import Course
from autograder.running import sandbox

FREE_BYTES = 500_000_000


@dataclass(frozen=True)
class Examined:
    """One thing looked at; `remedy` is empty when it is well."""

    what: str
    seen: str
    remedy: str = ""


def examine_machine(course: Course) -> list[Examined]:
    """Look at everything the commands rely on."""
    looks = (
        _python,
        _encoding,
        _packages,
        _kernel,
        _alembic,
        _sandbox,
        _writable,
        _home,
        _disk,
        _cores,
    )
    return [look(course) for look in looks]


def _python(course: Course) -> Examined:
    version = ".".join(map(str, sys.version_info[:3]))
    return Examined("Python", version, "" if sys.version_info >= (3, 11) else "Install Python 3.11 or newer.")


def _encoding(course: Course) -> Examined:
    encoding = sys.getfilesystemencoding()
    if encoding != "utf-8":
        return Examined("Names of files", f"in {encoding}", "Set LANG=C.UTF-8: students' names are in UTF-8.")
    for folder in site.getsitepackages():
        for path in Path(folder).glob("*.pth"):
            if sys.version_info < (3, 13) and not path.read_bytes().isascii():
                seen = f"{path.name} names a folder with an accent, which Python reads only in a UTF-8 locale"
                return Examined("Names of files", seen, "Run `make clean`, then `make demo`.")
    return Examined("Names of files", "in UTF-8")


def _packages(course: Course) -> Examined:
    wanted = _locked_versions(course.root / "requirements.lock")
    off = []
    for name in ("nbgrader", "numpy", "matplotlib", "jupyterlab", "nbclient", "nbconvert"):
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            off.append(f"{name} missing")
            continue
        if wanted.get(name) and installed not in wanted[name]:
            off.append(f"{name} {installed}")
    if not wanted:
        return Examined("Packages", "no requirements.lock", "Run from a full copy of the course.")
    remedy = "Remove .venv and run `make demo`, which installs from the lock." if off else ""
    return Examined("Packages", ", ".join(off) or "as in requirements.lock", remedy)


def _locked_versions(lock: Path) -> dict[str, set[str]]:
    versions: dict[str, set[str]] = {}
    for line in lock.read_text().splitlines() if lock.is_file() else ():
        name, equals, rest = line.partition("==")
        if equals and not line.startswith((" ", "#")):
            versions.setdefault(name, set()).add(rest.split()[0])
    return versions


def _kernel(course: Course) -> Examined:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        command = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        return Examined(
            "Kernel python3", "missing", f"Run {sys.executable} -m ipykernel install --sys-prefix."
        )
    ours = Path(sys.executable).parent.resolve()  # the program itself may be a link to the system's
    if command in ("python", "python3") or Path(command).parent.resolve() == ours:
        return Examined("Kernel python3", "this environment's")
    seen = command if shutil.which(command) else f"{command}, which is not there"
    return Examined("Kernel python3", seen, f"Run {sys.executable} -m ipykernel install --sys-prefix.")


def _alembic(course: Course) -> Examined:
    found = shutil.which("alembic")
    return Examined(
        "alembic", found or "not on PATH", "" if found else "Activate .venv: nbgrader calls it by name."
    )


def _sandbox(course: Course) -> Examined:
    problem = sandbox.why_not(course.root)
    if problem:
        what, _, remedy = problem.partition(". ")
        return Examined("Sandbox", what, remedy or "Grade on another machine.")
    return Examined("Sandbox", f"works, with {sandbox.bwrap_program()}")


def _writable(course: Course) -> Examined:
    try:
        course.grading.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=course.grading):
            return Examined("Grading folder", f"{course.grading}, writable")
    except OSError as error:
        return Examined(
            "Grading folder", f"{course.grading}: {error.strerror}", "Make it writable for yourself."
        )


def _home(course: Course) -> Examined:
    """Works without: Matplotlib and IPython then keep what they cache in a temporary folder."""
    home = os.path.expanduser("~")  # stays as it is where nobody knows one
    if os.access(home, os.W_OK):
        return Examined("Home", f"{home}, writable")
    return Examined(
        "Home", f"{home}, not writable: caches are made anew each time", "Set HOME to a folder of yours."
    )


def _disk(course: Course) -> Examined:
    free = shutil.disk_usage(course.root).free
    seen = f"{free / 1e9:.1f} GB free"
    return Examined("Disk", seen, "" if free > FREE_BYTES else f"Free {FREE_BYTES // 1_000_000} MB or more.")


def _cores(course: Course) -> Examined:
    if not hasattr(os, "sched_getaffinity"):
        return Examined("Cores", f"{os.cpu_count()}, which all student code shares")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        return Examined("Cores", "1: `course grade` runs one notebook at a time")
    try:
        os.sched_setaffinity(0, cores[-1:])
        os.sched_setaffinity(0, cores)
    except OSError:
        remedy = "Use `course grade --workers 1`, or allow sched_setaffinity: one student can slow another."
        return Examined("Cores", f"{len(cores)}, and none can be given to one student", remedy)
    return Examined("Cores", f"{len(cores)}: `course grade` uses them all, a core for each student's code")
