"""Kill, start again, compare; see this package's docstring."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.faults.kinds import KINDS
from tests.faults.runs import make_class, suffer, undisturbed

HEAD = ("killed", "times", "runs", "classes completed", "wrong in the end", "seconds")


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.faults")
    asked.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    asked.add_argument("--submissions", type=int, default=60)
    asked.add_argument("--kills", type=int, default=20)
    asked.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    given = asked.parse_args()
    if unknown := set(given.kinds) - set(KINDS):
        asked.error(f"there is no kind {min(unknown)}: {', '.join(KINDS)}")
    failed = False
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        course = make_class(Path(folder), given.submissions)
        expected = undisturbed(course)
        print(f"{given.submissions} submissions, {given.kills} kills of each kind, seed {given.seed}")
        print(f"| {' | '.join(HEAD)} |\n{'|---' * len(HEAD)}|", flush=True)
        for name in given.kinds or KINDS:
            kind = KINDS[name]()
            if why := kind.why_not():
                print(f"| {name} | {why} | | | | |", flush=True)
                continue
            found = suffer(course, kind, expected, given.kills, random.Random(given.seed))
            row = (name, found.kills, found.runs, found.classes, len(found.wrong), round(found.seconds))
            print(f"| {' | '.join(map(str, row))} |", flush=True)
            for line in found.wrong:
                print(f"{name}: {line}", file=sys.stderr)
            failed = failed or bool(found.wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
