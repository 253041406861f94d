"""From a visit to the records that keep it. Run before the collection is locked, in any process that has its spools."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple
from urllib.parse import urljoin

from archive import dates, exchange_records, records
from archive.catalogue import storable
from archive.description import Place, certificates, describe
from archive.exchange_records import EMPTY_SHA256
from archive.judgement import judge
from archive.members import IN_MEMORY as LARGE
from archive.members import Member, member, streamed
from archive.prepared import Context, Judgement, PreparedExchange, PreparedVisit, Subject, derived
from archive.provenance import CONTENT_TYPE, of_visit, to_json
from archive.uris import target_uri, urn
from archive.visit_facts import FORMAT, VisitFacts, facts_in
from capture.errors import CaptureError, NotAWebAddress, NotContacted
from capture.heads import Field, parse_fields
from capture.identity import Identity, identify
from capture.page import Exchange, Page
from clean import __version__
from clean.document import Cleaned, State

__all__ = ["Visit", "prepare_visit"]

IN_MEMORY = 32 * 1024 * 1024
"""Bytes of one visit's records that stay in memory; what is more goes into temporary files."""

SMALL = 4096
"""Bytes of a record that is worth no file."""

SOFTWARE = f"xuanzhi/{__version__}"
"""Names who judged a visit that nothing was cleaned of."""


class Visit(NamedTuple):
    """What came of asking for one page."""

    url: str
    """As given."""
    page: Page | None
    """What came; also that of an error. None where the text was no address."""
    cleaned: Cleaned | None = None
    """What cleaning made of the answer's content, without a fetch_date, so that the same page gives the same text.
    None for what is no text, for a 304, and where the caller knows that the payload is known."""
    error: CaptureError | None = None
    """What ended the visit, where something did."""
    aliases: tuple[str, ...] = ()
    """Addresses under which the page itself names its article, such as WeChat's long link."""
    target: str = ""
    """Where a migrated article went, as the page says."""
    run: str = ""
    """The run that it belongs to; see `Collection.begin_run`."""
    item: int = 0
    """The place in that run's list."""

    def payloads(self) -> frozenset[str]:
        """Return the digests of all payloads that another record may have already."""
        exchanges = self.page.exchanges if self.page is not None else ()
        return frozenset(filter(None, map(_shareable, exchanges)))


def prepare_visit(visit: Visit, context: Context) -> PreparedVisit:
    """Return the visit's records, compressed, and the catalogue's facts.

    Every exchange becomes a request, its answer and a description; a last record describes the visit. An answer that
    is large lies in a temporary file afterwards: `discard` the result when it is committed. The page is only read.

    Raises BadRecord for a value that no record can hold, FileNotFoundError where the page was closed, DiskFull,
    NotWritable or StorageError where the disk does not take a large record.
    """
    page, now = visit.page, context.now
    exchanges = page.exchanges if page is not None else ()
    answer = page.answer if page is not None and page.hops else None
    visit_id = context.new_id()
    places = _places(page, context) if page is not None else {}
    started = answer.started if answer else exchanges[0].started if exchanges else now
    found = judge(page, visit.cleaned, visit.error)
    said = _said(visit, places, dates.exact(started))
    facts = facts_in(visit_id, said)
    uri = target_uri(visit.url, EMPTY_SHA256)
    with ExitStack() as on_error:
        prepared: list[PreparedExchange] = []
        room = IN_MEMORY
        for exchange in exchanges:
            prepared.append(_exchange(exchange, places[id(exchange)], visit_id, context, room))
            on_error.callback(prepared[-1].discard)
            room -= prepared[-1].held
        description = member(
            records.metadata(
                record_id=visit_id,
                date=dates.exact(started),
                uri=urn("visit", uri),
                concurrent_to=facts.answer,
                content_type=CONTENT_TYPE,
                block=to_json(said),
            )
        )
        cleaned = visit.cleaned
        live = found.state is State.LIVE
        judgement = Judgement(
            at=dates.warc_date(now),
            state=str(found.state),
            notice=storable(found.notice),
            source_sha256=cleaned.ledger.source_sha256 if cleaned else "",
            clean_sha256=cleaned.ledger.clean_sha256 if cleaned and live else None,
            ruleset_sha256=cleaned.ledger.ruleset_sha256 if cleaned else "",
            software=cleaned.ledger.software if cleaned else SOFTWARE,
        )
        subject = Subject(
            name=visit.url,
            identities=facts.identities,
            url=storable(visit.url),
            title=storable(cleaned.fact("title")) if cleaned else "",
            source=storable(cleaned.fact("source")) if cleaned else "",
            date=storable(cleaned.fact("date")) if cleaned else "",
            fetch_date=facts.started,
            fetched_at=facts.started,
        )
        answered = target_uri(answer.url, EMPTY_SHA256) if answer else uri
        result = PreparedVisit(
            subject,
            judgement,
            tuple(prepared),
            description,
            facts,
            inherits=_inherits(visit, found.state),
            provenance=_provenance(facts, cleaned, judgement, answered, context),
            derived=derived(
                cleaned if live else None,
                key=facts.identities[0].key if facts.identities else "",
                page=answered,
                uri=answered,
                at=judgement.at,
                source=facts.answer,
                new_id=context.new_id,
            ),
        )
        on_error.pop_all()
    return result


def _inherits(visit: Visit, state: State) -> bool:
    """Whether an earlier visit's text can stand for this one's: there is an answer, and none of ours was made of it."""
    if visit.page is None or not visit.page.hops or visit.page.wall or visit.error is not None:
        return False
    return visit.page.not_modified or (visit.cleaned is None and state is State.NOT_ARTICLE)


def _provenance(
    facts: VisitFacts, cleaned: Cleaned | None, judgement: Judgement, uri: str, context: Context
) -> Member | None:
    if not facts.identities:
        return None
    return member(
        records.metadata(
            record_id=context.new_id(),
            date=judgement.at,
            uri=urn("provenance", uri),
            refers_to=facts.answer or facts.visit_id,
            content_type=CONTENT_TYPE,
            block=to_json(of_visit(facts, cleaned, judgement)),
        )
    )


# The visit as a whole


def _said(visit: Visit, places: Mapping[int, Place], started: str) -> dict[str, object]:
    """Return the visit's description; see `archive.visit_facts`."""
    page, error = visit.page, visit.error
    answer = page.answer if page is not None and page.hops else None
    head = answer.head if answer else None
    identities = _identities(visit)
    first = identities[0] if identities else None
    return {
        "visit": FORMAT,
        "url": storable(visit.url),
        "started": started,
        "answer": places[id(answer)].record_id if answer else None,
        "final_url": answer.url if answer else "",
        "status": answer.status if answer else 0,
        "etag": storable(head.get("ETag")) if head else "",
        "last_modified": storable(head.get("Last-Modified")) if head else "",
        "payload_sha256": _shareable(answer) if answer else "",
        "wall": page.wall if page else "",
        "error": error.code if error else "",
        "message": storable(str(error)) if error else "",
        "robots": page.robots._asdict() if page else {},
        "insecure": page.insecure if page else False,
        "failures": [{"url": url, "code": code, "message": text} for url, code, text in page.failures] if page else [],
        "article": first.key if first else None,
        "article_kind": first.kind if first else None,
        "article_url": first.canonical if first else None,
        "aliases": [identity.key for identity in identities[1:]],
        "target": visit.target,
        "target_key": _key(visit.target),
        "run": visit.run or None,
        "item": visit.item,
        "exchanges": [
            {
                "record": places[id(each)].record_id,
                "role": places[id(each)].role,
                "via": places[id(each)].via or None,
                "url": each.url,
                "status": each.status,
            }
            for each in (page.exchanges if page else ())
        ],
        "certificates": certificates(page.exchanges if page else ()),
    }


def _identities(visit: Visit) -> tuple[Identity, ...]:
    """Return the names of the article, the one by its own parameters first; none where nothing was contacted.

    Only WeChat's names are brought together: its page data and its links name one article for certain. Elsewhere a
    redirect or a canonical link may lead to a page of log-in, or to the front page, and would make one article of all
    that are gone.
    """
    page = visit.page
    nothing_sent = isinstance(visit.error, NotContacted | NotAWebAddress) and not (page and page.exchanges)
    if page is None or nothing_sent:
        return ()
    given = identify(visit.url)
    found = [given]
    if given.kind == "wechat":
        urls = list(visit.aliases)
        if visit.cleaned is not None and visit.cleaned.state is State.LIVE:
            urls += [visit.cleaned.fact("url"), *(hop.url for hop in page.hops)]
        for url in urls:
            try:
                other = identify(url)
            except NotAWebAddress:
                continue
            if other.kind == "wechat" and other.key not in {each.key for each in found}:
                found.append(other)
    return tuple(sorted(found, key=lambda each: each.key.startswith("wechat:s/")))


def _key(url: str) -> str:
    try:
        return identify(url).key
    except NotAWebAddress:
        return ""


def _places(page: Page, context: Context) -> dict[int, Place]:
    """Return where each exchange stands in the visit, by the exchange's `id`: equal exchanges are two."""
    record_ids = {id(each): context.new_id() for each in page.exchanges}
    roles: dict[int, tuple[str, str]] = {}
    for place, hop in enumerate(page.hops):
        role = "page" if place == len(page.hops) - 1 else "redirect"
        roles[id(hop)] = role, record_ids[id(page.hops[place - 1])] if place else ""
    needing = record_ids[id(page.hops[-1])] if page.hops else ""
    for before, each in zip((None, *page.requisites), page.requisites, strict=False):
        redirected = before is not None and _target(before) == each.url
        roles[id(each)] = "requisite", record_ids[id(before)] if redirected else needing
    roles.update({id(each): ("attempt", "") for each in page.attempts})
    roles.update({id(each): ("robots", "") for each in page.robots_exchanges})
    return {number: Place(record_id, *roles[number]) for number, record_id in record_ids.items()}


def _target(exchange: Exchange) -> str:
    location = exchange.head.get("Location") if exchange.head and exchange.status // 100 == 3 else ""
    try:
        return urljoin(exchange.url, location).partition("#")[0] if location else ""
    except ValueError:
        return ""


# One exchange


def _exchange(exchange: Exchange, place: Place, visit_id: str, context: Context, room: int) -> PreparedExchange:
    """Return an exchange's records; large ones, and those for which there is no `room`, are in temporary files."""
    date, main = dates.exact(exchange.started), place.record_id
    is_http, has_bytes = exchange.head is not None, exchange.response.size > 0
    fields = exchange_records.response(exchange, record_id=main, date=date) if is_http else ()
    described = records.metadata(
        record_id=context.new_id() if is_http else main,
        date=date,
        uri=urn("exchange", target_uri(exchange.url, EMPTY_SHA256)),
        concurrent_to=main if is_http else "",
        content_type=CONTENT_TYPE,
        block=to_json(describe(exchange, place, visit_id)),
    )
    payload = _shareable(exchange)
    made: dict[str, Member | None] = {"request": None, "response": None, "verbatim": None}
    large: dict[str, Any] = {"directory": context.directory, "in_memory": min(LARGE, max(room, SMALL))}
    try:
        if exchange.request.size:
            named = exchange_records.request(exchange, record_id=context.new_id(), date=date, concurrent_to=main)
            made["request"] = streamed(named, exchange.request, **large)
        if is_http and not (payload and payload in context.known):
            level = exchange_records.level_for(exchange)
            made["response"] = streamed(fields, exchange.response, level=level, **large)
        if has_bytes and (not is_http or exchange.status == 304):
            beside = exchange_records.answer(exchange, record_id=context.new_id(), date=date, concurrent_to=main)
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
        head=exchange_records.head_of(exchange) if payload else b"",
        payload_sha256=payload,
        conditions=_conditions(exchange) if exchange.status == 304 else None,
        description=member(described),
        **made,
    )


def _shareable(exchange: Exchange) -> str:
    """Return the digest of a payload that others may refer to: whole, of a whole answer, and not empty."""
    return exchange.payload_sha256 if exchange.whole and exchange.head is not None and exchange.payload_size else ""


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
