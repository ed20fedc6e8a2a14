"""Which column of a roster holds what, in the words that platforms use."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import ContentError
from autograder.files import write_whole

MAX_BYTES = 20_000_000
MAX_ROWS = 100_000
FIELDS = {  # what is kept of a person, and how it is asked for
    "student": "the student's folder",
    "platform_id": "the platform's id",
    "login": "the login",
    "name": "the whole name",
    "first_name": "the first name",
    "last_name": "the last name",
    "email": "the e-mail address",
    "section": "the section",
    "group": "the group",
}
ENOUGH = ("student", "platform_id", "login", "name", "last_name", "email")  # one of these tells people apart
KNOWN = {  # Canvas and Moodle in English, German, French and Spanish; compared without case and accents
    "student": ("folder", "student folder"),
    "platform_id": (
        *("id", "identifier", "user id", "canvas user id", "participant", "platform id", "kennung"),
        *("identifiant", "identificador", "teilnehmer-id", "id de usuario", "identifiant utilisateur"),
    ),
    "login": (
        *("sis login id", "login", "login id", "username", "user name", "benutzername", "anmeldename"),
        *("nom d'utilisateur", "nombre de usuario", "usuario", "identifiant de connexion"),
    ),
    "name": (
        *("student", "full name", "name", "student name", "display name", "sortable name", "user full name"),
        *("vollstandiger name", "teilnehmer/in", "nom complet", "nom et prenom", "nombre completo"),
        *("apellido(s) nombre", "nombre / apellido(s)", "prenom / nom", "vorname / nachname"),
        *("first name / last name", "first name / surname"),
    ),
    "first_name": ("first name", "given name", "firstname", "vorname", "prenom", "nombre", "nombre(s)"),
    "last_name": (
        *("last name", "surname", "family name", "lastname", "nachname", "familienname", "nom"),
        *("nom de famille", "apellido", "apellidos", "apellido(s)"),
    ),
    "email": (
        *("email", "e-mail", "email address", "e-mail address", "mail", "e-mail-adresse", "emailadresse"),
        *("adresse de courriel", "adresse e-mail", "courriel", "direccion de correo", "direccion email"),
        *("correo electronico", "direccion de correo electronico", "correo"),
    ),
    "section": ("section", "sections", "abschnitt", "sektion", "seccion"),
    "group": (
        *("group", "groups", "group name", "gruppe", "gruppen", "groupe", "groupes", "grupo", "grupos"),
        *("team", "equipe", "equipo"),
    ),
}
BEFORE = "sep="  # Excel's own first line
HEAD = """# Which column of the roster holds what. `course collect` reads this first.
# On the left one of: {fields}.
"""

Ask = Callable[[str, Sequence[str]], str | None]


@dataclass(frozen=True)
class Table:
    """A table of text: the names of its columns, and its rows by them."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


def read_table(path: Path) -> Table:
    """Read a CSV file in whatever encoding, with commas, semicolons or tabs. Raises ContentError."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ContentError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB, which no roster is.")
        text = decoded(path.read_bytes())
    except OSError as error:
        raise ContentError(f"{path} cannot be read: {error.strerror}.") from None
    if text[: len(BEFORE)].casefold() == BEFORE:
        text = text.partition("\n")[2]
    text = text.lstrip("\r\n")
    line = re.sub(r'"(?:[^"]|"")*"', "", text.partition("\n")[0])
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=line.count)))
    except csv.Error as error:
        raise ContentError(f"{path} is no table of comma-separated values: {error}.") from None
    rows = [[cell.strip() for cell in row] for row in rows if any(map(str.strip, row))]
    if len(rows) < 2 or "\0" in text:
        raise ContentError(f"{path} holds no table: a line of column names, and a line for each person.")
    if len(rows) > MAX_ROWS:
        raise ContentError(f"{path} has more than {MAX_ROWS:,} lines, which no roster has.")
    columns = tuple(rows[0])
    return Table(path, columns, tuple(dict(zip(columns, row, strict=False)) for row in rows[1:]))


def decoded(data: bytes) -> str:
    """The text of a file, composed (NFC): UTF-8 or UTF-16, with or without a mark, or Windows' encoding."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    elif b"\0" in data[:200]:
        encodings = ("utf-16-be" if data[:1] == b"\0" else "utf-16-le",)
    else:
        encodings = ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            return unicodedata.normalize("NFC", data.decode(encoding))
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def recognise(columns: Sequence[str]) -> dict[str, str]:
    """The column for each field that a known name stands for."""
    plain = {_plain(column): column for column in reversed(columns)}
    return {
        field: plain[name]
        for field, names in KNOWN.items()
        for name in [next((name for name in names if name in plain), "")]
        if name
    }


def _plain(name: str) -> str:
    split = unicodedata.normalize("NFD", name.casefold().replace("_", " "))
    return " ".join("".join(letter for letter in split if not unicodedata.combining(letter)).split())


def choose_columns(table: Table, remembered: Path, ask: Ask | None) -> dict[str, str]:
    """The column for each field: as remembered, or known; else asked for once, and remembered.

    `ask` is given what is looked for and the columns, and returns one or None; without it there is
    nobody to ask. Raises ContentError when nothing tells the people of the table apart.
    """
    said = read_remembered(remembered)
    if missing := [column for column in said.values() if column not in table.columns]:
        raise ContentError(
            f"{remembered} names the column {missing[0]!r}; {table.path} has only {_list(table)}."
        )
    own = [field for field in FIELDS if field != "name"]  # as grading/roster.csv has them
    known = {field: field for field in own} if set(own) <= set(table.columns) else recognise(table.columns)
    chosen = known | said
    if any(field in chosen for field in ENOUGH):
        return chosen
    if ask is None:
        raise ContentError(
            f"{table.path} has the columns {_list(table)}, and none is known to hold a name or an id: "
            f'write a line such as name = "{table.columns[0]}" into {remembered}.'
        )
    answers: dict[str, str] = {}
    for field, meaning in FIELDS.items():
        if field == "student" or (field in ("first_name", "last_name") and "name" in answers):
            continue
        if (column := ask(meaning, table.columns)) is not None and column in table.columns:
            answers[field] = column
    if not any(field in answers for field in ENOUGH):
        raise ContentError(f"{table.path} needs a column with a name, a login or an id.")
    lines = [f"{field} = {json.dumps(column, ensure_ascii=False)}\n" for field, column in answers.items()]
    write_whole(remembered, HEAD.format(fields=", ".join(FIELDS)) + "".join(lines))
    return chosen | answers


def read_remembered(path: Path) -> dict[str, str]:
    """The columns in the file that remembers them. Raises ContentError when it is damaged."""
    try:
        said: Mapping[str, object] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ContentError(f"{path} cannot be read ({error}): correct it, or delete it.") from None
    for field, column in said.items():
        if field not in FIELDS or not isinstance(column, str):
            raise ContentError(f"{path}: {field} is none of {', '.join(FIELDS)}, or has no text beside it.")
    return {field: str(column) for field, column in said.items()}


def _list(table: Table) -> str:
    return ", ".join(repr(column) for column in table.columns)
