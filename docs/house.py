"""Draw the package as a house, from its imports: docs/images/house.svg.

Each wing, and each module beside the wings, is a room. A room stands above every room that it imports
from, so all arrows lead downwards. An arrow that others imply is left out.

Run `python -m docs.house` after a module came, went or moved. A test compares the picture with a fresh one.
"""

from __future__ import annotations

import ast
import itertools
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGE = REPOSITORY / "autograder"
PICTURE = REPOSITORY / "docs" / "images" / "house.svg"

# Modules that make one room: the command and its front door, the plugin and its old name.
SAME_ROOM = {
    "__main__": "cli",
    "commands": "cli",
    "plugin": "nbgrader_plugin",
    "nbgrader_export": "nbgrader_plugin",
}
WITHIN = {"running/inside"}  # a wing inside a wing: it is mounted alone, so it is a room of its own
CONTENT = {"answer_keys": "one module an exercise"}  # a new exercise changes no picture

ROOM, SLOT, GAP, FLOOR, MARGIN, HEAD, LINE = 190, 26, 26, 62, 16, 22, 14  # pixels
LETTERS = 28  # of small type across a room


@dataclass(frozen=True)
class Import:
    """One name of our own that a module imports, or reads off a module that it imports."""

    importer: str
    module: str
    name: str


Rooms = dict[str, list[str]]


# ------------------------------------------------------------------ read


def modules(package: Path = PACKAGE) -> dict[str, Path]:
    """Every module below the package by its dotted name: `pages.feedback`; a wing is its `__init__`."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name:  # the package's own __init__ imports nothing of ours
            found[name] = path
    return found


def imports(package: Path = PACKAGE) -> list[Import]:
    """What each module imports of ours, also inside functions and for type checkers."""
    known = modules(package)
    return [found for name, path in known.items() for found in _imports_of(name, path, package.name, known)]


def _imports_of(importer: str, path: Path, package: str, known: Mapping[str, Path]) -> Iterator[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    home = importer.split(".") if path.name == "__init__.py" else importer.split(".")[:-1]
    aliases = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = [package, *home][: len(home) + 2 - node.level] if node.level else []
            whole = base + (node.module.split(".") if node.module else [])
            if whole[:1] != [package]:
                continue
            for alias in node.names:
                inner = ".".join([*whole[1:], alias.name])
                if inner in known:
                    aliases[alias.asname or alias.name] = inner
                    yield Import(importer, inner, "")
                else:
                    yield Import(importer, ".".join(whole[1:]), alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                first, _, rest = alias.name.partition(".")
                if first == package and rest in known:
                    yield Import(importer, rest, "")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            yield Import(importer, aliases[node.value.id], node.attr)


def room_of(module: str) -> str:
    """The room a module is in: its wing, or the module itself."""
    first, *rest = module.split(".")
    if rest and f"{first}/{rest[0]}" in WITHIN:
        return f"{first}/{rest[0]}"
    return SAME_ROOM.get(first, first)


def rooms(package: Path = PACKAGE) -> Rooms:
    """Each room with its modules; a room of one module lists none."""
    found: Rooms = {}
    for module, path in modules(package).items():
        if path.name != "__init__.py":
            found.setdefault(room_of(module), []).append(module.split(".")[-1])
    return found


def arrows(package: Path = PACKAGE) -> dict[str, set[str]]:
    """Which rooms each room imports from, itself left out."""
    found: dict[str, set[str]] = {room: set() for room in rooms(package)}
    for one in imports(package):
        importer, imported = room_of(one.importer), room_of(one.module)
        if one.module and importer != imported:
            found[importer].add(imported)
    return found


# ------------------------------------------------------------------ arrange


class Cycle(ValueError):
    """Rooms that import from each other in a circle: no room of it can stand above the others."""


def floors(below: Mapping[str, set[str]]) -> dict[str, int]:
    """The floor of each room, from 1: one above the highest room it imports from. Raises Cycle.

    A door, which nothing or only another door imports, stands as high as it can.
    """
    level: dict[str, int] = {}

    def place(room: str, path: tuple[str, ...]) -> int:
        if room in path:
            raise Cycle(" → ".join([*path[path.index(room) :], room]))
        if room not in level:
            level[room] = 1 + max((place(other, (*path, room)) for other in sorted(below[room])), default=0)
        return level[room]

    for room in sorted(below):
        place(room, ())
    above = {room: {other for other in below if room in below[other]} for room in below}
    top = max(level.values())
    for room in sorted(below, key=lambda room: -level[room]):
        if below[room] and room not in wings() and all(other not in wings() for other in above[room]):
            level[room] = min((level[other] for other in above[room]), default=top + 1) - 1
    return level


def wings() -> set[str]:
    """The wings of the package: its folders that hold modules."""
    return {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()} | WITHIN


def without_implied(below: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """The same order with as few arrows as possible: none that two others make together."""

    def reach(room: str) -> set[str]:
        return below[room].union(*(reach(other) for other in below[room]))

    return {
        room: {other for other in others if not any(other in reach(near) for near in others - {other})}
        for room, others in below.items()
    }


Node = str | tuple[str, str, int]  # a room, or where a long arrow passes through a floor


def arrange(
    below: Mapping[str, set[str]], level: Mapping[str, int]
) -> tuple[list[list[Node]], list[list[Node]]]:
    """Rooms from left to right on each floor, ground floor first; and each arrow as what it passes.

    From each of a few starts, orders are tried until none on any floor makes arrows cross less or run
    straighter; the best of the ends is taken.
    """
    ways: list[list[Node]] = []
    plan: list[list[Node]] = [[] for _ in range(max(level.values()))]
    for room in sorted(level):
        plan[level[room] - 1].append(room)
    for room, others in sorted(below.items()):
        for other in sorted(others):
            passed = [(room, other, floor) for floor in range(level[room] - 1, level[other], -1)]
            ways.append([room, *passed, other])
            for node in passed:
                plan[node[2] - 1].append(node)
    steps = [(one, two) for way in ways for one, two in itertools.pairwise(way)]
    starts = (
        [floor[turn % len(floor) :] + floor[: turn % len(floor)] for floor in plan] for turn in range(6)
    )
    return min((_settled(start, steps) for start in starts), key=lambda tried: _cost(tried, steps)), ways


def _settled(plan: list[list[Node]], steps: Sequence[tuple[Node, Node]]) -> list[list[Node]]:
    best, better = _cost(plan, steps), True
    while better:
        better = False
        for number, floor in enumerate(plan):
            for order in _orders(floor):
                tried = [*plan[:number], order, *plan[number + 1 :]]
                if (cost := _cost(tried, steps)) < best:
                    plan, best, better = tried, cost, True
    return plan


def _orders(floor: list[Node]) -> Iterable[list[Node]]:
    """All orders of a short floor; of a long one, each with one node moved elsewhere."""
    if len(floor) <= 6:
        return map(list, itertools.permutations(floor))
    rest = [(node, [other for other in floor if other != node]) for node in floor]
    return [[*r[:place], node, *r[place:]] for node, r in rest for place in range(len(floor))]


def _cost(plan: Sequence[Sequence[Node]], steps: Sequence[tuple[Node, Node]]) -> float:
    place = {node: x for floor in plan for node, x in zip(floor, _across(floor), strict=True)}
    floor_of = {node: number for number, floor in enumerate(plan) for node in floor}
    bends = sum(abs(place[one] - place[two]) for one, two in steps)
    crossings = sum(
        (place[a] - place[c]) * (place[b] - place[d]) < 0
        for (a, b), (c, d) in itertools.combinations(steps, 2)
        if floor_of[a] == floor_of[c]
    )
    return round(400 * crossings + bends, 3)


def _width(node: Node) -> int:
    return ROOM if isinstance(node, str) else SLOT


def _across(floor: Sequence[Node]) -> list[float]:
    """The middle of each node of a floor, the floor's own middle being 0."""
    whole = sum(map(_width, floor)) + GAP * (len(floor) - 1)
    edges = itertools.accumulate((_width(node) + GAP for node in floor), initial=-whole / 2)
    return [edge + _width(node) / 2 for edge, node in zip(edges, floor, strict=False)]


# ------------------------------------------------------------------ draw

STYLE = """
svg { font-family: system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
.paper { fill: #ffffff; } .room { fill: #f4f4f4; stroke: #222222; }
.wing { fill: #dfe6ee; stroke-width: 1.6; }
text { fill: #111111; } .small { font-size: 11px; } .name { font-size: 14px; font-weight: 600; }
.floor { fill: #595959; font-size: 11px; } .way { fill: none; stroke: #444444; stroke-width: 1.3; }
.tip { fill: #444444; }
@media (prefers-color-scheme: dark) {
  .paper { fill: #0d1117; } .room { fill: #1c2128; stroke: #d0d7de; } .wing { fill: #2d3a4a; }
  text { fill: #f0f3f6; } .floor { fill: #a8b1bb; } .way { stroke: #b6bec8; } .tip { fill: #b6bec8; }
}
"""


def draw(package: Path = PACKAGE) -> str:
    """The house as SVG: wings in a darker shade than single modules, each arrow from importer to imported."""
    below, inside = arrows(package), rooms(package)
    level = floors(below)
    plan, ways = arrange(without_implied(below), level)
    labels = {room: _label(room, names) for room, names in inside.items()}
    heights = [max(HEAD + 8 + LINE * len(labels[n]) for n in floor if isinstance(n, str)) for floor in plan]
    widest = max(sum(map(_width, floor)) + GAP * (len(floor) - 1) for floor in plan)
    width, left = widest + 2 * MARGIN + 60, 60 + MARGIN + widest / 2
    tops = [
        MARGIN + sum(heights[number + 1 :]) + FLOOR * (len(plan) - 1 - number) for number in range(len(plan))
    ]
    height = tops[0] + heights[0] + MARGIN
    boxes = {
        node: (left + middle, tops[number], heights[number])
        for number, floor in enumerate(plan)
        for node, middle in zip(floor, _across(floor), strict=True)
    }
    told = f"The package as a house of {len(plan)} floors. " + " ".join(
        f"Floor {number}: {', '.join(n for n in floor if isinstance(n, str))}."
        for number, floor in reversed(list(enumerate(plan, start=1)))
    )
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-labelledby="title told">',
        "<!-- Drawn by `python -m docs.house`. -->",
        '<title id="title">The rooms of the package, and what each imports from</title>',
        f'<desc id="told">{escape(told)} Every arrow leads down to a room that is imported from.</desc>',
        f"<style>{STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
        f'<rect class="paper" width="{width}" height="{height}"/>',
    ]
    ends = _ends(ways, boxes)
    lines += [_way(way, boxes, ends) for way in ways]
    for number, (top, tall) in enumerate(zip(tops, heights, strict=True), start=1):
        lines.append(f'<text class="floor" x="{MARGIN}" y="{top + tall / 2 + 4:g}">floor {number}</text>')
    for room, text in labels.items():
        lines += _room(room, text, boxes[room])
    return "\n".join([*lines, "</svg>"]) + "\n"


def _label(room: str, names: Sequence[str]) -> list[str]:
    """The small lines of a room: its modules, unless its name says it all."""
    if room in CONTENT:
        return [CONTENT[room]]
    others = [name for name in names if name not in (room, "__main__")]
    return textwrap.wrap(", ".join(others), LETTERS)


def _ends(
    ways: Sequence[Sequence[Node]], boxes: Mapping[Node, tuple]
) -> dict[tuple[Node, Node, bool], float]:
    """Where each arrow leaves and meets a room: side by side, in the order of where they come from."""
    found = {}
    for room in {node for way in ways for node in (way[0], way[-1])}:
        leaving = sorted((way for way in ways if way[0] == room), key=lambda way: boxes[way[1]][0])
        meeting = sorted((way for way in ways if way[-1] == room), key=lambda way: boxes[way[-2]][0])
        for group, out in ((leaving, True), (meeting, False)):
            apart = min(24.0, (ROOM - 40) / max(1, len(group)))
            for number, way in enumerate(group):
                found[way[0], way[-1], out] = boxes[room][0] + apart * (number - (len(group) - 1) / 2)
    return found


def _way(way: Sequence[Node], boxes: Mapping[Node, tuple], ends: Mapping[tuple, float]) -> str:
    """One arrow as a curve: it passes the floors between upright, and ends on top of a room."""
    x, (_, top, tall) = ends[way[0], way[-1], True], boxes[way[0]]
    path, y = [f"M{x:.1f} {top + tall:g}"], top + tall
    for node in way[1:]:
        last = node is way[-1]
        to = ends[way[0], way[-1], False] if last else boxes[node][0]
        down = boxes[node][1] - (2 if last else 0)
        half = (down - y) / 2
        path.append(f"C{x:.1f} {y + half:g} {to:.1f} {down - half:g} {to:.1f} {down:g}")
        x, y = to, boxes[node][1] + boxes[node][2]
        if not last:
            path.append(f"V{y:g}")
    drawn, said = " ".join(path), f"{way[0]} → {way[-1]}"
    return f'<path class="way" marker-end="url(#tip)" d="{drawn}"><title>{said}</title></path>'


def _room(room: str, text: Sequence[str], box: tuple[float, float, float]) -> Iterator[str]:
    middle, top, tall = box
    kind = "room wing" if room in wings() else "room"
    place = f'x="{middle - ROOM / 2:.1f}" y="{top:g}" width="{ROOM}" height="{tall}"'
    yield f'<rect class="{kind}" {place} rx="4"/>'
    name = room if room in wings() else f"{room}.py"
    first = top + (HEAD - 3 if text else tall / 2 + 5)
    yield f'<text class="name" x="{middle:.1f}" y="{first:g}" text-anchor="middle">{escape(name)}</text>'
    for number, line in enumerate(text, start=1):
        y = top + HEAD - 2 + LINE * number
        yield f'<text class="small" x="{middle:.1f}" y="{y:g}" text-anchor="middle">{escape(line)}</text>'


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
