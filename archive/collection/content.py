"""What a capture was made of: the bytes that cleaning read, and the HTTP message as it crossed the wire."""

import sys

from archive.errors import ArchiveError, Damaged, storage_errors
from archive.holdings import Holdings
from archive.warc.records import Record

__all__ = ["NoSource", "content", "message"]


class NoSource(ArchiveError):
    """A capture without bytes of this kind."""

    code = "no-source"
    hint = "`archive show ARTICLE` tells of each capture what it was."


def content(holdings: Holdings, row: int) -> bytes:
    """Return what the record of a capture holds, by its row.

    Of a snapshot that is the file as it was given; of a visit the content of the answer, without transfer coding and
    content coding (RFC 9110 §6.4, §8.4). The content of a revisit is that of the record which it refers to. What others
    captured is read as it was cleaned.

    Raises NoSource where nothing answered or the coding is unknown, Damaged where the record cannot be read.
    """
    if holding := _imported_payload(holdings, row):
        return _imported(holdings.record(holding))
    record = holdings.record_at(row)
    if record.type == "resource":
        return record.block
    origin = _origin(holdings, record)
    if origin.type != "response":
        raise NoSource("this visit got no answer with content")
    from capture.content import undone
    from capture.errors import BrokenContent
    from capture.framing import payload
    from capture.heads import parse_head

    head = parse_head(origin.block)
    codings = head.tokens("Content-Encoding") if head else []
    try:
        return b"".join(undone(payload([origin.block]), codings))
    except BrokenContent as error:
        raise NoSource(str(error), hint="`--http` gives the message as it crossed the wire.") from error


def message(holdings: Holdings, row: int) -> bytes:
    """Return the HTTP message of a visit, byte for byte as it crossed the wire, by the row of its record.

    Of a revisit, that is the head alone, where its payload was known, or the whole 304.

    Raises NoSource for a snapshot and where nothing answered, Damaged where the record cannot be read.
    """
    record = holdings.record_at(row)
    if record.type == "revisit" and not record.block:  # a 304, which is kept beside its revisit
        record = _verbatim(holdings, row, record)
    if record.type == "resource" or not record.get("Content-Type").startswith("application/http"):
        raise NoSource("this capture is no HTTP message that was received")
    return record.block


def _imported_payload(holdings: Holdings, row: int) -> str:
    """Return the record that has the payload of what others captured; empty for a capture of ours."""
    with storage_errors(holdings.catalogue.path, reading=True):
        found = holdings.catalogue.one(
            "SELECT imported_payload FROM capture JOIN visit ON visit.capture = capture.id"
            " WHERE capture.record = ? AND imported_payload != ''",
            row,
        )
    return str(found[0]) if found else ""


def _imported(holding: Record) -> bytes:
    if holding.type.lower() != "response":
        return holding.block
    from archive.warc.content import content_of

    data, broken = content_of(holding.block, sys.maxsize)
    if broken and not data:
        raise NoSource(broken, hint="`--http` gives the message as it crossed the wire.")
    return data


def _verbatim(holdings: Holdings, row: int, revisit: Record) -> Record:
    """Return the record that holds the answer which the revisit stands for: it follows the request."""
    for next_row in (row + 1, row + 2):
        each = holdings.record_at(next_row)
        beside = each.get("WARC-Concurrent-To").strip("<>") == revisit.record_id
        if beside and each.get("WARC-Target-URI").startswith("urn:answer:"):
            return each
    return revisit


def _origin(holdings: Holdings, record: Record) -> Record:
    if record.type != "revisit":
        return record
    try:
        return holdings.record(record.refers_to)
    except KeyError as error:
        raise Damaged(f"{record.record_id} refers to {record.refers_to}, which is not there") from error
