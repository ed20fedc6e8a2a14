"""What stands between BEGIN and END in a source cell, and which lines of it give something away.

Lines are compared without any white space, so that spacing hides nothing. A line that tells
nothing (a bracket, an import, a definition's head) is no secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nbformat.notebooknode import NotebookNode

REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
MARKER = re.compile(rf"(BEGIN|END) ({'|'.join(REGIONS)})")
MIN_TELLING = 9  # characters without spaces: shorter lines give nothing away
PLAIN = re.compile(
    r"[\w.]+[,:()\[\]{}]*$|import |from \S+ import |def |class |@"
    r"|(else|try|finally):|(for|while|if|elif|with|except)\b.*:$"
)


def without_region(source: str, region: str) -> str:
    """source without the lines from BEGIN to END of a region. Linear in time: students write here too."""
    kept, place = [], 0
    while (begin := source.find(f"BEGIN {region}", place)) >= 0:
        end = source.find(f"END {region}", begin)
        if end < 0:
            break
        kept.append(source[place : source.rfind("\n", place, begin) + 1 or place])
        place = source.find("\n", end) + 1 or len(source)
    return "".join([*kept, source[place:]])


def without_markers(source: str) -> str:
    """source without the marker lines themselves."""
    return "\n".join(line for line in source.split("\n") if not MARKER.search(line))


def markers(source: str, region: str) -> list[str]:
    """ "BEGIN" and "END" of a region, as they follow each other."""
    return [found[1] for found in MARKER.finditer(source) if found[2] == region]


def region_lines(source: str, region: str) -> list[str]:
    """The lines between BEGIN and END of a region."""
    inside = re.findall(rf"(?ms)^[^\n]*BEGIN {region}[^\n]*\n(.*?)^[^\n]*END {region}", source)
    return [line for block in inside for line in block.splitlines()]


def staff_lines(notebook: NotebookNode) -> set[str]:
    """The telling lines of a source notebook's hidden tests and marking schemes, squeezed."""
    regions = ("HIDDEN TESTS", "MARK SCHEME")
    return {line for c in notebook.cells for r in regions for line in telling(region_lines(c.source, r))}


def telling(lines: Iterable[str]) -> dict[str, str]:
    """The lines that would give something away: squeezed, with how they are spelled."""
    spelled = {squeeze(line): line.strip() for line in lines}
    return {key: line for key, line in spelled.items() if len(key) >= MIN_TELLING and not PLAIN.match(line)}


def squeeze(line: str) -> str:
    """A line without any white space."""
    return "".join(line.split())
