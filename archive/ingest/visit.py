"""Description and records of a visit, made before the collection is locked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any
from urllib.parse import urljoin

from archive import dates
from archive.ingest.prepared import (
    Context,
    PreparedExchange,
    PreparedVisit,
    RequestConditions,
    Visit,
    VisitCapture,
    derived,
)
from archive.ingest.provenance import CONTENT_TYPE, Provenance, visit_provenance
from archive.ingest.state import VisitState, judge
from archive.model import FailedRequisite, Judgement, Subject, VisitDescription, VisitExchange, to_json
from archive.storage import storable
from archive.warc import exchanges, records
from archive.warc.exchanges import ExchangePlace, certificates, describe_exchange, shareable
from archive.warc.members import IN_MEMORY, Member, member, streamed
from archive.warc.records import urn, visit_uri
from capture.errors import CaptureError, NotAWebAddress, NotContacted
from capture.heads import Field, parse_fields
from capture.identity import Identity, identify, identify_archived
from capture.page import Exchange, Page
from clean.document import Cleaned, State
from clean.version import SOFTWARE

__all__ = [
    "describe_visit",
    "identities_of",
    "key_of",
    "places_of",
    "prepare_described",
    "prepare_exchange",
    "prepare_visit",
]


# Records of one exchange, compressed before it is known whether its answer becomes a revisit.


SMALL = 4096
"""Bytes of a record that is worth no file."""


def prepare_exchange(
    exchange: Exchange, place: ExchangePlace, visit_id: str, context: Context, room: int
) -> PreparedExchange:
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
        block=to_json(describe_exchange(exchange, place, visit_id)),
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


def _conditions(exchange: Exchange) -> RequestConditions:
    _, _, lines = exchange.request.read().partition(b"\n")
    fields = parse_fields(lines)
    return RequestConditions(etag=_value(fields, b"if-none-match"), last_modified=_value(fields, b"if-modified-since"))


def _value(fields: Sequence[Field], name: bytes) -> str:
    value = next((field.value for field in fields if field.name.lower() == name), b"")
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("iso-8859-1")


# Description of a visit: its exchanges, their roles, and the article that it is of.


def describe_visit(visit: Visit, visit_id: str, places: Mapping[int, ExchangePlace], started: str) -> VisitDescription:
    """Return the visit's description; `places` are those of its exchanges, by `id`."""
    page, error = visit.page, visit.error
    exchanges = page.exchanges if page else ()
    answer = page.answer if page is not None and page.hops else None
    head = answer.head if answer else None
    description = VisitDescription(
        visit_id=visit_id,
        url=storable(visit.url),
        started=started,
        answer=places[id(answer)].record_id if answer else "",
        final_url=answer.url if answer else "",
        status=answer.status if answer else 0,
        etag=storable(head.get("ETag")) if head else "",
        last_modified=storable(head.get("Last-Modified")) if head else "",
        payload_sha256=shareable(answer) if answer else "",
        wall=page.wall if page else "",
        error=error.code if error else "",
        message=storable(str(error)) if error else "",
        robots=page.robots._asdict() if page else {},
        insecure=page.insecure if page else False,
        failures=tuple(FailedRequisite(url=url, code=code, message=text) for url, code, text in page.failures)
        if page
        else (),
        shared=page.shared if page else (),
        target=visit.target,
        target_key=key_of(visit.target),
        run=visit.run,
        item=visit.item,
        exchanges=tuple(_listed(each, places[id(each)]) for each in exchanges),
        certificates=certificates(exchanges),
    )
    return description.with_identities(_identities(visit))


def _listed(exchange: Exchange, place: ExchangePlace) -> VisitExchange:
    return VisitExchange(
        record=place.record_id, role=place.role, via=place.via, url=exchange.url, status=exchange.status
    )


def _identities(visit: Visit) -> tuple[Identity, ...]:
    """Return the names of the article; none where the page was not asked for."""
    page = visit.page
    if page is None or (isinstance(visit.error, NotContacted) and not page.hops and not page.attempts):
        return ()
    urls = list(visit.aliases)
    if visit.cleaned is not None and visit.cleaned.state is State.LIVE:
        urls += [visit.cleaned.fact("url"), *(hop.url for hop in page.hops)]
    return identities_of(visit.url, urls)


def identities_of(url: str, others: Iterable[str]) -> tuple[Identity, ...]:
    """Return the names of an article, the one by its own parameters first; none where the address is none.

    Only WeChat's names are brought together: its page data and its links name one article for certain. Elsewhere a
    redirect or a canonical link may lead to a page of log-in, or to the front page, and would make one article of all
    that are gone.
    """
    try:
        given = identify_archived(url)
    except NotAWebAddress:
        return ()
    identities = [given]
    for each in others if given.kind == "wechat" else ():
        try:
            other = identify(each)
        except NotAWebAddress:
            continue
        if other.kind == "wechat" and other.key not in {one.key for one in identities}:
            identities.append(other)
    return tuple(sorted(identities, key=lambda each: each.key.startswith("wechat:s/")))


def key_of(url: str) -> str:
    """Return the key of the article that an address leads to; empty where it is no address."""
    try:
        return identify(url).key
    except NotAWebAddress:
        return ""


def places_of(page: Page, error: CaptureError | None, new_id: Callable[[], str]) -> dict[int, ExchangePlace]:
    """Return where each exchange stands in the visit, by the exchange's `id`: equal exchanges are two."""
    record_ids = {id(each): new_id() for each in page.exchanges}
    roles: dict[int, tuple[str, str]] = {}
    for place, hop in enumerate(page.hops):
        on_the_way = place < len(page.hops) - 1 or (error is not None and _target(hop))
        role = "redirect" if on_the_way else "page"
        roles[id(hop)] = role, record_ids[id(page.hops[place - 1])] if place else ""
    needing = record_ids[id(page.hops[-1])] if page.hops else ""
    for before, each in zip((None, *page.requisites), page.requisites, strict=False):
        redirected = before is not None and _target(before) == each.url
        roles[id(each)] = "requisite", record_ids[id(before)] if redirected else needing
    roles.update({id(each): ("attempt", "") for each in page.attempts})
    roles.update({id(each): ("robots", "") for each in page.robots_exchanges})
    return {number: ExchangePlace(record_id, *roles[number]) for number, record_id in record_ids.items()}


def _target(exchange: Exchange) -> str:
    location = exchange.head.get("Location") if exchange.head and exchange.status // 100 == 3 else ""
    try:
        return urljoin(exchange.url, location).partition("#")[0] if location else ""
    except ValueError:
        return ""


VISIT_IN_MEMORY = 32 * 1024 * 1024
"""Bytes of one visit's records that stay in memory; what is more goes into temporary files."""


def prepare_visit(visit: Visit, context: Context) -> PreparedVisit:
    """Return the visit's description and its records, all of them compressed but the provenance.

    Every exchange becomes a request, its answer and a description; a last record describes the visit. An answer that
    is large lies in a temporary file afterwards: `discard` the result when it is committed. The page is only read.

    Raises BadRecord for a value that no record can hold, FileNotFoundError where the page was closed, DiskFull,
    NotWritable or StorageError where the disk does not take a large record.
    """
    page, now = visit.page, context.now
    exchanges = page.exchanges if page is not None else ()
    answer = page.answer if page is not None and page.hops else None
    visit_id = context.new_id()
    places = places_of(page, visit.error, context.new_id) if page is not None else {}
    started = answer.started if answer else exchanges[0].started if exchanges else now
    outcome = judge(page, visit.cleaned, visit.error, visit.uncleaned, visit.refused)
    description = describe_visit(visit, visit_id, places, dates.exact(started))
    with ExitStack() as on_error:
        prepared: list[PreparedExchange] = []
        room = VISIT_IN_MEMORY
        for exchange in exchanges:
            prepared.append(prepare_exchange(exchange, places[id(exchange)], visit_id, context, room))
            on_error.callback(prepared[-1].discard)
            room -= prepared[-1].held
        result = prepare_described(
            description,
            visit.cleaned,
            outcome,
            context,
            address_uri=visit_uri(visit.url),
            answer_uri=visit_uri(answer.url if answer else visit.url),
            exchanges=tuple(prepared),
            inherits=_inherits(visit, outcome.state),
        )
        on_error.pop_all()
    return result


def prepare_described(
    description: VisitDescription,
    cleaned: Cleaned | None,
    outcome: VisitState,
    context: Context,
    *,
    address_uri: str,
    answer_uri: str,
    source: str = "",
    exchanges: tuple[PreparedExchange, ...] = (),
    inherits: bool = False,
) -> PreparedVisit:
    """Return a visit from its description, what cleaning made of its answer, how it was judged, and its exchanges.

    The URIs are those of the address as given and of the answer; `source` is the record that has its payload, where
    that is not the answer's own. `inherits` is that of `VisitCapture`.

    Raises BadRecord for a value that no record can hold.
    """
    live = outcome.state is State.LIVE
    judgement = Judgement(
        at=dates.warc_date(context.now),
        state=str(outcome.state),
        notice=storable(outcome.notice),
        source_sha256=cleaned.ledger.source_sha256 if cleaned else "",
        clean_sha256=cleaned.ledger.clean_sha256 if cleaned and live else None,
        ruleset_sha256=cleaned.ledger.ruleset_sha256 if cleaned else "",
        software=cleaned.ledger.software if cleaned else SOFTWARE,  # who judged what was not cleaned
        engine=cleaned.ledger.engine if cleaned else "",
    )
    record = records.metadata(
        record_id=description.visit_id,
        date=description.started,
        uri=urn("visit", address_uri),
        concurrent_to=description.answer,
        content_type=CONTENT_TYPE,
        block=description.to_json(),
    )
    capture: VisitCapture | None = None
    if identities := description.identities:
        provenance = Provenance(
            record_id=context.new_id(),
            date=judgement.at,
            uri=urn("provenance", answer_uri),
            refers_to=description.answer or description.visit_id,
            values=visit_provenance(description, cleaned, judgement),
        )
        made = derived(
            cleaned if live else None,
            key=identities[0].key,
            page=answer_uri,
            uri=answer_uri,
            at=judgement.at,
            source=source or description.answer,
            new_id=context.new_id,
        )
        capture = VisitCapture(_subject(description, cleaned), provenance, made, inherits)
    return PreparedVisit(description, member(record), exchanges, judgement, capture)


def _subject(description: VisitDescription, cleaned: Cleaned | None) -> Subject:
    return Subject(
        name=description.url,
        identities=description.identities,
        url=description.url,
        title=storable(cleaned.fact("title")) if cleaned else "",
        source=storable(cleaned.fact("source")) if cleaned else "",
        date=storable(cleaned.fact("date")) if cleaned else "",
        fetch_date=description.started,
        fetched_at=description.started,
    )


def _inherits(visit: Visit, state: State) -> bool:
    """Whether an earlier visit's text can stand for this one's: there is an answer, and none of ours was made of it."""
    if visit.page is None or not visit.page.hops or visit.page.wall or visit.error is not None:
        return False
    return visit.page.not_modified or (visit.cleaned is None and state is State.NOT_ARTICLE)
