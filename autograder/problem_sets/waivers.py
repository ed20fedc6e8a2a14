"""Checks that a course has waived: a bad one counts as passed for everybody who wrote the function.

They stand in one file beside the problem sets, `source/waivers.toml`, with a table a problem set. It is
committed with the source, and no student gets it: what is released stands a folder further down.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType

from autograder.errors import ContentError, sentence
from autograder.files import write_whole

NAME = "waivers.toml"
BARE = re.compile(r"[A-Za-z0-9_-]+")  # a name that TOML takes without quotes
OPTIONAL = {"by", "on"}  # of an entry
MAX_REASON = 300  # characters: it stands on every page
HEAD = """\
# Checks that count as passed for everybody who wrote the function. `course waive` writes this file.
# The next `course grade` follows it. Take an entry out to take a waiver back.
"""


@dataclass(frozen=True)
class Waiver:
    """One waived check, by the notebook and the function it belongs to, and the reason students read.

    `by` is who waived it, if they said so; `on` the day, in UTC.
    """

    notebook: str
    function: str
    check: str
    because: str
    by: str = ""
    on: str = ""

    @property
    def what(self) -> tuple[str, str, str]:
        """What is waived, without the reason."""
        return self.notebook, self.function, self.check


_waived: ContextVar[Mapping[tuple[str, str], str]] = ContextVar("waived", default=MappingProxyType({}))


@contextlib.contextmanager
def waiving(waivers: Iterable[Waiver]) -> Iterator[None]:
    """Let hidden tests of one notebook that run meanwhile count these checks as passed."""
    before = _waived.set({(waiver.function, waiver.check): waiver.because for waiver in waivers})
    try:
        yield
    finally:
        _waived.reset(before)


def waived_checks(function: str) -> dict[str, str]:
    """The checks of a function that count as passed now, each with the reason."""
    return {check: because for (name, check), because in _waived.get().items() if name == function}


def path_of(source_directory: Path) -> Path:
    return source_directory / NAME


def read_waivers(source_directory: Path) -> dict[str, tuple[Waiver, ...]]:
    """The waivers of every problem set that has any. Raises ContentError when the file is no use."""
    path = path_of(source_directory)
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ContentError(f"{path} cannot be read: {sentence(error)}. Put it right, or delete it.") from None
    return {name: tuple(_read(path, name, rows)) for name, rows in said.items()}


def _read(path: Path, name: str, rows: object) -> Iterator[Waiver]:
    known = {field.name for field in fields(Waiver)}
    needed = known - OPTIONAL
    seen = set()
    for row in rows if isinstance(rows, list) else [rows]:
        given = row if isinstance(row, dict) else {}
        if isinstance(given.get("on"), datetime.date):
            given["on"] = given["on"].isoformat()
        if not needed <= set(given) <= known or not all(
            isinstance(text, str) and is_a_line(text) and (text.strip() or key in OPTIONAL)
            for key, text in given.items()
        ):
            raise ContentError(
                f"{path}: an entry of {name} needs {', '.join(sorted(needed))}, each one line of text, of "
                f"{MAX_REASON} characters at most, and may have by and on."
            )
        waiver = Waiver(**given)
        if waiver.what in seen:
            raise ContentError(f"{path}: {name} waives {waiver.function}/{waiver.check} twice. Take one out.")
        seen.add(waiver.what)
        yield waiver


def is_a_line(text: str) -> bool:
    """Whether a text can stand in the file, and on a page: it prints, and is not too long."""
    return len(text) <= MAX_REASON and text.isprintable()


def write_waivers(source_directory: Path, waivers: Mapping[str, Iterable[Waiver]]) -> Path:
    """Write all of them, whole; without any, there is no file.

    Raises ValueError for a text that is not one line.
    """
    parts = [HEAD]
    for name, entries in sorted(waivers.items()):
        for waiver in entries:
            texts = {field.name: getattr(waiver, field.name) for field in fields(Waiver)}
            if not all(map(is_a_line, texts.values())):
                raise ValueError(f"A waiver's texts are lines of {MAX_REASON} printable characters at most.")
            rows = (
                f"{key} = {json.dumps(text, ensure_ascii=False)}"
                for key, text in texts.items()
                if text or key not in OPTIONAL
            )
            parts.append(
                "\n".join(
                    (
                        f"[[{name if BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)}]]",
                        *rows,
                        "",
                    )
                )
            )
    path = path_of(source_directory)
    if len(parts) > 1:
        write_whole(path, "\n".join(parts))
    else:
        path.unlink(missing_ok=True)
    return path
