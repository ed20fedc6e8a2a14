"""The outputs of a cell, as nbclient would have left them, from messages that may be hostile."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.problem_sets.json_text import count_values
from autograder.problem_sets.notebooks import plain_text
from autograder.problem_sets.pictures import all_fit, pixels

TIMEOUT_ERROR = "CellTimeoutError"
NOT_RUN, NOT_REACHED = "NotRun", "NotReached"  # names of errors too: what was stopped, and what came after
OURS = "application/vnd.course."  # media types that only test cells may show
MAX_OUTPUTS, MAX_ERROR_CHARACTERS = 200, 10_000  # of one cell
MAX_TOTAL = 10_000_000  # characters of one notebook
MAX_NESTED = 50  # lists in lists of JSON that is shown
VALUE, PIXELS = 50, 25  # a value of JSON counts as so many characters; so many pixels count as one
MAX_VALUES_SHOWN = 40_000  # of JSON in one output
TOO_LARGE = "What is too large to show is left out."
PICTURES_WITHIN = ("text/html", "text/markdown", "text/latex")

Content = dict[str, Any]  # of a kernel's message
Displays = dict[str, list[NotebookNode]]  # what is shown, by the id of a display


class Status(StrEnum):
    """How a notebook fared."""

    GRADED = "graded"
    TIMED_OUT = "timed-out"
    CRASHED = "crashed"
    UNREADABLE = "unreadable"  # it was not run
    MISSING = "missing"
    LOST = "lost"  # our own failure, which is no grade


def error_output(name: str, sentence: str) -> NotebookNode:
    """An error with one sentence instead of a traceback."""
    text = f"{name}: {sentence}".rstrip(": ")
    made: NotebookNode = nbformat.v4.new_output("error", ename=name, evalue=sentence, traceback=[text])
    return made


class Outputs:
    """Collects messages into a cell's list of outputs. What is malformed or too much is left out.

    per_cell and total are characters, of one cell and of the notebook from here on; what takes more
    than its length to read or to draw counts for more. `shown` are displays by their id: cells that
    share it may change each other's.
    """

    def __init__(
        self,
        per_cell: int,
        total: int = MAX_TOTAL,
        outputs: list[NotebookNode] | None = None,
        shown: Displays | None = None,
    ):
        self.outputs = [] if outputs is None else outputs
        self._per_cell, self._total, self._room = per_cell, total, min(total, per_cell)
        self._shown = {} if shown is None else shown
        self._clear_next = False
        self._full = False
        self._started_with = self._room

    def next_cell(self, outputs: list[NotebookNode], shown: Displays) -> Outputs:
        """The same for the next cell of the notebook, with what room is left."""
        return Outputs(self._per_cell, self._total - (self._started_with - self._room), outputs, shown)

    def add(self, kind: object, content: object, always: bool = False) -> None:
        """One message of a kernel's: its type and content. `always` keeps it, however much there is."""
        make = _KINDS.get(kind) if isinstance(kind, str) else None
        if make is None or not isinstance(content, dict):
            return
        if kind == "clear_output":
            self._clear_next = bool(content.get("wait"))
            if not self._clear_next:
                self._clear()
            return
        output = make(content)
        if output is None:
            return
        output = _as_text(output)
        if kind == "update_display_data":
            self._update(output, self._shown.get(_display_id(content) or "", []))
            return
        if self._clear_next:
            self._clear()
        self._append(output, _display_id(content), always)

    def add_error(self, name: str, sentence: str) -> None:
        """An error of ours, whatever there is already."""
        self.outputs.append(error_output(name, sentence))

    def has_error(self) -> bool:
        return any(output.output_type == "error" for output in self.outputs)

    def numbers(self) -> list[float]:
        """The results that read as numbers: nbgrader takes them for points."""
        found = []
        for output in self.outputs:
            if output.output_type == "execute_result":
                with contextlib.suppress(KeyError, ValueError, TypeError):
                    found.append(float(output.data["text/plain"]))
        return found

    def clear_results(self) -> None:
        """Leave only what was printed: a test that did not end has no result."""
        self.outputs[:] = [output for output in self.outputs if output.output_type == "stream"]

    def _clear(self) -> None:
        self.outputs.clear()
        self._clear_next = self._full = False

    def _update(self, output: NotebookNode, places: list[NotebookNode]) -> None:
        grows = len(places) * _size(output) - sum(map(_size, places))
        if grows > self._room:
            return
        self._room -= grows
        for shown in places:
            shown.data, shown.metadata = output.data, output.metadata

    def _append(self, output: NotebookNode, display_id: str | None, always: bool) -> None:
        if self._full and not always:
            return
        last = self.outputs[-1] if self.outputs else None
        goes_on = last and last.output_type == output.output_type == "stream" and last.name == output.name
        size = _length(output.text) if goes_on else _size(output)
        fits = size <= self._room and (goes_on or len(self.outputs) < MAX_OUTPUTS)
        if not (fits or always):
            self._leave_out(output)
            return
        self._room -= size
        if last and goes_on:
            last.text += output.text
        else:
            self.outputs.append(output)
        if display_id is not None:
            self._shown.setdefault(display_id, []).append(output)

    def _leave_out(self, output: NotebookNode) -> None:
        """Keep of printed text what there is room for, and say once that there was more."""
        self._full = True
        if output.output_type == "stream" and len(self.outputs) < MAX_OUTPUTS:
            text, output.text = output.text, ""
            output.text = text[: max(0, self._room - _size(output))]
            while output.text and _size(output) > self._room:  # characters that are spelled as several
                output.text = output.text[: len(output.text) * 3 // 4]
            if output.text:
                self._append(output, None, always=True)
        self.outputs.append(_text("stdout", "\n… the rest of the output is left out."))


def _as_text(value: Any) -> Any:
    """The same with every string as text that files can hold: halves of surrogate pairs are none."""
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, dict):
        return type(value)({_as_text(name): _as_text(part) for name, part in value.items()})
    return [_as_text(part) for part in value] if isinstance(value, list) else value


def _length(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False))


def _size(output: NotebookNode) -> int:
    """What an output counts for: its characters, its values, and the pixels of its pictures."""
    text = json.dumps(output, ensure_ascii=False)
    drawn = sum(
        pixels(media, data) or 0 for media, data in output.get("data", {}).items() if "image/" in media
    )
    return len(text) + VALUE * count_values(text, len(text)) + drawn // PIXELS


def _is_flat(value: object, depth: int = MAX_NESTED) -> bool:
    """Whether JSON is nested no deeper than programs that read notebooks can follow."""
    if not isinstance(value, (list, dict)):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(_is_flat(part, depth - 1) for part in inner)


def _can_be_shown(media: str, value: object) -> bool:
    """Whether an output is no larger than what reads notebooks can follow, and browsers draw."""
    if not isinstance(value, str):
        return not media.startswith("image/") and _is_short(value)
    if media.startswith("image/"):
        return pixels(media, value) is not None
    return media not in PICTURES_WITHIN or all_fit(value)


def _is_short(value: object) -> bool:
    """Whether JSON is neither long nor deep; what is long is not made into objects to find out."""
    try:
        count_values(json.dumps(value), MAX_VALUES_SHOWN)
    except (ValueError, RecursionError):
        return False
    return _is_flat(value)


def _text(name: str, text: str) -> NotebookNode:
    made: NotebookNode = nbformat.v4.new_output("stream", name=name, text=text)
    return made


def _stream(content: Content) -> NotebookNode | None:
    name, text = content.get("name"), content.get("text")
    return _text(name, text) if name in ("stdout", "stderr") and isinstance(text, str) and text else None


def _display(kind: str) -> Callable[[Content], NotebookNode | None]:
    def make(content: Content) -> NotebookNode | None:
        data, metadata = content.get("data"), content.get("metadata") or {}
        if not isinstance(data, dict) or not isinstance(metadata, dict):
            return None
        said = {
            media: value for media, value in data.items() if isinstance(value, str) or media.endswith("json")
        }
        metadata = metadata if _is_short(metadata) else {}
        kept = {media: value for media, value in said.items() if _can_be_shown(media, value)}
        if len(kept) < len(said):
            kept["text/plain"] = TOO_LARGE
        output: NotebookNode = nbformat.v4.new_output(kind, data=nbformat.from_dict(kept))
        output.metadata = nbformat.from_dict(metadata)
        if kind == "execute_result":
            count = content.get("execution_count")
            output.execution_count = count if type(count) is int else None
        return output

    return make


def _error(content: Content) -> NotebookNode | None:
    name, value, traceback = (content.get(part) for part in ("ename", "evalue", "traceback"))
    if not isinstance(name, str) or not isinstance(value, str) or not isinstance(traceback, list):
        return None
    lines = [line[:MAX_ERROR_CHARACTERS] for line in traceback[:100] if isinstance(line, str)]
    made: NotebookNode = nbformat.v4.new_output(
        "error", ename=name[:200], evalue=value[:MAX_ERROR_CHARACTERS], traceback=lines
    )
    return made


def _display_id(content: Content) -> str | None:
    transient = content.get("transient")
    found = transient.get("display_id") if isinstance(transient, dict) else None
    return found if isinstance(found, str) else None


_KINDS: dict[str, Callable[[Content], NotebookNode | None]] = {
    "stream": _stream,
    "display_data": _display("display_data"),
    "update_display_data": _display("display_data"),
    "execute_result": _display("execute_result"),
    "error": _error,
    "clear_output": lambda content: None,
}
