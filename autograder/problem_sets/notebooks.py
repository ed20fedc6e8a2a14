"""Read a problem set: its notebooks, its cells, their points, and the text that is locked.

The source notebook is the source of truth. A submitted notebook is trusted only for what a
student may write: solution cells, free cells and answers. Everything locked is put back.
"""

from __future__ import annotations

import contextlib
import copy
import json
import math
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.validator import normalize

from autograder.errors import ContentError, sentence
from autograder.problem_sets import json_text
from autograder.problem_sets.json_text import MAX_VALUES, TooManyValues
from autograder.problem_sets.key import AnswerKey, load_key
from autograder.problem_sets.waivers import Waiver, path_of, read_waivers

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
NBGRADER_FLAGS = ("grade", "grade_id", "locked", "points", "schema_version", "solution", "task")
MAX_NOTEBOOK_BYTES = 20_000_000


class AssignmentError(ContentError):
    """A problem set or notebook that cannot be used, in one sentence."""


class UnknownProblemSet(AssignmentError):
    """There is no problem set of that name."""

    exit_code = 2  # the call was wrong


@dataclass(frozen=True)
class SourceNotebook:
    """One notebook of a problem set, as it stands in source/, and what is waived of its tests."""

    name: str
    path: Path
    notebook: NotebookNode
    waivers: tuple[Waiver, ...] = ()

    @property
    def subject(self) -> str:
        """The name without its leading number: that of the answer key, where there is one."""
        return re.sub(r"^\d+_", "", self.name)


class Material(SourceNotebook):
    """A notebook to read and run: nobody hands it in, and no grade knows of it."""


class Exercise(SourceNotebook):
    """A notebook with something to solve, and an answer key."""

    @property
    def key(self) -> AnswerKey:
        """The answer key of the notebook's subject. Raises AssignmentError."""
        try:
            return load_key(self.subject)
        except LookupError as error:
            raise AssignmentError(f"{self.path.name}: {error}") from None
        except Exception as error:
            problem = f"its answer key does not load: {type(error).__name__}: {error}."
            raise AssignmentError(f"{self.path.name}: {problem}") from error

    @property
    def automatic_cells(self) -> list[NotebookNode]:
        return [cell for cell in self.notebook.cells if is_automatic(cell)]


@dataclass(frozen=True)
class ProblemSet:
    """The notebooks of one assignment, in order, and the other files students get."""

    name: str
    directory: Path
    notebooks: tuple[SourceNotebook, ...]

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """The notebooks students hand in."""
        return tuple(notebook for notebook in self.notebooks if isinstance(notebook, Exercise))

    @property
    def materials(self) -> tuple[Material, ...]:
        """The notebooks students only read and run."""
        return tuple(notebook for notebook in self.notebooks if isinstance(notebook, Material))

    @property
    def extra_files(self) -> list[Path]:
        """Files beside the notebooks, relative to the directory, without caches."""
        found = [path.relative_to(self.directory) for path in self.directory.rglob("*") if path.is_file()]
        return sorted(path for path in found if path.suffix != ".ipynb" and not _is_cache(path))


def _is_cache(path: Path) -> bool:
    return path.suffix == ".pyc" or any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def read_problem_set(source_directory: Path, name: str) -> ProblemSet:
    """The problem set `name`. Raises UnknownProblemSet, or AssignmentError when a notebook is damaged."""
    directory = source_directory / name
    available = sorted(path.name for path in source_directory.glob("[!.]*") if path.is_dir())
    if name not in available:
        raise UnknownProblemSet(
            f"There is no problem set {name!r}; there is: {', '.join(available) or 'none'}."
        )
    if not re.fullmatch(r"\w[\w.+-]*", name):
        raise AssignmentError(f"{directory} needs a name of letters, digits and . _ + - only.")
    paths = sorted(directory.glob("*.ipynb"))
    if not paths:
        raise AssignmentError(f"{directory} holds no notebook.")
    try:
        waivers = read_waivers(source_directory).get(name, ())
    except ContentError as error:
        raise AssignmentError(str(error)) from error
    if unknown := {waiver.notebook for waiver in waivers} - {path.stem for path in paths}:
        raise AssignmentError(f"{path_of(source_directory)}: {name} has no notebook {min(unknown)!r}.")
    return ProblemSet(name, directory, tuple(_read_source(path, waivers) for path in paths))


def _read_source(path: Path, waivers: tuple[Waiver, ...]) -> SourceNotebook:
    try:
        notebook = read_notebook(path)
    except AssignmentError as error:
        detail = f" ({sentence(error.__cause__)[:200]})" if error.__cause__ else ""
        raise AssignmentError(f"{error}{detail}") from error
    for cell in notebook.cells:
        worth = metadata(cell).get("points", 0)
        if not isinstance(worth, (int, float)) or not 0 <= worth < math.inf:
            raise AssignmentError(f"{path.name}, cell {cell.id}: {worth!r} is no number of points.")
    kind = Exercise if asks_for_work(notebook) else Material
    return kind(path.stem, path, notebook, tuple(w for w in waivers if w.notebook == path.stem))


def read_notebook(path: Path) -> NotebookNode:
    """A notebook file in format 4.5, of ours. Raises AssignmentError, saying what is wrong with the file.

    What a student handed in is read by `submitted.read_submitted`.
    """
    with reading(path):
        notebook = as_format_4(parsed(path, MAX_VALUES))
        nbformat.validate(notebook)
    return notebook


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Make one sentence, an AssignmentError, of whatever goes wrong while a notebook is read."""
    try:
        yield
    except AssignmentError:
        raise
    except OSError as error:
        raise AssignmentError(f"{path.name} cannot be read: {error.strerror}.") from None
    except TooManyValues:
        problem = "holds too much to be read. Clear its outputs, and hand it in again"
        raise AssignmentError(f"{path.name} {problem}.") from None
    except MemoryError:
        raise AssignmentError(f"{path.name} holds too much to be read.") from None
    except Exception as error:  # nbformat raises whatever the damage leads to
        raise AssignmentError(f"{path.name} is not a notebook{_damage(error)}.") from error


def parsed(path: Path, most: int) -> object:
    """The JSON of a file, when it holds no more values. Raises whatever the damage leads to."""
    if path.stat().st_size > MAX_NOTEBOOK_BYTES:
        raise AssignmentError(f"{path.name} is larger than {MAX_NOTEBOOK_BYTES // 1_000_000} MB.")
    return json_text.parse(path.read_text(encoding="utf-8-sig"), most)


def as_format_4(content: object) -> NotebookNode:
    """The notebook in a JSON value of any format, in ours. Raises whatever the damage leads to."""
    text = plain_text(json.dumps(content, ensure_ascii=False))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # missing or doubled cell ids are normal in old files
        notebook: NotebookNode = nbformat.reads(text, as_version=4)
        notebook.nbformat_minor = max(5, notebook.nbformat_minor)  # from here on, cells have ids
        _, notebook = normalize(notebook)
    return notebook


def _damage(error: Exception) -> str:
    """What is wrong with a file, for the student who handed it in."""
    if isinstance(error, json.JSONDecodeError):
        return f" any more: it breaks off at line {error.lineno}" if error.doc.strip() else ": it is empty"
    if isinstance(error, UnicodeDecodeError):
        return ": it holds no text"
    return ": it holds something else than cells"


def plain_text(text: str) -> str:
    """text without halves of surrogate pairs, which JSON can hold and no file can."""
    return text.encode("utf-8", "replace").decode("utf-8")


def as_label(name: str) -> str:
    """A folder's name as it is shown: what does not print, or turns other text around, is spelled out."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in name)


# ------------------------------------------------------------------ cells


def metadata(cell: NotebookNode) -> dict[str, Any]:
    """nbgrader's metadata of a cell, empty for an ordinary one."""
    found = cell.metadata.get("nbgrader")
    return found if isinstance(found, dict) else {}


def grade_id(cell: NotebookNode) -> str | None:
    """nbgrader's id of a test, solution, task or read-only cell; None for a free one."""
    meta = metadata(cell)
    name = meta.get("grade_id")
    marked = any(meta.get(flag) for flag in ("grade", "solution", "locked", "task"))
    return name if marked and isinstance(name, str) and name else None


def is_solution(cell: NotebookNode) -> bool:
    return bool(metadata(cell).get("solution"))


def is_automatic(cell: NotebookNode) -> bool:
    """A test cell: code with points, marked by running it."""
    return cell.cell_type == "code" and bool(metadata(cell).get("grade")) and not is_solution(cell)


def is_task(cell: NotebookNode) -> bool:
    return bool(metadata(cell).get("task"))


def asks_for_work(notebook: NotebookNode) -> bool:
    """True when a cell is to be solved or gives points."""
    flags = ("grade", "solution", "task")
    return any(metadata(cell).get(flag) for cell in notebook.cells for flag in flags)


def is_locked(cell: NotebookNode) -> bool:
    """Text a student may not change: tests, tasks and read-only cells."""
    return bool(grade_id(cell)) and not is_solution(cell)


def points(cell: NotebookNode) -> float:
    return float(metadata(cell).get("points", 0))


def automatic_points(notebook: NotebookNode) -> float:
    return sum(points(cell) for cell in notebook.cells if is_automatic(cell))


def hand_points(notebook: NotebookNode) -> float:
    return sum(points(cell) for cell in notebook.cells if points(cell) and not is_automatic(cell))


# ------------------------------------------------------------------ the canonical file


def canonical(notebook: NotebookNode) -> NotebookNode:
    """The same notebook without outputs, counts, and metadata that says nothing."""
    clean = copy.deepcopy(notebook)
    clean.metadata = nbformat.from_dict({"kernelspec": KERNELSPEC, "language_info": {"name": "python"}})
    clean.nbformat, clean.nbformat_minor = 4, 5
    for cell in clean.cells:
        kept = {
            name: cell.metadata[name] for name in ("deletable", "editable", "tags") if name in cell.metadata
        }
        meta = metadata(cell)
        if grade_id(cell):
            kept["nbgrader"] = {name: meta[name] for name in NBGRADER_FLAGS if name in meta}
        cell.metadata = nbformat.from_dict(kept)
        cell.source = "\n".join(line.rstrip() for line in cell.source.strip("\n").split("\n"))
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return clean


def to_text(notebook: NotebookNode) -> str:
    """The file text of a notebook as the course writes it: one-space indent, a final newline."""
    return f"{nbformat.writes(notebook)}\n"
