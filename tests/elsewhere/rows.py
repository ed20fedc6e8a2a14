"""The machines: what is different there, and whether this one can play them at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

NOBODY = 65534  # the uid and gid of an ordinary user whom every Linux has
EVERY, FIRST = ("ps0", "ps1", "ps2"), ("ps0",)  # a problem set of one notebook
NO_FMA = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4"  # of exp, log, pow and their like
HERE = "{}.{}".format(*sys.version_info)
VERSIONS = tuple(f"3.{minor}" for minor in range(11, 16))
VERSION = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
ALIASES = {"Prescott": "Katmai", "Zen": "Haswell"}  # by which OpenBLAS calls the same kernels
# Uses what is in doubt, and says which of its kernels OpenBLAS has taken.
PROBE = """
import ctypes, pathlib, numpy as np
a = np.random.default_rng(0).normal(size=(70, 70))
assert np.isfinite(np.linalg.solve(a @ a, np.exp(a) @ np.tanh(a[0]))).all()
for library in pathlib.Path(np.__file__).parent.parent.glob("numpy.libs/lib*openblas*"):
    name = ctypes.CDLL(str(library)).scipy_openblas_get_corename64_
    name.restype = ctypes.c_char_p
    print(name().decode())
"""


@dataclass(frozen=True)
class Row:
    """One machine. `python` is a version to install the course for, as `make` does; empty: this one.

    `umask` and `uid` are those of every process there, `folder` is what the course's folder is called,
    `home` says whether there is one that can be written.
    """

    name: str
    environment: dict[str, str] = field(default_factory=dict)
    problem_sets: tuple[str, ...] = FIRST
    python: str = ""
    folder: str = "course"
    umask: int = 0o022
    uid: int = 0
    home: bool = True


def rows() -> tuple[Row, ...]:
    """Every row there is, in the order of the table. The first is what the others are compared with."""
    return (
        Row("here", problem_sets=EVERY),
        _processor("prescott", "Prescott", "sse"),
        _processor("nehalem", "Nehalem", "sse"),
        _processor("sandybridge", "Sandybridge", "sse"),
        _processor("haswell", "Haswell", "sse"),
        _processor("zen", "Zen", "avx2"),
        _processor("skylakex", "SkylakeX", "avx512"),
        *(Row(f"python{version}", python=version, problem_sets=EVERY) for version in VERSIONS),
        Row("kathmandu", {"TZ": "Asia/Kathmandu"}),
        Row("c-locale", {"LANG": "C", "LC_ALL": "C"}, python=HERE, folder="élan vital"),
        Row("ascii", {"PYTHONIOENCODING": "ascii", "COLUMNS": "40"}, folder="a b"),
        Row("umask077", umask=0o077),
        Row("no-home", home=False),
        Row("nobody", python=HERE, umask=0o077, uid=NOBODY),
    )


def _processor(name: str, core: str, vectors: str) -> Row:
    """OpenBLAS takes that core's kernels, NumPy and libm no newer instructions than `vectors`."""
    from numpy._core._multiarray_umath import __cpu_dispatch__

    newer = {"sse": [""], "avx2": ["AVX512", "V4"], "avx512": []}[vectors]  # parts of NumPy's names for them
    environment = {"OPENBLAS_CORETYPE": core}
    if off := [feature for feature in __cpu_dispatch__ if any(part in feature for part in newer)]:
        environment["NPY_DISABLE_CPU_FEATURES"] = " ".join(off)
    if vectors == "sse":
        environment["GLIBC_TUNABLES"] = NO_FMA
    return Row(name, environment, problem_sets=EVERY)


# ------------------------------------------------------------------ what this machine can play


def interpreter(row: Row) -> str | None:
    """The program a row runs on: of this environment, or of the version it installs the course for."""
    if not row.python:
        return sys.executable
    for candidate in _candidates(row.python):
        command = [*as_user(row), candidate, "-c", VERSION]
        try:
            done = subprocess.run(command, capture_output=True, text=True, cwd="/", env={})
        except OSError:
            continue
        if done.stdout.strip() == row.python:
            return candidate
    return None


def _candidates(version: str) -> Iterator[str]:
    """The system's own first: an ordinary user can start it."""
    yield f"/usr/bin/python{version}"
    if found := shutil.which(f"python{version}"):
        yield found
    for home in sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*"), reverse=True):
        yield str(home / "bin" / "python")


def as_user(row: Row) -> list[str]:
    """What stands in front of a row's commands."""
    if not row.uid or os.geteuid():
        return []
    return ["/usr/bin/setpriv", f"--reuid={row.uid}", f"--regid={row.uid}", "--clear-groups"]


def why_not(row: Row) -> str:
    """Why this machine cannot play that one; empty if it can. Found out by trying."""
    if interpreter(row) is None:
        return f"no Python {row.python} here" + (" that this user can start" if row.uid else "")
    core = row.environment.get("OPENBLAS_CORETYPE")
    if core is None:
        return ""
    done = subprocess.run(
        [sys.executable, "-I", "-c", PROBE],
        env={**os.environ, **row.environment},
        capture_output=True,
        text=True,
    )
    if done.returncode < 0:
        return f"this processor cannot run it (signal {-done.returncode})"
    if done.returncode:
        return done.stderr.strip()[-200:]
    taken = done.stdout.strip()
    return "" if taken in (core, ALIASES.get(core)) else f"OpenBLAS takes {taken} instead"
