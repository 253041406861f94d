"""What becomes of one prepared snapshot or visit: which rows and records it adds to the collection, if any.

All of it runs inside the transaction of a batch, so what comes twice in one batch finds itself.
"""

import json
import zlib
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from archive.catalogue.connection import Catalogue, FileRow
from archive.catalogue.rows import LIVE, CatalogueWriter, EarlierVisit, RecordRows, free_name
from archive.errors import Damaged
from archive.ingest.prepared import PreparedExchange, PreparedReclean, PreparedSnapshot, PreparedVisit
from archive.ingest.provenance import to_json
from archive.model import Subject
from archive.warc import exchanges, reader
from archive.warc.members import Member, member, streamed
from archive.warc.records import PayloadOrigin, Record, digest

__all__ = ["AnsweredExchange", "BatchCommit", "CommitResult", "ExchangeWriter", "PendingFile", "inherited", "record_of"]


# What a batch adds to one WARC file.


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

    def put_referring(self, one: Member, record_id: str) -> int:
        """Add a member with another WARC-Refers-To: it was prepared before anybody knew what is kept."""
        record = record_of(one)
        return self.put(one if record.refers_to == record_id else member(record.referring_to(record_id)))

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


def record_of(member: Member) -> Record:
    """Return the record in a member that is in memory."""
    return reader.parse(zlib.decompress(member.data, 31), member.record_id)


class CommitResult(NamedTuple):
    """What became of one snapshot or visit."""

    name: str
    """The file's name, or the address as given."""
    status: str
    """`added`: its bytes, its text or its state were new. `recleaned`: its bytes were known, the judgement or the text
    is new. `unchanged`: nothing new was found; a visit is kept all the same. `not-modified`: the server says that the
    page is as it was at an earlier visit. `not-visited`: a rule of ours or a mistake in the address said no."""
    state: str
    key: str
    """Of the article; empty where nothing was visited."""
    markdown: str | None
    """The article's Markdown file, relative to the collection; None where no capture of it was ever live."""
    current: bool
    """Whether that file holds the text of this one; false where a newer capture has another."""


class _KnownSource(NamedTuple):
    """A snapshot whose bytes the collection has."""

    id: int
    article: int
    state: str
    clean_sha256: str | None
    record_id: str


class _CommitItem(NamedTuple):
    """What was decided about one of the batch."""

    name: str
    status: str
    state: str
    clean_sha256: str | None
    key: str
    """A name of the article; empty where there is none. Not its row: a later one of the batch may join articles."""


class BatchCommit:
    """Takes the snapshots and visits of one batch, inside its transaction."""

    def __init__(self, catalogue: Catalogue, root: Path, warc: PendingFile, derived: PendingFile) -> None:
        """Take the catalogue, the collection's folder, and what is to be appended to its two files."""
        self._catalogue = catalogue
        self._root = root
        self._warc = warc
        self._derived = derived
        self._index = CatalogueWriter(catalogue, partial(free_name, catalogue, root))
        self._taken: list[_CommitItem] = []

    def added(self) -> list[CommitResult]:
        """Return what became of each, after all of them; raises sqlite3.Error."""
        return [self._added(taken) for taken in self._taken]

    def take(self, item: PreparedSnapshot | PreparedVisit | PreparedReclean) -> None:
        """Insert the rows of one and put its records to the files, as far as they are new.

        Raises sqlite3.Error; the transaction around translates it.
        """
        match item:
            case PreparedVisit():
                self._taken.append(self._visit(item))
            case PreparedReclean():
                self._taken.append(self._again(item))
            case _:
                self._taken.append(self._snapshot(item))

    def _snapshot(self, item: PreparedSnapshot) -> _CommitItem:
        subject, judgement, index = item.subject, item.judgement, self._index
        known = self._known(judgement.source_sha256)
        taken = _CommitItem(subject.name, "unchanged", judgement.state, judgement.clean_sha256, subject.identity.key)
        if known and (known.state, known.clean_sha256) == (judgement.state, judgement.clean_sha256):
            return taken
        if known:
            article, capture = known.article, known.id
            # The record of the bytes exists. What is derived anew refers to that one, and goes where it never
            # touches a capture file.
            provenance = self._derived.put_referring(item.provenance, known.record_id)
        else:
            article, joined = index.article(subject)
            record = self._warc.put(item.resource)
            capture = index.capture(subject, article, record, source_sha256=judgement.source_sha256, visit=None)
            index.joined(judgement.at, article, capture, joined)
            provenance = self._warc.put(item.provenance)
        rows = self._version(item, article, capture, known.record_id if known else "")
        index.judge(
            article,
            capture,
            subject,
            judgement,
            rows._replace(provenance=provenance),
            event="normalization" if known else "ingestion",
            path=item.derived.path,
        )
        return taken._replace(status="recleaned" if known else "added")

    def _visit(self, item: PreparedVisit) -> _CommitItem:

        subject, judgement, index = item.subject, item.judgement, self._index
        answers = ExchangeWriter(index, self._warc)
        taken = _CommitItem(subject.name, "not-visited", judgement.state, None, "")
        if self._catalogue.row_of(item.facts.visit_id):
            return self._kept_before(item, taken)
        if item.provenance is None:
            answers.put(item, None)
            self._warc.put(item.description)
            index.item_done(item.facts, item.facts.error or judgement.state)
            return taken
        article, joined = index.article(subject)
        before = self._latest(article)
        kept = answers.put(item, article)
        if kept.earlier:
            item = inherited(item, kept.earlier)
            subject, judgement = item.subject, item.judgement
        description = self._warc.put(item.description)
        capture = index.capture(
            subject,
            article,
            kept.record or self._catalogue.row_of(item.facts.answer) or description,
            source_sha256=judgement.source_sha256,
            visit=item.facts,
        )
        index.joined(judgement.at, article, capture, joined)
        assert item.provenance is not None  # for the type checker: it was not before
        rows = RecordRows(self._derived.put(item.provenance))
        clean = judgement.clean_sha256
        new = clean is not None and index.version(article, clean) is None
        if item.derived.conversion is not None:
            rows = self._version(item, article, capture, kept.source)._replace(provenance=rows.provenance)
        elif clean is not None and (shared := index.version(article, clean)):
            rows = rows._replace(version=shared[0])
        index.judge(article, capture, subject, judgement, rows, event=item.facts.event, path=item.derived.path)
        index.item_done(item.facts, item.facts.error or judgement.state)
        fact = clean is None and before != (judgement.state, judgement.notice)
        status = "not-modified" if kept.not_modified else "added" if new or fact else "unchanged"
        return _CommitItem(subject.name, status, judgement.state, clean, subject.identity.key)

    def _again(self, item: PreparedReclean) -> _CommitItem:
        """Take a new judgement of a capture, unless it is the one that stands: another process may be quicker."""
        judgement = item.judgement
        which, name = (
            ("capture.kind = 'snapshot' AND source_sha256 = ?", judgement.source_sha256)
            if item.kind == "snapshot"
            else ("capture.id = (SELECT capture FROM visit WHERE visit_id = ?)", item.capture)
        )
        found = self._catalogue.one(
            "SELECT capture.id, capture.article, article.key, state, clean_sha256, fetched_at, fetch_date, capture.url"
            " FROM capture JOIN article ON article.id = capture.article"
            f" LEFT JOIN version ON version.id = capture.version WHERE {which}",
            name,
        )
        if found is None:
            raise Damaged(f"the catalogue does not know the capture {item.capture} any more")
        capture, article, key, state, clean_sha256, fetched_at, fetch_date, url = found
        taken = _CommitItem(item.name, "unchanged", judgement.state, judgement.clean_sha256, key)
        if (state, clean_sha256) == (judgement.state, judgement.clean_sha256):
            return taken
        subject = Subject(item.name, (), url, item.title, item.source, item.date, fetch_date, fetched_at)
        if item.inherits and judgement.clean_sha256 is not None:
            shared = self._index.version(article, judgement.clean_sha256)
            if shared is None:  # the earlier visit could not be cleaned: the next time
                return taken
            rows = RecordRows(self._derived.put(item.provenance), shared[0])
        else:
            rows = RecordRows(self._derived.put(item.provenance))
            made = self._version(item, article, capture, "")
            rows = made._replace(provenance=rows.provenance)
        self._index.judge(article, capture, subject, judgement, rows, event="normalization", path=item.derived.path)
        return taken._replace(status="recleaned")

    def _kept_before(self, item: PreparedVisit, taken: _CommitItem) -> _CommitItem:
        """Return what became of a visit that is committed again, because the first time ended in an error."""
        row = self._catalogue.one(
            "SELECT state, clean_sha256 FROM visit JOIN capture ON capture.id = visit.capture"
            " LEFT JOIN version ON version.id = capture.version WHERE visit_id = ?",
            item.facts.visit_id,
        )
        return _CommitItem(taken.name, "unchanged", row[0], row[1], item.subject.identity.key) if row else taken

    def _known(self, source_sha256: str) -> _KnownSource | None:
        row = self._catalogue.one(
            "SELECT capture.id, capture.article, state, clean_sha256, record_id FROM capture"
            " JOIN record ON record.id = capture.record LEFT JOIN version ON version.id = capture.version"
            " WHERE source_sha256 = ? AND kind = 'snapshot'",
            source_sha256,
        )
        return _KnownSource._make(row) if row else None

    def _latest(self, article: int) -> tuple[str, str] | None:
        """Return state and notice of an article's latest capture."""
        row = self._catalogue.one(
            "SELECT state, notice FROM capture WHERE article = ? ORDER BY fetched_at DESC, id DESC LIMIT 1", article
        )
        return (row[0], row[1]) if row else None

    def _version(
        self, item: PreparedSnapshot | PreparedVisit | PreparedReclean, article: int, capture: int, source: str
    ) -> RecordRows:
        """Put the conversion, where the text is new, and the ledger; return the rows of version and ledger.

        `source` is the record that the conversion refers to, empty for the one that it was prepared with.
        """
        derived, judgement = item.derived, item.judgement
        if derived.conversion is None or derived.ledger is None or judgement.clean_sha256 is None:
            return RecordRows(0)
        known = self._index.version(article, judgement.clean_sha256)
        if known:  # captures share a version when their text is equal; the ledger is each capture's own
            version, conversion_id = known
            return RecordRows(0, version, self._derived.put_referring(derived.ledger, conversion_id))
        conversion = derived.conversion
        record = self._derived.put_referring(conversion, source) if source else self._derived.put(conversion)
        version = self._index.new_version(article, capture, judgement, record, derived.markdown)
        return RecordRows(0, version, self._derived.put(derived.ledger))

    def _added(self, taken: _CommitItem) -> CommitResult:
        if not taken.key:
            return CommitResult(taken.name, taken.status, taken.state, "", None, False)
        article, key, markdown, clean_sha256, pending = self._catalogue.one(
            "SELECT article.id, article.key, markdown, clean_sha256, pending FROM alias"
            " JOIN article ON article.id = alias.article LEFT JOIN version ON version.id = current_version"
            " WHERE alias.key = ?",
            taken.key,
        )
        if markdown and not pending and not (self._root / markdown).exists():
            # Somebody deleted the file; the batch's last step writes it again.
            self._catalogue.execute("UPDATE article SET pending = 1 WHERE id = ?", (article,))
        current = taken.clean_sha256 is not None and taken.clean_sha256 == clean_sha256
        return CommitResult(taken.name, taken.status, taken.state, key, markdown, current)


# What the exchanges of a visit add to a WARC file: decided here whether an answer is a response or a revisit.


class AnsweredExchange(NamedTuple):
    """What became of the exchange that answered."""

    record: int
    """The row of the record that stands for it; 0 where nothing answered."""
    source: str
    """The record that has its payload, where that is another one; else empty."""
    earlier: EarlierVisit | None
    """The visit whose text this one takes over."""
    not_modified: bool


class ExchangeWriter:
    """Puts the records of exchanges, inside of a batch's transaction. Raises sqlite3.Error."""

    def __init__(self, index: CatalogueWriter, warc: PendingFile) -> None:
        self._index = index
        self._warc = warc

    def put(self, item: PreparedVisit, article: int | None) -> AnsweredExchange:
        """Put the records of all exchanges; `article` is the visit's, None where it has none."""
        kept = AnsweredExchange(0, "", None, False)
        for exchange in item.exchanges:
            answered = exchange.record_id == item.facts.answer
            earlier, origin = None, self._index.payload(exchange.payload_sha256)
            not_modified = False
            if answered and item.inherits and article is not None:
                earlier = self._index.with_payload(article, exchange.payload_sha256)
                if exchange.conditions is not None:
                    earlier, origin = self._meant(exchange, article)
                    not_modified = origin is not None
            row = self._exchange(exchange, origin, not_modified=not_modified)
            if answered:
                kept = AnsweredExchange(row, origin.record_id if origin else "", earlier, not_modified)
        return kept

    def _meant(self, exchange: PreparedExchange, article: int) -> tuple[EarlierVisit | None, PayloadOrigin | None]:
        """Return the visit that a 304 means, and the record of what is not modified."""
        if exchange.conditions is None:
            return None, None
        earlier = self._index.meant_by(article, exchange.url, *exchange.conditions)
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


def inherited(item: PreparedVisit, earlier: EarlierVisit) -> PreparedVisit:
    """Return the visit with the text of an earlier one; the provenance says so."""
    assert item.provenance is not None  # for the type checker: a visit of an article has one
    judgement = item.judgement._replace(
        state=LIVE, notice="", clean_sha256=earlier.clean_sha256, source_sha256=earlier.source_sha256
    )
    subject = item.subject._replace(title=earlier.title, source=earlier.source, date=earlier.date)
    record = record_of(item.provenance)
    said = json.loads(record.block)
    said.update(
        title=earlier.title,
        source=earlier.source,
        date=earlier.date,
        source_sha256=earlier.source_sha256,
        state=LIVE,
        notice="",
        clean_sha256=earlier.clean_sha256,
        inherits=True,
    )
    return item._replace(judgement=judgement, subject=subject, provenance=member(_with_block(record, to_json(said))))


def _with_block(record: Record, block: bytes) -> Record:
    new = {"WARC-Block-Digest": digest(block), "Content-Length": str(len(block))}
    return Record(tuple((name, new.get(name, value)) for name, value in record.fields), block)
