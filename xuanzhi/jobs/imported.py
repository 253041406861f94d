"""Cleaning of imported pages: read from the collection and prepared for a commit, one job each."""

from pathlib import Path
from typing import NamedTuple

from archive.importing.pages import ImportedPage, prepare_imported
from archive.ingest.answers import read_answer
from archive.ingest.prepared import Context
from archive.warc import reader
from archive.warc.pages import PageRecord
from archive.warc.records import Fields, Record
from archive.warc.validate import values_of
from clean.rules import Ruleset
from xuanzhi.jobs.batch import CleanOutcome
from xuanzhi.jobs.visits import own_names
from xuanzhi.jobs.workers import Loss
from xuanzhi.messages import _
from xuanzhi.output.failures import InputError, failure

__all__ = ["ImportedPageWork", "ImportedPayload"]


class ImportedPayload(NamedTuple):
    """A page of an imported file, and the place of its payload in the collection."""

    page: PageRecord
    visit_id: str
    """For the record that describes it."""
    title: str
    """In the list of pages that came with it; empty where there is none."""
    path: Path
    offset: int
    """Where the record's gzip member begins, in bytes."""
    length: int
    """Of that member, in bytes."""
    origin: str
    """Of a revisit or a segmented record, the record that has the payload; else empty."""

    @property
    def name(self) -> str:
        """The address."""
        return self.page.url


class ImportedPageWork(NamedTuple):
    """The work on each imported page; can be sent to another process."""

    ruleset: Ruleset
    context: Context
    max_bytes: int
    sha256: str
    """Of the imported file."""
    file: str

    def do(self, item: ImportedPayload) -> CleanOutcome:
        """Read and clean one page."""
        return self._prepared(item, None)

    def keep(self, item: ImportedPayload, loss: Loss) -> CleanOutcome:
        """Make records of a visit whose page could not be cleaned."""
        return self._prepared(item, loss)

    def lost(self, item: ImportedPayload, loss: Loss) -> CleanOutcome:
        """Return the outcome of a page that could not even be described; its record is in the collection."""
        return CleanOutcome(item.name, loss.failure(kept=False))

    def _prepared(self, item: ImportedPayload, loss: Loss | None) -> CleanOutcome:
        page = item.page
        try:
            record = self._read(item)
            notice = loss.notice if loss is not None else ""
            content = read_answer(page, record, self.ruleset, self.max_bytes, uncleaned=notice)
            cleaned = content.cleaned
            imported = ImportedPage(
                record=page,
                content=content,
                aliases=own_names(cleaned, page.url) if cleaned else (),
                origin=item.origin,
                sha256=self.sha256,
                file=self.file,
                visit_id=item.visit_id,
                title=item.title,
            )
            prepared = prepare_imported(imported, self.context)
            lost = loss.failure(kept=True) if loss is not None else None
            return CleanOutcome(item.name, lost, cleaned, prepared, page.captured)
        except MemoryError:
            raise
        except Exception as error:
            return CleanOutcome(item.name, failure(error))

    def _read(self, item: ImportedPayload) -> Record:
        """Return a record; one that is too large is never in memory. Raises InputError for it, or Damaged."""

        def is_small(fields: Fields) -> bool:
            return int(values_of(fields)["content-length"]) <= self.max_bytes

        end = item.offset + item.length
        record = next(reader.iterate(item.path, end, start=item.offset, wanted=is_small)).record
        if int(record.get("Content-Length")) > self.max_bytes:
            raise InputError(
                "too-large",
                _("larger than {limit}", limit=f"{self.max_bytes // (1024 * 1024)} MB"),
                _("A snapshot is one page. Split the file, or raise the limit with --max-megabytes."),
            )
        return record
