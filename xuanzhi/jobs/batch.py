"""Batch cleaning of files, in order, in one process or several, with bounded memory."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from archive.dates import RecordDate
from archive.ingest.prepared import PreparedVisit
from archive.ingest.snapshot import NO_ARGUMENTS, Context, PageArguments, PreparedSnapshot, Snapshot, prepare
from clean.document import Cleaned, CleanWarning, SourceKind, source_kind
from clean.pipeline import clean
from clean.rules import Ruleset
from xuanzhi.jobs.inputs import Input, read_input
from xuanzhi.messages import _
from xuanzhi.output.failures import Failure, InputError, failure

if TYPE_CHECKING:
    from archive.collection.collection import CommitResult

__all__ = ["BatchWork", "CleanOutcome", "CleanWork", "commit", "in_batches", "run_batch"]

T = TypeVar("T")
Item_contra = TypeVar("Item_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)

CHUNK = 16
"""Files given to a worker process at once: cheap enough to send, small enough to share evenly."""

AHEAD = 3
"""Chunks per worker that are under way before the first result is used: what bounds the memory."""

WORTH_PROCESSES = 64
"""Files below which starting processes costs more than it saves."""


BATCH = 256
"""Results that are committed together at most: one fsync for all of them."""

BATCH_SECONDS = 1.0
"""After this time what is there is committed, so that a slow batch reports as it goes."""


class CleanOutcome(NamedTuple):
    """The outcome of one input: a failure, or the cleaned document and, where asked for, its records."""

    name: str
    failure: Failure | None = None
    cleaned: Cleaned | None = None
    prepared: PreparedSnapshot | PreparedVisit | None = None
    captured: RecordDate | None = None
    """Of an imported page: when others captured it."""


class BatchWork(Protocol[Item_contra, Result_co]):
    """The work on each of many items; can be sent to another process."""

    def do(self, item: Item_contra) -> Result_co:
        """Do it. Never raises, so that one bad item costs no other its result."""

    def lost(self, item: Item_contra, reason: Failure) -> Result_co:
        """Return the result of an item whose worker process died."""


class CleanWork(NamedTuple):
    """The work on each input; can be sent to another process."""

    ruleset: Ruleset
    context: Context | None
    """Prepare records for a collection with this; None for none."""
    max_bytes: int
    url: str = ""
    """Address of a page, where the user says it."""
    date: str = ""
    """When a page was fetched, where the user says it."""

    def do(self, item: Input) -> CleanOutcome:
        """Read and clean one input. Never raises, so that one bad input costs no other its result."""
        try:
            if item.error is not None:
                raise item.error
            data, cleaned, page = self._cleaned(item)
            prepared = None
            if self.context is not None:
                prepared = prepare(Snapshot(item.name, data, cleaned, page), self.context)
            return CleanOutcome(item.name, None, cleaned, prepared)
        except Exception as error:
            return CleanOutcome(item.name, failure(error))

    def lost(self, item: Input, reason: Failure) -> CleanOutcome:
        """Return the outcome of an input whose worker process died."""
        return CleanOutcome(item.name, reason)

    def _cleaned(self, item: Input) -> tuple[bytes, Cleaned, PageArguments]:
        if item.place is not None:
            from clean.page import clean_page  # what reads HTML is heavy, and snapshots do not need it
            from xuanzhi.jobs.inputs import read_page

            body = read_page(item.path, item.place, self.max_bytes)
            captured = body.record.captured
            fetched = captured.text if captured.code else body.record.date
            page = PageArguments(body.record.url, body.record.content_type, fetched)
            cleaned = clean_page(body.data, **page._asdict(), ruleset=self.ruleset)
            if captured.code:
                warning = CleanWarning(captured.code, captured.note, 0, "The record keeps the date as it is.")
                cleaned = cleaned._replace(warnings=(*cleaned.warnings, warning))
            return body.data, cleaned, page
        data = read_input(item.path, self.max_bytes)
        medium = source_kind(item.path, data)
        if medium is SourceKind.WARC:
            raise InputError(
                "warc-by-name",
                _("this contains WARC records, but its name does not say so"),
                _("Supply it as a file whose name ends in .warc or .warc.gz."),
            )
        if medium is SourceKind.PAGE:
            from clean.page import clean_page

            page = PageArguments(url=self.url, fetch_date=self.date) if self.url or self.date else NO_ARGUMENTS
            return data, clean_page(data, url=self.url, fetch_date=self.date, ruleset=self.ruleset), page
        return data, clean(data, ruleset=self.ruleset), NO_ARGUMENTS


def workers(jobs: int, files: int) -> int:
    """Return how many processes to use: as many as `jobs` says, where it is not 0, else as pay off."""
    if jobs:
        return min(jobs, max(1, files // CHUNK))
    return 1 if files < WORTH_PROCESSES else min(os.cpu_count() or 1, 8)


def run_batch(items: Iterable[T], work: BatchWork[T, Result_co], count: int, jobs: int = 0) -> Iterator[Result_co]:
    """Yield the outcome of each item, in the order given.

    `count` is how many there are, `jobs` a number of processes, 0 for what fits.
    """
    processes = workers(jobs, count)
    if processes <= 1:
        yield from map(work.do, items)
    else:
        yield from _in_processes(items, work, processes)


def in_batches(outcomes: Iterable[T]) -> Iterator[list[T]]:
    """Yield what comes in lists that are worth a commit."""
    batch: list[T] = []
    due = monotonic() + BATCH_SECONDS
    for outcome in outcomes:
        batch.append(outcome)
        if len(batch) >= BATCH or monotonic() > due:
            yield batch
            batch, due = [], monotonic() + BATCH_SECONDS
    if batch:
        yield batch


_work: BatchWork[Any, Any]  # of a worker process, set once when it starts


def _start(work: BatchWork[Any, Any]) -> None:
    import signal
    from multiprocessing import parent_process
    from threading import Thread

    global _work  # noqa: PLW0603 -- a worker process has one, and sending it with every chunk would be slow
    _work = work
    # Ctrl-C reaches all processes of a terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A parent that is killed says nothing: its workers would wait for ever, and hold its output open.
    if (parent := parent_process()) is not None:
        Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


def _chunk(items: list[Any]) -> list[Any]:
    return [_work.do(item) for item in items]


def _in_processes(items: Iterable[T], work: BatchWork[T, Result_co], count: int) -> Iterator[Result_co]:
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    rest = iter(items)
    under_way: deque[tuple[list[T], Future[list[Result_co]]]] = deque()
    with ProcessPoolExecutor(count, initializer=_start, initargs=(work,)) as pool:
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
    lost = Failure(
        "lost-worker",
        _("a worker process died while cleaning this file"),
        _("Run this file again by itself with --jobs 1; the system may be short of memory."),
    )
    for chunk, _unused in under_way:
        yield from (work.lost(item, lost) for item in chunk)
    yield from map(work.do, rest)


Item = TypeVar("Item")


def commit(
    items: Sequence[Item], commit_all: "Callable[[Sequence[Item]], list[CommitResult]]"
) -> "list[CommitResult | Failure]":
    """Commit items together; where that fails for a reason that may lie in one of them, one by one."""
    from archive.errors import ArchiveError

    try:
        return list(commit_all(items)) if items else []
    except ArchiveError as error:
        if len(items) == 1:
            return [failure(error)]
    return [commit([item], commit_all)[0] for item in items]
