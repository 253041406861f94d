"""Recleaning of captures from their records: no network, no clock, only records and rules.

What was captured stays as it is: the address, the names of the article, the time, the answer. Only what cleaning
reads in it is judged again, so an answer that was no page, a wall or an error stays what it was.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from archive.catalogue.captures import StoredCapture
from archive.dates import warc_date
from archive.errors import Damaged
from archive.ingest.answers import clean_answer, page_of, read_answer
from archive.ingest.prepared import Context, PreparedReclean, derived
from archive.ingest.provenance import (
    PageArguments,
    Provenance,
    judgement_in,
    preferred_path,
    recleaned_provenance,
    visit_provenance,
)
from archive.ingest.state import judge_answer
from archive.model import JUDGED_ANEW, Judgement, VisitDescription
from archive.storage import storable
from archive.warc import reader, records
from archive.warc.members import member
from archive.warc.pages import is_page
from archive.warc.records import Record, snapshot_uri, target_uri, urn, visit_uri
from clean.document import Cleaned
from clean.pipeline import clean
from clean.rules import Ruleset
from clean.version import SOFTWARE, is_at_hand

__all__ = [
    "OTHER_ENGINE",
    "OTHER_RULES",
    "OTHER_SOFTWARE",
    "RecleanResult",
    "other_maker",
    "prepare_reclean",
    "reclean_capture",
    "uris_of",
]

OTHER_RULES, OTHER_SOFTWARE, OTHER_ENGINE = "other-rules", "other-software", "other-engine"
"""Why a capture may be cleaned to another text than it was: what made that text is not at hand."""


class RecleanResult(NamedTuple):
    """The result of recleaning a capture."""

    state: str
    notice: str
    cleaned: Cleaned | None
    """None where there is no page to clean after all."""

    @property
    def clean_sha256(self) -> str | None:
        """Of the text; None unless the state is live."""
        return self.cleaned.ledger.clean_sha256 if self.cleaned is not None and self.state == "live" else None


def other_maker(ruleset_sha256: str, software: str, engine: str, ruleset: Ruleset) -> str:
    """Return what is not at hand of that which made a text: OTHER_RULES, OTHER_SOFTWARE or OTHER_ENGINE.

    Empty where all of it is: then cleaning gives the very text, or something is damaged.
    """
    if ruleset_sha256 != ruleset.sha256:
        return OTHER_RULES
    if software != SOFTWARE:
        return OTHER_SOFTWARE
    return "" if is_at_hand(engine) else OTHER_ENGINE


def reclean_capture(root: Path, capture: StoredCapture, ruleset: Ruleset, limit: int) -> RecleanResult | None:
    """Return the result of cleaning a capture from its records; None where it holds nothing to clean.

    `limit` is in bytes of content.

    Raises Damaged where the bytes in the collection are, StorageError where their file is gone, and what cleaning
    raises.
    """
    if capture.payload is None:
        return None
    answer = reader.read_at(root, capture.answer)
    if capture.kind == "snapshot":
        return _clean_snapshot(answer, root, capture, ruleset)
    place = capture.payload

    def read_payload_record() -> Record:
        """Read the record with the payload: another one where the answer is a revisit."""
        return answer if place == capture.answer else reader.read_at(root, place)

    if capture.imported:
        return _clean_imported(answer, read_payload_record(), ruleset, limit)
    return _clean_visit(answer, read_payload_record, capture.url, ruleset, limit)


def _clean_snapshot(record: Record, root: Path, capture: StoredCapture, ruleset: Ruleset) -> RecleanResult:
    reader.check_digests(record)
    if record.get("Content-Type").startswith("text/markdown"):
        cleaned = clean(record.block, ruleset=ruleset)
    else:
        from clean.page import clean_page  # heavy, and snapshots do without

        page = _arguments(_provenance(root, capture).values)
        cleaned = clean_page(
            record.block, url=page.url, charset=page.charset or None, fetch_date=page.fetch_date, ruleset=ruleset
        )
    return RecleanResult(str(cleaned.state), storable(cleaned.notice), cleaned)


def _arguments(values: Mapping[str, Any]) -> PageArguments:
    """Return what cleaning knew of a page; provenance of the first collections does not have it in one place."""
    if "page" in values:
        return PageArguments(**values["page"])
    return PageArguments(
        url=values["url"], charset=f"text/html; charset={values['encoding']}", fetch_date=values["fetch_date"]
    )


def _clean_visit(
    answer: Record, read_payload_record: Callable[[], Record], url: str, ruleset: Ruleset, limit: int
) -> RecleanResult | None:
    """Clean the answer of a visit of ours; `read_payload_record` reads the record with the payload."""
    from capture.content import whole
    from capture.framing import payload
    from capture.heads import parse_head

    head = parse_head(answer.block)
    if head is None or not is_page(url, head.status, kind := head.get("Content-Type")):
        return None
    record = read_payload_record()
    body = b"".join(payload([record.block]))
    if records.digest(body) != record.get("WARC-Payload-Digest"):
        raise Damaged(f"{record.record_id}: the payload's digest is not what its header says")
    cleaned, refused = clean_answer(whole(head, [body], url, limit), url, kind, ruleset)
    judged = judge_answer(head.status, head.reason.decode("utf-8", "replace"), kind, cleaned, refused=refused)
    return RecleanResult(str(judged.state), storable(judged.notice), cleaned)


def _clean_imported(answer: Record, payload_record: Record, ruleset: Ruleset, limit: int) -> RecleanResult | None:
    """Clean an answer that others captured; `payload_record` is the record with the payload."""
    page = page_of(answer)
    if page is None or payload_record.type.lower() == "revisit":
        return None
    # A segment alone: the import said which other is missing, and that stays true.
    if page.is_segmented and payload_record.record_id == page.record_id:
        return None
    content = read_answer(page, payload_record, ruleset, limit)
    return RecleanResult(str(content.judged.state), storable(content.judged.notice), content.cleaned)


class _StoredProvenance(NamedTuple):
    """The latest provenance of a capture."""

    uri: str
    refers_to: str
    values: dict[str, Any]


def _provenance(root: Path, capture: StoredCapture) -> _StoredProvenance:
    """Return the latest provenance of a capture; where no file has one, that of a visit of which nothing is known.

    Raises Damaged or StorageError.
    """
    if capture.provenance is None:
        raise Damaged(f"{capture.capture}: the provenance of this capture is lost")
    record = reader.read_at(root, capture.provenance)
    values: dict[str, Any] = json.loads(record.block)
    if record.record_id != capture.capture or capture.kind != "visit":
        return _StoredProvenance(record.get("WARC-Target-URI"), record.refers_to, values)
    description = VisitDescription.read(capture.capture, values)
    nothing = Judgement(
        at="", state="", notice="", source_sha256="", clean_sha256=None, ruleset_sha256="", software=SOFTWARE
    )
    return _StoredProvenance(
        urn("provenance", visit_uri(description.final_url or description.url)),
        description.answer or description.visit_id,
        {**visit_provenance(description, None, nothing), JUDGED_ANEW: True},
    )


def prepare_reclean(
    root: Path, capture: StoredCapture, result: RecleanResult, context: Context, *, at: str = ""
) -> PreparedReclean:
    """Return the records of a new judgement: provenance, and where there is a text conversion and ledger.

    `at` is its time, as WARC-Date: the context's by default.

    Raises Damaged or StorageError where the provenance before it cannot be read.
    """
    stored = _provenance(root, capture)
    before = stored.values
    cleaned, at = result.cleaned, at or warc_date(context.now)
    judgement = judgement_in(before, at)._replace(
        state=result.state, notice=result.notice, clean_sha256=result.clean_sha256
    )
    if cleaned is not None:
        ledger = cleaned.ledger
        judgement = judgement._replace(
            source_sha256=ledger.source_sha256,
            ruleset_sha256=ledger.ruleset_sha256,
            software=ledger.software,
            engine=ledger.engine,
        )
    values = recleaned_provenance(before, cleaned, judgement)
    page, uri = _uris(capture, values)
    made = derived(
        cleaned if result.clean_sha256 is not None and not capture.inherits else None,
        key=str(values["article"]),
        page=page,
        uri=uri,
        at=at,
        source=capture.payload_id,
        new_id=context.new_id,
    )
    provenance = Provenance(
        record_id=context.new_id(),
        date=at,
        uri=stored.uri,
        refers_to=stored.refers_to,
        values=values,
    )
    return PreparedReclean(
        capture=capture.capture,
        kind=capture.kind,
        name=capture.name,
        title=storable(str(values["title"])),
        source=storable(str(values["source"])),
        date=storable(str(values["date"])),
        judgement=judgement,
        provenance=member(provenance.record()),
        derived=made._replace(path=preferred_path(values)),
        inherits=capture.inherits,
    )


def uris_of(root: Path, capture: StoredCapture) -> tuple[str, str]:
    """Return the URIs of a capture's page and of its conversion. Raises Damaged where its provenance is."""
    return _uris(capture, {} if capture.kind == "visit" else _provenance(root, capture).values)


def _uris(capture: StoredCapture, provenance: Mapping[str, Any]) -> tuple[str, str]:
    """Return the URIs of the page and of its conversion, as they were when it was captured."""
    if capture.kind == "visit":
        return visit_uri(capture.url), visit_uri(capture.url)
    page = target_uri(provenance["url"], capture.source_sha256)
    return page, snapshot_uri(page)
