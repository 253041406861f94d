"""One exchange of a visit, as records: compressed before anybody knows whether its answer will be a revisit."""

from collections.abc import Sequence
from typing import Any

from archive import dates
from archive.description import Place, describe
from archive.ingest.prepared import Context, PreparedExchange
from archive.ingest.provenance import CONTENT_TYPE, to_json
from archive.uris import urn, visit_uri
from archive.warc import exchanges, records
from archive.warc.exchanges import shareable
from archive.warc.members import IN_MEMORY, Member, member, streamed
from capture.heads import Field, parse_fields
from capture.page import Exchange

__all__ = ["prepare_exchange"]

SMALL = 4096
"""Bytes of a record that is worth no file."""


def prepare_exchange(exchange: Exchange, place: Place, visit_id: str, context: Context, room: int) -> PreparedExchange:
    """Return an exchange's records; large ones, and those for which there is no `room`, are in temporary files.

    Raises what `prepare_visit` raises.
    """
    date, main = dates.exact(exchange.started), place.record_id
    is_http, has_bytes = exchange.head is not None, exchange.response.size > 0
    fields = exchanges.response(exchange, record_id=main, date=date) if is_http else ()
    described = records.metadata(
        record_id=context.new_id() if is_http else main,
        date=date,
        uri=urn("exchange", visit_uri(exchange.url)),
        concurrent_to=main if is_http else "",
        content_type=CONTENT_TYPE,
        block=to_json(describe(exchange, place, visit_id)),
    )
    payload = shareable(exchange)
    made: dict[str, Member | None] = {"request": None, "response": None, "verbatim": None}
    large: dict[str, Any] = {"directory": context.directory, "in_memory": min(IN_MEMORY, max(room, SMALL))}
    try:
        if exchange.request.size:
            named = exchanges.request(exchange, record_id=context.new_id(), date=date, concurrent_to=main)
            made["request"] = streamed(named, exchange.request, **large)
        if is_http and not (payload and payload in context.known):
            level = exchanges.level_for(exchange.head)
            made["response"] = streamed(fields, exchange.response, level=level, **large)
        if has_bytes and (not is_http or exchange.status == 304):
            beside = exchanges.answer(exchange, record_id=context.new_id(), date=date, concurrent_to=main)
            made["verbatim"] = streamed(beside, exchange.response, **large)
    except BaseException:
        for each in made.values():
            if each is not None:
                each.discard()
        raise
    return PreparedExchange(
        record_id=main,
        url=exchange.url,
        fields=fields,
        head=exchanges.head_of(exchange) if payload else b"",
        payload_sha256=payload,
        conditions=_conditions(exchange) if exchange.status == 304 else None,
        description=member(described),
        **made,
    )


def _conditions(exchange: Exchange) -> tuple[str, str]:
    """Return If-None-Match and If-Modified-Since as they were sent (RFC 9110 §13.1)."""
    _, _, lines = exchange.request.read().partition(b"\n")
    fields = parse_fields(lines)
    return _value(fields, b"if-none-match"), _value(fields, b"if-modified-since")


def _value(fields: Sequence[Field], name: bytes) -> str:
    value = next((field.value for field in fields if field.name.lower() == name), b"")
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("iso-8859-1")
