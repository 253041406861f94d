"""From a cleaned snapshot to the records that keep it: a pure function, so that worker processes can run it.

Compressing and digesting is most of the work of keeping; done here, the process that owns the files has only
to append. Everything in a `Prepared` can be pickled.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from archive import dates, records
from archive.catalogue import storable
from archive.naming import markdown_path
from archive.provenance import CONTENT_TYPE, Origin, file_name, provenance, to_json
from archive.records import Member
from capture.identity import NotAWebAddress, identify
from clean.document import Cleaned
from clean.source import Encoding

__all__ = ["Context", "Prepared", "Snapshot", "prepare"]

MARKDOWN_TYPE = "text/markdown; charset=utf-8; variant=CommonMark"
"""RFC 7763 demands the charset; the variant (RFC 7764) says how the text renders as its author meant."""

LEDGER_TYPE = "application/x-ndjson"


class Snapshot(NamedTuple):
    """Text that another tool fetched and converted, and what cleaning made of it."""

    name: str
    """The file's name; folders in it are not kept."""
    data: bytes
    """The file's bytes."""
    cleaned: Cleaned


class Context(NamedTuple):
    """What preparing needs of the world: given, so that preparing stays pure."""

    timezone: str
    """The zone of dates that name none."""
    now: datetime
    """The moment of adding, with its zone."""
    new_id: Callable[[], str] = records.new_record_id
    """Makes record identifiers; each call gives another."""


class Prepared(NamedTuple):
    """A snapshot's records and what the catalogue keeps of it, ready for `Collection.commit`."""

    name: str
    key: str
    kind: str
    canonical: str
    url: str
    title: str
    source: str
    date: str
    fetch_date: str
    fetched_at: str
    """In UTC, to the microsecond: sorts as text."""
    state: str
    notice: str
    source_sha256: str
    clean_sha256: str | None
    """None unless the state is live."""
    ruleset_sha256: str
    software: str
    at: str
    """The moment of adding, as WARC-Date."""
    path: str
    """The Markdown file's name that the article would like."""
    resource: Member
    provenance: Member
    conversion: Member | None
    ledger: Member | None
    markdown: bytes


def prepare(item: Snapshot, context: Context) -> Prepared:
    """Return the snapshot's records, compressed, and the catalogue's facts.

    The source goes out verbatim, dated by its fetch_date. The provenance refers to it; for a live article the
    conversion refers to it too, and the ledger to the conversion. A source that is no article has no
    conversion: its state and notice stand in the provenance.

    Raises ValueError for a time zone that this machine does not know, BadRecord for a software name with a
    line break in it.
    """
    cleaned, ledger = item.cleaned, item.cleaned.ledger
    reading = dates.read(cleaned.fact, zone_name=context.timezone, now=context.now)
    url = cleaned.fact("url")
    page = records.target_uri(url, ledger.source_sha256)
    uri = records.snapshot_uri(page)
    key, kind, canonical = _identity(url, ledger.source_sha256)
    origin = Origin(file_name(item.name), len(item.data), key, kind, canonical)
    at = dates.warc_date(context.now)
    resource = records.resource(
        record_id=context.new_id(),
        date=reading.warc_date,
        uri=uri,
        content_type=_content_type(cleaned),
        block=item.data,
    )
    described = records.metadata(
        record_id=context.new_id(),
        date=at,
        uri=records.urn("provenance", page),
        refers_to=resource.record_id,
        content_type=CONTENT_TYPE,
        block=to_json(provenance(cleaned, origin, reading)),
    )
    conversion: Member | None = None
    removed: Member | None = None
    markdown = b""
    if cleaned.markdown is not None:
        markdown = cleaned.markdown.encode()
        converted = records.conversion(
            record_id=context.new_id(),
            date=at,
            uri=uri,
            refers_to=resource.record_id,
            content_type=MARKDOWN_TYPE,
            software=ledger.software,
            options=f"ruleset=sha256:{ledger.ruleset_sha256}; profile={cleaned.profile}",
            block=markdown,
        )
        conversion = records.member(converted)
        removed = records.member(
            records.metadata(
                record_id=context.new_id(),
                date=at,
                uri=records.urn("ledger", page),
                refers_to=converted.record_id,
                content_type=LEDGER_TYPE,
                block=ledger.to_json_lines().encode(),
            )
        )
    return Prepared(
        name=origin.file,
        key=key,
        kind=kind,
        canonical=canonical,
        url=storable(url),
        title=storable(cleaned.fact("title")),
        source=storable(cleaned.fact("source")),
        date=storable(cleaned.fact("date")),
        fetch_date=storable(cleaned.fact("fetch_date")),
        fetched_at=reading.utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z",
        state=str(cleaned.state),
        notice=storable(cleaned.notice),
        source_sha256=ledger.source_sha256,
        clean_sha256=None if cleaned.markdown is None else ledger.clean_sha256,
        ruleset_sha256=ledger.ruleset_sha256,
        software=ledger.software,
        at=at,
        path=markdown_path(cleaned.fact, key),
        resource=records.member(resource),
        provenance=records.member(described),
        conversion=conversion,
        ledger=removed,
        markdown=markdown,
    )


def _identity(url: str, source_sha256: str) -> tuple[str, str, str]:
    try:
        return identify(url)
    except NotAWebAddress:  # the bytes name themselves, so at least the same file is the same article
        name = records.ni(source_sha256)
        return name, "content", name


def _content_type(cleaned: Cleaned) -> str:
    """A page says itself how it is encoded, or not at all; nobody said it when the file came."""
    if cleaned.media_type != "text/markdown":
        return cleaned.media_type
    return f"text/markdown; charset={_charset(cleaned.ledger.encoding)}"


def _charset(encoding: Encoding) -> str:
    """IANA's name; with a byte order mark the name without its end (RFC 2781 §3.3)."""
    if encoding.name.endswith(("-le", "-be")):
        name, _, end = encoding.name.rpartition("-")
        return name if encoding.byte_order_mark else name + end
    return encoding.name
