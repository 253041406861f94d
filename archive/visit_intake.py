"""What the exchanges of a visit add to a WARC file: decided here whether an answer is a response or a revisit."""

import json
from hashlib import sha256
from typing import NamedTuple

from archive.appendix import Appendix, record_of
from archive.catalogue.rows import LIVE, Earlier, Index
from archive.errors import Damaged
from archive.ingest.prepared import PreparedExchange, PreparedVisit
from archive.ingest.provenance import to_json
from archive.warc import exchanges
from archive.warc.members import Member, member, streamed
from archive.warc.records import Origin, Record, digest

__all__ = ["Answers", "Kept", "inherited"]


class Kept(NamedTuple):
    """What became of the exchange that answered."""

    record: int
    """The row of the record that stands for it; 0 where nothing answered."""
    source: str
    """The record that has its payload, where that is another one; else empty."""
    earlier: Earlier | None
    """The visit whose text this one takes over."""
    not_modified: bool


class Answers:
    """Puts the records of exchanges, inside of a batch's transaction. Raises sqlite3.Error."""

    def __init__(self, index: Index, warc: Appendix) -> None:
        self._index = index
        self._warc = warc

    def put(self, item: PreparedVisit, article: int | None) -> Kept:
        """Put the records of all exchanges; `article` is the visit's, None where it has none."""
        kept = Kept(0, "", None, False)
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
                kept = Kept(row, origin.record_id if origin else "", earlier, not_modified)
        return kept

    def _meant(self, exchange: PreparedExchange, article: int) -> tuple[Earlier | None, Origin | None]:
        """Return the visit that a 304 means, and the record of what is not modified."""
        if exchange.conditions is None:
            return None, None
        earlier = self._index.meant_by(article, exchange.url, *exchange.conditions)
        origin = self._index.payload(earlier.payload_sha256) if earlier and earlier.payload_sha256 else None
        return (earlier, origin) if origin else (None, None)

    def _exchange(self, exchange: PreparedExchange, origin: Origin | None, *, not_modified: bool) -> int:
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

    def _answer(self, exchange: PreparedExchange, origin: Origin | None, *, not_modified: bool) -> Member | None:
        if origin is None:
            return exchange.response
        if not_modified:
            return streamed(exchanges.not_modified(exchange.fields, origin), ())
        head = exchange.head
        fields = exchanges.identical_payload(exchange.fields, origin, size=len(head), sha256=sha256(head).hexdigest())
        return streamed(fields, [head])


def inherited(item: PreparedVisit, earlier: Earlier) -> PreparedVisit:
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
