"""Cleaning many files: each by itself, in order, in one process or in several, and never more in memory than needed."""

import os
import traceback
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from archive.snapshot import Context, Prepared, Snapshot, prepare
from clean.document import Cleaned
from clean.errors import CleanError
from clean.medium import Medium, medium_of
from clean.pipeline import clean
from clean.rules import Ruleset
from xuanzhi.errors import CommandError, InputError
from xuanzhi.inputs import Input, read_input
from xuanzhi.words import describe, hint, word

__all__ = ["Failure", "Job", "Outcome", "failure", "run"]

CHUNK = 16
"""Files given to a worker process at once: cheap enough to send, small enough to share evenly."""

AHEAD = 3
"""Chunks per worker that are under way before the first result is taken: what bounds the memory."""

WORTH_PROCESSES = 64
"""Files below which starting processes costs more than it saves."""


class Failure(NamedTuple):
    """Why there is no result."""

    code: str
    message: str
    hint: str
    trace: str = ""
    """The traceback of a mistake in this software, for `--debug`."""


class Outcome(NamedTuple):
    """What became of one input: a failure, or the cleaned document and, where asked for, its records."""

    name: str
    failure: Failure | None = None
    cleaned: Cleaned | None = None
    prepared: Prepared | None = None


class Job(NamedTuple):
    """What is to be done with each input; can be sent to another process."""

    ruleset: Ruleset
    context: Context | None
    """Prepare records for a collection with this; None for none."""
    max_bytes: int

    def do(self, item: Input) -> Outcome:
        """Read and clean one input. Never raises, so that one bad input costs no other its result."""
        try:
            if item.error is not None:
                raise item.error
            data, cleaned = self._cleaned(item)
            prepared = None
            if self.context is not None:
                prepared = prepare(Snapshot(item.name, data, cleaned), self.context)
            return Outcome(item.name, None, cleaned, prepared)
        except Exception as error:
            return Outcome(item.name, failure(error))

    def _cleaned(self, item: Input) -> tuple[bytes, Cleaned]:
        if item.offset is not None:
            from clean.html.page import clean_page  # what reads HTML is heavy, and snapshots do not need it
            from xuanzhi.pages_in_warc import read_record

            body = read_record(item.path, item.offset, self.max_bytes)
            return body.data, clean_page(
                body.data, url=body.url, charset=body.charset, fetch_date=body.date, ruleset=self.ruleset
            )
        data = read_input(item.path, self.max_bytes)
        medium = medium_of(item.path, data)
        if medium is Medium.WARC:
            raise InputError("warc-by-name")
        if medium is Medium.PAGE:
            from clean.html.page import clean_page

            return data, clean_page(data, ruleset=self.ruleset)
        return data, clean(data, ruleset=self.ruleset)


def failure(error: Exception) -> Failure:
    """Describe an error to people in their language; one that nobody expected keeps its traceback."""
    if isinstance(error, CommandError):
        return Failure(error.code, str(error), error.hint)
    code = getattr(error, "code", None)
    if isinstance(code, str) and type(error).__module__.startswith("capture"):
        return Failure(code, str(error), hint(f"fetch.{code}") or getattr(error, "hint", ""))
    if isinstance(code, str) and (isinstance(error, CleanError) or type(error).__module__.startswith("archive")):
        return Failure(code, *describe("error", code, str(error), getattr(error, "hint", "")))
    reason = f"{type(error).__name__}: {error}"
    trace = "".join(traceback.format_exception(error))
    return Failure("internal", word("error.internal", reason=reason), hint("error.internal"), trace)


def workers(jobs: int, files: int) -> int:
    """How many processes to use: as many as asked for, or as the machine has where it pays."""
    if jobs:
        return min(jobs, max(1, files // CHUNK))
    return 1 if files < WORTH_PROCESSES else min(os.cpu_count() or 1, 8)


def run(items: Sequence[Input], job: Job, jobs: int = 0) -> Iterator[Outcome]:
    """Yield the outcome of each input, in the order given. `jobs` is a number of processes, 0 for what fits."""
    count = workers(jobs, len(items))
    if count <= 1:
        yield from map(job.do, items)
    else:
        yield from _in_processes(items, job, count)


_job: Job  # of a worker process, set once when it starts


def _start(job: Job) -> None:
    import signal

    global _job  # noqa: PLW0603 -- a worker process has one job, and sending it with every chunk would be slow
    _job = job
    # Ctrl-C reaches all processes of a terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _chunk(items: list[Input]) -> list[Outcome]:
    return [_job.do(item) for item in items]


def _in_processes(items: Iterable[Input], job: Job, count: int) -> Iterator[Outcome]:
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    rest = iter(items)
    under_way: deque[tuple[list[Input], Future[list[Outcome]]]] = deque()
    with ProcessPoolExecutor(count, initializer=_start, initargs=(job,)) as pool:
        try:
            while True:
                while len(under_way) < AHEAD * count and (chunk := list(islice(rest, CHUNK))):
                    under_way.append((chunk, pool.submit(_chunk, chunk)))
                if not under_way:
                    return
                yield from under_way[0][1].result()
                under_way.popleft()
        except BrokenProcessPool:
            pass
        finally:
            # Waited for: an end of Python while the pool still closes is a race that it loses with a traceback.
            pool.shutdown(cancel_futures=True)
    # The system killed a worker, mostly for its memory. One of the files under way is the reason: nobody knows which,
    # so those are reported, and the rest goes on in this process.
    lost = Failure("lost-worker", word("error.lost-worker"), hint("error.lost-worker"))
    for chunk, _ in under_way:
        yield from (Outcome(item.name, lost) for item in chunk)
    yield from map(job.do, rest)
