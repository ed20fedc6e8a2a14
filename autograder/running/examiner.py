"""Walk a notebook: its cells in a student's process, its tests here, outside the sandbox.

Every notebook has an examiner of its own, in a process that run.py forks for it. How a test
cell finds its names is in names.py.
"""

from __future__ import annotations

import contextlib
import json
import math
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from nbformat.notebooknode import NotebookNode

from autograder.course import Limits
from autograder.problem_sets.notebooks import is_automatic, is_locked, is_solution, points
from autograder.problem_sets.regions import without_region
from autograder.running.ahead import Call, Unanswered
from autograder.running.clock import Allowance, Clock
from autograder.running.inside.bulk import BULK_SECONDS
from autograder.running.inside.protocol import Closed, DeadlinePassed, Peer, RemoteError, RemoteFunction
from autograder.running.inside.shell import Stream, make_shell
from autograder.running.inside.usage import OUT_OF_MEMORY, TOO_MANY_PROCESSES
from autograder.running.inside.values import ProtocolError, ValueTooLarge, is_plain
from autograder.running.inside.warm import Ending
from autograder.running.names import Names, names_bound, names_read
from autograder.running.outputs import (
    NOT_REACHED,
    NOT_RUN,
    OURS,
    TIMEOUT_ERROR,
    Displays,
    Outputs,
    Status,
    error_output,
)
from autograder.running.sandbox import Student

LOOK_SECONDS = 0.05  # at the least, between two looks whether time is up
GRACE_SECONDS = 1.0  # of the student's time, between an interrupt and the end
TOO_SLOW = "A cell ran too long and was stopped."
STUCK = "The notebook ran too long and was stopped, so nothing after that cell ran."
CRASHED = "Running the notebook ended Python itself, so nothing after that cell ran."
WHY_ENDED = {
    OUT_OF_MEMORY: "The notebook, with all its processes, took too much memory and was stopped there.",
    TOO_MANY_PROCESSES: "The notebook started too many processes or threads and was stopped there.",
}


@dataclass(frozen=True)
class Executed:
    """A notebook after its run, and how the run ended: graded, timed-out, crashed or lost.

    `limited` when a limit ended it or something in it, or whoever it was that killed it: run alone,
    the same notebook may fare better.
    """

    notebook: NotebookNode
    status: Status
    problem: str = ""
    limited: bool = False


class _Stopped(BaseException):
    """Ends a test cell, whatever it catches: the student's process is gone or does not answer."""


class Examiner:
    """Walks one notebook from top to bottom."""

    def __init__(self, student: Student, limits: Limits, source: NotebookNode):
        self.student, self.limits, self.source = student, limits, source
        self.peer = _StudentPeer(self)
        asked = names_bound(c.source for c in source.cells if is_solution(c))
        issued = names_bound(c.source for c in source.cells if is_locked(c) and not is_automatic(c))
        self.names = Names(self, asked, issued)
        self.shell = make_shell(self.names)
        self.shell.connect(self._publish)
        self.shell.name_errors_only()
        room = limits.output_megabytes * 1_000_000
        sys.stdout = Stream("stdout", self._publish, room)
        sys.stderr = Stream("stderr", self._publish, room)
        self.outputs = Outputs(room)
        self.shown: tuple[Displays, Displays] = ({}, {})  # of the student's cells, and of tests
        self.testing = False
        self.clock = Clock(student)
        self.notebook_time = self.clock.allow(limits.seconds_per_notebook)
        self.cell_time = Allowance()
        self.call_time = Allowance()
        self.slow = False
        self.ending: Ending | None = None
        self.sources: tuple[str, ...] = ()  # of the student's cells that were run

    # -------------------------------------------------------------- the walk

    def run(self, notebook: NotebookNode, files: Mapping[str, bytes]) -> Executed:
        """Run all cells; those that were not reached say so as an error."""
        status, problem, count = Status.GRADED, "", 0
        needed = names_read(c.source for c in self.source.cells if is_automatic(c) or is_locked(c))
        self._hand_over(files)
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            cell.outputs, cell.execution_count = [], None
            if not cell.source.strip():
                continue
            if self.ending is None and self.clock.is_over(self.notebook_time):
                self._end()
                status, problem = Status.TIMED_OUT, STUCK
            if self.ending is not None:
                cell.outputs = [error_output(NOT_REACHED, "This cell was not reached.")]
                continue
            count += 1
            cell.execution_count = count
            shown = self.shown[is_automatic(cell)]
            self.slow, self.outputs = False, self.outputs.next_cell(cell.outputs, shown)
            earned = False
            if is_automatic(cell):
                earned = self._run_test(cell, count)
            else:
                self._run_student(cell, count)
                if is_locked(cell) and not needed.isdisjoint(names_bound([cell.source])):
                    self._run_here(cell.source, count)
            if self.ending is not None:
                status, problem = self._how_it_ended()
                if not earned:
                    self.outputs.add_error(NOT_RUN, problem)
            elif self.slow:
                status, problem = Status.TIMED_OUT, TOO_SLOW
                self.outputs.add_error(TIMEOUT_ERROR, "This cell ran too long and was stopped.")
        killed = self.ending is not None and (self.ending.exit == -signal.SIGKILL or self.ending.why != "")
        return Executed(notebook, status, problem, limited=status is Status.TIMED_OUT or killed)

    def _hand_over(self, files: Mapping[str, bytes]) -> None:
        self._allow(math.inf)
        for name, content in files.items():
            with contextlib.suppress(RemoteError, ValueTooLarge, _Stopped):  # then it is not there
                self._ask("file", name, np.frombuffer(content, np.uint8))

    def _run_student(self, cell: NotebookNode, count: int) -> None:
        self._allow(self.limits.seconds_per_cell)
        self.sources += (cell.source,)
        with contextlib.suppress(RemoteError, _Stopped):  # an error of the cell's own is among its outputs
            self._ask("run", cell.source, count)

    def _run_test(self, cell: NotebookNode, count: int) -> bool:
        """Run a test; whether it came to its end, so that its points stand."""
        hides_nothing = without_region(cell.source, "HIDDEN TESTS") == cell.source
        self.testing, self.peer.asks_ahead = True, hides_nothing
        self.names.look_again()
        passed = self._run_here(cell.source, count)
        self.testing = self.peer.asks_ahead = False
        if passed:
            self.slow = False  # what was stopped was an explanation, which costs no point
        if self.slow or (self.ending is not None and not passed):
            self.outputs.clear_results()
        elif not passed and not self.outputs.has_error():
            self.outputs.add_error(NOT_RUN, "This test did not come to its end.")
        elif any(not 0 <= given <= points(cell) for given in self.outputs.numbers()):
            self.outputs.clear_results()
            self.outputs.add_error(
                "WrongPoints", "This test gave more points than it has, or none that count."
            )
        if hides_nothing and self.ending is None:
            self._give_back(names_bound([cell.source]))
        self.peer.forget_functions()
        return passed

    def _run_here(self, source: str, count: int) -> bool:
        """Run a cell of ours; whether it came to its end."""
        passed = False
        self.cell_time = self.clock.allow(self.limits.seconds_per_cell).within(self.notebook_time)
        self.shell.execution_count = count
        with contextlib.suppress(_Stopped), self._alarm():
            passed = self.shell.run_cell(source, store_history=False).success
        self.cell_time = Allowance()
        sys.stdout.flush()
        sys.stderr.flush()
        return passed

    @contextlib.contextmanager
    def _alarm(self) -> Iterator[None]:
        """Stop a test that goes on and on between its calls: by this process's own time, or on the wall."""

        def ring(signum: int, frame: object) -> None:
            self.slow = True
            raise _Stopped

        on_the_wall = max(0.0, self.cell_time.cap - time.monotonic()) + GRACE_SECONDS
        clocks = {
            signal.ITIMER_PROF: (signal.SIGPROF, self.limits.seconds_per_cell),
            signal.ITIMER_REAL: (signal.SIGALRM, on_the_wall),
        }
        for clock, (alarm, seconds) in clocks.items():
            signal.signal(alarm, ring)
            signal.setitimer(clock, seconds)
        try:
            yield
        finally:
            for clock in clocks:
                signal.setitimer(clock, 0)

    def _give_back(self, names: set[str]) -> None:
        """Let later cells find what a test defined in plain sight, as they do in a kernel."""
        plain = {name: self.names[name] for name in names if is_plain(self.names.get(name))}
        if plain:
            with contextlib.suppress(RemoteError, ValueTooLarge, _Stopped):
                self.tell("assign", plain)

    # -------------------------------------------------------------- the student's process

    def tell(self, what: str, *values: object) -> None:
        """Change a name in the student's notebook, for a test."""
        self._allow(self.limits.seconds_per_call)
        self._ask(what, *values)

    def _ask(self, what: str, *values: object) -> object:
        return self._bounded(lambda: self.peer.ask(what, *values))

    def call(self, call: Callable[[], object], more: float = 0.0) -> object:
        """One call of a student's function, from a test; with so many seconds for others before it."""
        if self.slow:
            raise _Stopped
        self._allow(self.limits.seconds_per_call + more)
        return self._bounded(call)

    def ask_on(self, question: Callable[[], object]) -> object:
        """Ask for more of an answer, in the time that is left for it."""
        return self._bounded(question)

    @contextlib.contextmanager
    def lend(self, functions: Mapping[str, Callable[..., object]]) -> Iterator[None]:
        """Put functions of ours into the student's notebook for a while; what cannot be put back stays."""
        before = {name: self.look(name) for name in functions}
        lendable = {
            name: function
            for name, function in functions.items()
            if not before[name][0] or isinstance(before[name][1], RemoteFunction)
        }
        self.tell("assign", lendable)
        try:
            yield
        finally:
            if self.ending is None:
                left, self.cell_time = self.cell_time, Allowance()  # what was lent goes back in any case
                self.tell("assign", {name: before[name][1] for name in lendable if before[name][0]})
                for name in lendable:
                    if not before[name][0]:
                        self.tell("delete", name)
                self.cell_time = left

    def look(self, name: str) -> tuple[bool, object]:
        """Whether the student's notebook defines a name, and its value, for a test."""
        if self.slow or self.ending is not None:
            return False, None
        self._allow(self.limits.seconds_per_call)
        answer = self._ask("look", name)
        if not isinstance(answer, tuple) or len(answer) != 2:
            self._end()
            raise _Stopped
        if isinstance(answer[1], RemoteFunction):
            answer[1].sources, answer[1].lend = self.sources, self.lend
        return answer

    def _allow(self, seconds: float) -> None:
        """From now on, wait so long for an answer."""
        self._wait_for(self.clock.allow(seconds).within(self.cell_time).within(self.notebook_time))

    def _wait_for(self, allowed: Allowance) -> None:
        self.call_time, self.peer.deadline = allowed, self.clock.earliest(allowed)

    def time_is_up(self) -> bool:
        """Whether what the student may use for an answer is used; if not, wait on."""
        over = self.clock.is_over(self.call_time)
        self.peer.deadline = max(time.monotonic() + LOOK_SECONDS, self.clock.earliest(self.call_time))
        return over

    def _bounded(self, question: Callable[[], object]) -> object:
        """Put a question to the student's process; interrupt it, or end it, when no answer comes."""
        if self.ending is not None:
            raise _Stopped
        if self.clock.is_over(self.call_time):  # there is nothing to interrupt
            self.slow = True
            raise _Stopped
        try:
            with self.clock.their_turn():
                try:
                    return question()
                except DeadlinePassed:
                    self.slow = True
                self.student.interrupt()
                self._wait_for(self.clock.allow(GRACE_SECONDS))
                with contextlib.suppress(RemoteError):
                    self.peer.wait()
        except (Closed, ProtocolError, DeadlinePassed):
            self._end()
        except _Stopped:  # between a question and its answer: there is no going on from here
            self._end()
            raise
        raise _Stopped

    def _end(self) -> None:
        self.ending = self.student.end()

    def _how_it_ended(self) -> tuple[Status, str]:
        assert isinstance(self.ending, Ending)
        if self.ending.exit is None:
            return Status.LOST, "The sandbox has ended."
        if self.ending.why:
            return Status.CRASHED, WHY_ENDED[self.ending.why]
        return (Status.TIMED_OUT, STUCK) if self.slow else (Status.CRASHED, CRASHED)

    def _publish(self, kind: str, content: dict[str, Any]) -> None:
        """What code here shows: a test's own display, text and error."""
        if self.testing:
            if kind == "stream":
                content = {**content, "name": "stdout"}  # a warning is no failure
            if kind == "error":
                content = {**content, "traceback": [f"{content['ename']}: {content['evalue']}"]}
            verdict = kind in ("error", "execute_result")  # it counts, whatever a student showed before
            self.outputs.add(kind, content, always=verdict)

    def student_publishes(self, text: str) -> None:
        """What the student's process shows, in a cell of its own or while a test calls it."""
        try:
            kind, content = json.loads(text)
        except (ValueError, TypeError, RecursionError):
            raise ProtocolError("an output that is no JSON") from None
        if isinstance(content, dict) and isinstance(content.get("data"), dict):
            content["data"] = {k: v for k, v in content["data"].items() if not k.startswith(OURS)}
        if not self.testing:
            self.outputs.add(kind, content)
        elif kind == "stream" and isinstance(content, dict):
            sys.stdout.write(str(content.get("text", "")))
        elif kind == "display_data":
            self.outputs.add(kind, content)


class _StudentPeer(Peer):
    not_answered = (*Peer.not_answered, _Stopped)

    def __init__(self, examiner: Examiner):
        super().__init__(examiner.student.connection, on_event=examiner.student_publishes)
        self.examiner = examiner
        self.asks_ahead = False  # only what nobody hides
        self._recorded: list[Call] | None = None

    def pass_deadline(self) -> None:
        if self.examiner.time_is_up():
            super().pass_deadline()

    def call(self, handle: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> object:
        if self._recorded is not None:
            self._recorded.append(Call(handle, args, kwargs))
            return Unanswered()
        return self.examiner.call(lambda: super(_StudentPeer, self).call(handle, args, kwargs))

    def recorded(self, work: Callable[[], object]) -> Call | None:
        made: list[Call] = []
        self._recorded = made
        try:
            answer = work()
        except Exception:  # it did something with an answer; or fails, and will again
            return None
        finally:
            self._recorded = None
        return made[0] if type(answer) is Unanswered and len(made) == 1 else None

    def call_many(self, calls: list[Call]) -> tuple[list[object], bool]:
        arguments = [list(call.args) for call in calls]
        answer = self.examiner.call(lambda: self._many(calls[0].handle, arguments), BULK_SECONDS)
        assert isinstance(answer, tuple)
        return answer

    def _many(self, handle: int, arguments: list[list[object]]) -> tuple[list[object], bool]:
        """Raises ProtocolError for an answer of another form, or one that goes no further."""
        match self.ask("calls", handle, arguments):
            case (list() as values, bool() as held) if 0 < len(values) + held <= len(arguments):
                return values, held
        raise ProtocolError("answers of another form")

    def held(self, call: Call) -> object:
        return self.examiner.ask_on(lambda: self.told(lambda: self.ask("held"), call.args, call.kwargs))
