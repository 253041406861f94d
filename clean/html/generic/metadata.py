"""Metadata that a general page declares or shows: title, address, site, dates, author.

Each fact has its sources in an order, the surest first. The page is asked once for all it declares in its head and in
JSON-LD; what a reader sees beside the headline counts where nothing is declared, and where a desk is declared in place
of a person. Dates become ISO 8601.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from clean.frontmatter import Value
from clean.html.facts.bylines import ShownFacts, shown_facts
from clean.html.facts.dates import declared_date
from clean.html.facts.declarations import (
    SITES,
    Declarations,
    absolute_address,
    alphanumeric,
    class_names,
    host_of,
    read_declarations,
    shown_text,
    site_names,
    without_markup,
)
from clean.html.facts.linked_data import thing_text
from clean.html.facts.names import LONGEST_NAME, is_desk, is_interface, names_of_person, person, split_names
from clean.html.facts.titles import title_of

__all__ = ["generic_facts"]


# Names of <meta name|property|itemprop|http-equiv>, in lower case. og, article: https://ogp.me; dc, dcterms: Dublin
# Core; citation: Google Scholar, Highwire; parsely: Parse.ly; sailthru: Sailthru; pubdate and the like: the standard of
# Chinese government sites (国办发〔2017〕47号); weibo: Weibo; the rest: common use.
_DATES = ("article:published_time", "og:article:published_time", "og:published_time", "pubdate", "publishdate",
          "publish_date", "publish-date", "pub_date", "datepublished", "date_published", "parsely-pub-date",
          "sailthru.date", "weibo:article:create_at", "weibo:webpage:create_at", "citation_publication_date",
          "citation_online_date", "citation_date", "dc.date.issued", "dcterms.issued", "dc.date.created",
          "dcterms.created", "dc.date", "dcterms.date", "article.published", "article:post_date", "og:release_date",
          "published", "published_time", "displaydate", "originalpublicationdate", "article_date_original",
          "cxenseparse:recs:publishtime", "bt:pubdate", "rnews:datepublished", "date", "_pubtime",
          "apub:time")  # fmt: skip
_CHANGES = ("article:modified_time", "og:updated_time", "og:modified_time", "datemodified", "date_modified",
            "dcterms.modified", "dc.date.modified", "weibo:article:update_at", "weibo:webpage:update_at",
            "lastmod", "last-modified", "modified", "updated_time", "bt:moddate")  # fmt: skip
_AUTHORS = ("author", "citation_author", "article:author", "og:article:author", "og:author", "parsely-author",
            "sailthru.author", "dc.creator", "dcterms.creator", "dc.contributor", "byl", "byline", "mediaid",
            "article:author_name", "authors")  # fmt: skip
_DESCRIPTIONS = ("og:description", "description", "dc.description", "dcterms.description", "dcterms.abstract",
                 "twitter:description", "weibo:article:description", "weibo:webpage:description")  # fmt: skip
_COVERS = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src",
           "weibo:article:image", "weibo:webpage:image", "parsely-image-url", "sailthru.image.full")  # fmt: skip

_WRITTEN_BY = frozenset(("written by", "author", "by", "作者", "verfasst von", "geschrieben von", "autor", "écrit par",
                         "escrito por", "scritto da", "geschreven door", "napisane przez", "skriven av", "skrevet av",
                         "写作者", "撰写", "執筆者", "投稿者", "автор", "написано автором", "作者："))  # fmt: skip
"""What stands in `twitter:label1` where `twitter:data1` holds the author; other pages say other things there."""

_LONGEST_SITE = 60
_MOST_AUTHORS = 40


def generic_facts(root: HtmlElement, *, url: str = "") -> dict[str, Value]:
    """Return the facts that a page declares, by the keys of front matter; none of them empty.

    `url` is the address it was fetched from. Never fails.
    """
    page = read_declarations(root, url)
    title = title_of(page)
    shown = cache(lambda: shown_facts(root, title.element))  # only asked where nothing is declared
    declared = _declared_date(page)
    facts: dict[str, Value] = {
        "title": title.text,
        "url": _url(page),
        "source": _source(page, shown),
        "date": declared or shown().published,
        "author": ", ".join(_authors(page, shown)),
        "modified": _modified(page) or ("" if declared else shown().changed),
        "cover": _cover(page),
        "description": without_markup(page.meta(_DESCRIPTIONS) or page.thing("description")),
    }
    if facts["modified"] == facts["date"]:
        facts["modified"] = ""
    return {key: value for key, value in facts.items() if value}


def _url(page: Declarations) -> str:
    for named in (page.links.get("canonical", ""), page.meta(("og:url",))):
        found = absolute_address(page.base, named)
        if found and (not page.url or host_of(found) == host_of(page.url)) and not _is_home(found, page.url):
            return found
    return page.url


def _is_home(found: str, url: str) -> bool:
    """Whether a site's careless template names its front page as the address of every page."""
    return bool(url) and urlsplit(found).path in {"", "/"} and urlsplit(url).path not in {"", "/"}


def _source(page: Declarations, shown: Callable[[], ShownFacts]) -> str:
    for thing in page.things:
        if name := thing_text(thing.get("publisher")):
            return name
    name = page.meta(SITES) or shown().origin
    if name and len(name) <= _LONGEST_SITE and not name.startswith("http"):
        return name
    return host_of(_url(page))


# Dates.


def _declared_date(page: Declarations) -> str:
    found = _first_date(page.thing("datePublished"), page.thing("uploadDate"))
    found = found or _first_date(*(text for name in _DATES for text in page.metas.get(name, ())))
    return found or _marked_date(page, "datePublished", "published") or _only_time(page)


def _modified(page: Declarations) -> str:
    found = _first_date(page.thing("dateModified"), *(text for name in _CHANGES for text in page.metas.get(name, ())))
    return found or _marked_date(page, "dateModified", "updated")


def _first_date(*texts: str) -> str:
    return next(filter(None, map(declared_date, texts)), "")


def _marked_date(page: Declarations, prop: str, name: str) -> str:
    for element in page.marked:
        is_time = element.tag == "time" and element.get("pubdate") is not None and name == "published"
        if element.get("itemprop") == prop or name in class_names(element) or is_time:
            values = (element.get("datetime"), element.get("content"), element.get("title"), shown_text(element))
            if found := _first_date(*(value for value in values if value)):
                return found
    return ""


def _only_time(page: Declarations) -> str:
    """Return the only <time> of the page."""
    times = {
        found
        for element in page.marked
        if element.tag == "time" and (found := declared_date(element.get("datetime") or ""))
    }
    return times.pop() if len(times) == 1 else ""


# Authors.


class Credit(NamedTuple):
    """A name that a page declares as its author's."""

    name: str
    is_organisation: bool


def _authors(page: Declarations, shown: Callable[[], ShownFacts]) -> list[str]:
    """Return the authors: the persons that are declared, else those in the byline, else the desk that is declared."""
    sites = site_names(page)
    declared = [credits for given in _declared_authors(page) if (credits := list(dict.fromkeys(given)))]
    for credits in declared:
        if persons := [one.name for one in credits if not one.is_organisation and not _is_desk(one.name, sites)]:
            return persons[:_MOST_AUTHORS]
    marked = [name for name in _marked_authors(page) if not _is_desk(name, sites)]
    found = marked or list(shown().authors)
    return (found or [one.name for credits in declared[:1] for one in credits])[:_MOST_AUTHORS]


def _is_desk(name: str, sites: set[str]) -> bool:
    return alphanumeric(name) in sites or is_desk(name)


def _declared_authors(page: Declarations) -> Iterator[list[Credit]]:
    """Yield the authors that each source in the page's data and head declares, the surest first."""
    for thing in page.things:
        yield list(_credits(thing.get("author") or thing.get("creator")))
    for key in _AUTHORS:
        yield [Credit(name, False) for text in page.metas.get(key, ()) if (name := person(text))]
    if page.meta(("twitter:label1",)).lower() in _WRITTEN_BY and (name := person(page.meta(("twitter:data1",)))):
        yield [Credit(name, False)]


def _credits(value: object) -> Iterator[Credit]:
    """Yield the authors in a value of JSON-LD: a name, a thing with one, or several of these."""
    for item in value[:_MOST_AUTHORS] if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            types = str(item.get("@type") or "")
            parts = [thing_text(item.get(key)) for key in ("givenName", "familyName")]
            given = thing_text(item.get("name")) or thing_text(item.get("@value")) or " ".join(filter(None, parts))
            is_organisation = "Organi" in types or "Corporation" in types
            yield from (Credit(name, is_organisation) for name in names_of_person(given))
        elif isinstance(item, str):
            names = split_names(item) if len(item) > LONGEST_NAME else [person(item)]
            yield from (Credit(name, False) for name in names if name)


def _marked_authors(page: Declarations) -> Iterator[str]:
    """Yield the author that the body marks as one (microdata, `rel=author`)."""
    for element in page.marked:
        if element.get("itemprop") == "author" or element.get("rel") == "author":
            named = element.xpath("(.//*[@itemprop='name'])[1]")
            inside = named[0] if named else element
            name = person(inside.get("content") or shown_text(inside))
            if name and not is_interface(name):
                yield name
                return


# The rest.


def _cover(page: Declarations) -> str:
    for name in _COVERS:
        for text in page.metas.get(name, ()):
            if found := absolute_address(page.base, text):
                return found
    pictures = (absolute_address(page.base, _picture(thing.get("image"))) for thing in page.things)
    return next(filter(None, pictures), "")


def _picture(value: object) -> str:
    return thing_text(value[0] if isinstance(value, list) and value else value, "url")
