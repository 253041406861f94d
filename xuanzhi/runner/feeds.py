"""Parsing of feeds: RSS, Atom, JSON Feed, sitemaps. Pure: nothing is fetched.

JSON Feed is JSON, and feedparser does not read it. A sitemap is a list of two elements; the libraries for sitemaps
fetch by themselves, past the pace and the guard of `capture`, so lxml reads it here.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urljoin

__all__ = ["MOST", "FeedEntry", "NotAFeed", "entries"]

MOST = 50_000
"""Entries that are read; a sitemap must not have more (https://www.sitemaps.org/protocol.html)."""

_SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


class NotAFeed(ValueError):
    """The content is in no known format of feeds."""


class FeedEntry(NamedTuple):
    """Something that a feed lists."""

    url: str
    published: str
    """UTC, to the second; empty where the feed does not say."""
    kind: str = "page"
    """`feed` where it is one more list, of an index of sitemaps."""


def entries(data: bytes, url: str) -> list[FeedEntry]:
    """Return what a feed lists, in its order, each address once; `url` is its own, for relative addresses.

    Raises NotAFeed.
    """
    beginning = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    found = _json_feed(data) if beginning == b"{" else _sitemap(data)
    if found is None:
        found = _syndicated(data, url)
    listed: dict[str, FeedEntry] = {}
    for each in found:
        try:
            absolute = urljoin(url, each.url.strip())
        except ValueError:
            continue
        if absolute.startswith(("http://", "https://")):
            listed.setdefault(absolute, each._replace(url=absolute))
        if len(listed) >= MOST:
            break
    return list(listed.values())


def _json_feed(data: bytes) -> Iterator[FeedEntry]:
    """JSON Feed 1.1, https://www.jsonfeed.org/version/1.1/."""
    try:
        feed = json.loads(data)
    except ValueError as error:
        raise NotAFeed(f"it begins as JSON and is none: {error}") from error
    items = feed.get("items")
    if not isinstance(items, list):
        raise NotAFeed("it is JSON, and has no items as a JSON Feed has")
    return (
        FeedEntry(str(item["url"]), _iso(str(item.get("date_published", ""))))
        for item in items
        if isinstance(item, dict) and item.get("url")
    )


def _sitemap(data: bytes) -> Iterator[FeedEntry] | None:
    """Sitemaps 0.9; None where it is something else."""
    from lxml import etree

    # No entities and no network: a list from a stranger.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None  # broken XML may still be a broken feed, which feedparser reads
    kinds = {f"{_SITEMAP}urlset": ("url", "page"), f"{_SITEMAP}sitemapindex": ("sitemap", "feed")}
    if root.tag not in kinds:
        return None
    element, kind = kinds[root.tag]
    return (
        FeedEntry(location, "", kind)  # lastmod is when it changed, not when it came out
        for each in root.iter(f"{_SITEMAP}{element}")
        if (location := each.findtext(f"{_SITEMAP}loc"))
    )


def _syndicated(data: bytes, url: str) -> Iterator[FeedEntry]:
    import feedparser

    # Bytes in a file: a text would be taken for an address and fetched.
    feed: Any = feedparser.parse(BytesIO(data), response_headers={"content-location": url}, sanitize_html=False)
    if not feed.version and not feed.entries:
        reason = feed.get("bozo_exception")
        raise NotAFeed(f"it is neither RSS nor Atom, JSON Feed or sitemap{f': {reason}' if reason else ''}")
    return (
        FeedEntry(entry.link, _of_struct(entry.get("published_parsed") or entry.get("updated_parsed")))
        for entry in feed.entries
        if entry.get("link")
    )


def _of_struct(moment: Any) -> str:
    return f"{datetime(*moment[:6]).isoformat()}Z" if moment else ""


def _iso(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z" if moment.tzinfo else ""
    except (ValueError, OverflowError):
        return ""
