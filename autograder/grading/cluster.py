"""A Dask cluster, https://distributed.dask.org: its scheduler's address, and the workers that may grade.

Dask carries parcels and answers, and says which workers there are. dispatch.py decides who is given what.
"""

from __future__ import annotations

import logging
import queue
import time
import uuid
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec

from autograder import stopping
from autograder.errors import ContentError, CourseError, sentence
from autograder.grading import remote
from autograder.grading.addresses import exposed, local_count, must_be_safe
from autograder.running.workers import start_tracker

CONNECT_SECONDS = 20.0
WAIT_SECONDS = 30.0  # for a worker, while there is none
PROOF_SECONDS = 2 * remote.PROOF_SECONDS  # it may be busy with what others gave it
LOOK_SECONDS = 1.0  # between two looks at who is there
CLOSE_SECONDS = 5.0
LOGGERS = ("distributed", "distributed.client", "tornado.application", "asyncio")
INSTALL = "`--cluster` needs Dask: .venv/bin/python -m pip install 'matrix-calculus-course[cluster]'."
CODE = {"answer key", "grader"}  # in a proof


@dataclass(eq=False)
class Worker:
    """One that has proved itself; `has` parcels, and `failed` so many submissions in a row."""

    address: str
    threads: int
    has: int = 0
    failed: int = 0

    @property
    def machine(self) -> str:
        return urlsplit(self.address).hostname or ""


class Cluster:
    """The cluster at `address`, or N worker processes of this machine for `local:N`; used as a context.

    It is connected with, or started, when it is first needed. `tell` hears a sentence about every worker that
    is refused. Raises CourseError when the address is none, or public and not encrypted, or Dask is missing.
    """

    def __init__(self, address: str, tell: Callable[[str], None] = lambda text: None):
        try:
            import distributed  # noqa: F401  takes its time: said before anything is begun
        except ImportError:
            raise CourseError(INSTALL) from None
        self.address, self.tell = address, tell
        self.run = uuid.uuid4().hex
        self.workers: dict[str, Worker] = {}
        self.done: queue.SimpleQueue[Any] = queue.SimpleQueue()  # futures
        self._local = local_count(address)
        if self._local is None:
            must_be_safe(address)
        self._client: Any = None
        self._closing = ExitStack()
        self._proving: dict[Any, tuple[str, int, float]] = {}  # who, and until when
        self._there: dict[str, str] = {}  # the folder of each
        self._refused: set[str] = set()
        self._looked = self._seen = 0.0  # when; and when there was a worker
        self._stopping = self._graded = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._closing.close()

    def connect(self) -> None:
        """Raises CourseError when nobody answers."""
        if self._client is not None:
            return
        import dask
        from distributed import Client, LocalCluster

        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        quiet = {"distributed.admin.large-graph-warning-threshold": "1GB"}  # a parcel may be large
        self._closing.enter_context(dask.config.set(quiet))
        where: Any = self.address
        try:
            start_tracker()  # first: who starts it hears Ctrl-C again
            with stopping.unheard():  # it is this process that tells workers of Ctrl-C
                if self._local is not None:
                    where = LocalCluster(
                        n_workers=self._local,
                        threads_per_worker=1,
                        memory_limit=0,  # the sandbox has limits of its own
                        dashboard_address=None,
                        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # it opens a port all the same
                        security=True,  # others on this machine could give it work
                        silence_logs=logging.CRITICAL,
                    )
                    self._closing.callback(where.close, timeout=CLOSE_SECONDS)
                self._client = Client(where, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            said = sentence(error).rstrip(".")
            raise CourseError(
                f"No Dask scheduler answers at {self.address} ({said}). Start one, or put the address right."
            ) from error
        self._closing.callback(self._client.close, timeout=CLOSE_SECONDS)
        self._seen = time.monotonic()

    # ---------------------------------------------------------------- who is there

    def look(self) -> None:
        """See who has come and gone, once in a while, and have those who came prove themselves.

        Raises ContentError when the scheduler has gone, or no worker is left; CourseError when none has come,
        or each was refused.
        """
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return
        said: dict[str, Any] = self._ask(lambda client: client.sync(client.scheduler.identity, n_workers=-1))
        self._looked = time.monotonic()
        # Each process has a folder of its own: another one at the same address has not proved itself.
        there = {address: str(worker["local_directory"]) for address, worker in said["workers"].items()}
        new = {address for address in there if self._there.get(address) != there[address]}
        self._refused -= new
        for address in set(self.workers) - (there.keys() - new):
            del self.workers[address]
        for future, (address, _, until) in list(self._proving.items()):
            if address not in there or address in new or self._looked > until:
                del self._proving[future]
            if address in there and address not in new and self._looked > until:
                self.refuse(address, f"it did not prove itself within {PROOF_SECONDS / 60:.0f} minutes.")
        for address in sorted(new):
            if problem := exposed(address):
                self.refuse(address, problem)
            else:
                until, threads = self._looked + PROOF_SECONDS, max(1, said["workers"][address]["nthreads"])
                self._proving[self.send(address, remote.prove)] = address, threads, until
        self._there = there
        self._must_be_some()

    def _must_be_some(self) -> None:
        now = time.monotonic()
        if self.workers or self._proving:
            self._seen = now
        elif self._there and self._there.keys() <= self._refused and not self._graded:
            raise CourseError(f"No worker at {self.address} can grade: each of them was refused.")
        elif now - self._seen > WAIT_SECONDS and self._graded:
            raise ContentError(
                f"No worker is left at {self.address}. What was graded is kept: start some, and "
                "run the command again to go on."
            )
        elif now - self._seen > WAIT_SECONDS:
            raise CourseError(
                f"No worker has come to {self.address} within {WAIT_SECONDS:g} seconds. "
                f"Start some there: `dask worker {self.address} --nthreads 1`."
            )

    def refuse(self, address: str, why: str) -> None:
        """Give a worker nothing any more, and say why."""
        self.workers.pop(address, None)
        self._refused.add(address)
        self.tell(f"worker {address} is refused: {why}")

    def _judge(self, address: str, threads: int, answer: bytes) -> None:
        """Let a worker grade that gave this answer when it was to prove itself, or refuse it."""
        kind, body = answer[:1], answer[1:]
        if kind != remote.DONE:
            said = body.decode("utf-8", "replace") if kind == remote.FAILED else "its process has ended."
            return self.refuse(address, said)
        try:
            proof = msgspec.json.decode(body, type=remote.Proof)
        except msgspec.MsgspecError:
            return self.refuse(address, "what it says of itself cannot be read.")
        if problem := proof.problem or _difference(remote.what_is_here(), proof.has):
            return self.refuse(address, problem)
        self.workers[address] = Worker(address, threads)
        self._graded = True

    # ---------------------------------------------------------------- what is sent, and comes back

    def send(self, address: str, function: Callable[..., bytes], *arguments: object) -> Any:
        """Have a worker call one of `remote`'s functions; the future it gives is in `done` once it is."""
        future = self._ask(
            lambda client: client.submit(
                function, *arguments, workers=[address], allow_other_workers=False, pure=False
            )
        )
        future.add_done_callback(self.done.put)
        return future

    def next_done(self, seconds: float = LOOK_SECONDS) -> tuple[Any, bytes] | None:
        """A future that is done, with its answer; None when there is none for so long, or it was a proof."""
        try:
            future = self.done.get(timeout=seconds)
        except queue.Empty:
            return None
        try:
            answer = future.result(timeout=CONNECT_SECONDS)
            if not isinstance(answer, bytes):
                answer = remote.FAILED + b"it answered with something else than bytes."
        except Exception as error:  # Dask's own, or there is no such function there
            said = sentence(error).encode("utf-8", "replace")
            answer = remote.FAILED + b"it gave no answer (" + said.removesuffix(b".") + b")."
        if future in self._proving:
            address, threads, _ = self._proving.pop(future)
            self._judge(address, threads, answer)
            return None
        return future, answer

    def stop(self) -> None:
        """Have workers begin no further notebook of this run."""
        if not self._stopping and self.workers:
            self._ask(
                lambda client: client.run(
                    remote.stop, self.run, workers=[*self.workers], wait=False, on_error="ignore"
                )
            )
        self._stopping = True

    def give_up(self, futures: Iterable[Any]) -> None:
        """Nobody waits for these."""
        with suppress(Exception):  # the scheduler may have gone
            self._client.cancel(list(futures), force=True)

    def _ask(self, call: Callable[[Any], Any]) -> Any:
        try:
            if self._client.status == "running":
                return call(self._client)
        except Exception as error:
            raise self._lost() from error
        raise self._lost()

    def _lost(self) -> ContentError:
        return ContentError(
            f"The Dask scheduler at {self.address} has gone. What was graded is kept: start one, and "
            "run the command again to go on."
        )


def _difference(here: dict[str, str], there: dict[str, str]) -> str:
    """What of another machine is not as it is here; empty when it could have graded here as well."""
    for name, value in here.items():
        other = there.get(name, "none")
        if other != value and name in CODE:
            return f"its course package has another {name}. Install there what is installed here."
        if other != value:
            return f"its {name} is {other}, and {value} is needed."
    return ""
