"""What a student's process sees of Python: the interpreter, and the packages students are told to install.

The grader's environment holds more: nbgrader, packages that differentiate, whatever else an instructor
installed. Every folder of packages is covered, and what is needed bound into it again, by name.
"""

from __future__ import annotations

import csv
import functools
import os
import site
import sys
import sysconfig
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# A notebook's kernel with NumPy and Matplotlib: what inside/ imports, and with each what it requires.
PACKAGES = (
    *("numpy", "matplotlib", "matplotlib-inline"),
    *("ipython", "ipykernel", "jupyter-client", "traitlets"),
)
NAMES = {  # of their modules, where a system that left the list out does not tell them otherwise
    "ipython": ("IPython",),
    "fonttools": ("fontTools",),
    "matplotlib": ("mpl_toolkits", "pylab"),
    "pillow": ("PIL",),
    "python-dateutil": ("dateutil",),
    "pyzmq": ("zmq",),
}
SYSTEM = ("/usr", "/usr/local")  # with the interpreter's own, where packages are installed


def prefixes() -> list[Path]:
    """The interpreter's folder, and that of its virtual environment, if it has one."""
    return [Path(prefix) for prefix in dict.fromkeys((sys.base_prefix, sys.prefix))]


def binds() -> list[str]:
    """Arguments of bwrap that show the interpreter and the needed packages, where they lie here."""
    parts = ["--ro-bind", sys.base_prefix, sys.base_prefix]
    closed = []
    if sys.prefix != sys.base_prefix:
        closed.append(Path(sys.prefix))
        parts += ["--tmpfs", sys.prefix]
        for path in _environment():
            shown = ["--symlink", os.readlink(path)] if path.is_symlink() else ["--ro-bind", str(path)]
            parts += [*shown, str(path)]
    for folder in _covered():
        closed.append(folder)
        parts += ["--tmpfs", str(folder)]
    for path in needed():
        parts += ["--ro-bind", str(path), str(path)]
    return [*parts, *(part for folder in closed for part in ("--remount-ro", str(folder)))]


def _environment() -> Iterator[Path]:
    """What makes a virtual environment one: settings, links such as lib64, the interpreter's names."""
    prefix = Path(sys.prefix)
    yield from (path for path in sorted(prefix.iterdir()) if path.is_file() or path.is_symlink())
    yield from sorted(Path(sysconfig.get_path("scripts")).glob("python*"))


@functools.cache
def _covered() -> tuple[Path, ...]:
    """Folders of packages, and of what packages bring for Jupyter, in sight of student code."""
    places = [*map(Path, SYSTEM), Path(sys.base_prefix)]
    found = {folder for place in places for folder in place.glob("share/jupyter")}
    for place in [*places, Path(sys.prefix)]:
        for library in place.glob("lib*"):
            if not library.is_symlink():  # lib64, often
                found |= {folder for folder in library.glob("py*/*-packages") if not folder.is_symlink()}
        if (place / "conda-meta").is_dir():
            found |= {place / name for name in ("pkgs", "envs", "conda-meta") if (place / name).is_dir()}
    return tuple(sorted({*found, *_on_path()}))


def _on_path() -> Iterator[Path]:
    """The folders of packages of this interpreter, wherever they lie among what is shown."""
    known = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    shown = [*map(Path, SYSTEM), *prefixes()]
    for path in map(Path, known):
        if path.is_dir() and not path.parent.parent.is_symlink() and any(map(path.is_relative_to, shown)):
            yield path


@functools.cache
def needed() -> tuple[Path, ...]:
    """The files and folders, right below a covered one, of `PACKAGES` and all that these require."""
    covered = {folder.resolve(): folder for folder in _covered()}
    found: set[Path] = set()
    for distribution in _required():
        folder = covered.get(Path(str(distribution.locate_file(""))).resolve())
        if folder is not None:
            found |= {path for name in _top_level(distribution) if (path := folder / name).exists()}
    return tuple(sorted(found))


def _required() -> Iterator[metadata.Distribution]:
    """The distributions of `PACKAGES`, and of what they require on this machine, each once."""
    waiting = [Requirement(name) for name in PACKAGES]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *requirement.extras):
            key = (canonicalize_name(requirement.name), extra)
            if key in seen:
                continue
            seen.add(key)
            try:
                distribution = metadata.distribution(requirement.name)
            except metadata.PackageNotFoundError:
                continue  # where it is needed, the sandbox says so when it starts
            yield distribution
            for further in map(Requirement, distribution.requires or ()):
                if further.marker is None or further.marker.evaluate({"extra": extra}):
                    waiting.append(further)


def _top_level(distribution: metadata.Distribution) -> set[str]:
    """What a distribution put into its folder: by its list of files, or by its names where it has none.

    Systems that install packages in their own way leave the list out.
    """
    rows = csv.reader((distribution.read_text("RECORD") or "").splitlines())
    listed = [row[0].split("/") for row in rows if row]
    if listed:  # compiled modules lie in one folder together
        return {
            "/".join(parts[: 2 if parts[0] == "__pycache__" else 1])
            for parts in listed
            if parts[0] not in ("..", "")
        }
    name = distribution.name
    named = [name, name.lower(), name.replace("-", "_"), name.replace("-", "_").lower()]
    named += (distribution.read_text("top_level.txt") or "").split()
    named += NAMES.get(canonicalize_name(name), ())
    about = [f"-{distribution.version}.{kind}-info" for kind in ("dist", "egg")]
    return {each + ending for each in named for ending in ("", ".py", ".libs", *about)}
