"""Values as JSON and raw .npy bytes, and back: what can be written in a message.

Everything read may be hostile: sizes are checked before memory is taken, depth is bounded, and a
form that is not known raises ProtocolError. Nothing is ever unpickled.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any, Protocol

import numpy as np

MAX_BLOCK = 64_000_000  # bytes of all arrays of one message
MAX_DEPTH = 20  # of lists in lists
MAX_TEXT = 10_000  # characters of a name
MAX_BITS = 1000  # of a whole number
MAX_KEYS = 1000  # of a set or dictionary: numbers can be chosen that take long to tell apart
PLAIN: tuple[tuple[type, Callable[[Any], object]], ...] = ((float, float.__float__), (str, str.__str__))
NUMBERS = "biufc"  # the kinds of NumPy arrays that travel


class ProtocolError(Exception):
    """The other side does not keep to the protocol."""


class ValueTooLarge(Exception):
    """A value is larger than one message may be."""


@dataclass(frozen=True)
class Opaque:
    """Something that is no plain value; only the name of its type arrived."""

    type_name: str


@dataclass(frozen=True)
class Module:
    """A module on the other side: only its name arrived."""

    name: str


class Functions(Protocol):
    """Who knows the functions on both sides: a Peer."""

    def hand_over(self, function: Callable[..., object]) -> int:
        """A number by which the other side can call one of ours."""

    def handed_over(self, handle: object) -> Callable[..., object]:
        """Ours, by that number."""

    def theirs(self, handle: int, name: str, doc: str | None) -> Callable[..., object]:
        """A function of the other side."""

    def their_handle(self, function: object) -> int | None:
        """The number of a function of the other side, None if it is not one."""


class Block:
    """The bytes of a message's arrays. Each is read once, in order, so that none counts twice."""

    def __init__(self, data: bytes):
        self._data, self._read = memoryview(data), 0

    def take(self, start: int, size: int) -> memoryview:
        """The next array's bytes. Raises ProtocolError if they are not what comes next."""
        if start != self._read or not 0 <= size <= len(self._data) - start:
            raise ProtocolError("an array outside its message")
        self._read += size
        return self._data[start : start + size]


def encode(value: object, block: bytearray, functions: Functions, depth: int = 0) -> object:
    """value as JSON; the bytes of its arrays are appended to block. Raises ValueTooLarge."""
    if value is None or type(value) in (bool, str, float):
        return value
    if isinstance(value, int):  # of a subclass, only the number travels
        return int.__int__(value) if value.bit_length() <= MAX_BITS else {"opaque": "int"}
    if depth > MAX_DEPTH:
        return {"opaque": _name_of(type(value))}

    def inside(items: Iterable[object]) -> list[object]:
        return [encode(item, block, functions, depth + 1) for item in items]

    if isinstance(value, (np.ndarray, np.generic)):
        return _encode_array(value, block)
    for kind, plain in PLAIN:
        if isinstance(value, kind):
            return plain(value)
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    if type(value) is list:
        return inside(value)
    if isinstance(value, (dict, set, frozenset)) and len(value) > MAX_KEYS:
        raise ValueTooLarge(f"A {type(value).__name__} of {len(value)} is too large to be handed over.")
    if type(value) is tuple or type(value) is set or type(value) is frozenset:
        return {type(value).__name__: inside(value)}
    if type(value) is dict:
        return {"dict": [inside(pair) for pair in value.items()]}
    if isinstance(value, ModuleType):
        return {"module": _name_of(value)}
    if (handle := functions.their_handle(value)) is not None:
        return {"yours": handle}
    if callable(value):
        doc = getattr(value, "__doc__", None)
        doc = doc[:MAX_TEXT] if isinstance(doc, str) else None
        return {"function": [functions.hand_over(value), _name_of(value), doc]}
    return {"opaque": _name_of(type(value))}


def _name_of(thing: object) -> str:
    return str(getattr(thing, "__name__", "function"))[:MAX_TEXT]


def decode(node: object, block: Block, functions: Functions, depth: int = 0) -> object:
    """The value behind a piece of JSON.

    Raises ProtocolError, or the ValueError, TypeError, KeyError or IndexError that a wrong form leads to.
    """
    if not isinstance(node, (list, dict)):
        return node
    if depth > MAX_DEPTH + 1:
        raise ProtocolError("values nested too deeply")

    def inside(items: Iterable[object]) -> list[Any]:
        return [decode(item, block, functions, depth + 1) for item in items]

    if isinstance(node, list):
        return inside(node)
    ((kind, content),) = node.items()
    if kind in ("array", "scalar"):
        start, size = map(int, content)
        array = _read_npy(block.take(start, size))
        return array if kind == "array" else array[()]
    if kind in ("set", "frozenset", "dict") and len(content) > MAX_KEYS:
        raise ProtocolError(f"a {kind} that is too large")
    if kind in ("tuple", "set", "frozenset"):
        return {"tuple": tuple, "set": set, "frozenset": frozenset}[kind](inside(content))
    if kind == "dict":
        return dict(map(inside, content))
    if kind == "complex":
        return complex(*map(float, content))
    if kind == "yours":
        return functions.handed_over(content)
    if kind == "module":
        return Module(str(content)[:MAX_TEXT])
    if kind == "function":
        handle, name, doc = content
        doc = doc[:MAX_TEXT] if isinstance(doc, str) else None
        return functions.theirs(int(handle), str(name)[:MAX_TEXT], doc)
    if kind == "opaque":
        return Opaque(str(content)[:MAX_TEXT])
    raise ProtocolError(f"an unknown kind of value, {kind[:100]}")


def is_plain(value: object) -> bool:
    """True for numbers, text and arrays, and collections of them."""
    if isinstance(value, (list, tuple, set)):
        return all(map(is_plain, value))
    if isinstance(value, dict):
        return all(map(is_plain, (*value.keys(), *value.values())))
    return isinstance(value, (bool, int, float, complex, str, np.ndarray, np.generic))


# ------------------------------------------------------------------ arrays


def _encode_array(value: np.ndarray | np.generic, block: bytearray) -> object:
    array = np.asarray(value)  # of a subclass, only the numbers travel
    if array.dtype.kind not in NUMBERS:
        return {"opaque": f"array of {array.dtype}"[:MAX_TEXT]}
    if array.nbytes > MAX_BLOCK:
        raise ValueTooLarge(f"An array of {array.nbytes / 1e6:.0f} MB is too large to be handed over.")
    start = len(block)
    block += _npy_head(array.dtype.str, array.shape)
    block += array.tobytes()
    return {"array" if isinstance(value, np.ndarray) else "scalar": [start, len(block) - start]}


@lru_cache(maxsize=1000)
def _npy_head(dtype: str, shape: tuple[int, ...]) -> bytes:
    file = io.BytesIO()
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue()


def _read_npy(data: memoryview) -> np.ndarray:
    """One .npy file of numbers, its size checked against its header before memory is taken."""
    if bytes(data[:8]) != b"\x93NUMPY\x01\x00":
        raise ProtocolError("an array of another format")
    length = 10 + int.from_bytes(data[8:10], "little")
    shape, in_columns, dtype = _read_npy_head(bytes(data[:length]))
    if dtype.kind not in NUMBERS or any(n < 0 for n in shape):
        raise ProtocolError(f"an array of {dtype}")
    if math.prod(shape) * dtype.itemsize != len(data) - length:
        raise ProtocolError("an array shorter or longer than it says")
    flat = np.frombuffer(data[length:], dtype).copy()
    return flat.reshape(shape, order="F" if in_columns else "C")


@lru_cache(maxsize=1000)
def _read_npy_head(head: bytes) -> tuple[tuple[int, ...], bool, np.dtype]:
    try:
        return np.lib.format.read_array_header_1_0(io.BytesIO(head[8:]))
    except Exception as error:  # it is read as Python source, which fails in many ways
        raise ProtocolError(f"an array's header: {type(error).__name__}") from error
