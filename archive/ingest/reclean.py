"""A capture cleaned anew from what was kept of it: no network, no clock, nothing but the records and the rules.

What was captured stays as it is: the address, the names of the article, the time, the answer. Only what cleaning
reads in it is judged again, so an answer that was no page, a wall or an error stays what it was.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from archive.catalogue.captures import StoredCapture
from archive.dates import warc_date
from archive.errors import Damaged
from archive.ingest.prepared import Context, PreparedReclean, derived
from archive.ingest.provenance import CONTENT_TYPE, PageArguments, said_again, to_json, wanted_path
from archive.ingest.state import is_readable, judge_answer
from archive.model import Judgement
from archive.storage import storable
from archive.warc import reader, records
from archive.warc.members import member
from archive.warc.records import snapshot_uri, target_uri, visit_uri
from clean.document import Cleaned
from clean.errors import SourceError
from clean.pipeline import clean
from clean.rules import Ruleset

__all__ = ["RecleanResult", "clean_anew", "prepare_again", "uris_of"]


class RecleanResult(NamedTuple):
    """What cleaning says of a capture now."""

    state: str
    notice: str
    cleaned: Cleaned | None
    """None where there is no page to clean after all."""

    @property
    def clean_sha256(self) -> str | None:
        """Of the text; None unless the state is live."""
        return self.cleaned.ledger.clean_sha256 if self.cleaned is not None and self.state == "live" else None


def clean_anew(root: Path, kept: StoredCapture, ruleset: Ruleset, limit: int) -> RecleanResult | None:
    """Return what cleaning says of a capture now; None where nothing can be cleaned in it.

    `limit` is in bytes of content.

    Raises Damaged where the kept bytes are, StorageError where their file is gone, and what cleaning raises.
    """
    if kept.payload is None:
        return None
    if kept.kind == "snapshot":
        return _snapshot(root, kept, ruleset)
    return (_imported if kept.imported else _visit)(root, kept, ruleset, limit)


def _snapshot(root: Path, kept: StoredCapture, ruleset: Ruleset) -> RecleanResult:
    record = reader.read_at(root, kept.answer)
    reader.check(record)
    if record.get("Content-Type").startswith("text/markdown"):
        cleaned = clean(record.block, ruleset=ruleset)
    else:
        from clean.page import clean_page  # heavy, and snapshots do without

        page = _arguments(_said(root, kept))
        cleaned = clean_page(
            record.block, url=page.url, charset=page.charset or None, fetch_date=page.fetch_date, ruleset=ruleset
        )
    return RecleanResult(str(cleaned.state), storable(cleaned.notice), cleaned)


def _arguments(said: dict[str, Any]) -> PageArguments:
    """Return what cleaning was told of a page; provenance of the first collections does not have it in one place."""
    if "page" in said:
        return PageArguments(**said["page"])
    return PageArguments(said["url"], f"text/html; charset={said['encoding']}", said["fetch_date"])


def _visit(root: Path, kept: StoredCapture, ruleset: Ruleset, limit: int) -> RecleanResult | None:
    from capture.content import whole
    from capture.framing import payload
    from capture.heads import parse_head

    record = reader.read_at(root, kept.answer)
    head = parse_head(record.block)
    if head is None or not is_readable(kept.url, head.status, kind := head.get("Content-Type")):
        return None
    assert kept.payload is not None  # for the type checker
    holding = record if kept.payload == kept.answer else reader.read_at(root, kept.payload)
    body = b"".join(payload([holding.block]))
    if records.digest(body) != holding.get("WARC-Payload-Digest"):
        raise Damaged(f"{holding.record_id}: the payload's digest is not what its header says")
    try:
        content = whole(head, [body], kept.url, limit)
        cleaned = _clean_page(content, kept.url, kind, ruleset)
    except SourceError:  # no page after all, as when it was captured
        cleaned = None
    found = judge_answer(head.status, head.reason.decode("utf-8", "replace"), kind, cleaned)
    return RecleanResult(str(found.state), storable(found.notice), cleaned)


def _imported(root: Path, kept: StoredCapture, ruleset: Ruleset, limit: int) -> RecleanResult | None:
    from archive.ingest.answers import found_in, read_answer

    record = reader.read_at(root, kept.answer)
    said = found_in(record)
    assert kept.payload is not None  # for the type checker
    holding = record if kept.payload == kept.answer else reader.read_at(root, kept.payload)
    if said is None or holding.type.lower() == "revisit":
        return None
    answer = read_answer(said, holding, ruleset, limit)
    return RecleanResult(str(answer.found.state), storable(answer.found.notice), answer.cleaned)


def _clean_page(data: bytes, url: str, kind: str, ruleset: Ruleset) -> Cleaned:
    from clean.page import clean_page

    return clean_page(data, url=url, charset=kind or None, ruleset=ruleset)


def _said(root: Path, kept: StoredCapture) -> dict[str, Any]:
    if kept.provenance is None:
        raise Damaged(f"{kept.capture}: the provenance of this capture is lost")
    said: dict[str, Any] = json.loads(reader.read_at(root, kept.provenance).block)
    return said


def prepare_again(
    root: Path, kept: StoredCapture, anew: RecleanResult, context: Context, *, at: str = ""
) -> PreparedReclean:
    """Return the records of a new judgement: provenance, and where there is a text conversion and ledger.

    `at` is its time, as WARC-Date: the context's by default.

    Raises Damaged or StorageError where the provenance before it cannot be read.
    """
    assert kept.provenance is not None  # for the type checker: `_said` would have raised
    before = reader.read_at(root, kept.provenance)
    said: dict[str, Any] = json.loads(before.block)
    cleaned, at = anew.cleaned, at or warc_date(context.now)
    ledger = cleaned.ledger if cleaned is not None else None
    judgement = Judgement(
        at=at,
        state=anew.state,
        notice=anew.notice,
        source_sha256=ledger.source_sha256 if ledger else said["source_sha256"],
        clean_sha256=anew.clean_sha256,
        ruleset_sha256=ledger.ruleset_sha256 if ledger else said["ruleset_sha256"],
        software=ledger.software if ledger else said["software"],
    )
    said = said_again(said, cleaned, judgement)
    page, uri = _uris(kept, said)
    made = derived(
        cleaned if anew.clean_sha256 is not None and not kept.inherits else None,
        key=str(said["article"]),
        page=page,
        uri=uri,
        at=at,
        source=kept.payload_id,
        new_id=context.new_id,
    )
    provenance = records.metadata(
        record_id=context.new_id(),
        date=at,
        uri=before.get("WARC-Target-URI"),
        refers_to=before.refers_to,
        content_type=CONTENT_TYPE,
        block=to_json(said),
    )
    return PreparedReclean(
        kept.capture,
        kept.kind,
        kept.name,
        storable(str(said["title"])),
        storable(str(said["source"])),
        storable(str(said["date"])),
        judgement,
        member(provenance),
        made._replace(path=wanted_path(said)),
        kept.inherits,
    )


def uris_of(root: Path, kept: StoredCapture) -> tuple[str, str]:
    """Return the URIs of a capture's page and of its conversion. Raises Damaged where its provenance is."""
    return _uris(kept, {} if kept.kind == "visit" else _said(root, kept))


def _uris(kept: StoredCapture, said: dict[str, Any]) -> tuple[str, str]:
    """Return the URIs of the page and of its conversion, as they were when it was captured."""
    if kept.kind == "visit":
        return visit_uri(kept.url), visit_uri(kept.url)
    page = target_uri(said["url"], kept.source_sha256)
    return page, snapshot_uri(page)
