"""Which worker is given what, and what becomes of what a worker failed at: with made-up workers."""

import pytest

from autograder import stopping
from autograder.errors import ContentError
from autograder.grading import dispatch, parcels, remote
from autograder.grading.cluster import Worker
from autograder.grading.submission import NotebookGrade, SubmissionGrade
from tests.helpers import FIRST

GRADED = remote.DONE + parcels._packed((NotebookGrade(FIRST, "graded", ()),))


def read(body):
    return parcels._unpacked(body, tuple[NotebookGrade, ...])


class MadeUp:
    """A cluster whose workers answer what they were told to, by address: the last answer for ever."""

    run = "run"

    def __init__(self, answers, threads=1):
        self.answers = {address: list(said) for address, said in answers.items()}
        self.workers = {address: Worker(address, threads) for address in answers}
        self.sent, self.told, self.cancelled = [], [], []
        self.waiting, self.heard = {}, []
        self.tell = self.heard.append
        self.most = 0

    def connect(self):
        pass

    def look(self):
        if not self.workers:
            raise ContentError("No worker is left.")

    def send(self, address, function, run, parcel, seconds):
        future = object()
        self.waiting[future] = address
        self.sent.append((address, parcel))
        self.most = max(self.most, len(self.waiting))
        return future

    def next_done(self):
        future = next(iter(self.waiting), None)
        if future is None:
            return None
        address = self.waiting.pop(future)
        said = self.answers[address]
        answer = said.pop(0) if len(said) > 1 else said[0]
        if answer is None:  # it is lost, with all that it has
            self.workers.pop(address, None)
            return None
        return future, answer

    def refuse(self, address, why):
        del self.workers[address]
        self.told.append((address, why))

    def stop(self):
        self.answers = {address: [remote.STOPPED] for address in self.answers}

    def give_up(self, futures):
        self.cancelled += futures


def go(cluster, names, alone=False):
    jobs = [
        dispatch._Job(name, lambda name=name: (SubmissionGrade(name, "ps1", "", ()), name), read)
        for name in names
    ]
    outcomes = dispatch._Round(cluster, jobs, alone).outcomes()
    return {
        name: outcome if isinstance(outcome, BaseException) else outcome.notebooks
        for name, outcome in outcomes
    }


NAMES = [f"s{k}" for k in range(9)]
RIGHT = dict.fromkeys(NAMES, (NotebookGrade(FIRST, "graded", ()),))


def test_every_worker_has_one_more_than_it_has_threads_until_the_end():
    cluster = MadeUp({"a": [GRADED], "b": [GRADED]})
    assert go(cluster, NAMES) == RIGHT
    assert cluster.most == 4 and {address for address, _ in cluster.sent[-2:]} == {"a", "b"}


def test_what_a_lost_worker_had_is_graded_by_another():
    cluster = MadeUp({"a": [GRADED, None], "b": [GRADED]})
    assert go(cluster, NAMES) == RIGHT
    assert cluster.told == [] and len(cluster.sent) == len(NAMES) + 2  # it was at one, and one was ready


def test_who_lost_every_worker_that_was_to_grade_it_could_not_be_graded(monkeypatch):
    cluster = MadeUp({address: [None] for address in "abc"} | {"d": [GRADED]})
    said = go(cluster, ["s1"])
    assert str(said["s1"]) == f"{dispatch.LOST} Run `course grade` again."
    assert set(cluster.workers) == {"d"}


@pytest.mark.parametrize("answer", [remote.ENDED, remote.FAILED + b"No space.", b"", remote.DONE + b"x"])
def test_a_worker_that_fails_is_refused_and_costs_nobody_a_grade(answer):
    cluster = MadeUp({"a": [answer], "b": [GRADED]})
    assert go(cluster, NAMES) == RIGHT
    ((address, why),) = cluster.told
    assert address == "a" and why.startswith("it failed 3 times in a row: ")


def test_an_answer_that_is_no_grade_is_said_with_the_name_of_its_worker():
    cluster = MadeUp({"tcp://10.0.0.1:1": [remote.DONE + b"x", GRADED], "tcp://10.0.0.2:1": [GRADED]})
    assert go(cluster, NAMES) == RIGHT
    assert [text.split(" is no grade of it: ")[0] for text in cluster.heard] == [
        "The answer of worker tcp://10.0.0.1:1"
    ]


def test_a_worker_that_gives_no_answer_in_time_is_lost(monkeypatch):
    class Hanging(MadeUp):
        """It has all the time in the world; nothing comes from a."""

        now = 0.0

        def next_done(self):
            for future in [future for future, address in self.waiting.items() if address == "a"]:
                del self.waiting[future]
            self.now += 0.0 if self.waiting else 60.0
            assert self.now < 1e6, "it would wait for ever"
            return super().next_done()

    cluster = Hanging({"a": [GRADED], "b": [GRADED]})
    monkeypatch.setattr(dispatch, "monotonic", lambda: cluster.now)
    jobs = [
        dispatch._Job(name, lambda name=name: (SubmissionGrade(name, "ps1", "", ()), name), read, 600.0)
        for name in NAMES
    ]
    said = dict(dispatch._Round(cluster, jobs).outcomes())
    assert {name: grade.notebooks for name, grade in said.items()} == RIGHT
    assert cluster.told == [("a", "it gave no answer within 20 minutes.")]
    assert 1200 < cluster.now < 1400


def test_a_worker_that_fails_now_and_then_goes_on():
    cluster = MadeUp({"a": [remote.ENDED, GRADED] * 20, "b": [GRADED]})
    assert go(cluster, NAMES) == RIGHT and cluster.told == []
    assert [address for address, _ in cluster.sent].count("a") >= 6  # three of which failed


class Poisoned(MadeUp):
    """No worker can grade these."""

    def __init__(self, answers, bad):
        super().__init__(answers)
        self.bad, self.parcels = bad, {}

    def send(self, address, function, run, parcel, seconds):
        future = super().send(address, function, run, parcel, seconds)
        self.parcels[future] = parcel
        return future

    def next_done(self):
        future, answer = super().next_done()
        return future, remote.FAILED + b"It cannot be." if self.parcels[future] in self.bad else answer


@pytest.mark.parametrize("workers, bad", [("ab", "4"), ("ab", "01234"), ("a", "012"), ("abc", "0123456")])
def test_submissions_that_nobody_can_grade_cost_no_worker(workers, bad):
    bad = {f"s{k}" for k in bad}
    cluster = Poisoned({address: [GRADED] for address in workers}, bad)
    said = go(cluster, NAMES)
    assert {str(said.pop(name)) for name in bad} == {"It cannot be. Run `course grade` again."}
    assert said == {name: grade for name, grade in RIGHT.items() if name not in bad}
    assert cluster.told == [] and set(cluster.workers) == set(workers)
    for name in bad:
        assert {address for address, parcel in cluster.sent if parcel == name} == set(workers)


def test_when_all_are_lost_the_run_ends_with_a_sentence():
    cluster = MadeUp({"a": [GRADED, None]})
    with pytest.raises(ContentError, match="No worker is left"):
        go(cluster, NAMES)


def test_after_ctrl_c_nobody_is_begun_and_all_that_was_under_way_is_heard(monkeypatch):
    cluster = MadeUp({"a": [GRADED], "b": [GRADED]})
    monkeypatch.setattr(stopping, "asked", lambda: len(cluster.sent) >= 6)
    said = go(cluster, NAMES)
    assert len(said) == 6 and len(cluster.sent) == 6
    assert sorted(map(type, said.values()), key=str) == [stopping.Stopped] * 3 + [tuple] * 3


def test_one_that_another_run_stopped_is_graded_all_the_same():
    cluster = MadeUp({"a": [GRADED, remote.STOPPED, GRADED]})
    assert go(cluster, NAMES) == RIGHT


def test_alone_is_one_a_machine():
    addresses = ["tcp://10.0.0.1:1", "tcp://10.0.0.1:2", "tcp://10.0.0.2:1"]
    cluster = MadeUp({address: [GRADED] for address in addresses}, threads=4)
    assert go(cluster, NAMES, alone=True) == RIGHT
    assert cluster.most == 2 and len({Worker(address, 1).machine for address, _ in cluster.sent}) == 2


def test_files_that_cannot_be_read_stop_nobody():
    def make():
        raise PermissionError(13, "Permission denied")

    right = dispatch._Job("s1", lambda: (SubmissionGrade("s1", "ps1", "", ()), b""), read)
    jobs = [dispatch._Job("s0", make, read), right]
    outcomes = dict(dispatch._Round(MadeUp({"a": [GRADED]}), jobs).outcomes())
    assert isinstance(outcomes["s0"], PermissionError) and isinstance(outcomes["s1"], SubmissionGrade)
