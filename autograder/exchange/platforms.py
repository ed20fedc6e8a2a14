"""Whose a file of a download is, and what the platform says of it, read off the files' names.

Canvas      doejane_LATE_12345_67890_01_squared_norm-1.ipynb   name, lateness, person, upload, file
Moodle      Jane Doe_107_assignsubmission_file_/01_squared_norm.ipynb   name, participant, file
exchange    jane+ps1+2026-11-20 10:00:00.000000 UTC+random/01_squared_norm.ipynb   nbgrader's inbound folder
attempts    ps1_jane_attempt_2026-11-20-10-00-00_01_squared_norm.ipynb   as nbgrader's zip_collect takes them
folders     jane/ps1/01_squared_norm.ipynb   or without ps1

A student chooses only the last part of a name. So each is read from the left: what a student writes into a
file's name never says whose it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from autograder.exchange.archives import Parts, is_archive

CANVAS = re.compile(
    r"(?:(?P<name>[^/]*?)_)??(?P<late>LATE_)?(?P<id>\d+|anon_[A-Za-z0-9]+)_(?P<upload>\d+)_(?P<rest>.+)", re.S
)
CANVAS_TEXT = re.compile(r"(?:[^/]*?_)??(?:LATE_)?(?:\d+|anon_[A-Za-z0-9]+)_(?:text|link)\.html")
MOODLE = re.compile(
    r"(?P<name>.*?)(?:_(?P<id>\d+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<rest>.*))?", re.S
)
ATTEMPT = re.compile(r"_attempt_(?P<moment>\d{4}(?:-\d\d){2}(?:-\d\d){0,3})_(?P<rest>.+)", re.S)
MOMENT = re.compile(
    r"(?P<plain>\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?) ?(?P<zone>[A-Z]{1,5}|[+-]\d\d:?\d\d)?"
)
COPY = re.compile(r"(?P<stem>.+)-(?P<number>\d{1,3})")
MAX_WRAPPERS = 3  # folders around a whole download
PLAIN = "folders"


@dataclass(frozen=True)
class Owner:
    """Who handed something in, as the platform names them: a person, or a group."""

    name: str
    platform_id: str = ""


@dataclass(frozen=True)
class Sent:
    """One file of a download: whose it is, and where it lies in their hand-in.

    `place` is where it stands in the download. `order` grows with time within one platform, and 0 says
    nothing; files of one owner with another `attempt` belong to another hand-in.
    """

    place: Parts
    owner: Owner
    parts: Parts
    late: bool | None = None
    handed_in: datetime | None = None
    order: int = 0
    attempt: str = ""


@dataclass(frozen=True)
class Download:
    """A download understood: its files, what is passed over in silence, and what nobody owns."""

    platform: str
    sent: tuple[Sent, ...]
    passed_over: tuple[Parts, ...]
    unowned: tuple[Parts, ...]


@dataclass(frozen=True)
class Wanted:
    """What a download is read for: the problem set, the other ones, a time zone, and ids that are known."""

    assignment: str
    others: frozenset[str] = frozenset()
    zone: str = "UTC"
    known: frozenset[str] = frozenset()


def understand(places: Iterable[Parts], wanted: Wanted) -> Download:
    """Read the names of a download's files. The platform is the one that most names speak for."""
    files = sorted(set(places))
    readers: Mapping[str, Callable[[Parts, Wanted], Sent | None]] = {
        "moodle": _moodle,
        "exchange": _exchange,
        "attempts": _attempt,
        "canvas": _canvas,
    }
    for depth in range(MAX_WRAPPERS + 1):
        inside = [place[depth:] for place in files]
        votes = Counter(
            {name: sum(_speaks(p, wanted, read) for p in inside) for name, read in readers.items()}
        )
        platform, count = max(votes.items(), key=lambda vote: vote[1])  # of equals the first, the stricter
        if count * 2 > len(files):
            return _read(platform, files, depth, wanted, readers[platform])
        if not files or min(map(len, inside)) < 2 or len({place[0] for place in inside}) > 1:
            break
    return _read(PLAIN, files, _wrappers(files, wanted), wanted, _folder)


def _speaks(place: Parts, wanted: Wanted, read: Callable[[Parts, Wanted], Sent | None]) -> bool:
    return bool(place) and (read(place, wanted) is not None or _is_text(place))


def _read(
    platform: str,
    files: list[Parts],
    depth: int,
    wanted: Wanted,
    read: Callable[[Parts, Wanted], Sent | None],
) -> Download:
    sent, passed_over, unowned = [], [], []
    for place in files:
        inside = place[depth:]
        found = read(inside, wanted) if inside else None
        if found is not None and found.parts:
            sent.append(replace(found, place=place))
        elif found is not None or (platform in ("canvas", "moodle") and _is_text(inside)):
            passed_over.append(place)
        else:
            unowned.append(place)
    if platform == "canvas":
        sent = _shifted(sent, wanted)
    return Download(platform, tuple(sent), tuple(passed_over), tuple(unowned))


def _is_text(inside: Parts) -> bool:
    """What a student typed on the platform, which is no hand-in here."""
    return len(inside) == 1 and CANVAS_TEXT.fullmatch(inside[0]) is not None


# ------------------------------------------------------------------ the platforms


def _canvas(inside: Parts, wanted: Wanted) -> Sent | None:
    found = CANVAS.fullmatch(inside[0]) if len(inside) == 1 else None
    if not found:
        return None
    owner = Owner(found["name"] or found["id"], found["id"])
    return Sent(inside, owner, (found["rest"],), bool(found["late"]), order=_number(found["upload"]))


def _shifted(sent: list[Sent], wanted: Wanted) -> list[Sent]:
    """Put right the owners whose name ends in a number: team_5_12345_67890_01_squared_norm.ipynb.

    Read from the left, its person would be 5 and its upload 12345. Uploads have numbers of their own,
    so that two files with the same one say that it is a person; and so does a roster.
    """
    uploads = Counter((one.owner, one.order) for one in sent)
    moved = []
    for one in sent:
        again = CANVAS.fullmatch(f"{one.order}_{one.parts[0]}")
        twice = uploads[one.owner, one.order] > 1 or str(one.order) in wanted.known
        if (
            again
            and not again["name"]
            and not again["late"]
            and twice
            and one.owner.platform_id not in wanted.known
        ):
            late = "_LATE" if one.late else ""
            owner = Owner(f"{one.owner.name}{late}_{one.owner.platform_id}", str(one.order))
            one = replace(one, owner=owner, parts=(again["rest"],), order=_number(again["upload"]))
        moved.append(one)
    return moved


def _moodle(inside: Parts, wanted: Wanted) -> Sent | None:
    found = MOODLE.fullmatch(inside[0])
    if not found or not found["name"]:
        return None
    owner = Owner(found["name"], found["id"] or "")
    rest = (*filter(None, [found["rest"]]), *inside[1:])
    return Sent(inside, owner, rest if found["kind"] == "file" else ())


def _exchange(inside: Parts, wanted: Wanted) -> Sent | None:
    student, *rest = inside[0].split("+", 3)
    if len(rest) < 2 or rest[0] != wanted.assignment or not student or not MOMENT.fullmatch(rest[1]):
        return None
    moment = _moment(rest[1], wanted.zone)
    parts = () if inside[1:] == ("timestamp.txt",) else inside[1:]  # nbgrader's own; its moment is known
    return Sent(inside, Owner(student, student), parts, None, moment, _order(moment), inside[0])


def _attempt(inside: Parts, wanted: Wanted) -> Sent | None:
    before, _, _ = inside[-1].partition("_attempt_")
    found = ATTEMPT.fullmatch(inside[-1][len(before) :])
    prefix = f"{wanted.assignment}_"
    if not found or not before.startswith(prefix) or before == prefix:
        return None
    student = before.removeprefix(prefix)
    day, clock = found["moment"][:10], found["moment"][11:].replace("-", ":")
    moment = _moment(f"{day} {clock or '00:00'}" + ":00" * (len(clock) == 2), wanted.zone)
    return Sent(
        inside, Owner(student, student), (found["rest"],), None, moment, _order(moment), found["moment"]
    )


def _folder(inside: Parts, wanted: Wanted) -> Sent | None:
    if len(inside) > 2 and squeezed(inside[0]) == squeezed(wanted.assignment):
        inside = inside[1:]  # problem sets that hold students
    if len(inside) < 2:
        return None
    owner, *rest = inside
    if len(rest) > 1 and owner in wanted.others:
        rest = []
    if len(rest) > 1 and squeezed(rest[0]) == squeezed(wanted.assignment):
        rest = rest[1:]
    elif len(rest) > 1 and rest[0] in wanted.others:
        rest = []  # of another problem set
    return Sent(inside, Owner(owner), tuple(rest))


def _wrappers(files: list[Parts], wanted: Wanted) -> int:
    """How many folders stand around the students' own."""
    depth, work = 0, [place for place in files if is_archive(place[-1]) or is_notebook(place[-1])]
    while depth < MAX_WRAPPERS and work and min(map(len, work)) > depth + 2:
        if len({place[depth] for place in work}) > 1:
            break
        below = {squeezed(place[depth + 1]) for place in work}
        if below <= {squeezed(name) for name in (wanted.assignment, *wanted.others)}:
            break  # one student's problem sets
        depth += 1
    return depth


def is_notebook(name: str) -> bool:
    return name.casefold().endswith(".ipynb")


def squeezed(name: str) -> str:
    """Letters and digits only, in one case: how names are compared that people typed."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


# ------------------------------------------------------------------ numbers and moments


def _number(digits: str) -> int:
    return int(digits[-18:])  # what a platform counts with, whatever somebody writes


def _order(moment: datetime | None) -> int:
    return int(moment.timestamp() * 1_000_000) if moment else 0


def _moment(text: str, zone: str) -> datetime | None:
    """A moment in UTC. None where the text is none, or names a zone that is not the course's."""
    found = MOMENT.fullmatch(text.strip())
    if not found:
        return None
    try:
        said = datetime.fromisoformat(found["plain"].replace("T", " "))
        offset = found["zone"] or ""
        if offset[:1] in ("+", "-"):
            moment = datetime.fromisoformat(found["plain"] + _with_colon(offset)).astimezone(UTC)
        elif offset in ("UTC", "GMT", "Z"):
            moment = said.replace(tzinfo=UTC)
        else:
            local = [said.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1)]
            named = [one for one in local if not offset or one.tzname() == offset]
            moment = named[0].astimezone(UTC)
    except (ValueError, OverflowError, IndexError, OSError, LookupError):
        return None
    return moment if moment < datetime.now(UTC) + timedelta(days=1) else None


def _with_colon(offset: str) -> str:
    return offset if ":" in offset else f"{offset[:3]}:{offset[3:]}"
