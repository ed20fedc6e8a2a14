"""Which solutions of a class resemble each other more than chance explains.

Winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003) on Python's tokens: names and texts are
all alike, layout and comments do not count. Answers here are short, and right ones look alike,
so a fragment counts only when few people wrote it: not the released notebook, not the answer
key, and not more of the class than `COMMON` says. What is left is a reason to look, no proof.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

GRAM = 12  # tokens of one fragment
WINDOW = 4  # so every run of GRAM + WINDOW - 1 tokens that two share is seen
COMMON = 0.05  # of the class: a fragment that more people wrote says nothing
COMMON_AT_LEAST = 3  # people, in a small class
ENOUGH = 4  # rare fragments in common, before a pair is worth a look
MAX_TOKENS = 20_000


@dataclass(frozen=True)
class SimilarPair:
    """Two students to look at: `share` of the rarer work of one is in the other's too.

    `lines` are the first one's lines that hold it.
    """

    notebook: str
    one: str
    other: str
    fragments: int
    share: float
    lines: tuple[str, ...]


def similar_pairs(notebook: str, works: Mapping[str, str], base: Iterable[str]) -> list[SimilarPair]:
    """The pairs of students who share at least `ENOUGH` rare fragments, most first.

    works has each student's solution cells as one text; base holds texts that everybody has.
    """
    known = {mark for text in base for mark in _grams(text)}
    prints = {student: _fingerprints(source) for student, source in works.items()}
    authors: dict[int, list[str]] = defaultdict(list)
    for student in sorted(prints):
        for mark in prints[student]:
            authors[mark].append(student)
    limit = max(COMMON_AT_LEAST, int(COMMON * len(works)))
    rare = {mark: who for mark, who in authors.items() if mark not in known and len(who) <= limit}
    own: dict[str, int] = defaultdict(int)
    shared: dict[tuple[str, str], list[int]] = defaultdict(list)
    for mark, who in rare.items():
        for student in who:
            own[student] += 1
        for pair in combinations(who, 2):
            shared[pair].append(mark)
    pairs = [
        SimilarPair(
            notebook,
            one,
            other,
            len(marks),
            len(marks) / min(own[one], own[other]),
            _lines(works[one], {line for mark in marks for line in prints[one][mark]}),
        )
        for (one, other), marks in shared.items()
        if len(marks) >= ENOUGH
    ]
    return sorted(pairs, key=lambda pair: (-pair.fragments, -pair.share, pair.one, pair.other))


def _fingerprints(source: str) -> dict[int, set[int]]:
    """The smallest hash of each window of fragments, with the lines each fragment is on."""
    grams = list(_grams_with_lines(source))
    found: dict[int, set[int]] = defaultdict(set)
    for start in range(max(1, len(grams) - WINDOW + 1) if grams else 0):
        mark, lines = min(grams[start : start + WINDOW], key=lambda gram: gram[0])
        found[mark] |= lines
    return found


def _grams(source: str) -> Iterator[int]:
    return (mark for mark, _ in _grams_with_lines(source))


def _grams_with_lines(source: str) -> Iterator[tuple[int, set[int]]]:
    tokens = list(_tokens(source))[:MAX_TOKENS]
    for start in range(len(tokens) - GRAM + 1):
        window = tokens[start : start + GRAM]
        yield zlib.crc32(" ".join(text for text, _ in window).encode()), {line for _, line in window}


def _tokens(source: str) -> Iterator[tuple[str, int]]:
    """(token, its line): every name reads V and every text S; layout and comments are left out."""
    from pygments.lexers import PythonLexer
    from pygments.token import Comment, Name, String, Text, Whitespace

    written = [(number, line) for number, line in enumerate(source.split("\n")) if line.strip()]
    numbers = [number for number, _ in written] + [0]  # pygments takes long over many empty lines
    place = 0
    for kind, text in PythonLexer(stripnl=False).get_tokens("\n".join(line for _, line in written)):
        line = numbers[min(place, len(written))]
        if kind in String.Doc or kind in Comment or kind in Text or kind in Whitespace:
            pass
        elif kind in Name and kind not in Name.Builtin:
            yield "V", line
        elif kind in String:
            yield "S", line
        else:
            yield text, line
        place += text.count("\n")


def _lines(source: str, numbers: set[int]) -> tuple[str, ...]:
    lines = source.splitlines()
    return tuple(lines[number] for number in sorted(numbers) if number < len(lines) and lines[number].strip())
