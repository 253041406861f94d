"""How a record of others is kept: head and block to the byte, as a gzip member of its own.

Only where it has no identifier that can be used, or no head that a strict reader takes, its head is another one; then
a change says so. Records of ARC files get heads of WARC; their own line stands in a metadata record.
"""

import re
from base64 import b64encode
from typing import Any, NamedTuple
from urllib.parse import quote

from archive.imports.heads import Head, is_strict
from archive.warc import records
from archive.warc.members import Member, member
from archive.warc.records import Fields, named_record_id

__all__ = ["Stored", "arc_line", "renamed", "stored_arc", "stored_warc"]

# A URI, in angle brackets or not (WARC 1.1 §5.2). One bounded run: linear.
_ID = re.compile(r"<?([A-Za-z][A-Za-z0-9+.-]{0,30}:[\x21-\x3b\x3d\x3f-\x7e]{1,500})>?$")

_ID_LINE = re.compile(rb"^WARC-Record-ID[ \t]*:[^\r\n]*", re.IGNORECASE | re.MULTILINE)

# What no value may hold, see `archive.warc.records`. Single characters: linear.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_HTTP = "application/http; msgtype=response"


class Stored(NamedTuple):
    """A record as it is to be kept."""

    record_id: str
    head: bytes
    kind: str
    """Its WARC-Type; empty where it has none."""
    fields: Fields
    change: dict[str, Any] | None
    """What is not as it came; see `archive.imports.description`."""


def stored_warc(head: Head, name: str) -> Stored:
    """Return how a WARC record is kept; `name` gives an identifier to one that has none."""
    values = head.values
    given = values.get("warc-record-id", "")
    match = _ID.match(given)
    record_id = match[1] if match else named_record_id(name)
    why = "" if match else "bad-id" if given else "no-id"
    kind = values.get("warc-type", "").lower()
    if is_strict(head):
        raw = head.raw if match else _with_id(head.raw, record_id)
        change = _change(record_id, why, given, b"") if why else None
    else:
        raw = _written_anew(head.fields, record_id, head.length)
        change = _change(record_id, "head", given, head.raw)
    return Stored(record_id, raw, kind, head.fields, change)


def renamed(stored: Stored, name: str) -> Stored:
    """Return the same with another identifier: the collection has other bytes under its own."""
    record_id = named_record_id(name)
    change = stored.change or _change(record_id, "same-id", stored.record_id, b"")
    return stored._replace(
        record_id=record_id, head=_with_id(stored.head, record_id), change={**change, "record": record_id}
    )


def stored_arc(head: Head, name: str, beginning: bytes) -> Stored:
    """Return how an ARC record is kept: `beginning` are the first bytes of its block."""
    record_id = named_record_id(name)
    values = head.values
    url = values["warc-target-uri"]
    kind, uri, content_type = "resource", _uri(url), _UNSAFE.sub("", values["content-type"]).strip()
    if url.startswith("filedesc:"):
        kind, uri, content_type = "metadata", "urn:arc:" + _uri(url), "text/plain"
    elif beginning.startswith(b"HTTP/") and url[:4].lower() == "http":
        kind, content_type = "response", _HTTP
    fields = [("WARC-Type", kind), ("WARC-Record-ID", f"<{record_id}>"), ("WARC-Date", values["warc-date"])]
    fields.append(("WARC-Target-URI", uri))
    if "warc-ip-address" in values and kind == "response":
        fields.append(("WARC-IP-Address", values["warc-ip-address"]))
    if content_type:
        fields.append(("Content-Type", content_type))
    named = (*fields, ("Content-Length", str(head.length)))
    return Stored(record_id, records.head(named), kind, named, None)


def arc_line(head: Head, stored: Stored) -> Member:
    """Return the metadata record with the line that stood before the block of an ARC record."""
    values = dict(stored.fields)
    return member(
        records.metadata(
            record_id=named_record_id(f"{stored.record_id} line"),
            date=values["WARC-Date"],
            uri="urn:arc:" + values["WARC-Target-URI"].removeprefix("urn:arc:"),
            concurrent_to=stored.record_id,
            content_type="text/plain",
            block=head.raw,
        )
    )


def _change(record_id: str, why: str, was: str, head: bytes) -> dict[str, Any]:
    return {"record": record_id, "why": why, "was": was, "head": b64encode(head).decode()}


def _with_id(raw: bytes, record_id: str) -> bytes:
    line = f"WARC-Record-ID: <{record_id}>".encode()
    changed, count = _ID_LINE.subn(line, raw, count=1)
    if count:
        return changed
    version, end, rest = raw.partition(b"\r\n")
    return b"".join((version, end, line, end, rest))


def _written_anew(fields: Fields, record_id: str, length: int) -> bytes:
    """Return a head with what could be read of a broken one."""
    kept = [("WARC-Record-ID", f"<{record_id}>")]
    for name, value in fields:
        if name.lower() not in {"warc-record-id", "content-length"}:
            kept.append((name, _UNSAFE.sub(" ", value).strip()))
    kind = [field for field in kept if field[0].lower() == "warc-type"]
    others = [field for field in kept if field[0].lower() != "warc-type"]
    return records.head([*kind, *others, ("Content-Length", str(length))])


def _uri(url: str) -> str:
    return quote(url, safe="%:/?#[]@!$&'()*+,;=~")
