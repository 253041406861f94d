"""What is said of a visit as a whole: which exchanges it has and why, and which article it is of.

The keys of the description are told in `archive.model`.
"""

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urljoin

from archive.description import Place, certificates
from archive.files import storable
from archive.model import FORMAT
from archive.visit import Visit
from archive.warc.exchanges import shareable
from capture.errors import CaptureError, NotAWebAddress, NotContacted
from capture.identity import Identity, identify
from capture.page import Exchange, Page
from clean.document import State

__all__ = ["describe_visit", "identities_of", "key_of", "places_of"]


def describe_visit(visit: Visit, places: Mapping[int, Place], started: str) -> dict[str, object]:
    """Return the visit's description as plain data, in a fixed order; `places` are those of its exchanges, by `id`."""
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
        "payload_sha256": shareable(answer) if answer else "",
        "wall": page.wall if page else "",
        "error": error.code if error else "",
        "message": storable(str(error)) if error else "",
        "robots": page.robots._asdict() if page else {},
        "insecure": page.insecure if page else False,
        "failures": [{"url": url, "code": code, "message": text} for url, code, text in page.failures] if page else [],
        "shared": list(page.shared) if page else [],
        "article": first.key if first else None,
        "article_kind": first.kind if first else None,
        "article_url": first.canonical if first else None,
        "aliases": [identity.key for identity in identities[1:]],
        "target": visit.target,
        "target_key": key_of(visit.target),
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
        given = identify(url)
    except NotAWebAddress:
        return ()
    found = [given]
    for each in others if given.kind == "wechat" else ():
        try:
            other = identify(each)
        except NotAWebAddress:
            continue
        if other.kind == "wechat" and other.key not in {one.key for one in found}:
            found.append(other)
    return tuple(sorted(found, key=lambda each: each.key.startswith("wechat:s/")))


def key_of(url: str) -> str:
    """Return the key of the article that an address leads to; empty where it is no address."""
    try:
        return identify(url).key
    except NotAWebAddress:
        return ""


def places_of(page: Page, error: CaptureError | None, new_id: Callable[[], str]) -> dict[int, Place]:
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
    return {number: Place(record_id, *roles[number]) for number, record_id in record_ids.items()}


def _target(exchange: Exchange) -> str:
    location = exchange.head.get("Location") if exchange.head and exchange.status // 100 == 3 else ""
    try:
        return urljoin(exchange.url, location).partition("#")[0] if location else ""
    except ValueError:
        return ""
