"""Commit of a prepared snapshot or visit: which rows and records it adds to the collection.

All of it runs inside the transaction of a batch, so what comes twice in one batch finds itself. Only here it is known
what the collection has: whether an answer is a response or a revisit, whether a visit takes over an earlier text, which
record a text refers to.
"""

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from archive.catalogue.connection import Catalogue, FileRow
from archive.catalogue.rows import LIVE, CatalogueWriter, EarlierVisit, RecordRows, free_name
from archive.errors import Damaged
from archive.ingest.prepared import (
    DerivedRecords,
    PreparedExchange,
    PreparedReclean,
    PreparedSnapshot,
    PreparedVisit,
    RequestConditions,
    VisitCapture,
)
from archive.model import UNCLEANED, Judgement, Subject
from archive.warc import exchanges
from archive.warc.members import Member, member, streamed
from archive.warc.records import PayloadOrigin

__all__ = ["AnsweredExchange", "BatchCommit", "CommitResult", "ExchangeWriter", "PendingFile"]


class PendingFile:
    """Members that a batch adds to one WARC file, and where they will lie."""

    def __init__(self, catalogue: Catalogue, file: FileRow, opening: Callable[[], Member]) -> None:
        """Begin behind the file's committed part; `opening` makes the warcinfo record of a new file."""
        self.file = file
        self.length = file.committed_length
        self.members: list[Member] = []
        self._catalogue = catalogue
        self._opening = opening

    def put(self, member: Member) -> int:
        """Add a member; return the row of its record."""
        if not self.length:
            self._add(self._opening())
        return self._add(member)

    def _add(self, member: Member) -> int:
        row = self._catalogue.insert(
            "record",
            record_id=member.record_id,
            file=self.file.id,
            offset=self.length,
            length=member.size,
        )
        self.members.append(member)
        self.length += member.size
        return row


class CommitResult(NamedTuple):
    """The result of committing one snapshot or visit."""

    name: str
    """The file's name, or the address as given."""
    status: str
    """`added`: its bytes, its text or its state were new. `recleaned`: its bytes were known, the judgement or the text
    is new. `unchanged`: nothing new was found; a visit is kept all the same. `not-modified`: the server says that the
    page is as it was at an earlier visit. `elsewhere`: its bytes are those of a snapshot of another article, which is
    named here; nothing was added. `not-visited`: a rule of ours or a mistake in the address said no."""
    state: str
    key: str
    """Of the article; empty where nothing was visited."""
    markdown: str | None
    """The article's Markdown file, relative to the collection; None where no capture of it was ever live."""
    current: bool
    """Whether that file holds the text of this one; false where a newer capture has another."""
    doubts: tuple[str, ...] = ()
    """Of a doubtful one: why, as `archive.catalogue.current` names it."""


class _CommitItem(NamedTuple):
    """What was decided about one of the batch."""

    name: str
    status: str
    state: str
    clean_sha256: str | None
    key: str
    """A name of the article; empty where there is none. Not its row: a later one of the batch may join articles."""
    doubts: tuple[str, ...] = ()


class BatchCommit:
    """Adds the snapshots and visits of one batch, inside its transaction."""

    def __init__(self, catalogue: Catalogue, root: Path, warc: PendingFile, derived: PendingFile) -> None:
        """Take the catalogue, the collection's folder, and what is to be appended to its two files."""
        self._catalogue = catalogue
        self._root = root
        self._warc = warc
        self._derived = derived
        self._index = CatalogueWriter(catalogue, partial(free_name, catalogue, root))
        self._items: list[_CommitItem] = []

    def results(self) -> list[CommitResult]:
        """Return the result of each item, after all were committed; raises sqlite3.Error."""
        return [self._result(item) for item in self._items]

    def add(self, item: PreparedSnapshot | PreparedVisit | PreparedReclean) -> None:
        """Insert the rows of one and put its records to the files, as far as they are new.

        Raises sqlite3.Error; the transaction around translates it.
        """
        match item:
            case PreparedVisit():
                self._items.append(self._visit(item))
            case PreparedReclean():
                self._items.append(self._reclean(item))
            case _:
                self._items.append(self._snapshot(item))

    def _snapshot(self, item: PreparedSnapshot) -> _CommitItem:
        subject, judgement, index = item.subject, item.judgement, self._index
        known = index.snapshot(judgement.source_sha256)
        if known and not index.is_named(known.article, subject.identity.key):  # a file is a capture of one article
            key = index.stored_subject(known.capture).key
            return _CommitItem(subject.name, "elsewhere", known.state, known.clean_sha256, key)
        result = _CommitItem(subject.name, "unchanged", judgement.state, judgement.clean_sha256, subject.identity.key)
        if known and (known.state, known.clean_sha256) == (judgement.state, judgement.clean_sha256):
            return result
        if known and judgement.state == UNCLEANED:  # what this machine could not clean now says nothing about it
            return result._replace(state=known.state, clean_sha256=known.clean_sha256)
        if known:
            article, capture = known.article, known.capture
            # The record of the bytes exists. What is derived anew refers to that one, and goes where it never
            # touches a capture file.
            provenance = self._derived.put(item.provenance.referring_to(known.record_id))
        else:
            article, joined = index.article(subject)
            record = self._warc.put(item.resource)
            capture = index.capture(subject, article, record, source_sha256=judgement.source_sha256, visit=None)
            index.joined(judgement.at, article, capture, joined)
            provenance = self._warc.put(item.provenance.member)
        source = known.record_id if known else ""
        rows = self._text(item.derived, judgement, article, capture, provenance=provenance, source=source)
        stored = index.judge(
            article,
            capture,
            subject,
            judgement,
            rows,
            event="normalization" if known else "ingestion",
            path=item.derived.path,
        )
        return result._replace(status="recleaned" if known else "added", state=stored.state, doubts=stored.doubts)

    def _visit(self, item: PreparedVisit) -> _CommitItem:
        description, judgement = item.description, item.judgement
        if self._catalogue.row_of(description.visit_id):
            return self._committed_before(item)
        if item.capture is None:
            ExchangeWriter(self._index, self._warc).put(item, None)
            self._warc.put(item.member)
            self._index.item_done(description, description.error or judgement.state)
            return _CommitItem(description.url, "not-visited", judgement.state, None, "")
        return self._captured(item, item.capture)

    def _captured(self, item: PreparedVisit, made: VisitCapture) -> _CommitItem:
        """Add a visit that made a capture."""
        description, judgement, index = item.description, item.judgement, self._index
        article, joined = index.article(made.subject)
        before = index.latest_state(article)
        answered = ExchangeWriter(index, self._warc).put(item, article)
        if answered.earlier:
            made, judgement = _inheriting(made, judgement, answered.earlier)
        record = self._warc.put(item.member)
        capture = index.capture(
            made.subject,
            article,
            answered.record or self._catalogue.row_of(description.answer) or record,
            source_sha256=judgement.source_sha256,
            visit=description,
        )
        index.joined(judgement.at, article, capture, joined)
        provenance = self._derived.put(member(made.provenance.record()))
        clean = judgement.clean_sha256
        version = index.version(article, clean) if clean is not None else None
        if made.derived.conversion is not None:
            source = answered.source
            rows = self._text(made.derived, judgement, article, capture, provenance=provenance, source=source)
        else:
            rows = RecordRows(provenance, version.id if version else None)
        stored = index.judge(
            article, capture, made.subject, judgement, rows, event=description.event, path=made.derived.path
        )
        index.item_done(description, description.error or judgement.state)
        is_new = clean is not None and version is None
        is_new_fact = clean is None and before != (judgement.state, judgement.notice)
        status = "not-modified" if answered.not_modified else "added" if is_new or is_new_fact else "unchanged"
        return _CommitItem(
            description.url, status, stored.state, clean, made.subject.identity.key, doubts=stored.doubts
        )

    def _committed_before(self, item: PreparedVisit) -> _CommitItem:
        """Return what became of a visit that is committed again, because the first time ended in an error."""
        name, capture = item.description.url, self._index.visit(item.description.visit_id)
        if item.capture is None or capture is None:
            return _CommitItem(name, "not-visited", item.judgement.state, None, "")
        key = item.capture.subject.identity.key
        return _CommitItem(name, "unchanged", capture.state, capture.clean_sha256, key)

    def _reclean(self, item: PreparedReclean) -> _CommitItem:
        """Add a new judgement of a capture, unless it is the one that stands: another process may be quicker."""
        judgement, index = item.judgement, self._index
        known = index.snapshot(judgement.source_sha256) if item.kind == "snapshot" else index.visit(item.capture)
        if known is None:
            raise Damaged(f"the catalogue does not know the capture {item.capture} any more")
        stored = index.stored_subject(known.capture)
        result = _CommitItem(item.name, "unchanged", judgement.state, judgement.clean_sha256, stored.key)
        if (known.state, known.clean_sha256) == (judgement.state, judgement.clean_sha256):
            return result
        subject = Subject(
            name=item.name,
            identities=(),
            url=stored.url,
            title=item.title,
            source=item.source,
            date=item.date,
            fetch_date=stored.fetch_date,
            fetched_at=stored.fetched_at,
        )
        if item.inherits and judgement.clean_sha256 is not None:
            shared = index.version(known.article, judgement.clean_sha256)
            if shared is None:  # the earlier visit could not be cleaned: the next time
                return result
            rows = RecordRows(self._derived.put(item.provenance), shared.id)
        else:
            provenance = self._derived.put(item.provenance)
            rows = self._text(item.derived, judgement, known.article, known.capture, provenance=provenance)
        index.judge(
            known.article, known.capture, subject, judgement, rows, event="normalization", path=item.derived.path
        )
        return result._replace(status="recleaned")

    def _text(
        self,
        derived: DerivedRecords,
        judgement: Judgement,
        article: int,
        capture: int,
        *,
        provenance: int,
        source: str = "",
    ) -> RecordRows:
        """Put the conversion, where the text is new, and the ledger; return the rows of provenance, version and ledger.

        `provenance` is the row of the judgement's provenance, `source` the record that the conversion refers to; empty
        for the one that it was prepared with.
        """
        if derived.conversion is None or derived.ledger is None or judgement.clean_sha256 is None:
            return RecordRows(provenance)
        known = self._index.version(article, judgement.clean_sha256)
        if known:  # captures share a version when their text is equal; the ledger is each capture's own
            return RecordRows(provenance, known.id, self._derived.put(derived.ledger.referring_to(known.conversion)))
        conversion = derived.conversion
        record = self._derived.put(conversion.referring_to(source) if source else conversion.member)
        version = self._index.new_version(article, capture, judgement, record, derived.markdown)
        return RecordRows(provenance, version, self._derived.put(derived.ledger.member))

    def _result(self, item: _CommitItem) -> CommitResult:
        if not item.key:
            return CommitResult(item.name, item.status, item.state, key="", markdown=None, current=False)
        article = self._index.article_text(item.key)
        if article.markdown and not article.pending and not (self._root / article.markdown).exists():
            # Somebody deleted the file; the batch's last step writes it again.
            self._index.mark_pending(article.id)
        current = item.clean_sha256 is not None and item.clean_sha256 == article.clean_sha256
        return CommitResult(
            item.name,
            item.status,
            item.state,
            key=article.key,
            markdown=article.markdown,
            current=current,
            doubts=item.doubts,
        )


def _inheriting(made: VisitCapture, judgement: Judgement, earlier: EarlierVisit) -> tuple[VisitCapture, Judgement]:
    """Return a visit's capture and judgement with the text of an earlier visit; the provenance says so."""
    judgement = judgement._replace(
        state=LIVE, notice="", clean_sha256=earlier.clean_sha256, source_sha256=earlier.source_sha256
    )
    provenance = made.provenance.updated(
        title=earlier.title,
        source=earlier.source,
        date=earlier.date,
        source_sha256=judgement.source_sha256,
        state=judgement.state,
        notice=judgement.notice,
        clean_sha256=judgement.clean_sha256,
        inherits=True,
    )
    subject = made.subject._replace(title=earlier.title, source=earlier.source, date=earlier.date)
    return made._replace(subject=subject, provenance=provenance), judgement


class AnsweredExchange(NamedTuple):
    """The committed records of the exchange that answered."""

    record: int
    """The row of the record that stands for it; 0 where nothing answered."""
    source: str
    """The record that has its payload, where that is another one; else empty."""
    earlier: EarlierVisit | None
    """The visit whose text this one takes over."""
    not_modified: bool
    """Whether it is a 304 that refers to an earlier visit."""


class ExchangeWriter:
    """Puts the records of a visit's exchanges, inside of a batch's transaction: each answer a response or a revisit.

    Raises sqlite3.Error.
    """

    def __init__(self, index: CatalogueWriter, warc: PendingFile) -> None:
        self._index = index
        self._warc = warc

    def put(self, item: PreparedVisit, article: int | None) -> AnsweredExchange:
        """Put the records of all exchanges; `article` is the visit's, None where it made no capture."""
        result = AnsweredExchange(record=0, source="", earlier=None, not_modified=False)
        inherits = item.capture is not None and item.capture.inherits
        for exchange in item.exchanges:
            is_answer = exchange.record_id == item.description.answer
            earlier, origin = None, self._index.payload(exchange.payload_sha256)
            not_modified = False
            if is_answer and inherits and article is not None:
                earlier = self._index.visit_with_payload(article, exchange.payload_sha256)
                if exchange.conditions is not None:
                    earlier, origin = self._referent(article, exchange.url, exchange.conditions)
                    not_modified = origin is not None
            row = self._exchange(exchange, origin, not_modified=not_modified)
            if is_answer:
                result = AnsweredExchange(row, origin.record_id if origin else "", earlier, not_modified)
        return result

    def _referent(
        self, article: int, url: str, conditions: RequestConditions
    ) -> tuple[EarlierVisit | None, PayloadOrigin | None]:
        """Return the visit that a 304 refers to, and the record of what is not modified."""
        earlier = self._index.visit_with_validator(article, url, conditions.etag, conditions.last_modified)
        origin = self._index.payload(earlier.payload_sha256) if earlier and earlier.payload_sha256 else None
        return (earlier, origin) if origin else (None, None)

    def _exchange(self, exchange: PreparedExchange, origin: PayloadOrigin | None, *, not_modified: bool) -> int:
        """Put request, answer and description; return the row of the record that stands for the exchange."""
        answer = self._answer(exchange, origin, not_modified=not_modified)
        if answer is None and exchange.fields:
            raise Damaged(f"the catalogue does not know the payload of {exchange.url} any more")
        row = self._warc.put(answer) if answer else 0
        if origin is None and exchange.payload_sha256 and answer:
            fields = dict(exchange.fields)
            self._index.new_payload(exchange.payload_sha256, row, fields["WARC-Target-URI"], fields["WARC-Date"])
        if exchange.request:
            self._warc.put(exchange.request)
        if exchange.verbatim and (not_modified or not exchange.fields):
            self._warc.put(exchange.verbatim)
        description = self._warc.put(exchange.description)
        return row or description

    def _answer(self, exchange: PreparedExchange, origin: PayloadOrigin | None, *, not_modified: bool) -> Member | None:
        if origin is None:
            return exchange.response
        if not_modified:
            return streamed(exchanges.not_modified(exchange.fields, origin), ())
        head = exchange.head
        fields = exchanges.identical_payload(exchange.fields, origin, size=len(head), sha256=sha256(head).hexdigest())
        return streamed(fields, [head])
