"""The messages between a student's process and the examiner, and nothing else.

A message is two lengths, one piece of JSON and one block of bytes: see values.py. Both sides
speak through a `Peer`: each asks the other by name and serves what it is asked meanwhile, so that
functions can be passed both ways.

What a student's process sends may be hostile. Everything received is bounded in size, depth and
time, and anything malformed raises ProtocolError.
"""

from __future__ import annotations

import builtins
import contextlib
import json
import math
import signal
import socket
import struct
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TypeGuard, cast

import numpy as np

from .values import MAX_BLOCK, MAX_TEXT, Block, ProtocolError, ValueTooLarge, decode, encode

HEADER = struct.Struct(">II")
MAX_JSON = 16_000_000  # bytes of the JSON of one message


class Closed(Exception):
    """The other side has gone."""


class DeadlinePassed(Exception):
    """No answer came in time. Not a TimeoutError: those are a function's own to raise."""


class RemoteError(Exception):
    """What the other side's function raised; `names` are the classes, the exception's own first."""

    def __init__(self, names: tuple[str, ...], message: str):
        super().__init__(message)
        self.names = names

    def as_local(self) -> Exception:
        """An exception as it would be without two sides: same name, same text, caught alike."""
        known = {**vars(builtins), "LinAlgError": np.linalg.LinAlgError}
        parents = (known.get(name) for name in self.names)
        parent = next((kind for kind in parents if _is_exception(kind)), Exception)
        name = self.names[0] if self.names[0].isidentifier() else "Exception"
        message = str(self)
        kind = cast("type[Exception]", type(name, (parent,), {"__str__": lambda _: message}))
        return kind.__new__(kind)


def _is_exception(kind: object) -> TypeGuard[type[Exception]]:
    """True for what can be raised with nothing but a text."""
    return isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, ExceptionGroup)


def _no_longer_lent(*args: object, **kwargs: object) -> object:
    raise ReferenceError("This function was lent for one test, and that test is over.")


class RemoteFunction:
    """A function that lives on the other side. Calling it asks there.

    sources are the cells it may be written in, and lend lets it find other functions under some names for
    a while, where somebody has said so.
    """

    sources: tuple[str, ...] = ()
    lend: Callable[[Mapping[str, Callable[..., object]]], AbstractContextManager[None]] | None = None

    def __init__(self, peer: Peer, handle: int, name: str, doc: str | None):
        self.peer, self.handle = peer, handle
        self.__name__ = self.__qualname__ = name
        self.__doc__ = doc

    def __call__(self, *args: object, **kwargs: object) -> object:
        return self.peer.call(self.handle, args, kwargs)

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"


class Peer:
    """One end of the conversation.

    services maps what the other side may ask for to functions of the decoded values. on_event gets
    what it sends without waiting for an answer. `deadline`, in time.monotonic(), bounds every wait.
    Exceptions in `not_answered` end the conversation; all others are an answer to who asked.
    """

    not_answered: tuple[type[BaseException], ...] = (ProtocolError, Closed, DeadlinePassed)

    def __init__(
        self,
        connection: socket.socket,
        services: Mapping[str, Callable[..., object]] | None = None,
        on_event: Callable[[str], None] = lambda text: None,
    ):
        self.connection = connection
        self.services = {"call": self.serve_call, **(services or {})}
        self.on_event = on_event
        self.deadline = math.inf
        self._received = bytearray()  # of a message that is not complete yet
        self._sending = threading.Lock()  # a student's threads print too
        self._handed_over: dict[int, Callable[..., object]] = {}
        self._handles: dict[int, int] = {}
        self._given = 0  # numbers so far; none is used again, so that an old one means nothing

    # -------------------------------------------------------------- asking and serving

    def ask(self, what: str, *values: object) -> object:
        """Ask the other side for `what`; its answer. Raises RemoteError when that raised.

        After DeadlinePassed, `wait` goes on waiting for the same answer.
        """
        self._send("ask", what, values)
        return self.wait()

    def wait(self) -> object:
        """The answer to what was asked last; what the other side asks meanwhile is served."""
        while True:
            kind, name, values = self._receive()
            if kind == "answer":
                return values[0] if values else None
            if kind == "error":
                raise RemoteError(*_error_parts(values))
            self._serve(kind, name, values)

    def call(self, handle: int, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
        """Call a function of the other side; arrays and lists it changes are changed here too.

        What it raises is raised here, as an exception of the same name.
        """
        return self.told(lambda: self.ask("call", handle, list(args), kwargs), args, kwargs)

    def told(
        self, answer: Callable[[], object], args: tuple[object, ...], kwargs: dict[str, object]
    ) -> object:
        """What a call with these arguments gave, as the answer of the other side says."""
        try:
            value, changed = _pair(answer())
        except RemoteError as error:
            raise error.as_local() from None
        arguments = _by_place(args, kwargs)
        if not isinstance(changed, dict) or not changed.keys() <= arguments.keys():
            raise ProtocolError("a change of something else")
        for place, content in changed.items():
            _overwrite(arguments[place], content)
        return value

    def serve(self) -> None:
        """Answer the other side until it closes the connection."""
        try:
            while True:
                self._serve(*self._receive())
        except Closed:
            return

    def event(self, text: str) -> None:
        """Tell something, without an answer."""
        self._send("event", "", (text,))

    def _serve(self, kind: str, name: str, values: list[object]) -> None:
        if kind == "event" and len(values) == 1 and isinstance(values[0], str):
            return self.on_event(values[0])
        if kind != "ask" or name not in self.services:
            raise ProtocolError(f"unexpected {kind} {name}")
        answer: tuple[str, str, tuple[object, ...]]
        try:
            answer = ("answer", "", (self.services[name](*values),))
        except self.not_answered:
            raise
        except BaseException as error:
            answer = ("error", "", _describe_error(error))
        try:
            self._send(*answer)
        except ValueTooLarge as error:
            self._send("error", "", _describe_error(error))
        return None

    def serve_call(
        self, handle: object, args: object, kwargs: object
    ) -> tuple[object, dict[int | str, object]]:
        """Call a function handed over before: its value, and what the arguments hold now that changed."""
        if not isinstance(args, list) or not isinstance(kwargs, dict):
            raise ProtocolError("a call without arguments")
        function = self.handed_over(handle)
        watched = {
            place: value
            for place, value in _by_place(args, kwargs).items()
            if isinstance(value, (np.ndarray, list))
        }
        before = {place: _snapshot(value) for place, value in watched.items()}
        value = function(*args, **kwargs)
        return value, {place: v for place, v in watched.items() if _snapshot(v) != before[place]}

    # -------------------------------------------------------------- the wire

    def _send(self, kind: str, name: str, values: tuple[object, ...]) -> None:
        block = bytearray()
        content = [kind, name, [encode(value, block, self) for value in values]]
        text = json.dumps(content).encode()
        if len(text) > MAX_JSON or len(block) > MAX_BLOCK:
            raise ValueTooLarge("The value is too large to be handed over.")
        time_left = self._time_left()
        with self._sending, _uninterrupted():  # half a message cannot be taken back
            left = memoryview(HEADER.pack(len(text), len(block)) + text + block)
            try:
                while True:
                    self.connection.settimeout(time_left)
                    with contextlib.suppress(TimeoutError):
                        left = left[self.connection.send(left) :]
                    if not left:
                        return
                    time_left = self._time_left()
            except (DeadlinePassed, ConnectionError) as error:
                raise Closed from error

    def _receive(self) -> tuple[str, str, list[object]]:
        self._fill(HEADER.size)
        text_size, data_size = HEADER.unpack_from(self._received)
        if text_size > MAX_JSON or data_size > MAX_BLOCK:
            raise ProtocolError("a message that is too large")
        end = HEADER.size + text_size + data_size
        self._fill(end)
        text = bytes(self._received[HEADER.size : HEADER.size + text_size])
        block = Block(bytes(self._received[HEADER.size + text_size : end]))
        del self._received[:end]
        try:
            kind, name, values = json.loads(text)
            if not (isinstance(kind, str) and isinstance(name, str) and isinstance(values, list)):
                raise ProtocolError("a message of another form")
            return kind, name, [decode(value, block, self) for value in values]
        except ProtocolError:
            raise
        except (LookupError, ValueError, TypeError, RecursionError, OverflowError, MemoryError) as error:
            raise ProtocolError(f"{type(error).__name__}: {error}"[:MAX_TEXT]) from error

    def _fill(self, size: int) -> None:
        while len(self._received) < size:
            self.connection.settimeout(self._time_left())
            try:
                part = self.connection.recv(1 << 16 if size < 1 << 16 else 1 << 20)
            except TimeoutError:
                continue
            except ConnectionError as error:
                raise Closed from error
            if not part:
                raise Closed
            self._received += part

    def _time_left(self) -> float | None:
        if self.deadline == math.inf:
            return None
        while (left := self.deadline - time.monotonic()) <= 0:
            self.pass_deadline()
        return left

    def pass_deadline(self) -> None:
        """Raise DeadlinePassed; or who knows better puts the deadline off."""
        raise DeadlinePassed

    # -------------------------------------------------------------- functions, both ways

    def hand_over(self, function: Callable[..., object]) -> int:
        """A number by which the other side can call one of ours."""
        if id(function) not in self._handles:
            self._handles[id(function)], self._handed_over[self._given] = self._given, function
            self._given += 1
        return self._handles[id(function)]

    def handed_over(self, handle: object) -> Callable[..., object]:
        """Ours, by that number; one that was forgotten says so when it is called. Raises ProtocolError."""
        if type(handle) is not int or not 0 <= handle < self._given:
            raise ProtocolError("no such function")
        return self._handed_over.get(handle, _no_longer_lent)

    def theirs(self, handle: int, name: str, doc: str | None) -> RemoteFunction:
        """A function of the other side."""
        return RemoteFunction(self, handle, name, doc)

    def their_handle(self, function: object) -> int | None:
        """The number of a function of the other side, None if it is not one."""
        if isinstance(function, RemoteFunction) and function.peer is self:
            return function.handle
        return None

    def forget_functions(self) -> None:
        """Drop every function handed over so far, so that it cannot be called any more."""
        self._handed_over.clear()
        self._handles.clear()


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let an interrupt wait until this is done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# ------------------------------------------------------------------ arguments that change


def _by_place(args: Sequence[object], kwargs: Mapping[str, object]) -> dict[int | str, object]:
    places: list[tuple[int | str, object]] = [*enumerate(args), *kwargs.items()]
    return dict(places)


def _snapshot(value: object) -> object:
    """Something to compare later: what an argument held before a call."""
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, value.tobytes()
    if isinstance(value, list):
        return tuple(map(_snapshot, value))
    return repr(value)


def _overwrite(mine: object, content: object) -> None:
    """Let `mine` hold what the other side's copy of it holds now."""
    if isinstance(mine, np.ndarray) and isinstance(content, np.ndarray):
        if mine.shape != content.shape and mine.size == content.size:
            with warnings.catch_warnings():  # NumPy's remark is for whoever wrote the function
                warnings.simplefilter("ignore", DeprecationWarning)
                mine.shape = content.shape
        if mine.shape == content.shape and np.can_cast(content.dtype, mine.dtype):
            mine[...] = content
    elif isinstance(mine, list) and isinstance(content, list):
        mine[:] = content


def _pair(value: object) -> tuple[object, object]:
    if not isinstance(value, tuple) or len(value) != 2:
        raise ProtocolError("an answer of another form")
    return value


# ------------------------------------------------------------------ errors


def _describe_error(error: BaseException) -> tuple[list[str], str]:
    names = [kind.__name__[:MAX_TEXT] for kind in type(error).__mro__[:20]]
    try:
        message = str(error)[:MAX_TEXT]
    except Exception:  # a student's exception may not even have a text
        message = ""
    return names, message


def _error_parts(values: list[object]) -> tuple[tuple[str, ...], str]:
    names, message = values if len(values) == 2 else (None, None)
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise ProtocolError("an error without a name")
    if not isinstance(message, str):
        raise ProtocolError("an error without a text")
    return tuple(name[:MAX_TEXT] for name in names[:40]), message[:MAX_TEXT]
