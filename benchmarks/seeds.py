"""Are right and wrong answers told apart, and told the right thing, whatever a seed draws?

    python -m benchmarks.seeds [how many seeds] [exercise ...]

For each of fifty seeds, every catalogued answer of every exercise is examined as a hidden test does it:
a right one keeps all points, a wrong one loses some and is told its own hint and no other. Then the
certificate is made: every mutant is noticed, and every check catches something on its own. Takes
half an hour on two cores; `tests/answer_keys/test_every_seed.py` takes a sample. Exit code 1 if
anything is found.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import product

from autograder.exam.by_formula import ADVICE
from autograder.exam.examine import examine
from autograder.problem_sets.key import AnswerKey, CatalogueEntry, drawn_from, key_names, load_key
from autograder.releasing.certificate import certify

SEEDS = range(50)


def false_verdicts(key: AnswerKey, seed: int, entries: Iterable[CatalogueEntry]) -> Iterator[str]:
    """Of catalogued answers those that are judged or told wrongly with the inputs of a seed, and how."""
    for entry in entries:
        with drawn_from(seed):
            marks = examine(key.name, entry.function, entry.answer, points=1)
        wrong = entry in key.mistakes
        short = entry in key.shortcuts
        due = ADVICE if short else entry.text if wrong else None
        if (marks.points < 1) != (wrong or short) or marks.hint != due:
            yield f"seed {seed}: {key.name}.{entry.name} gets {marks} of 1, and is told: {marks.sentence}"


def everything(name: str, seed: int) -> list[str]:
    """All that is wrong with an exercise for a seed."""
    key = load_key(name)
    found = list(false_verdicts(key, seed, key.variants + key.shortcuts + key.mistakes))
    made = certify(replace(key, questions=key.draw(seed)))
    return found + [f"seed {seed}: {problem}" for problem in made.problems]


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else len(SEEDS)
    names = arguments[1:] or key_names()
    found = 0
    with ProcessPoolExecutor() as workers:
        for name in names:
            pairs = [*product([name], range(count))]
            said = [
                problem for made in workers.map(everything, *zip(*pairs, strict=True)) for problem in made
            ]
            key = load_key(name)
            tried = f"{len(key.variants)} right and {len(key.mistakes)} wrong answers and the certificate"
            print(f"{name}: {tried}, {count} seeds: {len(said)} false verdicts or hints", *said, sep="\n    ")
            sys.stdout.flush()
            found += len(said)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
