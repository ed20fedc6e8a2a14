"""What a process of the course does once, before it imports what reads notebooks.

Importing a module of the course changes nothing for whoever imports it; a process that is the
course's own asks for it: the command here, a worker by having `start_worker` as its initialiser.
"""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.queues import SimpleQueue

from autograder import stopping


def leave_out_iri_formats() -> None:
    """Save this process two seconds at its first `import nbformat`.

    For its check of "iri" formats, which no schema of a notebook asks for, jsonschema compiles a
    grammar as it is imported. Without the package that holds the grammar it leaves that check out.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # how Python spells "not there"


def write_names_in_utf8() -> None:
    """Give the programs that this process starts a locale in UTF-8, where there is another one.

    Python takes C for UTF-8. But alembic, which nbgrader starts, reads paths in C's own ASCII.
    """
    if locale.getencoding().lower() not in ("utf-8", "utf8"):
        os.environ["LC_ALL"] = "C.UTF-8"


core: int | None = None  # of this process, when it is a worker that was given one


def start_worker(cores: SimpleQueue[int | None], told: Connection | None, *steps: Callable[[], None]) -> None:
    """The initialiser of a pool of spawned processes; `steps` are what else a worker does first.

    A worker takes one of `cores`, for student code, and hears by `told` that it is to stop. It imports this
    module and those of its steps before anything else, so these have to be light.
    """
    global core
    leave_out_iri_formats()
    stopping.be_worker(told)
    core = cores.get()
    for step in steps:
        step()
