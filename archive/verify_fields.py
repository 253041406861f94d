"""Which named fields a record must have, may have and must not have (ISO 28500:2017, WARC 1.1 §4 to §6)."""

import re
from collections.abc import Iterator, Mapping

from archive.warc.records import Fields

__all__ = ["strange_fields", "values_of"]

_TYPES = frozenset({"warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"})

# §5: in every record.
_ALWAYS = ("WARC-Record-ID", "Content-Length", "WARC-Date", "WARC-Type")

# By type: §5.10 (target), §6.7 (profile), §5.20 and §7 (segments).
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "response": ("WARC-Target-URI",),
    "resource": ("WARC-Target-URI",),
    "request": ("WARC-Target-URI",),
    "revisit": ("WARC-Target-URI", "WARC-Profile"),
    "conversion": ("WARC-Target-URI",),
    "continuation": ("WARC-Target-URI", "WARC-Segment-Number", "WARC-Segment-Origin-ID"),
}

_EVENT = frozenset({"response", "resource", "request", "metadata", "revisit"})

# The types that may have a field; a field that is not here any may have.
_ALLOWED: Mapping[str, frozenset[str]] = {
    "warc-target-uri": _TYPES - {"warcinfo"},  # §5.10
    "warc-concurrent-to": _EVENT,  # §5.7
    "warc-ip-address": _EVENT,  # §5.12
    "warc-refers-to": frozenset({"metadata", "revisit", "conversion"}),  # §5.11
    "warc-refers-to-target-uri": frozenset({"revisit"}),
    "warc-refers-to-date": frozenset({"revisit"}),
    "warc-profile": frozenset({"revisit"}),  # §5.16
    "warc-filename": frozenset({"warcinfo"}),  # §5.15
    "warc-warcinfo-id": _TYPES - {"warcinfo"},  # §5.14
    "warc-payload-digest": _TYPES - {"warcinfo", "metadata"},  # §5.9: these have no payload
    "warc-segment-origin-id": frozenset({"continuation"}),
    "warc-segment-total-length": frozenset({"continuation"}),
}

# §4 allows WARC-Concurrent-To alone to come again; WARC-Protocol is proposed so (iipc/warc-specifications#42).
_REPEATABLE = frozenset({"warc-concurrent-to", "warc-protocol"})

# All of these are anchored, and bounded or single classes: linear.
_RECORD_ID = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x3b\x3d\x3f-\x7e]+>$")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]*$")
_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z)?)?)?$", re.ASCII)
_DIGEST = re.compile(r"[a-z0-9-]{1,20}:[A-Za-z0-9=+/_-]{1,200}$", re.ASCII)

_FORMS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "warc-record-id": (_RECORD_ID, "a URI in angle brackets"),
    "warc-concurrent-to": (_RECORD_ID, "a URI in angle brackets"),
    "warc-refers-to": (_RECORD_ID, "a URI in angle brackets"),
    "warc-warcinfo-id": (_RECORD_ID, "a URI in angle brackets"),
    "warc-date": (_DATE, "a date in UTC"),
    "warc-refers-to-date": (_DATE, "a date in UTC"),
    "warc-target-uri": (_URI, "a URI"),
    "warc-refers-to-target-uri": (_URI, "a URI"),
    "warc-block-digest": (_DIGEST, "a labelled digest"),
    "warc-payload-digest": (_DIGEST, "a labelled digest"),
    "warc-truncated": (re.compile(r"(?:length|time|disconnect|unspecified)$"), "a reason of §5.13"),
    "warc-type": (re.compile(f"(?:{'|'.join(sorted(_TYPES))})$"), "a type of §6"),
}


def values_of(fields: Fields) -> dict[str, str]:
    """Return the first value of each field, by its name in lower case."""
    values: dict[str, str] = {}
    for name, value in fields:
        values.setdefault(name.lower(), value)
    return values


def strange_fields(fields: Fields) -> Iterator[tuple[str, str]]:
    """Yield code and message of everything that the standard forbids about a record's fields."""
    values = values_of(fields)
    kind = values.get("warc-type", "")
    for name in (*_ALWAYS, *_REQUIRED.get(kind, ())):
        if not values.get(name.lower()):
            yield "missing-field", f"a {kind or 'record'} must have {name}"
    if values.get("content-length", "0") != "0" and "content-type" not in values:
        yield "missing-field", "a record with a block should have Content-Type (§5.6)"
    seen: set[str] = set()
    for name, value in fields:
        lower = name.lower()
        if lower in seen and lower not in _REPEATABLE:
            yield "repeated-field", f"{name} stands more than once (§4)"
        seen.add(lower)
        if lower in _ALLOWED and kind in _TYPES and kind not in _ALLOWED[lower]:
            yield "forbidden-field", f"a {kind} must not have {name}"
        form = _FORMS.get(lower)
        if form and not form[0].match(value):
            yield "bad-value", f"{name} is not {form[1]}: {value[:100]!r}"
