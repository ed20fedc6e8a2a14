"""What crosses the boundary arrives as it was, or as something that no check accepts."""

import json
import math
import sys
import time
import types
from collections import OrderedDict

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.running.inside import values
from autograder.running.inside.values import (
    Module,
    Opaque,
    ProtocolError,
    ValueTooLarge,
    decode,
    encode,
    is_plain,
)


class NoFunctions:
    """For conversations without functions."""

    def hand_over(self, function):
        return 7

    def handed_over(self, handle):
        raise ProtocolError("no such function")

    def theirs(self, handle, name, doc):
        return ("function", handle, name, doc)

    def their_handle(self, function):
        return None


def across(value):
    """value after a journey through the JSON and the bytes of a message."""
    block = bytearray()
    text = json.dumps(encode(value, block, NoFunctions())).encode()
    return decode(json.loads(text), values.Block(bytes(block)), NoFunctions())


def same(a, b):
    """Equal in type, in value, and in the sign of zero; not-a-number equals itself."""
    if type(a) is not type(b):
        return False
    if isinstance(a, (np.ndarray, np.generic)):
        equal = np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
        return a.dtype == b.dtype and a.shape == b.shape and equal
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return same(list(a.items()), list(b.items()))
    return a == b


small_ints = st.integers(-(2**values.MAX_BITS) + 1, 2**values.MAX_BITS - 1)
texts = st.text(st.characters(codec=None, categories=None))  # halves of surrogate pairs among them
plain = st.none() | st.booleans() | small_ints | st.floats() | texts | st.complex_numbers(allow_nan=False)
dtypes = hnp.scalar_dtypes().filter(lambda dtype: dtype.kind in values.NUMBERS)
arrays = hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
leaves = plain | arrays | arrays.filter(lambda a: a.size).map(lambda a: a.ravel()[0])
nested = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(small_ints | texts | st.tuples(small_ints, texts), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(nested)
@example(-0.0)
@example([math.nan, math.inf, -math.inf])
@example("\ud83d")
@example({"opaque": "int", "array": [0, 1]})
@example((np.float32(1) / 3, np.array(2.0), np.zeros((0, 3)), np.array([1 + 2j])))
def test_plain_values_arrive_as_they_were(value):
    assert same(across(value), value)


@given(st.sets(small_ints | texts))
def test_sets_arrive_as_they_were(value):
    assert across(value) == value
    assert across(frozenset(value)) == frozenset(value)


@pytest.mark.parametrize("code", np.typecodes["All"])
def test_every_kind_of_number_of_numpy(code):
    array = np.zeros((2, 3), code)
    arrived = across(array)
    if array.dtype.kind in values.NUMBERS:
        assert same(arrived, array) and across(array[0, 0]).dtype == array.dtype
    else:
        assert isinstance(arrived, Opaque)


def test_memory_layout_does_not_matter():
    matrix = np.arange(12.0).reshape(3, 4)
    frozen = matrix.copy()
    frozen.flags.writeable = False
    for array in (np.asfortranarray(matrix), matrix.T, matrix[::-1, ::2], frozen, matrix.astype(">f8")):
        arrived = across(array)
        assert same(arrived, array) and arrived.flags.writeable


def test_an_array_that_arrives_shares_no_memory_with_its_message():
    first, second = across([np.ones(3), np.ones(3)])
    first[:] = 5
    assert second.tolist() == [1, 1, 1]


class Text(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class Whole(int):
    pass


class Real(float):
    def __float__(self):
        return 99.0


class Liar(np.ndarray):
    def __array__(self, *args, **kwargs):
        raise RuntimeError

    def tobytes(self, *args):
        raise RuntimeError


@pytest.mark.parametrize(
    "value, arrived",
    [
        (Text("a"), "a"),
        (Whole(3), 3),
        (Real(0.5), 0.5),
        (np.arange(3.0).view(Liar), np.arange(3.0)),
        (np.ma.masked_array([1.0, 2.0], mask=[True, False]), np.array([1.0, 2.0])),
    ],
)
def test_of_a_subclass_only_the_number_or_text_arrives(value, arrived):
    assert same(across(value), arrived)


@pytest.mark.parametrize(
    "value, name",
    [
        (2**values.MAX_BITS, "int"),
        (object(), "object"),
        (b"bytes", "bytes"),
        (OrderedDict(a=1), "OrderedDict"),
        (range(3), "range"),
        (np.array([object()]), "array of object"),
        (np.array([None, 1]), "array of object"),
        (np.zeros(2, [("a", float)]), "array of [('a', '<f8')]"),
        (np.array(["text"]), "array of <U4"),
        (np.array(["2026-11-23"], "M8[D]"), "array of datetime64[D]"),
    ],
)
def test_anything_else_arrives_as_the_name_of_its_type(value, name):
    assert across(value) == Opaque(name)
    assert across([value, 1]) == [Opaque(name), 1]
    assert not is_plain(across(value))


def nest(depth, leaf=1):
    value = leaf
    for _ in range(depth):
        value = [value]
    return value


def test_nesting_has_a_bound():
    deepest = nest(values.MAX_DEPTH + 1)
    assert same(across(deepest), deepest)
    assert across(nest(values.MAX_DEPTH + 1, [1])) == nest(values.MAX_DEPTH + 1, Opaque("list"))
    own = []
    own.append(own)
    across(own)  # it ends
    with pytest.raises(ProtocolError, match="too deeply"):
        decode(nest(values.MAX_DEPTH + 2, []), values.Block(b""), NoFunctions())


def test_an_array_that_is_too_large_is_refused_before_it_is_copied():
    huge = np.broadcast_to(0.0, (10**6, 10**6))  # eight terabytes, if it were copied
    with pytest.raises(ValueTooLarge, match="MB is too large"):
        across(huge)


@pytest.mark.long
def test_many_numbers_take_time_in_proportion():
    began = time.perf_counter()
    losses = [np.float64(k) for k in range(50_000)]
    assert same(across(losses), losses)
    assert time.perf_counter() - began < 15  # half a second; a minute when the block is summed each time


def test_modules_and_functions_are_names():
    assert across(math) == Module("math")
    assert across(types.ModuleType("x" * 20_000)) == Module("x" * values.MAX_TEXT)
    assert across(math.hypot)[:3] == ("function", 7, "hypot")


# ------------------------------------------------------------------ what is malformed


def npy(header, data=b""):
    head = header.encode("latin1")
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + data


def array_node(content):
    return {"array": [0, len(content)]}, content


MALFORMED_ARRAYS = {
    "no magic": b"PK\x03\x04 and so on, long enough",
    "another version": b"\x93NUMPY\x02\x00\x00\x00",
    "a pickle": npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", b"cos\nsystem\n(S'true'\ntR."),
    "structured": npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}", bytes(8)),
    "a record of objects": npy("{'descr': [('a', '|O')], 'fortran_order': False, 'shape': (1,)}", bytes(8)),
    "subarrays": npy("{'descr': ('<f8', (2,)), 'fortran_order': False, 'shape': (1,)}", bytes(16)),
    "text": npy("{'descr': '<U2', 'fortran_order': False, 'shape': (1,)}", bytes(8)),
    "too short": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", bytes(8)),
    "too long": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", bytes(16)),
    "huge": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999, 99999999)}"),
    "negative": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", bytes(8)),
    "two negatives": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -1)}", bytes(8)),
    "empty and huge": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (0, 10**30)}"),
    "fractions": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (0.5,)}", bytes(4)),
    "no shape": npy("{'descr': '<f8', 'fortran_order': False}"),
    "not Python": npy("{'descr': "),
    "code": npy("__import__('os').getpid()"),
    "deep": npy("(" * 5000),
    "minuses": npy("-" * 9000 + "1"),
    "much": npy("[" + "1," * 4990 + "]"),
    "letters of another alphabet": npy("{'descr': '\xff\xfe', 'fortran_order': False, 'shape': ()}"),
    "Python 2": npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1L,)}", bytes(16)),
    "64 dimensions and more": npy(
        f"{{'descr': '<f8', 'fortran_order': False, 'shape': {(1,) * 70}}}", bytes(8)
    ),
    "header outside": b"\x93NUMPY\x01\x00\xff\xff{}",
    "empty": b"",
}
REFUSED = (ProtocolError, ValueError, TypeError, KeyError, IndexError)


@pytest.mark.parametrize("content", MALFORMED_ARRAYS.values(), ids=MALFORMED_ARRAYS)
def test_malformed_arrays_are_refused(content):
    node, block = array_node(content)
    with pytest.raises(REFUSED):
        decode(node, values.Block(block), NoFunctions())


@pytest.mark.parametrize(
    "place",
    [[-1, 5], [0, 10**9], [5, -3], [10**30, 10**30], [0], [0, 1, 2], ["a", "b"], None, 3, [None, None]],
)
def test_an_array_outside_its_message_is_refused(place):
    with pytest.raises(REFUSED):
        decode({"array": place}, values.Block(bytes(100)), NoFunctions())


@pytest.mark.parametrize(
    "node",
    [
        {},
        {"a": 1, "b": 2},
        {"pickle": "x"},
        {"dict": 5},
        {"dict": [[1]]},
        {"dict": [[[], 1]]},
        {"set": [[1]]},
        {"complex": [1, 2, 3]},
        {"complex": ["a"]},
        {"function": []},
        {"function": ["a", "b", "c"]},
        {"yours": 0},
        {"tuple": 5},
    ],
    ids=str,
)
def test_forms_that_are_not_known_are_refused(node):
    with pytest.raises(REFUSED):
        decode(node, values.Block(b""), NoFunctions())


KINDS = [
    "array",
    "scalar",
    "tuple",
    "set",
    "frozenset",
    "dict",
    "complex",
    "yours",
    "module",
    "function",
    "opaque",
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "array",
                    "scalar",
                    "tuple",
                    "set",
                    "dict",
                    "complex",
                    "yours",
                    "module",
                    "function",
                    "opaque",
                ]
            ),
            inner,
            max_size=1,
        )
    ),
    max_leaves=10,
)


@given(json_values, st.binary(max_size=64))
def test_any_json_is_decoded_or_refused(node, block):
    try:
        decode(node, values.Block(block), NoFunctions())
    except (*REFUSED, OverflowError):
        pass


def test_an_opaque_value_is_accepted_by_no_check():
    from autograder.gradcheck import gradient_check

    shaped_like_one = Opaque("Gradient")
    assert not gradient_check(lambda x: float(np.sum(x**2)), lambda x: shaped_like_one, np.ones(3)).passed


def test_reading_a_value_imports_and_executes_nothing():
    before = set(sys.modules)
    decode({"module": "antigravity"}, values.Block(b""), NoFunctions())
    assert set(sys.modules) == before
