"""Fill the table of rows and columns; see this package's docstring. Without names, every row."""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.elsewhere.rows import EVERY, Row, as_user, interpreter, rows, why_not

REPOSITORY = Path(__file__).resolve().parent.parent.parent
COLUMNS = ("make", "gate", "solutions", "harness", "explanations", "scores")
NOT_COPIED = (".git", ".venv", ".hypothesis", "demo", "grading")
SECONDS = 3600  # of one cell of the table, at the very most
LINES = 12  # shown of what is red


@dataclass(frozen=True)
class Place:
    """Where a row is played: its folder and home, its Python, and what stands in its environment."""

    row: Row
    folder: Path
    python: str
    environment: Mapping[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command there, as the row's user."""
        return subprocess.run(
            [*as_user(self.row), *command],
            cwd=self.folder,
            env=self.environment,
            umask=self.row.umask,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
        )


def prepare(row: Row, folder: Path) -> Place:
    """A copy of the course for a row, owned by its user."""
    course, home, temporary = folder / row.folder, folder / "home", folder / "tmp"
    ignored = shutil.ignore_patterns("__pycache__", ".*cache*", ".ipynb_checkpoints")
    course.mkdir()
    for entry in REPOSITORY.iterdir():
        if entry.is_dir() and entry.name not in NOT_COPIED:
            shutil.copytree(entry, course / entry.name, symlinks=True, ignore=ignored)
        elif entry.is_file():
            shutil.copy(entry, course / entry.name)
    home.mkdir()
    temporary.mkdir()
    if row.uid:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, row.uid, row.uid, follow_symlinks=False)
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "PATH"))}
    environment = {
        **kept,
        "LANG": "C.UTF-8",
        "HOME": str(home) if row.home else "/proc/no-home",
        "TMPDIR": str(temporary),
        **row.environment,
    }
    if row.python:
        return Place(row, course, str(course / ".venv" / "bin" / "python"), environment)
    scripts = Path(sys.executable).parent
    environment |= {"PYTHONPATH": str(course), "PATH": f"{scripts}{os.pathsep}{environment['PATH']}"}
    return Place(row, course, sys.executable, environment)


def command(column: str, place: Place) -> tuple[str, ...] | None:
    """What fills a cell of the table; None where there is nothing to fill."""
    python, names = place.python, place.row.problem_sets
    if column == "make":
        program = interpreter(place.row)
        return ("make", ".venv/complete", f"PYTHON={program}") if place.row.python and program else None
    if column == "gate":
        return (python, "-m", "autograder", "check", *(names if len(names) == 1 else ()))
    if column in ("harness", "explanations"):
        module = {"harness": "benchmarks.harness_table", "explanations": "benchmarks.explanations"}[column]
        return (python, "-m", module) if names == EVERY else None
    return (python, "-m", "tests.elsewhere.columns", column, *names)


def play(row: Row, scores: dict[str, str], columns: Sequence[str] = COLUMNS) -> dict[str, list[str]]:
    """What is red in each column of a row. `scores` keeps those of the row that is played first."""
    red: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory(prefix="elsewhere-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)
        place = prepare(row, Path(folder))
        for column in columns:
            if (wanted := command(column, place)) is None:
                continue
            done = place.run(*wanted)
            said = [line for line in (done.stdout + done.stderr).splitlines() if line and line[0] != "✓"]
            red[column] = (said or ["no word"])[-LINES:] if done.returncode else []
            if column == "make" and red[column]:
                break
            if column == "scores" and not done.returncode:
                red[column] = _other_scores(done.stdout, scores, row)
    return red


def _other_scores(text: str, scores: dict[str, str], row: Row) -> list[str]:
    lines = text.splitlines()
    known = scores.setdefault("", text).splitlines()
    if row.problem_sets != EVERY:
        notebooks = {line.split()[1] for line in lines}
        known = [line for line in known if line.split()[1] in notebooks]
    changed = difflib.unified_diff(known, lines, "here", row.name, n=0, lineterm="")
    return [line for line in changed if not line.startswith(("@@", "---", "+++"))][:LINES]


def main(*names: str) -> int:
    known = {row.name: row for row in rows()}
    if unknown := set(names) - set(known):
        print(f"There is no row {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
        return 2
    scores: dict[str, str] = {}
    failed = []
    print(f"{'':<12}" + "".join(f"{column:>14}" for column in COLUMNS), flush=True)
    for name, row in known.items():
        if names and name not in (*names, "here"):
            continue
        if reason := why_not(row):
            print(f"{name:<12}  not possible here: {reason}", flush=True)
            continue
        columns: Sequence[str] = COLUMNS
        if names and name not in names:  # only to compare with, and only what will be compared
            wanted = {known[other].problem_sets for other in names}
            row, columns = replace(row, problem_sets=max(wanted, key=len)), ("scores",)
        red = play(row, scores, columns)
        cells = ("RED" if red.get(column) else "same" if column in red else "" for column in COLUMNS)
        print(f"{name:<12}" + "".join(f"{cell:>14}" for cell in cells), flush=True)
        for column, lines in red.items():
            failed += [f"{name}, {column}"] if lines else []
            for line in lines:
                print(f"    {column}: {line}", flush=True)
    print(f"Red: {'; '.join(failed)}." if failed else "Everything that could be tried came out the same.")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
