"""Which students a hand-in belongs to: by the roster, or by what the platform calls its owner."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.exchange.platforms import PLAIN, Owner
from autograder.exchange.roster import Person, as_student, free_name
from autograder.files import letters_of
from autograder.lateness.collected import Collected

ANONYMOUS = "anon_"
BY_LOGINS = ("exchange", "attempts", PLAIN)  # platforms that name people by their logins
BY_ID, BY_LOGIN, BY_NAME, BY_GROUP = 3, 2, 1, 0  # how sure it is that a hand-in is somebody's


@dataclass(frozen=True)
class Found:
    """Whose a hand-in is: folders in grading/submitted/. `problem` says why it is nobody's."""

    students: tuple[str, ...] = ()
    problem: str = ""
    strength: int = BY_NAME


def find_students(
    owners: Mapping[Owner, int],
    platform: str,
    people: Sequence[Person],
    collected: Iterable[Collected],
    folders: Iterable[str],
) -> dict[Owner, Found]:
    """Whose each owner's hand-in is; `owners` with the order of their newest hand-ins.

    With a roster it is a person of it, or all of a group, or nobody. Without one, each owner gets the
    folder that was theirs before, or one by their name. `folders` are in grading/submitted/ already.
    """
    if not people:
        return _by_themselves(owners, platform, list(collected), set(folders))
    roster = _Roster(people)
    named = sum(letters_of(owner.name) in roster.groups for owner in owners)
    trusted = Trusted(
        ids=any(owner.platform_id in roster.ids for owner in owners), groups=named * 2 > len(owners)
    )
    found = {owner: roster.find(owner, platform, trusted) for owner in owners}
    sharing = Counter(one.students for one in found.values() if one.strength == BY_GROUP)
    for owner, one in found.items():  # a folder for each member of a group, as older Moodles make them
        mine = roster.ids.get(owner.platform_id, [])
        if one.strength == BY_GROUP and sharing[one.students] > 1 and len(mine) == 1:
            found[owner] = Found(tuple(mine), "", BY_ID)
    claims: dict[str, list[Owner]] = defaultdict(list)
    for owner, one in found.items():
        for student in one.students:
            claims[student].append(owner)
    for student, claiming in claims.items():
        if len(claiming) < 2:
            continue
        ranked = sorted(claiming, key=lambda owner: (found[owner].strength, owners[owner]), reverse=True)
        first, second = ranked[:2]
        strongest = found[first].strength
        equal = strongest == found[second].strength
        if equal and (strongest > BY_GROUP or owners[first] == owners[second]):
            for owner in [each for each in ranked if found[each].strength == strongest]:
                if not found[owner].problem:
                    said = ", ".join(sorted({_shown(other) for other in ranked}))
                    found[owner] = Found((), f"several hand-ins look like {student}'s: {said}")
        for owner in ranked[1:]:
            left = tuple(one for one in found[owner].students if one != student)
            if found[owner].strength > BY_GROUP and not found[owner].problem:
                found[owner] = Found((), f"{student} has another hand-in that is surely theirs")
            elif not found[owner].problem:
                found[owner] = Found(left, "", found[owner].strength)
    return found


@dataclass(frozen=True)
class Trusted:
    """What a whole download shows: that its ids are the roster's, and that it is one of groups."""

    ids: bool
    groups: bool


class _Roster:
    """The people of a course by all that a platform may call them."""

    def __init__(self, people: Sequence[Person]):
        self.ids: dict[str, list[str]] = defaultdict(list)
        self.logins: dict[str, list[str]] = defaultdict(list)
        self.names: dict[str, list[str]] = defaultdict(list)
        self.groups: dict[str, list[str]] = defaultdict(list)
        self.numbers = {person.student: person.platform_id for person in people}
        for person in people:
            self.ids[person.platform_id].append(person.student)
            mail = person.email.partition("@")[0]
            for login in {person.login, person.email, mail, person.student, person.platform_id}:
                self.logins[login.casefold()].append(person.student)
            first, last = letters_of(person.first_name), letters_of(person.last_name)
            for name in {first + last, last + first}:
                self.names[name].append(person.student)
            for group in person.group.replace(";", ",").split(","):
                self.groups[letters_of(group)].append(person.student)
        for table in (self.ids, self.logins, self.names, self.groups):
            table.pop("", None)

    def find(self, owner: Owner, platform: str, trusted: Trusted) -> Found:
        name = letters_of(owner.name)
        by_id = self.ids.get(owner.platform_id, [])
        by_login = self.logins.get(owner.name.casefold(), []) if platform in BY_LOGINS else []
        by_name = self.names.get(name, [])
        if (group := self._group(owner, by_id, trusted)) is not None:
            return Found(tuple(self.groups[group]), "", BY_GROUP)
        if len(by_id) == 1:
            other = by_name or by_login
            if other and by_id[0] not in other:
                said = " and ".join(sorted({by_id[0], *other}))
                return Found((), f"by its id and by its name it belongs to different people: {said}")
            return Found(tuple(by_id), "", BY_ID)
        if not by_id and len(by_login) == 1:
            return Found(tuple(by_login), "", BY_LOGIN)
        if by_id or by_login or len(by_name) > 1:
            several = " or ".join(sorted({*by_id, *by_login, *by_name}))
            return Found((), f"it may belong to {several}: put their ids into the roster")
        if by_name:
            number = self.numbers[by_name[0]]
            if trusted.ids and owner.platform_id and number:
                why = f"{by_name[0]} has the id {number}, and this one {owner.platform_id}"
                return Found((), why)
            return Found(tuple(by_name), "", BY_NAME)
        if owner.platform_id.startswith(ANONYMOUS):
            return Found((as_student(owner.platform_id),), "", BY_ID)
        return Found((), f"nobody on the roster is {_shown(owner)}")

    def _group(self, owner: Owner, by_id: list[str], trusted: Trusted) -> str | None:
        """The group whose work it is. A name alone makes nobody a member: people choose their names."""
        name = letters_of(owner.name)
        if name in self.groups and name not in self.names:
            fits = not by_id or trusted.groups or set(by_id) & set(self.groups[name])
            return name if fits else None
        group, rest = self.group_before(owner.name)
        members = set(self.groups[group]) if group else set()
        return group if members & set(by_id or self.names.get(rest, [])) else None

    def group_before(self, name: str) -> tuple[str, str]:
        """The group and the rest in "Group A-Jane Doe", as older Moodles name a member's hand-in."""
        for end in (place for place, letter in enumerate(name) if letter == "-"):
            if (group := letters_of(name[:end])) in self.groups:
                return group, letters_of(name[end:])
        return "", ""


def _shown(owner: Owner) -> str:
    given = owner.platform_id and owner.platform_id != owner.name
    return f"{owner.name} ({owner.platform_id})" if given else owner.name


def _by_themselves(
    owners: Iterable[Owner], platform: str, collected: list[Collected], folders: set[str]
) -> dict[Owner, Found]:
    had = {
        (one.platform, one.platform_id): one.student
        for one in collected
        if one.platform_id and one.platform != PLAIN
    }
    of_others = set(had.values())
    there = {unicodedata.normalize("NFC", name): name for name in folders}
    alike = Counter(as_student(owner.name).casefold() for owner in owners)
    found: dict[Owner, Found] = {}
    taken: set[str] = set()
    for owner in sorted(owners, key=lambda owner: (owner.name, owner.platform_id)):
        name = as_student(owner.name)
        student = had.get((platform, owner.platform_id)) if owner.platform_id else None
        if student is None:
            mine = name == owner.name and platform == PLAIN  # a folder that somebody named
            if mine and name not in taken:
                student = name
            elif alike[name.casefold()] > 1 and owner.platform_id:
                student = free_name(f"{name}-{owner.platform_id}", owner.platform_id, taken | of_others)
            else:
                student = free_name(name, owner.platform_id, taken | of_others)
        student = there.get(student, student)  # a folder whose accents are other bytes is the same
        taken.add(student)
        found[owner] = Found((student,), "", BY_ID)
    return found
