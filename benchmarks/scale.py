"""Does a submission cost more in a large class than in a small one? Rate, memory, the gradebook's share.

Classes of 100, 300 and 1,000 submissions of one notebook, without its figures, so that what grows with the
class shows beside what does not. Rates are of a class without its first submissions, which wait for processes
to start. `--sizes 30 100` takes other classes, and one of them alone is only measured.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course, find_course
from autograder.problem_sets.notebooks import grade_id, read_problem_set, to_text
from autograder.releasing.build import solved_submission
from benchmarks.speed import REPOSITORY, copy_course, watch

SIZES = (100, 300, 1000)
NAME, NOTEBOOK = "ps1", "01_squared_norm"
FIRST = 20  # submissions that are not counted
SLOWER, LARGER = 0.15, 0.10  # what the README allows the largest class, of the smallest one's
ONE_RUN = "import sys; from benchmarks.scale import grade; grade(sys.argv[1])"


@dataclass(frozen=True)
class Measured:
    """A class: submissions a second, the peak of all its processes, and the share of time the writer took."""

    size: int
    rate: float
    megabytes: float
    writing: float
    milliseconds: float  # of the writer, a submission


def grade(root: str) -> None:
    """Grade a class in this process; what is printed are its seconds, those of the writer, and how many."""
    from autograder import startup

    startup.leave_out_iri_formats()
    from autograder.grading import classroom

    course, kept, counted = find_course(Path(root)), classroom._keep, []

    def timed(*arguments: object) -> None:
        began = time.perf_counter()
        kept(*arguments)
        counted.append((began, time.perf_counter()))

    classroom._keep = timed
    classroom.grade_class(course, NAME)
    after = counted[FIRST:]
    seconds = counted[-1][1] - counted[FIRST - 1][1]
    print(seconds, sum(end - began for began, end in after), len(after))


def measure(folder: Path, size: int) -> Measured:
    """Grade a made-up class of so many in a process of its own."""
    folder.mkdir()
    course = copy_course(folder)
    for path in (course.source / NAME).glob("*.ipynb"):
        if path.stem != NOTEBOOK:
            path.unlink()
    hand_in(course, size)
    process = subprocess.Popen(
        [sys.executable, "-c", ONE_RUN, folder], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    peak = [0.0]
    watcher = threading.Thread(target=watch, args=(process.pid, peak), daemon=True)
    watcher.start()
    said, _ = process.communicate()
    if process.returncode != 0:
        sys.exit(f"A class of {size} could not be graded.")
    watcher.join()
    seconds, writing, counted = map(float, said.split())
    shutil.rmtree(folder)
    return Measured(size, counted / seconds, peak[0], writing / seconds, 1000 * writing / counted)


def hand_in(course: Course, size: int) -> None:
    """The reference solution for everybody, without the cells that draw, which nobody has to hand in."""
    problem_set = read_problem_set(course.source, NAME)
    notebook = solved_submission(course, problem_set)[NOTEBOOK]
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) or "plt." not in cell.source]
    text = to_text(notebook)
    for number in range(size):
        folder = course.submitted / f"student-{number:04}" / NAME
        folder.mkdir(parents=True)
        (folder / f"{NOTEBOOK}.ipynb").write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N")
    sizes = parser.parse_args().sizes
    if min(sizes) <= FIRST:
        parser.error(f"The first {FIRST} are not counted: a class has to be larger.")
    found = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        print("submissions   a second   peak memory   the writer's share, a submission")
        for size in sizes:
            found.append(measure(Path(folder) / str(size), size))
            print(
                f"{size:11}   {found[-1].rate:8.2f}   {found[-1].megabytes:8.0f} MB   "
                f"{found[-1].writing:18.1%}, {found[-1].milliseconds:7.1f} ms",
                flush=True,
            )
    small, large = min(found, key=lambda each: each.size), max(found, key=lambda each: each.size)
    claims = {
        f"the rate at {large.size} is within {SLOWER:.0%} of that at {small.size}": large.rate
        >= (1 - SLOWER) * small.rate,
        f"memory at {large.size} is at most {LARGER:.0%} above that at {small.size}": large.megabytes
        <= (1 + LARGER) * small.megabytes,
    }
    failed = [claim for claim, holds in claims.items() if not holds]
    sys.exit("\n".join(f"Does not hold here: {claim}." for claim in failed) or None)


if __name__ == "__main__":
    main()
