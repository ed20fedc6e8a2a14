"""Copies of the course to break, what breaks them, and commands run in them."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.problem_sets.notebooks import to_text

REPOSITORY = Path(__file__).resolve().parent.parent
FIRST = "01_squared_norm"


def copy_course(target: Path, notebooks: str = "*", problem_set: str = "ps1") -> Path:
    """A copy of the course in `target`, with those notebooks of one problem set whose names match."""
    for name in ("course_config.py", "nbgrader_config.py", "requirements.lock"):
        shutil.copy(REPOSITORY / name, target / name)
    for name in ("autograder", "source", "release", "solutions"):
        ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(REPOSITORY / name, target / name, symlinks=True, ignore=ignore)
    for name in ("source", "release", "solutions"):
        for path in (target / name).glob("*/*"):
            if path.parent.name != problem_set or (path.suffix == ".ipynb" and not path.match(notebooks)):
                path.unlink()
        for folder in (target / name).iterdir():
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
    return target


def edit(path: Path, change: Callable[[NotebookNode], None]) -> None:
    """Change a notebook file, and write it back in the course's form."""
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    path.write_text(to_text(notebook), encoding="utf-8")


def cell_of(notebook: NotebookNode, name: str) -> NotebookNode:
    return next(cell for cell in notebook.cells if cell.id == name)


def run_in(directory: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment in `directory`, with the autograder package found there.

    A program that imports jsonschema saves two seconds: see tests/startup.
    """
    scripts = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{directory}{os.pathsep}{REPOSITORY / 'tests' / 'startup'}",
    }
    program = scripts / command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=directory, env=environment, capture_output=True, text=True, timeout=570
    )
    if check:
        assert done.returncode == 0, done.stdout + done.stderr
    return done


def run_course(directory: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return run_in(directory, "python", "-W", "error", "-m", "autograder", *arguments, check=check)


# ---------------------------------------------------------------- pages


class Reader(HTMLParser):
    """What a browser or a screen reader makes of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "img", "br", "hr", "path"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def assert_readable(text):
    """One file that fetches and runs nothing, with its parts named for those who do not see it."""
    page = Reader(text)
    assert page.open == [] and not page.all("script") and not page.all("link")
    assert "http-equiv" in text and "default-src 'none'" in text
    assert [a["lang"] for a in page.all("html")] == ["en"] and len(page.all("main")) == 1
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    ids = Counter(a["id"] for _, a in page.tags if "id" in a)
    assert not [name for name, count in ids.items() if count > 1]
    assert all(a.get("alt") for a in page.all("img"))
    assert all(a["src"].startswith("data:image/png;base64,") for a in page.all("img"))
    assert all(a.get("scope") in ("col", "row", "rowgroup") for a in page.all("th"))
    assert len(page.all("caption")) == len(page.all("table"))
    inside = [a["href"][1:] for a in page.all("a") if a["href"].startswith("#")]
    assert set(inside) <= set(ids)
    assert not [a for _, a in page.tags for name in a if name.startswith("on")]
    return page


RIDGE_DESCENT = """
def ridge_descent(A, b, lam, learning_rate, n_steps):
    x, losses = np.zeros(A.shape[1]), []
    for _ in range(n_steps):
        losses.append(ridge_loss(x, A, b, lam))
        x = x - learning_rate * ridge_gradient(x, A, b, lam)
    return x, losses
"""  # as students write it: it calls two other functions of the notebook
