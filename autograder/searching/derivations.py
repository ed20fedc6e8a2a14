"""Marking schemes told: the sentences and formulas of a scheme, or of most of it, in what students get.

A task may define what is to be derived, in the signs of its scheme. So a run of words and signs that
the two share tells something only when it is a sentence, or when it is long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SENTENCE, SPOKEN = 10, 4  # words and signs in a row, so many of them words of three letters or more
RUN = 20  # of whatever kind: the longest that a task and its scheme share rightly has 17
KINDS = ((SENTENCE, SPOKEN), (RUN, 0))
SPELLINGS = (
    (
        re.compile(r"\\(?:left|right|big|Big|bigl|bigr|,|;|!|:|quad|qquad|displaystyle|limits)(?![a-zA-Z])"),
        " ",
    ),
    (re.compile(r"\\(?:mathrm|operatorname|text|mathbf|boldsymbol|bm)\s*\{([^{}]*)\}"), r" \1 "),
    (re.compile(r"\\(?:lVert|rVert|Vert|\|)"), " ‖ "),
    (re.compile(r"\\(?:dfrac|tfrac)"), r"\\frac"),
    (re.compile(r"\\(?:top|intercal|mathsf\s*\{?T\}?)"), " ᵀ "),
    (re.compile(r"\\(?:partial)"), " ∂ "),
    (re.compile(r"\\(?:nabla)"), " ∇ "),
    (re.compile(r"\\(?:sum)"), " Σ "),
    (re.compile(r"\\(?:cdot|times)"), " · "),
    (re.compile(r"\\(?:ne|neq)(?![a-zA-Z])"), " ≠ "),
    (re.compile(r"\\(?:lambda)"), " λ "),
    (re.compile(r"[∑]"), " Σ "),
    (re.compile(r"[−–]"), "-"),
    (re.compile(r"[{}$*_^`\\()\[\],.;:~|#>]"), " "),
)


def words_of(text: str) -> list[str]:
    """The words, letters and signs of a text, whether it is in LaTeX or in plain letters."""
    for pattern, plain in SPELLINGS:
        text = pattern.sub(plain, text)
    return re.findall(r"[^\W\d_]+|\d+|[^\w\s]", text.lower())


def _runs(words: list[str], length: int, spoken: int) -> Iterator[tuple[str, ...]]:
    """Every run of so many words, with at least `spoken` that are no signs."""
    if len(words) < length:
        return
    heavy = [len(word) >= 3 and word.isalpha() and word != "frac" for word in words]
    for place in range(len(words) - length + 1):
        if sum(heavy[place : place + length]) >= spoken:
            yield tuple(words[place : place + length])


@dataclass(frozen=True)
class Scheme:
    """One marking scheme: whose it is, and what it says."""

    origin: str
    text: str


class Schemes:
    """Marking schemes, to be found in texts."""

    def __init__(self, schemes: Sequence[Scheme]) -> None:
        self._origins: dict[tuple[str, ...], str] = {}
        for scheme in schemes:
            words = words_of(scheme.text)
            for length, spoken in KINDS:
                for run in _runs(words, length, spoken):
                    self._origins.setdefault(run, scheme.origin)

    def told_in(self, text: str) -> dict[str, str]:
        """Whose schemes a text tells of, each with the first words that it tells."""
        if len(text) < SENTENCE:
            return {}
        words = words_of(text)
        told: dict[str, str] = {}
        for length, spoken in KINDS:
            for run in _runs(words, length, spoken):
                if origin := self._origins.get(run):
                    told.setdefault(origin, " ".join(run))
        return told
