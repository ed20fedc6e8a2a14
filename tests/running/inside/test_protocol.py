"""Two sides of a real connection: asking, calling both ways, deadlines, and nonsense on the wire."""

import contextlib
import json
import signal
import socket
import threading
import time
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from autograder.running.inside.protocol import (
    HEADER,
    MAX_JSON,
    Closed,
    DeadlinePassed,
    Peer,
    RemoteError,
    RemoteFunction,
)
from autograder.running.inside.values import MAX_BLOCK, Opaque, ProtocolError


@contextlib.contextmanager
def conversation(**services):
    """A peer that asks, while another serves in a thread of its own."""
    mine, theirs = socket.socketpair()
    asking, serving = Peer(mine), Peer(theirs, services)
    thread = threading.Thread(target=serving.serve)
    thread.start()
    try:
        yield asking, serving
    finally:
        mine.close()
        thread.join(10)
        theirs.close()
        assert not thread.is_alive()


def giving(function):
    """A conversation in which asking for `it` gives a function."""
    return conversation(it=lambda: function)


def test_asking_and_answering():
    with conversation(add=lambda a, b: a + b) as (peer, _):
        assert peer.ask("add", 1, 2) == 3
        assert peer.ask("add", np.ones(2), 1.0).tolist() == [2.0, 2.0]
        with pytest.raises(RemoteError, match="unsupported operand") as caught:
            peer.ask("add", 1, "a")
        assert caught.value.names[:2] == ("TypeError", "Exception")


def test_a_function_is_called_where_it_lives():
    with giving(lambda x, scale=1: scale * x.sum()) as (peer, _):
        total = peer.ask("it")
        assert isinstance(total, RemoteFunction) and total.__name__ == "<lambda>"
        assert total(np.arange(4.0)) == 6 and total(np.arange(4.0), scale=2) == 12


def test_functions_go_both_ways():
    def derivative(f, x, h=1e-6):
        return (f(x + h) - f(x - h)) / (2 * h)

    with giving(derivative) as (peer, _):
        seen = []
        slope = peer.ask("it")(lambda x: seen.append(x) or x**2, 3.0)
        assert slope == pytest.approx(6) and len(seen) == 2


def test_a_function_that_went_and_came_back_is_itself():
    with giving(lambda f: f) as (peer, _):
        there_and_back, mine = peer.ask("it"), lambda x: x
        assert there_and_back(mine) is mine
        assert there_and_back(there_and_back)(there_and_back) is not None


def test_functions_call_each_other_to_some_depth():
    with giving(lambda f, n: 0 if n == 0 else 1 + f(n - 1)) as (peer, _):
        theirs = peer.ask("it")

        def mine(n):
            return theirs(mine, n)

        assert mine(20) == 20


@pytest.mark.parametrize(
    "error, caught_as",
    [
        (ValueError("no"), ValueError),
        (KeyError("no"), KeyError),
        (TimeoutError("no"), TimeoutError),
        (np.linalg.LinAlgError("no"), np.linalg.LinAlgError),
        (type("Odd", (ZeroDivisionError,), {})("no"), ZeroDivisionError),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no"), UnicodeDecodeError),
        (ExceptionGroup("no", [ValueError("inside")]), Exception),
        (SystemExit("no"), Exception),
        (GeneratorExit("no"), Exception),
        (KeyboardInterrupt("no"), Exception),
        (type("Sly", (BaseException,), {})("no"), Exception),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else value.__name__,
)
def test_an_exception_is_raised_by_its_name(error, caught_as):
    def fail():
        raise error

    with giving(fail) as (peer, _):
        for _ in range(2):  # the conversation goes on
            with pytest.raises(caught_as) as caught:
                peer.ask("it")()
            assert type(caught.value).__name__ == type(error).__name__
            assert str(caught.value) == str(error)


def test_an_exception_that_crosses_twice_is_caught_on_the_way_and_at_the_end():
    def careful(f):
        try:
            return f()
        except ValueError as error:
            return f"caught: {error}"

    def mine():
        raise ValueError("mine")

    with giving(careful) as (peer, _):
        assert peer.ask("it")(mine) == "caught: mine"
    with giving(lambda f: f()) as (peer, _), pytest.raises(ValueError, match="mine"):
        peer.ask("it")(mine)


class Mute(Exception):
    def __str__(self):
        raise RuntimeError


def test_an_exception_without_a_text():
    def fail():
        raise Mute

    with giving(fail) as (peer, _), pytest.raises(Exception, match=r"^$") as caught:
        peer.ask("it")()
    assert type(caught.value).__name__ == "Mute"


# ------------------------------------------------------------------ arguments that change


def test_arguments_that_change_there_change_here():
    def spoil(x, items, scale=None):
        x[0] = 9
        items.append(4)
        if scale is not None:
            scale *= 2
        return x[0]

    with giving(spoil) as (peer, _):
        x, items, scale = np.ones(2), [1.5], np.ones(1)
        assert peer.ask("it")(x, items, scale=scale) == 9
        assert x.tolist() == [9, 1] and items == [1.5, 4] and scale.tolist() == [2]


def test_a_shape_that_changes_there_changes_here():
    def reshape(x):
        with warnings.catch_warnings():  # NumPy advises against it; a student may do it all the same
            warnings.simplefilter("ignore", DeprecationWarning)
            x.shape = (-1, 1)

    with giving(reshape) as (peer, _):
        x = np.ones(3)
        peer.ask("it")(x)
        assert x.shape == (3, 1)


def test_a_read_only_argument_cannot_be_changed():
    def spoil(x):
        x[0] = 9

    with giving(spoil) as (peer, _):
        x = np.ones(2)
        x.flags.writeable = False
        with pytest.raises(ValueError, match="read-only"):
            peer.ask("it")(x)
        assert x.tolist() == [1, 1]


# ------------------------------------------------------------------ values that do not fit


def test_a_value_that_is_too_large_is_an_error_and_the_conversation_goes_on():
    with conversation(big=lambda: np.zeros(MAX_BLOCK), long=lambda: "x" * MAX_JSON, one=lambda: 1) as (p, _):
        for what in ("big", "long"):
            with pytest.raises(RemoteError, match="too large"):
                p.ask(what)
        assert p.ask("one") == 1


def test_what_is_no_plain_value_arrives_opaque():
    with conversation(it=object) as (peer, _):
        assert peer.ask("it") == Opaque("object")


# ------------------------------------------------------------------ time


def test_a_deadline_ends_the_waiting_and_the_answer_can_still_come():
    go_on = threading.Event()

    def slow():
        go_on.wait(20)
        return "late"

    with conversation(slow=slow, one=lambda: 1) as (peer, _):
        peer.deadline = time.monotonic() + 0.05
        with pytest.raises(DeadlinePassed):
            peer.ask("slow")
        go_on.set()
        peer.deadline = time.monotonic() + 20
        assert peer.wait() == "late"
        assert peer.ask("one") == 1


def test_an_answer_that_comes_in_pieces_survives_a_deadline_in_between():
    mine, theirs = socket.socketpair()
    with mine, theirs:
        peer = Peer(mine)
        text = json.dumps(["answer", "", ["whole"]]).encode()
        message = HEADER.pack(len(text), 0) + text
        for place in range(len(message)):
            theirs.sendall(message[:place])
            peer.deadline = time.monotonic() + 0.002
            with pytest.raises(DeadlinePassed):
                peer.ask("anything")
            theirs.sendall(message[place:])
            peer.deadline = time.monotonic() + 20
            assert peer.wait() == "whole"


def test_a_deadline_that_has_passed_is_noticed_before_anything_is_sent():
    mine, theirs = socket.socketpair()
    with mine, theirs:
        peer = Peer(mine)
        peer.deadline = time.monotonic() - 1
        with pytest.raises(DeadlinePassed):
            peer.ask("anything")
        theirs.setblocking(False)
        with pytest.raises(BlockingIOError):
            theirs.recv(1)


def test_the_other_side_may_leave():
    mine, theirs = socket.socketpair()
    theirs.close()
    with mine, pytest.raises(Closed):
        Peer(mine).ask("anything")
    mine, theirs = socket.socketpair()
    theirs.sendall(HEADER.pack(100, 0) + b"half")
    theirs.close()
    with mine, pytest.raises(Closed):
        Peer(mine).wait()


def test_the_other_side_may_not_listen():
    mine, theirs = socket.socketpair()
    with mine, theirs:
        peer = Peer(mine)
        peer.deadline = time.monotonic() + 0.5
        with pytest.raises(Closed):
            peer.ask("anything", np.zeros(MAX_BLOCK // 80))


def test_an_interrupt_waits_until_a_message_is_sent():
    """A message that is cut in two would garble all that follow."""
    mine, theirs = socket.socketpair()
    peer, content, interrupts, ended = Peer(theirs), np.zeros(200_000), 0, []

    def read():
        reader = Peer(mine)
        try:
            while reader._receive()[2][0].size == content.size:
                time.sleep(0.001)
        except Exception as error:
            ended.append(error)
        mine.close()

    thread = threading.Thread(target=read)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread.start()
    try:
        while interrupts < 10:
            interrupt = (threading.main_thread().ident, signal.SIGINT)
            killer = threading.Timer(0.003, signal.pthread_kill, interrupt)
            try:
                killer.start()
                while True:
                    peer._send("event", "", (content,))
            except KeyboardInterrupt:
                interrupts += 1
            except Closed:
                break
            finally:
                killer.cancel()
                killer.join()
    finally:
        signal.signal(signal.SIGINT, before)
        theirs.close()
        thread.join(20)
    assert interrupts == 10 and [type(error) for error in ended] == [Closed]


def test_threads_that_send_at_once_do_not_mix_their_messages():
    mine, theirs = socket.socketpair()
    sender, received = Peer(theirs), []
    reader = Peer(mine, on_event=received.append)
    reader.deadline = time.monotonic() + 20
    send = lambda k: [sender.event(str(k) * 300_000) for _ in range(10)]
    threads = [threading.Thread(target=send, args=(k,), daemon=True) for k in range(4)]
    with mine, theirs:
        for thread in threads:
            thread.start()
        while len(received) < 40:
            reader._serve(*reader._receive())
        for thread in threads:
            thread.join(10)
    assert {len(text) for text in received} == {300_000} and len(set(received)) == 4


# ------------------------------------------------------------------ nonsense on the wire


def receive(data, services=None):
    """What a peer makes of bytes, from a side that then falls silent and goes."""
    mine, theirs = socket.socketpair()
    with mine:
        peer = Peer(mine, services)
        peer.hand_over(len)
        with theirs:
            theirs.sendall(data)
        peer.deadline = time.monotonic() + 20
        return peer.wait()


def message(content, block=b""):
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return HEADER.pack(len(text), len(block)) + text + block


MALFORMED = {
    "a huge text": HEADER.pack(MAX_JSON + 1, 0),
    "a huge block": HEADER.pack(0, MAX_BLOCK + 1),
    "no JSON": message(b"{"),
    "no text": message(b"\xff\xfe\xff"),
    "nothing": message(b""),
    "deep": message(b"[" * 100_000),
    "many digits": message(b"[" + b"9" * 10_000 + b"]"),
    "a number": message(5),
    "too few": message(["answer", ""]),
    "too many": message(["answer", "", [], 1]),
    "another kind": message(["gift", "", []]),
    "kind no text": message([["answer"], "", []]),
    "values no list": message(["answer", "", {"a": 1}]),
    "unknown value": message(["answer", "", [{"pickle": "gASV"}]]),
    "a function never given": message(["answer", "", [{"yours": 5}]]),
    "a negative function": message(["answer", "", [{"yours": -1}]]),
    "a function that is true": message(["answer", "", [{"yours": False}]]),
    "another service": message(["ask", "run", ["import os", 1]]),
    "a service of Python's": message(["ask", "__class__", []]),
    "an event of two": message(["event", "", ["a", "b"]]),
    "an event of bytes": message(["event", "", [5]]),
    "an error without names": message(["error", "", [[], "text"]]),
    "an error of a number": message(["error", "", [5, "text"]]),
    "an error of a list": message(["error", "", [["ValueError"], []]]),
    "an error of nothing": message(["error", "", []]),
    "a name of a number": message(["error", "", [[5], "text"]]),
    "an array that is not there": message(["answer", "", [{"array": [0, 100]}]]),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_malformed_messages_raise_protocol_error(data):
    with pytest.raises(ProtocolError):
        receive(data)


@pytest.mark.parametrize(
    "answer",
    [
        5,
        {"tuple": [1]},
        {"tuple": [1, 2]},
        {"tuple": [1, [1]]},
        {"tuple": [1, {"dict": [[7, 1]]}]},
        {"tuple": [1, {"dict": [[-1, [0]]]}]},
        {"tuple": [1, {"dict": [["x", [0]]]}]},
        {"tuple": [1, {"dict": [[0.5, [0]]]}]},
    ],
    ids=str,
)
def test_a_malformed_answer_to_a_call_raises_protocol_error_and_changes_nothing(answer):
    mine, theirs = socket.socketpair()
    with mine, theirs:
        theirs.sendall(message(["answer", "", [answer]]))
        given = [1, 2]
        with pytest.raises(ProtocolError):
            Peer(mine).call(0, (given,), {})
        assert given == [1, 2]


@pytest.mark.parametrize(
    "content", [[], [5], ["a", [], {}], [0, 5, {}], [0, [], 5], [0, [], {"dict": [[1, 2]]}]]
)
def test_a_malformed_call_is_an_error_for_who_calls_or_the_end(content):
    mine, theirs = socket.socketpair()
    with mine, theirs:
        peer = Peer(mine)
        peer.hand_over(len)
        theirs.sendall(message(["ask", "call", content]) + message(["answer", "", ["next"]]))
        with contextlib.suppress(ProtocolError):
            assert peer.wait() == "next"


def test_an_old_number_of_a_function_means_nothing_after_it_was_forgotten():
    mine, theirs = socket.socketpair()
    with mine, theirs:
        peer = Peer(mine)
        old = peer.hand_over(len)
        peer.forget_functions()
        peer.hand_over(max)
        with pytest.raises(ReferenceError, match="lent for one test"):
            peer.handed_over(old)("a")
        with pytest.raises(ReferenceError, match="lent for one test"):
            peer.serve_call(old, [], {})
        with pytest.raises(ProtocolError):
            peer.serve_call(old + 2, [], {})


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
ALLOWED = (ProtocolError, Closed, RemoteError)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200))
@example(bytes(8))
def test_any_bytes_are_refused(data):
    with pytest.raises(ALLOWED):
        receive(data)


parts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
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
            max_size=2,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["ask", "answer", "error", "event", "other"]) | parts,
    st.sampled_from(["call", "", "run"]) | parts,
    st.lists(parts, max_size=3) | parts,
    st.binary(max_size=40),
)
def test_any_message_is_understood_or_refused(kind, name, values, block):
    with contextlib.suppress(ALLOWED):
        receive(message([kind, name, values], block))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_message_damaged_in_one_place_is_understood_or_refused(data):
    mine, theirs = socket.socketpair()
    with mine, theirs:
        Peer(theirs)._send("answer", "", ([np.arange(3.0), (1, "a"), {"b": 2.5}, np.int8(1)],))
        whole = bytearray(mine.recv(10_000))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ALLOWED):
        receive(bytes(whole))
