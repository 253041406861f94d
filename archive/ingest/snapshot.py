"""Records of a cleaned snapshot, made by a pure function that worker processes can run."""

from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from archive import dates
from archive.ingest.prepared import Context, PreparedSnapshot, ReferringRecord, derived
from archive.ingest.provenance import (
    NO_ARGUMENTS,
    PageArguments,
    Provenance,
    SnapshotOrigin,
    file_name,
    snapshot_provenance,
)
from archive.model import Judgement, Subject
from archive.storage import storable
from archive.warc import records
from archive.warc.members import member
from archive.warc.records import ni, snapshot_uri, target_uri, urn
from capture.identity import Identity, NotAWebAddress, identify
from clean.document import Cleaned, SourceKind, State
from clean.frontmatter import Value
from clean.ledger import Ledger
from clean.rules import built_in
from clean.source import Encoding, decode
from clean.stages.heads import read_head
from clean.version import SOFTWARE

__all__ = ["NO_ARGUMENTS", "Context", "PageArguments", "PreparedSnapshot", "Snapshot", "prepare", "uncleaned"]


class Snapshot(NamedTuple):
    """Text that another tool fetched and converted, and what cleaning made of it."""

    name: str
    """The file's name; folders in it are not kept."""
    data: bytes
    """The file's bytes."""
    cleaned: Cleaned
    page: PageArguments = NO_ARGUMENTS
    """What cleaning knew of a page besides its bytes."""


def prepare(item: Snapshot, context: Context) -> PreparedSnapshot:
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
    page = target_uri(url, ledger.source_sha256)
    uri = snapshot_uri(page)
    identity = _identity(url, ledger.source_sha256)
    origin = SnapshotOrigin(file_name(item.name), len(item.data), *identity)
    at = dates.warc_date(context.now)
    resource = records.resource(
        record_id=context.new_id(),
        date=reading.warc_date,
        uri=uri,
        content_type=_content_type(cleaned),
        block=item.data,
    )
    provenance = Provenance(
        record_id=context.new_id(),
        date=at,
        uri=urn("provenance", page),
        refers_to=resource.record_id,
        values=snapshot_provenance(cleaned, origin, reading, item.page),
    ).record()
    made = derived(
        cleaned,
        key=identity.key,
        page=page,
        uri=uri,
        at=at,
        source=resource.record_id,
        new_id=context.new_id,
    )
    return PreparedSnapshot(
        Subject(
            name=origin.file,
            identities=(identity,),
            url=storable(url),
            title=storable(cleaned.fact("title")),
            source=storable(cleaned.fact("source")),
            date=storable(cleaned.fact("date")),
            fetch_date=storable(cleaned.fact("fetch_date")),
            fetched_at=dates.exact(reading.utc),
        ),
        Judgement(
            at=at,
            state=str(cleaned.state),
            notice=storable(cleaned.notice),
            source_sha256=ledger.source_sha256,
            clean_sha256=None if cleaned.markdown is None else ledger.clean_sha256,
            ruleset_sha256=ledger.ruleset_sha256,
            software=ledger.software,
            engine=ledger.engine,
        ),
        resource=member(resource),
        provenance=ReferringRecord(provenance, member(provenance)),
        derived=made,
    )


def uncleaned(name: str, data: bytes, kind: SourceKind, page: PageArguments, notice: str) -> Snapshot:
    """Return a snapshot that could not be cleaned, with what its front matter says: its bytes wait for a later time.

    `notice` says why, about this machine. Raises clean.errors.SourceError where the bytes are no text.
    """
    given = {key: value for key, value in (("url", page.url), ("fetch_date", page.fetch_date)) if value}
    facts: Mapping[str, Value] = given
    media_type, encoding, digest = "text/html", Encoding(""), sha256(data).hexdigest()
    if kind is SourceKind.SNAPSHOT:
        source = decode(data)
        facts = read_head(source.text, built_in()).front.values
        media_type, encoding = "text/markdown", source.encoding
    else:
        from clean.html.mhtml import is_mhtml  # what reads mail is heavy
        from clean.html.saved import LOOKED_AT, WEBARCHIVE_TYPE, is_webarchive, saved_note

        if is_mhtml(data):
            media_type = "multipart/related"
        elif is_webarchive(data):
            media_type = WEBARCHIVE_TYPE
        elif not page.url:
            url, date = saved_note(data[:LOOKED_AT].decode("utf-8", "replace"))
            facts = {"url": url, "fetch_date": date, **given}
    # No ruleset: nothing was judged by any, and `archive verify` compares nothing.
    ledger = Ledger(digest, "", "", SOFTWARE, str(State.UNCLEANED), encoding, ())
    return Snapshot(name, data, Cleaned(State.UNCLEANED, "", None, facts, ledger, notice, (), media_type), page)


def _identity(url: str, source_sha256: str) -> Identity:
    try:
        return identify(url)
    except NotAWebAddress:  # the bytes name themselves, so at least the same file is the same article
        name = ni(source_sha256)
        return Identity(name, "content", name)


def _content_type(cleaned: Cleaned) -> str:
    """A page says itself how it is encoded, or not at all; nothing but the file came."""
    if cleaned.media_type != "text/markdown":
        return cleaned.media_type
    return f"text/markdown; charset={_charset(cleaned.ledger.encoding)}"


def _charset(encoding: Encoding) -> str:
    """IANA's name; with a byte order mark the name without its end (RFC 2781 §3.3)."""
    if encoding.name.endswith(("-le", "-be")):
        name, _, end = encoding.name.rpartition("-")
        return name if encoding.byte_order_mark else name + end
    return encoding.name
