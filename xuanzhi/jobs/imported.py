"""Pages that others captured: read from the collection, cleaned, and made ready to be kept. One job for each page."""

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
from xuanzhi.output.failures import Failure, InputError, failure

__all__ = ["ImportedPageWork", "ImportedPayload"]


class ImportedPayload(NamedTuple):
    """One page of an imported file, and where its payload lies in the collection."""

    found: PageRecord
    visit_id: str
    """For the record that describes it."""
    title: str
    """In the list of pages that came with it; empty where there is none."""
    path: Path
    offset: int
    length: int
    origin: str
    """Of a revisit, the record that has the payload; else empty."""

    @property
    def name(self) -> str:
        """The address."""
        return self.found.url


class ImportedPageWork(NamedTuple):
    """What is to be done with each page; can be sent to another process."""

    ruleset: Ruleset
    context: Context
    max_bytes: int
    sha256: str
    """Of the imported file."""
    file: str

    def do(self, item: ImportedPayload) -> CleanOutcome:
        """Read and clean one page. Never raises."""
        page = item
        try:
            record = self._read(page)
            answer = read_answer(page.found, record, self.ruleset, self.max_bytes)
            cleaned = answer.cleaned
            aliases = own_names(cleaned, page.found.url) if cleaned else ()
            imported = ImportedPage(
                record=page.found,
                content=answer,
                aliases=aliases,
                origin=page.origin,
                sha256=self.sha256,
                file=self.file,
                visit_id=page.visit_id,
                title=page.title,
            )
            prepared = prepare_imported(imported, self.context)
            return CleanOutcome(page.name, None, cleaned, prepared)
        except Exception as error:
            return CleanOutcome(page.name, failure(error))

    def lost(self, item: ImportedPayload, reason: Failure) -> CleanOutcome:
        """Return the outcome of a page whose worker process died."""
        return CleanOutcome(item.name, reason)

    def _read(self, page: ImportedPayload) -> Record:
        """Return a record; one that is too large is never in memory. Raises InputError for it, or Damaged."""

        def is_small(fields: Fields) -> bool:
            return int(values_of(fields)["content-length"]) <= self.max_bytes

        end = page.offset + page.length
        record = next(reader.iterate(page.path, end, start=page.offset, wanted=is_small)).record
        if int(record.get("Content-Length")) > self.max_bytes:
            raise InputError("too-large", limit=f"{self.max_bytes // (1024 * 1024)} MB")
        return record
