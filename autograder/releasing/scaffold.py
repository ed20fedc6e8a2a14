"""Scaffolds: a problem set, an exercise with its answer key, and the list of what is still to be written.

What an author has to write is marked TO WRITE, in notebook and answer key. The gate refuses a problem set
in which such a mark is left; all else of a scaffold passes it. Nothing that exists is overwritten.
"""

from __future__ import annotations

import builtins
import contextlib
import keyword
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.course import PACKAGE, Course
from autograder.errors import CourseError
from autograder.problem_sets.key import key_names
from autograder.problem_sets.notebooks import ProblemSet, SourceNotebook, canonical, read_problem_set, to_text
from autograder.releasing.leaks import HARNESS, Fault, at

TEMPLATES = Path(__file__).parent / "templates"
KEYS = PACKAGE / "answer_keys"
OVERVIEW = "00_overview.ipynb"
MARK = "TO WRITE:"
MAX_NAME = 40
IN_NOTEBOOKS = ("np", "plt", "f", "x", "gradient_check", "numerical_gradient", "examine", "display")


@dataclass(frozen=True)
class Scaffold:
    """The files that were made, and what is to be written in them, in order."""

    files: tuple[Path, ...]
    missing: tuple[Fault, ...]


def new_problem_set(course: Course, name: str) -> Scaffold:
    """Make source/<name> with the harness and a notebook to read.

    Raises CourseError when the name is none, or is taken.
    """
    if not re.fullmatch(rf"[a-z][a-z0-9_-]{{0,{MAX_NAME - 1}}}", name):
        raise CourseError(
            f"{name!r} is no name for a problem set: use at most {MAX_NAME} small letters, digits and "
            "hyphens, such as ps3."
        )
    folder = course.source / name
    if taken := next((path for path in (folder, course.release / name) if _is_there(path)), None):
        raise CourseError(f"{taken} is there already; nothing was changed.")
    course.source.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=course.source) as beside:
        fresh = Path(beside) / name  # complete before it is there
        fresh.mkdir()
        for harness in HARNESS:
            if harness.is_relative_to(course.root):
                link = os.path.relpath(harness, folder)  # to one file, so that no two versions are about
                (fresh / harness.name).symlink_to(link)
            else:
                _write_new(fresh / harness.name, harness.read_text(encoding="utf-8"))
        overview = _notebook((TEMPLATES / "overview.txt").read_text(encoding="utf-8"))
        _write_new(fresh / OVERVIEW, to_text(overview))
        fresh.rename(folder)
    missing = tuple(left_to_write(read_problem_set(course.source, name)))
    return Scaffold((*(folder / harness.name for harness in HARNESS), folder / OVERVIEW), missing)


def new_exercise(course: Course, ps: str, name: str) -> Scaffold:
    """Make a notebook in source/<ps>, under the next number, and its answer key.

    Raises CourseError when the name is none, or is taken, AssignmentError when there is no such problem set.
    """
    problem_set = read_problem_set(course.source, ps)
    _check_name(problem_set, name)
    number = 1 + max((_number(notebook) for notebook in problem_set.notebooks), default=0)
    if number > 99:
        raise CourseError(f"{ps} has a notebook {number - 1}; numbers have two digits, so rename it first.")
    notebook, key = problem_set.directory / f"{number:02d}_{name}.ipynb", KEYS / f"{name}.py"
    words = {
        "NAME": name,
        "CELL": name.replace("_", "-"),
        "NUMBER": str(number),
        "TITLE": name.replace("_", " ").capitalize(),
    }
    texts = {
        path: _filled((TEMPLATES / template).read_text(encoding="utf-8"), words)
        for path, template in ((key, "answer_key.txt"), (notebook, "exercise.txt"))
    }
    _write_new(key, texts[key])
    try:
        _write_new(notebook, to_text(_notebook(texts[notebook])))
    except BaseException:
        key.unlink()  # a key without its notebook would keep the name
        raise
    missing = left_to_write(read_problem_set(course.source, ps), notebook.stem)
    return Scaffold((key, notebook), tuple(missing))


def _check_name(problem_set: ProblemSet, name: str) -> None:
    if len(name) > MAX_NAME or not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        raise CourseError(
            f"{name!r} is no name for a function: use at most {MAX_NAME} small letters, digits and single "
            "underscores, such as cube_sum."
        )
    if (
        keyword.iskeyword(name)
        or keyword.issoftkeyword(name)
        or hasattr(builtins, name)
        or name in IN_NOTEBOOKS
    ):
        raise CourseError(f"{name} means something else in a notebook; choose another name.")
    asked = {question for key in key_names() for question in _functions(key)}
    names = {name, f"{name}_gradient"}
    taken = [notebook.path for notebook in problem_set.notebooks if notebook.subject == name]
    taken += [path for path in (KEYS / f"{name}.py", KEYS / name) if _is_there(path)]
    if taken:
        raise CourseError(f"{taken[0]} is there already; nothing was changed.")
    if both := sorted(names & asked):
        raise CourseError(f"{both[0]} is asked for by another exercise; choose another name.")


def _functions(key: str) -> set[str]:
    """The functions of an answer key, as they are written: one that does not load has names too."""
    found: set[str] = set()
    for path in _key_files(key):
        found |= set(re.findall(r"(?m)^def (\w+)\(", path.read_text(encoding="utf-8", errors="replace")))
    return found


def _key_files(name: str) -> list[Path]:
    path = KEYS / f"{name}.py"
    return [path] if path.is_file() else sorted((KEYS / name).glob("**/*.py"))


def _number(notebook: SourceNotebook) -> int:
    digits = re.match(r"\d+", notebook.name)
    return int(digits[0]) if digits else 0


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises CourseError when it is."""
    try:
        with path.open("x", encoding="utf-8") as file:
            try:
                file.write(text)
            except BaseException:
                path.unlink()
                raise
    except FileExistsError:
        raise CourseError(f"{path} is there already; nothing was changed.") from None


# ------------------------------------------------------------------ templates


def _filled(text: str, words: dict[str, str]) -> str:
    return re.sub(r"(?<![A-Z])(NAME|CELL|NUMBER|TITLE)(?![A-Z])", lambda found: words[found[0]], text)


def _notebook(text: str) -> NotebookNode:
    """The notebook of a template: `=== id type kind points` begins a cell."""
    cells = []
    for part in text.split("=== ")[1:]:
        head, _, source = part.partition("\n")
        name, cell_type, *kind = head.split()
        text = source.strip("\n")
        if cell_type == "markdown":
            cell = nbformat.v4.new_markdown_cell(text, id=name)
        else:
            cell = nbformat.v4.new_code_cell(text, id=name)
        if kind:
            flags = {flag: kind[0] == flag for flag in ("solution", "task")} | {"grade": kind[0] == "test"}
            meta = {**flags, "grade_id": name, "locked": kind[0] != "solution", "schema_version": 3}
            if kind[1:]:
                worth = float(kind[1])
                meta["points"] = int(worth) if worth.is_integer() else worth
            cell.metadata["nbgrader"] = meta
        cells.append(cell)
    return canonical(nbformat.v4.new_notebook(cells=cells))


# ------------------------------------------------------------------ what is missing


def nothing_is_left_to_write(course: Course, problem_set: ProblemSet) -> Iterator[Fault]:
    """Nothing is left of a scaffold that its author was to write."""
    yield from left_to_write(problem_set)


def left_to_write(problem_set: ProblemSet, only: str = "") -> Iterator[Fault]:
    """What is marked TO WRITE, in the order to write it: each answer key, then its notebook.

    only is the name of one notebook.
    """
    for source in problem_set.notebooks:
        if only not in ("", source.name):
            continue
        for path in _key_files(source.subject):
            with contextlib.suppress(OSError, UnicodeDecodeError):  # said by another guard
                for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                    if MARK in line:
                        place = path.relative_to(PACKAGE.parent)
                        yield Fault(f"{place}, line {number}", f"{MARK} {_task(line)}")
        for cell in source.notebook.cells:
            for line in cell.source.splitlines():
                if MARK in line:
                    yield Fault(at(source, cell), f"{MARK} {_task(line)}")


def _task(line: str) -> str:
    """What is to be written, of the line that is marked."""
    return re.sub(r'("""|"\)?,?)$', "", line.partition(MARK)[2].strip()).rstrip()
