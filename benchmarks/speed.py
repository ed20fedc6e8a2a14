"""Grade one class three ways in one run: stock nbgrader, this course, and the floor.

The floor is the same cells, tests included, executed in forked warm IPython processes on all
cores, with nothing else: no sandbox, no marks, no files. All three run on a throwaway copy.
`--students N` takes a smaller class.
"""

from __future__ import annotations

import argparse
import copy
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_notebook

from autograder.course import Course, find_course
from autograder.demo import answer_source, solution_cell
from autograder.problem_sets.notebooks import ProblemSet, is_automatic, read_problem_set, to_text
from autograder.releasing.build import solved_submission
from autograder.running.inside import student_process
from autograder.running.run import Job, Runner, working_files
from autograder.running.sandbox import ENVIRONMENT, Sandbox

REPOSITORY = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sys.executable).parent
STUDENTS = 20
SAMPLE_SECONDS = 0.25


@dataclass(frozen=True)
class Run:
    """One way of grading: wall time, and the most memory its processes used together."""

    seconds: float
    megabytes: float


def copy_course(folder: Path) -> Course:
    """A throwaway copy of the course, without grades."""
    for name in ("course_config.py", "nbgrader_config.py", "requirements.lock"):
        shutil.copy(REPOSITORY / name, folder / name)
    for name in ("source", "release", "solutions"):
        shutil.copytree(REPOSITORY / name, folder / name)  # links become files
    return find_course(folder)


def make_class(course: Course, problem_set: ProblemSet, size: int) -> None:
    """Three in four right, in the catalogue's several styles; one in four with its mistakes."""
    solved = {name: to_text(notebook) for name, notebook in solved_submission(course, problem_set).items()}
    for number in range(size):
        folder = course.submitted / f"student-{number:03}" / problem_set.name
        folder.mkdir(parents=True)
        for exercise in problem_set.exercises:
            key = exercise.key
            notebook = nbformat.reads(solved[exercise.name], as_version=4)
            for function in key.questions:
                entries = key.catalogue(key.mistakes if number % 4 == 3 else key.variants, function)
                if entries and number % 4:
                    entry = entries[number % len(entries)]
                    solution_cell(notebook, function).source = answer_source(entry)
            (folder / exercise.path.name).write_text(to_text(notebook), encoding="utf-8")


# ------------------------------------------------------------------ the three ways


def run_command(course: Course, *command: str) -> Run:
    """Run a command in the copy, and watch the memory of all its processes."""
    began = time.perf_counter()
    environment = os.environ | {"PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"}
    process = subprocess.Popen(
        [SCRIPTS / command[0], *command[1:]],
        cwd=course.root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    peak = [0.0]
    watcher = threading.Thread(target=watch, args=(process.pid, peak), daemon=True)
    watcher.start()
    if process.wait() != 0:
        sys.exit(f"{' '.join(command)} failed.")
    seconds = time.perf_counter() - began
    watcher.join()
    return Run(seconds, peak[0])


def watch(pid: int, peak: list[float]) -> None:
    """The peak of the tree's proportional memory: what it takes from the machine."""
    while psutil.pid_exists(pid):
        total = 0.0
        try:
            root = psutil.Process(pid)
            for process in (root, *root.children(recursive=True)):
                total += _proportional(process.pid)
        except psutil.NoSuchProcess:
            pass
        peak[0] = max(peak[0], total)
        time.sleep(SAMPLE_SECONDS)


def _proportional(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1]) / 1000
    except (OSError, TypeError):
        return 0.0


def stock(course: Course, name: str) -> Run:
    """`nbgrader autograde` with nbgrader's own preprocessors."""
    text = (course.root / "course_config.py").read_text()
    text = re.sub(r"(?ms)^c\.Autograde\.\w+_preprocessors = \[.*?^\]\n", "", text)
    (course.root / "course_config.py").write_text(text)
    return run_command(course, "nbgrader", "autograde", name)


def ours(course: Course, name: str) -> Run:
    """`course grade` on all cores."""
    return run_command(course, "course", "grade", name)


def floor(course: Course, problem_set: ProblemSet) -> float:
    """Seconds to execute the same cells in forked warm IPython processes, and nothing else."""
    jobs = []
    files = working_files(problem_set)
    for folder in sorted(course.submitted.glob(f"*/{problem_set.name}")):
        for exercise in problem_set.exercises:
            notebook = nbformat.read(folder / exercise.path.name, as_version=4)
            tests = {cell.id: cell.source for cell in exercise.automatic_cells}
            jobs.append([tests.get(c.id, c.source) for c in notebook.cells if c.cell_type == "code"])
    os.environ.update(ENVIRONMENT)  # figures are drawn, as in every notebook
    context = multiprocessing.get_context("fork")
    shell = student_process.warm_up()
    queue = context.Queue()
    for job in jobs:
        queue.put(job)
    workers = os.cpu_count() or 1
    for _ in range(workers):
        queue.put(None)
    began = time.perf_counter()
    processes = [context.Process(target=_floor_worker, args=(queue, shell, files)) for _ in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return time.perf_counter() - began


def _floor_worker(queue: object, shell: object, files: dict[str, bytes]) -> None:
    while (cells := queue.get()) is not None:
        child = os.fork()
        if child == 0:
            try:
                _run_cells(cells, shell, files)
            finally:
                os._exit(0)
        os.waitpid(child, 0)


def _run_cells(cells: list[str], shell: object, files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sys.path.insert(0, folder)
        for name, content in files.items():
            Path(name).write_bytes(content)
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
        for source in cells:
            shell.run_cell(source, store_history=True)
        os.chdir("/")


# ------------------------------------------------------------------ where the time goes


def profile(course: Course, problem_set: ProblemSet) -> list[tuple[str, float]]:
    """Seconds of `course grade` by what they are spent on, each for one notebook unless it says so."""
    began = time.perf_counter()
    warm = Sandbox()
    warm.wait()
    rows = [("a warm sandbox, once a worker", time.perf_counter() - began)]
    warm.close()
    empty, cells, whole = 0.0, 0.0, 0.0
    solved = solved_submission(course, problem_set)
    files = working_files(problem_set)
    with Runner() as runner:
        for exercise in problem_set.exercises:
            untested = copy.deepcopy(solved[exercise.name])
            for cell in untested.cells:
                if is_automatic(cell):
                    cell.source = ""

            def seconds(
                notebook: NotebookNode, beside: dict, source: NotebookNode = exercise.notebook
            ) -> float:
                job = Job(notebook, source, beside, course.limits)
                return _seconds(lambda: runner.run(job))

            empty += seconds(new_notebook(), {})
            cells += seconds(untested, files)
            whole += seconds(solved[exercise.name], files)
    count = len(problem_set.exercises)
    rows += [
        ("its two processes and their fences", empty / count),
        ("its own cells", (cells - empty) / count),
    ]
    rows += [("its tests, asked across the boundary", (whole - cells) / count)]
    return rows


def _seconds(work: Callable[[], object]) -> float:
    """The shortest of three."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


# ------------------------------------------------------------------ what was found


def scores(course: Course, name: str) -> dict[tuple[str, str, str], float]:
    """Every automatic cell's points, from the gradebook."""
    from nbgrader.api import Gradebook

    book = Gradebook(course.db_url, "matrix-calculus")
    try:
        return {
            (submission.student_id, notebook.name, grade.name): grade.auto_score
            for submission in book.find_assignment(name).submissions
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.cell_type == "code"
        }
    finally:
        book.close()
        book.engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=STUDENTS)
    parser.add_argument("--problem-set", default="ps1", dest="name")
    parser.add_argument("--without-stock", action="store_true", help="only this course and the floor")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        folder = Path(folder)
        copies = {}
        for name in ("stock", "ours"):
            (folder / name).mkdir()
            copies[name] = copy_course(folder / name)
            problem_set = read_problem_set(copies[name].source, asked.name)
            make_class(copies[name], problem_set, asked.students)
        notebooks = asked.students * len(problem_set.exercises)
        print(f"{asked.students} students × {len(problem_set.exercises)} notebooks, {os.cpu_count()} cores")
        for course in copies.values():  # enters the assignment in the gradebook, which grading relies on
            run_command(course, "nbgrader", "generate_assignment", asked.name, "--force")
        fastest = floor(copies["ours"], problem_set)
        print(f"floor          {fastest / notebooks:6.3f} s a notebook")
        graded = ours(copies["ours"], asked.name)
        print(
            f"course grade   {graded.seconds / notebooks:6.3f} s a notebook, {graded.megabytes:.0f} MB, "
            f"{graded.seconds / fastest:.2f} × the floor"
        )
        for what, seconds in profile(copies["ours"], problem_set):
            print(f"  of it        {seconds:6.3f} s {what}")
        for command in ("feedback", "report"):
            taken = run_command(copies["ours"], "course", command, asked.name)
            print(f"{'course ' + command:14} {taken.seconds / notebooks:6.3f} s a notebook")
        if asked.without_stock:
            return
        slow = stock(copies["stock"], asked.name)
        print(f"stock nbgrader {slow.seconds / notebooks:6.3f} s a notebook, {slow.megabytes:.0f} MB")
        print(f"course grade is {slow.seconds / graded.seconds:.1f} times faster than stock nbgrader")
        one, other = scores(copies["stock"], asked.name), scores(copies["ours"], asked.name)
        differ = {cell for cell in one if one[cell] != other.get(cell)}
        print(f"{len(one)} test cells, {len(differ)} with other points than stock nbgrader gives")
        for cell in sorted(differ):
            print("  ", *cell, one[cell], other.get(cell))
        claims = {  # of the README
            "every test cell gets the same points from both": not differ,
            "course grade is more than 4 times faster than stock": slow.seconds > 4 * graded.seconds,
            "course grade takes less than 2.5 times what the cells take": graded.seconds < 2.5 * fastest,
            "course grade takes less than 1 GB": graded.megabytes < 1000,
        }
        failed = [claim for claim, holds in claims.items() if not holds]
        sys.exit("\n".join(f"Does not hold here: {claim}." for claim in failed) or None)


if __name__ == "__main__":
    main()
