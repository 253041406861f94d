"""Batch cleaning of files, in order, in watched worker processes, with bounded memory."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from archive.dates import RecordDate
from archive.ingest.prepared import PreparedVisit
from archive.ingest.snapshot import (
    NO_ARGUMENTS,
    Context,
    PageArguments,
    PreparedSnapshot,
    Snapshot,
    prepare,
    uncleaned,
)
from clean.document import Cleaned, CleanWarning, SourceKind, source_kind
from clean.pipeline import clean
from clean.rules import Ruleset
from xuanzhi.jobs.inputs import Input, read_input, read_part
from xuanzhi.jobs.workers import USUAL_LIMITS, Loss, Work, Workers, WorkLimits
from xuanzhi.messages import _
from xuanzhi.output.failures import Failure, InputError, failure

if TYPE_CHECKING:
    from archive.collection.collection import CommitResult

__all__ = ["CleanOutcome", "CleanWork", "commit", "in_batches", "run_batch"]

T = TypeVar("T")
Result = TypeVar("Result")

SHARE = 16
"""Files that make a further process worth its start."""

WORTH_PROCESSES = 64
"""Files below which more than one process costs more than it saves."""


BATCH = 256
"""Results that are committed together at most: one fsync for all of them."""

BATCH_SECONDS = 1.0
"""After this time what is there is committed, so that a slow batch reports as it goes."""


class CleanOutcome(NamedTuple):
    """The outcome of one input: the cleaned document and, where asked for, its records; or a failure.

    With a failure there are records where the input is kept without having been cleaned.
    """

    name: str
    failure: Failure | None = None
    cleaned: Cleaned | None = None
    prepared: PreparedSnapshot | PreparedVisit | None = None
    captured: RecordDate | None = None
    """Of an imported page: when others captured it."""


class _Read(NamedTuple):
    data: bytes
    kind: SourceKind
    page: PageArguments
    warnings: tuple[CleanWarning, ...] = ()


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
        """Read and clean one input."""
        try:
            data, kind, page, warnings = self._read(item)
            if kind is SourceKind.PAGE:
                from clean.page import clean_page  # what reads HTML is heavy, and snapshots do not need it

                known = {key: value for key, value in page._asdict().items() if value}
                cleaned = clean_page(data, **known, ruleset=self.ruleset)
            else:
                cleaned = clean(data, ruleset=self.ruleset)
            cleaned = cleaned._replace(warnings=(*cleaned.warnings, *warnings))
            prepared = None
            if self.context is not None:
                prepared = prepare(Snapshot(item.name, data, cleaned, page), self.context)
            return CleanOutcome(item.name, None, cleaned, prepared)
        except MemoryError:
            raise
        except Exception as error:
            return CleanOutcome(item.name, failure(error))

    def keep(self, item: Input, loss: Loss) -> CleanOutcome:
        """Make records of an input that could not be cleaned."""
        if self.context is None:
            return self.lost(item, loss)
        try:
            data, kind, page, _unused = self._read(item)
            prepared = prepare(uncleaned(item.name, data, kind, page, loss.notice), self.context)
            return CleanOutcome(item.name, loss.failure(kept=True), None, prepared)
        except MemoryError:
            raise
        except Exception as error:
            return CleanOutcome(item.name, failure(error))

    def lost(self, item: Input, loss: Loss) -> CleanOutcome:
        """Return the outcome of an input that could neither be cleaned nor kept."""
        return CleanOutcome(item.name, loss.failure(kept=False))

    def _read(self, item: Input) -> _Read:
        if item.error is not None:
            raise item.error
        if item.place is not None:
            from xuanzhi.jobs.inputs import read_page

            body = read_page(item.path, item.place, self.max_bytes)
            captured = body.record.captured
            fetched = captured.text if captured.code else body.record.date
            page = PageArguments(body.record.url, body.record.content_type, fetched)
            note = CleanWarning(captured.code, captured.note, 0, "The record keeps the date as it is.")
            return _Read(body.data, SourceKind.PAGE, page, (note,) if captured.code else ())
        if item.part:
            data, kind_name = read_part(item.path, item.part, self.max_bytes), item.part
        else:
            data = item.data if item.data is not None else read_input(item.path, self.max_bytes)
            kind_name = item.path
        kind = source_kind(kind_name, data)
        if kind is SourceKind.WARC:
            raise InputError(
                "warc-by-name",
                _("this contains WARC records, but its name does not say so"),
                _("Supply it as a file whose name ends in .warc or .warc.gz."),
            )
        if kind is SourceKind.PAGE and item.known is not None:
            given = {} if item.part else {"url": self.url, "fetch_date": self.date}
            known = item.known._replace(**{name: value for name, value in given.items() if value})
            return _Read(data, kind, known)
        if kind is SourceKind.PAGE and (self.url or self.date):
            return _Read(data, kind, PageArguments(url=self.url, fetch_date=self.date))
        return _Read(data, kind, NO_ARGUMENTS)


def workers(jobs: int, files: int) -> int:
    """Return how many processes to use: as many as `jobs` says, where it is not 0, else as pay off."""
    if jobs:
        return min(jobs, max(1, files // SHARE))
    return 1 if files < WORTH_PROCESSES else min(os.cpu_count() or 1, 8)


def run_batch(
    items: Iterable[T], work: Work[T, Result], count: int, jobs: int = 0, limits: WorkLimits = USUAL_LIMITS
) -> Iterator[Result]:
    """Yield the outcome of each item, in the order given.

    `count` is how many there are, `jobs` a number of processes, 0 for what fits. Raises SystemLimit where none can be
    started.
    """
    with Workers(work, workers(jobs, count), limits) as running:
        yield from running.results(items)


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
