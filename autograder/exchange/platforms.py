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

from autograder.exchange.archives import Parts
from autograder.files import is_archive, letters_of

CANVAS = re.compile(
    r"(?:(?P<late_anon>LATE_)?(?P<anon>anon_[A-Za-z0-9]+)|(?P<name>[^/]*?)_(?P<late>LATE_)?(?P<id>\d+))"
    r"_(?P<upload>\d+)_(?P<rest>.+)",
    re.S,
)
TWICE_READ = re.compile(r"(?P<upload>\d+)_(?P<rest>.+)", re.S)
CANVAS_TEXT = re.compile(r"(?:[^/]*?_)?(?:LATE_)?(?:\d+|anon_[A-Za-z0-9]+)_(?:text|link)\.html")
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
    """A download understood: its files, what is passed over, and what is nobody's, with why."""

    platform: str
    sent: tuple[Sent, ...]
    passed_over: tuple[Parts, ...]
    unowned: tuple[tuple[Parts, str], ...]


@dataclass(frozen=True)
class Wanted:
    """What a download is read for: the problem set, the other ones, and the names of its files.

    `zone` is the exchange's time zone; `known` are the platform's ids of people on the roster.
    """

    assignment: str
    others: frozenset[str] = frozenset()
    zone: str = "UTC"
    known: frozenset[str] = frozenset()
    issued: frozenset[str] = frozenset()


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
    sent, passed_over = [], []
    unowned: list[tuple[Parts, str]] = []
    for place in files:
        inside = place[depth:]
        found = read(inside, wanted) if inside else None
        if found is not None and found.parts:
            sent.append(replace(found, place=place))
        elif found is not None or (platform in ("canvas", "moodle") and _is_text(inside)):
            passed_over.append(place)
        else:
            unowned.append((place, "its name does not say whose it is"))
    if platform == "canvas":
        sent, unsettled = _settled(sent, wanted)
        unowned += unsettled
    owners = {one.owner.platform_id or one.owner.name: one.owner for one in reversed(sent)}
    sent = [
        replace(one, owner=owners[one.owner.platform_id or one.owner.name]) for one in sent
    ]  # an id is one
    return Download(platform, tuple(sent), tuple(passed_over), tuple(unowned))


def _is_text(inside: Parts) -> bool:
    """What a student typed on the platform, which is no hand-in here."""
    return len(inside) == 1 and CANVAS_TEXT.fullmatch(inside[0]) is not None


# ------------------------------------------------------------------ the platforms


def _canvas(inside: Parts, wanted: Wanted) -> Sent | None:
    found = CANVAS.fullmatch(inside[0]) if len(inside) == 1 else None
    if not found:
        return None
    number = found["anon"] or found["id"]
    late = bool(found["late_anon"] or found["late"])
    owner = Owner(found["name"] or number, number)
    return Sent(inside, owner, (found["rest"],), late, order=_number(found["upload"]))


def _settled(sent: list[Sent], wanted: Wanted) -> tuple[list[Sent], list[tuple[Parts, str]]]:
    """Settle whose a file is when its owner's name may end in a number: roe_3_12345_67890_a.ipynb.

    It is from 3, or from 12345 under the name of roe_3. Each upload has a number of its own: one that comes
    twice is a person's. Else the roster knows, or the numbers of those files that can be read in one way
    only. What may be either, and might be graded, is nobody's.
    """
    uploads = Counter((one.owner, one.order) for one in sent)
    again = [_read_again(one, wanted) for one in sent]
    sure = [one for one, other in zip(sent, again, strict=True) if not other]
    people = [_number(one.owner.platform_id) for one in sure if one.owner.platform_id.isdecimal()]
    settled: list[Sent] = []
    unsettled = []
    for one, other in zip(sent, again, strict=True):
        if other is None:
            settled.append(one)
            continue
        first, second = one.owner.platform_id in wanted.known, other.owner.platform_id in wanted.known
        if not wanted.known:
            first = _is_among(one.order, [other.order for other in sure])  # its number is like an upload's
            second = _is_among(one.order, people)
        if uploads[one.owner, one.order] > 1 or second > first:
            settled.append(other)
        elif first > second or not _is_work(other.parts[0], wanted):
            settled.append(one)
        else:
            unsettled.append(
                (one.place, f"it may be of {one.owner.platform_id} or of {other.owner.platform_id}")
            )
    return settled, unsettled


def _read_again(one: Sent, wanted: Wanted) -> Sent | None:
    """The file with the next number as its owner's; None where the first one surely is."""
    found = TWICE_READ.fullmatch(one.parts[0])
    if not found or one.late or one.owner.platform_id.startswith("anon_") or _is_issued(one.parts[0], wanted):
        return None
    owner = Owner(f"{one.owner.name}_{one.owner.platform_id}", str(one.order))
    return replace(one, owner=owner, parts=(found["rest"],), order=_number(found["upload"]))


def _is_among(number: int, others: list[int]) -> bool:
    return bool(others) and min(others) <= number <= max(others)


def _is_work(name: str, wanted: Wanted) -> bool:
    return _is_issued(name, wanted) or is_archive(name)


def _is_issued(name: str, wanted: Wanted) -> bool:
    stem, _, ending = name.rpartition(".")
    found = COPY.fullmatch(stem)
    return name in wanted.issued or (found is not None and f"{found['stem']}.{ending}" in wanted.issued)


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
    if len(inside) > 2 and letters_of(inside[0]) == letters_of(wanted.assignment):
        inside = inside[1:]  # problem sets that hold students
    if len(inside) < 2:
        return None
    owner, *rest = inside
    if len(rest) > 1 and owner in wanted.others:
        rest = []
    if len(rest) > 1 and letters_of(rest[0]) == letters_of(wanted.assignment):
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
        below = {letters_of(place[depth + 1]) for place in work}
        if below <= {letters_of(name) for name in (wanted.assignment, *wanted.others)}:
            break  # one student's problem sets
        depth += 1
    return depth


def is_notebook(name: str) -> bool:
    return name.casefold().endswith(".ipynb")


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
