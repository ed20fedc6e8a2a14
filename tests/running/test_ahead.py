"""What is asked in bulk is asked as it would be one by one: same calls, same answers, same words."""

import contextlib
import copy
import itertools
import math
import socket
import threading
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.course import Limits
from autograder.exam.calls import copied, quietly
from autograder.problem_sets.key import key_names, load_key
from autograder.running import ahead
from autograder.running.ahead import harness_of
from autograder.running.examiner import _StudentPeer
from autograder.running.inside import bulk
from autograder.running.inside.bulk import Bulk
from autograder.running.inside.protocol import Peer
from autograder.running.inside.values import ProtocolError
from autograder.running.run import Job

X = np.array([1.5, -2.0, 0.25])


@contextlib.contextmanager
def asked(function, in_bulk=True):
    """(the harness, a student's function far away, the calls it gets, the questions that were put)."""
    mine, theirs = socket.socketpair()
    calls, questions = [], []

    def noted(*args):
        calls.append([np.copy(arg).tolist() for arg in args])
        return function(*args)

    serving = Peer(theirs)
    row = Bulk(serving.serve_call, Peer.not_answered)
    serving.services |= {"it": lambda: noted, "calls": row.calls, "held": row.held}

    def put(question, more=0.0):
        questions.append(question)
        return question()

    examiner = SimpleNamespace(
        student=SimpleNamespace(connection=mine), student_publishes=print, call=put, ask_on=put
    )
    peer = _StudentPeer(examiner)
    thread = threading.Thread(target=serving.serve)
    thread.start()
    try:
        remote = peer.ask("it")
        peer.asks_ahead = in_bulk
        yield harness_of(peer), remote, calls, questions
    finally:
        mine.close()
        thread.join(10)
        theirs.close()


def outcome(function, test, in_bulk):
    """What a test comes to, what was called, and in how many questions."""
    with asked(function, in_bulk) as (harness, remote, calls, questions), quietly():
        try:
            said = repr(test(harness, remote))
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
        return said, calls, len(questions)


def gradient(harness, f):
    return harness.gradient_check(f, lambda x: 2 * x, X)


def gradient_of_more(harness, f):
    """As tests of two arguments do, which hand over one of them as it is."""
    more = np.array([1.0, 2.0])
    result = harness.gradient_check(lambda x: f(x, more), lambda x: 2 * x, X)
    return result, more


def slopes_alone(harness, f):
    return harness.numerical_gradient(f, X)


def square(x):
    return x @ x


def at_the_40th(act, place=40):
    """A function that does something else at one call in the middle."""

    def made():
        number = itertools.count(1)
        return lambda x: act(x) if next(number) == place else x @ x

    return made


def fail(error, place=40):
    def failing(x):
        raise error

    return at_the_40th(failing, place)


def off_its_domain(x):
    if x[0] > 1.6:
        raise ValueError("not there")
    return x @ x


def changing_x(x):
    value = x @ x
    x += 1
    return value


def noisy():
    rng = np.random.default_rng(1)
    return lambda x: x @ x + rng.normal()


def drifting():
    number = itertools.count()
    return lambda x: x @ x + next(number) // 7


MADE = {
    "smooth": lambda: square,
    "of single precision": lambda: lambda x: np.float32(x @ x),
    "an array without dimensions": lambda: lambda x: np.array(x @ x),
    "whole numbers": lambda: lambda x: int(x @ x),
    "noise": noisy,
    "a drift": drifting,
    "an error": fail(KeyError("stop here")),
    "an error that is taken for the end of a domain": fail(ZeroDivisionError("here")),
    "an error after which other steps are tried": fail(ValueError("here"), 9),
    "an error of NumPy's": at_the_40th(lambda x: np.linalg.inv(np.zeros((2, 2)))),
    "the end of the program": fail(SystemExit(3)),
    "nothing": at_the_40th(lambda x: None),
    "nan": at_the_40th(lambda x: math.nan),
    "infinity": at_the_40th(lambda x: np.float64("inf")),
    "a whole number that is too large": at_the_40th(lambda x: 10**400),
    "more than a message holds": at_the_40th(lambda x: np.zeros(9_000_000)),
    "another shape": at_the_40th(lambda x: x),
    "a number in a list": at_the_40th(lambda x: [1.0]),
    "a function": at_the_40th(lambda x: square),
    "a truth": at_the_40th(lambda x: True),
    "a complex number": at_the_40th(lambda x: 1j),
    "two numbers": at_the_40th(lambda x: (1.0, 2.0)),
    "outside of its domain": lambda: off_its_domain,
    "a logarithm": lambda: lambda x: math.log(x[0] - 1.49),
    "a kink": lambda: lambda x: abs(x[1] + 2),
    "changing what it is given": lambda: changing_x,
}


@pytest.mark.parametrize("name", MADE)
@pytest.mark.parametrize("test", [gradient, slopes_alone])
def test_in_bulk_is_as_one_by_one(name, test):
    one_by_one, in_bulk = (outcome(MADE[name](), test, bulky) for bulky in (False, True))
    assert in_bulk[:2] == one_by_one[:2]


def test_what_is_smooth_takes_few_questions():
    (_, calls, few), (_, _, many) = (outcome(square, gradient, bulky) for bulky in (True, False))
    assert len(calls) == many > 100 and few < 20


def changing_the_other(x, more):
    more += 1
    return x @ x * more[0]


def test_what_a_call_changed_is_changed_for_the_next():
    one_by_one, in_bulk = (outcome(changing_the_other, gradient_of_more, bulky) for bulky in (False, True))
    assert in_bulk[:2] == one_by_one[:2] and "array([1., 2.])" not in in_bulk[0]


@pytest.mark.parametrize(
    "through",
    [
        lambda f: lambda x: 2 * f(x),
        lambda f: lambda x: np.sum(f(x)),
        lambda f: lambda x: float(f(x)),
        lambda f: lambda x: f(x) + f(2 * x),
        lambda f: lambda x: [f(x)][0] or 1.0,
        lambda f: lambda x: 1.0 if f(x) == 0 else 2.0,
        lambda f: lambda x: (f(x), f(2 * x))[0],
        lambda f: lambda x: f(x).real,
        lambda f: lambda x: f(x=x),
        lambda f: lambda x: x @ x,
        lambda f: lambda x: float(f"{f(x)}"),
    ],
)
def test_a_test_that_does_more_than_hand_on_an_answer_asks_one_by_one(through):
    def test(harness, f):
        return harness.gradient_check(through(f), lambda x: 2 * x, X)

    one_by_one, in_bulk = (outcome(square, test, bulky) for bulky in (False, True))
    assert in_bulk == one_by_one


def test_a_row_ends_when_its_time_is_over(monkeypatch):
    monkeypatch.setattr(bulk, "BULK_SECONDS", 0.0)
    one_by_one, in_bulk = (outcome(square, gradient, bulky) for bulky in (False, True))
    assert in_bulk == one_by_one


def test_large_arguments_go_in_several_messages(monkeypatch):
    monkeypatch.setattr(ahead, "MOST_BYTES", 3 * X.nbytes)
    (said, calls, questions), one_by_one = (outcome(square, gradient, bulky) for bulky in (True, False))
    assert (said, calls) == one_by_one[:2] and len(calls) / 3 < questions < len(calls) / 2


@pytest.mark.parametrize("answer", [None, ([], False), ([1.0] * 1000, False), ([1.0],), (1.0, True), ([], 1)])
def test_a_row_that_is_answered_in_another_form_ends_the_conversation(answer):
    with asked(square) as (harness, remote, _, _):
        remote.peer.ask = lambda what, *values: answer if what == "calls" else (4.0, {})
        with pytest.raises(ProtocolError):
            gradient(harness, remote)


@pytest.mark.parametrize("name", key_names())
def test_the_catalogues_functions_are_judged_alike(name):
    """Of those that a visible test differentiates, a few right and wrong ones."""
    key = load_key(name)
    differentiated = {q.differentiates.__name__: q for q in key.questions.values() if q.differentiates}
    entries = [entry for entry in (*key.mistakes, *key.variants) if entry.function in differentiated]
    for entry in entries[:: 1 + len(entries) // 4]:
        question = differentiated[entry.function]
        x, *rest = question.arguments(question.instances()[0]).values()

        def test(harness, f, x=x, rest=rest, question=question):
            right = question.reference
            first = (lambda value: value[0]) if isinstance(right(x, *rest), tuple) else (lambda value: value)
            return harness.gradient_check(
                lambda point: f(point, *map(copied, rest)), lambda point: first(right(point, *rest)), x
            )

        one_by_one, in_bulk = (outcome(entry.answer, test, bulky) for bulky in (False, True))
        assert in_bulk[:2] == one_by_one[:2], entry.name


# ---------------------------------------------------------------- with a student's process

TEST = "gradcheck.gradient_check(lambda x: f(x.copy()), lambda x: 2 * x, np.array([1.0, 2.0, 3.0]))"
HIDDEN = f"### BEGIN HIDDEN TESTS\n{TEST}\n### END HIDDEN TESTS"
COUNTING = "import os, sys\ncalls = 0\ndef f(x):\n    global calls\n    calls += 1\n"


def ran(runner, test, body):
    """The outputs of a test of `f`, and of a cell after it."""
    marks = {"grade": True, "grade_id": "test", "locked": True, "points": 0, "solution": False}
    cells = [
        new_code_cell("import gradcheck\nimport numpy as np", id="setup", metadata={"nbgrader": LOCKED}),
        new_code_cell(f"{COUNTING}    {body}\n    return x @ x", id="f"),
        new_code_cell(test, id="test", metadata={"nbgrader": marks}),
        new_code_cell("calls", id="after"),
    ]
    source = new_notebook(cells=cells)
    limits = replace(Limits(), seconds_per_call=0.5)
    executed = runner.run(Job(copy.deepcopy(source), source, {}, limits))
    return executed.status, [cell.outputs for cell in executed.notebook.cells[2:]]


LOCKED = {"grade": False, "grade_id": "setup", "locked": True, "solution": False}
BODIES = {
    "nothing else": "pass",
    "prints": "print(calls, x)",
    "warns": "import warnings; warnings.warn(str(calls))",
    "draws": "import matplotlib.pyplot as plt\n    if calls == 40: plt.plot(x); plt.show()",
    "fails": "assert calls != 40, 'forty'",
    "loops": "while calls == 40: pass",
    "catches the interrupt": "try:\n        while calls == 40: pass\n    except KeyboardInterrupt: pass",
    "ends Python": "calls == 40 and os._exit(3)",
    "ends the cell": "calls == 40 and sys.exit(3)",
}


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES)
def test_a_visible_test_shows_what_a_hidden_one_does_which_asks_one_by_one(runner, body):
    visible, hidden = (ran(runner, test, BODIES[body]) for test in (TEST, HIDDEN))
    assert visible == hidden


@pytest.mark.slow
def test_only_a_visible_test_tells_ahead_what_comes(runner):
    look = "frame = sys._getframe()\n    while frame and 'rows' not in frame.f_locals: frame = frame.f_back\n"
    look += "    print(len(frame.f_locals['rows']) if frame else 'nothing ahead')"
    visible, hidden = (str(ran(runner, test, look)[1][0]) for test in (TEST, HIDDEN))
    assert "\\n30\\n" in visible and "\\n30\\n" not in hidden and "nothing ahead" in hidden
