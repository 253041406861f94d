"""Metadata that a general page declares: title, address, site, dates, author.

Each fact has its sources in a table, the surest first. The page is asked once for all it declares in its head, for
JSON-LD where there is some, and last for the labels that a reader sees beside the headline. Dates become ISO 8601.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from html import unescape
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from clean.frontmatter import Value
from clean.html.model import fold_space

__all__ = ["DATE", "Thing", "declared_date", "generic_facts", "person", "thing_text", "things_in"]


# What a page says in JSON-LD (https://www.w3.org/TR/json-ld11/, https://schema.org): its things, articles first.
#
# Pages break it in known ways: comment and CDATA marks around it, HTML escapes, line ends within strings, a comma or a
# semicolon too many. A block that stays broken says nothing; the others still do.


Thing = dict[str, object]

# What a page is, by the types of schema.org; the first is the most telling. A type that is not here describes the
# site or a part of the page, and so says nothing about the article.
_TYPES = (
    ("NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "BackgroundNewsArticle",
     "Article", "BlogPosting", "TechArticle", "ScholarlyArticle", "MedicalScholarlyArticle", "Report",
     "LiveBlogPosting",
     "AdvertiserContentArticle", "SatiricalArticle", "SocialMediaPosting", "Recipe", "HowTo", "Review"),
    ("DiscussionForumPosting", "Question"),
    ("Product", "ProductGroup", "VideoObject", "Event", "JobPosting", "SoftwareApplication", "Book", "Course", "Movie"),
    ("WebPage", "ItemPage", "MedicalWebPage", "AboutPage", "QAPage", "CollectionPage", "FAQPage", "ProfilePage"),
)  # fmt: skip
_RANK = {name: rank for rank, names in enumerate(_TYPES) for name in names}

_WITHIN = ("@graph", "mainEntity", "mainEntityOfPage")
"""Where the article stands in what is said about the page."""

_DEEPEST = 4
_LONGEST_BLOCK = 1_000_000
"""Characters of a block that is read; the longest known, a list of products, has 400,000."""

# A comma before a closing bracket. One run of white space between two single characters: linear.
_COMMA = re.compile(r",\s{0,200}([}\]])")

_MARKS = ("<!--", "-->", "//<![CDATA[", "//]]>", "<![CDATA[", "]]>", "/*", "*/")


def things_in(root: HtmlElement) -> list[Thing]:
    """Return what the page's blocks describe, the most telling first; `@id` stands for the thing it names."""
    things: list[Thing] = []
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            things += _walk(_parsed(script.text or ""), 0)
    named = {str(thing["@id"]): thing for thing in things if "@id" in thing and len(thing) > 2 and _is_named(thing)}
    ranked = sorted((rank, place) for place, thing in enumerate(things) if (rank := _rank(thing)) is not None)
    return [_resolved(things[place], named) for _, place in ranked]


def _is_named(thing: Thing) -> bool:
    """Whether the names of a thing are of a usual length; who refers to it by its `@id` reads them again."""
    return all(len(thing_text(thing.get(key))) <= _LONGEST_NAMED for key in ("name", "@value", "url"))


def thing_text(value: object, key: str = "name") -> str:
    """Return what a value says: its text, the `key` of a thing, and of several those, joined."""
    if isinstance(value, str):
        return " ".join(unescape(value).split())
    if isinstance(value, dict):
        inner = value.get(key) or value.get("@value")
        return thing_text(inner, key) if isinstance(inner, str) else ""
    if isinstance(value, list):
        return ", ".join(dict.fromkeys(filter(None, (thing_text(item, key) for item in value[:20] if item != value))))
    return ""


def _parsed(text: str) -> object:
    text = text.strip()
    for mark in _MARKS:
        text = text.removeprefix(mark).removesuffix(mark).strip()
    if len(text) > _LONGEST_BLOCK:
        return None
    for mended in (text, _COMMA.sub(r"\1", text.rstrip(";")), unescape(text)):
        try:
            found: object = json.loads(mended, strict=False)
        except (ValueError, RecursionError):
            continue
        return found
    return None


def _walk(value: object, depth: int) -> Iterator[Thing]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in _WITHIN:
            if isinstance(value.get(key), dict | list):
                yield from _walk(value[key], depth + 1)


def _rank(thing: Thing) -> int | None:
    types = thing.get("@type")
    names = types if isinstance(types, list) else [types]
    ranks = [_RANK[short] for name in names if isinstance(name, str) and (short := name.rpartition("/")[2]) in _RANK]
    return min(ranks, default=None)


def _resolved(thing: Thing, named: dict[str, Thing]) -> Thing:
    """Put things in place of the `@id` that stand for them, one level deep."""

    def resolve(value: object) -> object:
        if isinstance(value, dict) and "@id" in value and "name" not in value and "url" not in value:
            return named.get(str(value["@id"]), value)
        return value

    return {
        key: [resolve(item) for item in value] if isinstance(value, list) else resolve(value)
        for key, value in thing.items()
    }


# Dates as pages declare them, as ISO 8601; nothing is guessed, nothing is relative to today.
#
# Read are ISO 8601 and RFC 3339 with their usual slips, RFC 2822 and the English of bylines, and Chinese forms. A time
# keeps the zone that is said, and no zone where none is said. A date that does not exist is none.


_TIME = (
    r"(?:[T\s]{1,3}(\d{1,2})[:：](\d\d)(?:[:：](\d\d))?(?:[.,]\d{1,9})?"
    r"\s?(Z|UTC|GMT|[-+]\d\d:?(?:\d\d)?)?)?"
)

DATE = r"((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?!\d)(?:\s?日)?" + _TIME
"""Year, month and day with any of the usual signs, and a time; bounded runs: linear."""

_NUMERIC = re.compile(DATE, re.IGNORECASE)

# 20200102, 20200102T1011, 20200102101112. Bounded runs: linear.
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?(Z|[-+]\d\d:?\d\d)?)?$")

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_NAME = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"

# `Thu, 02 Jan 2020 10:11:12 +0800`, `2 January 2020`; `January 2, 2020`. Bounded runs: linear.
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?[\s-]{_NAME},?[\s-]((?:19|20)\d\d)(?!\d){_TIME}", re.IGNORECASE
)
_MONTH_FIRST = re.compile(rf"{_NAME}\s(\d{{1,2}})(?:st|nd|rd|th)?,?\s((?:19|20)\d\d)(?!\d){_TIME}", re.IGNORECASE)

_LONGEST = 80
"""Characters of a declaration that is a date and no text about one."""


def declared_date(value: str) -> str:
    """Return a declared date as `YYYY-MM-DD`, with time and zone where they are said; empty where it is none."""
    text = " ".join(value.split())
    if not text or len(text) > _LONGEST:
        return ""
    if match := _COMPACT.match(text):
        return _iso(match[1], match[2], match[3], match[4], match[5], match[6], match[7])
    if match := _NUMERIC.search(text):
        return _iso(*match.groups())
    if match := _DAY_FIRST.search(text):
        day, name, year, *rest = match.groups()
        return _iso(year, str(_MONTHS[name[:3].lower()]), day, *rest)
    if match := _MONTH_FIRST.search(text):
        name, day, year, *rest = match.groups()
        return _iso(year, str(_MONTHS[name[:3].lower()]), day, *rest)
    return ""


def _iso(
    year: str, month: str, day: str, hour: str | None, minute: str | None, second: str | None, zone: str | None
) -> str:
    try:
        if hour is None or minute is None:
            return date(int(year), int(month), int(day)).isoformat()
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=_zone(zone))
    except ValueError:
        return ""
    return moment.isoformat()


def _zone(zone: str | None) -> timezone | None:
    """Raise ValueError for a zone that is none."""
    if not zone:
        return None
    if zone[0] not in "+-":
        return UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if zone[0] == "-" else offset)


# Names of <meta name|property|itemprop|http-equiv>, in lower case. og, article: https://ogp.me; dc, dcterms: Dublin
# Core; citation: Google Scholar, Highwire; parsely: Parse.ly; sailthru: Sailthru; pubdate, contentsource and the like:
# the standard of Chinese government sites (国办发〔2017〕47号); weibo: Weibo; the rest: common use.
_TITLES = ("og:title", "citation_title", "articletitle", "dc.title", "dcterms.title", "parsely-title",
           "sailthru.title", "weibo:article:title", "weibo:webpage:title", "twitter:title")  # fmt: skip
_SITES = ("og:site_name", "contentsource", "article:publisher_name", "citation_journal_title", "application-name",
          "sitename", "dc.publisher", "dcterms.publisher", "apple-mobile-web-app-title")  # fmt: skip
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
            "article:author_name", "authors", "twitter:data1")  # fmt: skip
_DESCRIPTIONS = ("og:description", "description", "dc.description", "dcterms.description", "dcterms.abstract",
                 "twitter:description", "weibo:article:description", "weibo:webpage:description")  # fmt: skip
_COVERS = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src",
           "weibo:article:image", "weibo:webpage:image", "parsely-image-url", "sailthru.image.full")  # fmt: skip
_ONLY_LABELLED = {"twitter:data1": ("twitter:label1", ("written by", "author", "by", "作者"))}
"""Slots that hold anything; what they hold stands beside them."""

# What stands in the body: microdata (https://schema.org), hAtom (microformats.org/wiki/hatom), HTML 5 <time>.
# By the attributes, which are fewer than the elements: libxml2 asks one question after the other of each node.
_MARKED = etree.XPath(
    "//time | //h1 | //@rel[. = 'author']/.."
    " | //@itemprop[. = 'datePublished' or . = 'dateModified' or . = 'author' or . = 'headline']/.."
    " | //@class[contains(., 'published') or contains(., 'entry-title') or contains(., 'updated')]/.."
)

# Labels that are followed by what they announce. Chinese pages set them above the text. Bounded runs: linear.
_PUBLISHED = re.compile(
    rf"(?:发布时间|发布日期|发表时间|发表日期|发布于|发表于|日期|时间)\s{{0,3}}[:：]?\s{{0,3}}({DATE})"
)
# Not the origin of a picture (图片), of data (数据) or of a chart (图表).
_FROM = re.compile(
    r"(?:信息来源|文章来源|稿件来源|(?<![图片据料表频])来源)\s{0,2}[:：]\s{0,3}([^\s:：|｜<>，,。；;]{2,30})"
)

_SILENT = frozenset({"script", "style", "noscript", "template"})

_NEAR = 1500
"""Characters after the headline in which the labels are looked for."""
_NEAR_ELEMENTS = 3000
"""Elements after it in which they are, where most of them have no text."""

# Signs between a headline and the name of its site, as sites write them. Alternatives begin differently: linear.
_SIGN = re.compile(r"\s{1,3}[-|–—·»:•/]{1,2}\s{1,3}|\s?[_|｜]{1,2}\s?|\s?——?\s?|\s?::\s?|-(?=[\u4e00-\u9fff])")

_NOBODY = frozenset({"admin", "administrator", "root", "user", "author", "unknown", "null", "none", "undefined",
                     "anonymous", "editor", "staff", "佚名", "未知", "匿名", "本站", "网络",
                     "discuz! team and comsenz ui team", "discuz! team", "phpwind.net", "dedecms"})  # fmt: skip
_MOST_HEADINGS = 200
"""Headings of the first level that are looked for in the page's head."""
_LONGEST_NAMED = 1000
"""Characters of the name of a thing that others name by its `@id`; each of them would read it again."""
_LONGEST_AUTHOR = 120
_LONGEST_SITE = 60


class _Declarations(NamedTuple):
    """All that a page declares."""

    root: HtmlElement
    url: str
    base: str
    metas: Mapping[str, list[str]]
    """By name in lower case, in the page's order, none of them empty."""
    links: Mapping[str, str]
    things: list[Thing]
    head: str
    """Text of `<title>`."""
    marked: list[HtmlElement]
    """Elements of the body that say what they hold."""

    def meta(self, names: tuple[str, ...]) -> str:
        """Return the first of these names that says something."""
        return next((page for name in names if name in self.metas for page in self.metas[name]), "")

    def thing(self, *keys: str) -> str:
        """Return the first of these properties that the most telling thing with one has."""
        return next((page for thing in self.things for key in keys if (page := thing_text(thing.get(key)))), "")


def generic_facts(root: HtmlElement, *, url: str = "") -> dict[str, Value]:
    """Return the facts that a page declares, by the keys of front matter; none of them empty.

    `url` is the address it was fetched from. Never fails.
    """
    page = _read_declarations(root, url)
    facts: dict[str, Value] = {}
    for key, reader in _READERS.items():
        if value := reader(page):
            facts[key] = value
    if facts.get("modified") == facts.get("date"):
        facts.pop("modified", None)
    return facts


def _read_declarations(root: HtmlElement, url: str) -> _Declarations:
    metas: dict[str, list[str]] = {}
    links: dict[str, str] = {}
    head = base = ""
    for element in root.iter("meta", "link", "base", "title"):
        if element.tag == "meta":
            content = fold_space(element.get("content") or "")
            name = element.get("property") or element.get("name") or element.get("itemprop")
            if name and content:
                metas.setdefault(name.strip().lower(), []).append(content)
        elif element.tag == "link":
            for name in (element.get("rel") or "").lower().split():
                links.setdefault(name, (element.get("href") or "").strip())
        elif element.tag == "base":
            base = base or (element.get("href") or "").strip()
        elif not head:
            head = fold_space(element.text or "")
    found = _MARKED(root)
    elements = [element for element in found if isinstance(element, HtmlElement)] if isinstance(found, list) else []
    marked = [element for element in elements if element.tag not in {"meta", "body", "html"}]
    return _Declarations(root, url, _joined(url, base) or url, metas, links, things_in(root), head, marked)


def _url(page: _Declarations) -> str:
    for named in (page.links.get("canonical", ""), page.meta(("og:url",))):
        found = _joined(page.base, named)
        if found and (not page.url or _site(found) == _site(page.url)) and not _is_home(found, page.url):
            return found
    return page.url


def _is_home(found: str, url: str) -> bool:
    """Whether a site's careless template names its front page as the address of every page."""
    return bool(url) and urlsplit(found).path in {"", "/"} and urlsplit(url).path not in {"", "/"}


def _source(page: _Declarations) -> str:
    for thing in page.things:
        if name := thing_text(thing.get("publisher")):
            return name
    name = page.meta(_SITES) or _labelled(page, _FROM)
    if name and len(name) <= _LONGEST_SITE and not name.startswith("http"):
        return name
    return _site(_url(page))


def _title(page: _Declarations) -> str:
    headings = [text for element in page.marked if element.tag == "h1" and (text := _text(element))]
    declared = page.thing("headline") or page.meta(_TITLES)
    for heading in headings[:_MOST_HEADINGS]:  # what the page shows, where its head agrees
        if len(heading) > 3 and heading in page.head and len(heading) < len(page.head):
            # `What was found : science`: the head ends with the name of the place, as a heading of its own.
            if page.head.endswith(heading) and declared and heading not in declared:
                continue
            return heading
    if declared:
        return _without_site(declared, page, headings)
    for element in page.marked:
        if (element.get("itemprop") == "headline" or "entry-title" in _classes(element)) and (text := _text(element)):
            return text
    if page.head:
        return _without_site(page.head, page, headings)
    return page.thing("name") or next(iter(headings), "")


def _without_site(title: str, page: _Declarations, headings: list[str]) -> str:
    """Cut the site's name off, where a heading or the name itself tells which side it is on."""
    signs = list(_SIGN.finditer(title))
    if not signs:
        return title
    first, last = title[: signs[0].start()], title[signs[-1].end() :]
    known = set(headings)
    longest = max(map(len, known), default=0)
    for sign in signs:
        if sign.start() <= longest and title[: sign.start()] in known:
            return title[: sign.start()]
        if len(title) - sign.end() <= longest and title[sign.end() :] in known:
            return title[sign.end() :]
    names = {_plain(name) for name in (page.meta(_SITES), *map(_publisher, page.things)) if name}
    host = _site(page.url or _joined(page.base, page.links.get("canonical", "")))
    names |= {_plain(host), _plain(host.partition(".")[0])} - {""}
    if _plain(last) in names:
        rest = title[: signs[-1].start()]
        return first if "_" in signs[-1][0] and first else rest
    if _plain(first) in names:
        return title[signs[0].end() :]
    if len(signs) > 1 and all("_" in sign[0] for sign in signs) and last.endswith(("网", "新闻", "频道")):
        return first  # 标题_新闻中心_某某网
    return title


def _publisher(thing: Thing) -> str:
    return thing_text(thing.get("publisher"))


def _date(page: _Declarations) -> str:
    found = _first_date(page.thing("datePublished"), page.thing("uploadDate"))
    found = found or _first_date(*(text for name in _DATES for text in page.metas.get(name, ())))
    return found or _marked_date(page, "datePublished", "published") or _shown_date(page)


def _modified(page: _Declarations) -> str:
    found = _first_date(page.thing("dateModified"), *(text for name in _CHANGES for text in page.metas.get(name, ())))
    return found or _marked_date(page, "dateModified", "updated")


def _first_date(*texts: str) -> str:
    return next(filter(None, map(declared_date, texts)), "")


def _marked_date(page: _Declarations, prop: str, name: str) -> str:
    for element in page.marked:
        is_time = element.tag == "time" and element.get("pubdate") is not None and name == "published"
        if element.get("itemprop") == prop or name in _classes(element) or is_time:
            values = (element.get("datetime"), element.get("content"), element.get("title"), _text(element))
            if found := _first_date(*(value for value in values if value)):
                return found
    return ""


def _shown_date(page: _Declarations) -> str:
    """Return the only <time> of the page, else what a label beside the headline announces."""
    times = {
        found
        for element in page.marked
        if element.tag == "time" and (found := declared_date(element.get("datetime") or ""))
    }
    if len(times) == 1:
        return times.pop()
    return declared_date(_labelled(page, _PUBLISHED))


def _labelled(page: _Declarations, label: re.Pattern[str]) -> str:
    """Return what a label says, from the first heading on."""
    heading = next((element for element in page.marked if element.tag == "h1"), None)
    start = heading if heading is not None else page.root.find("body")
    if start is None:
        return ""
    near: list[str] = []
    here: HtmlElement | None = start
    size = seen = 0
    while here is not None and size < _NEAR and seen < _NEAR_ELEMENTS:
        seen += 1
        texts = [here.tail] if here.tag in _SILENT or not isinstance(here.tag, str) else [here.text, here.tail]
        near += [text for text in texts if text]
        size += sum(map(len, filter(None, texts)))
        here = _next(here)
    match = label.search(" ".join(near))
    return match[1] if match else ""


def _next(element: HtmlElement) -> HtmlElement | None:
    """Return the next element of the page, children first; nothing within a script."""
    if len(element) and element.tag not in _SILENT:
        return element[0]
    here: HtmlElement | None = element
    while here is not None:
        follower = here.getnext()
        if follower is not None:
            return follower
        here = here.getparent()
    return None


def _author(page: _Declarations) -> str:
    for thing in page.things:
        if name := person(thing_text(thing.get("author")) or thing_text(thing.get("creator"))):
            return name
    for key in _AUTHORS:
        if key in _ONLY_LABELLED:
            label, allowed = _ONLY_LABELLED[key]
            if page.meta((label,)).lower() not in allowed:
                continue
        names = [name for text in page.metas.get(key, ()) if (name := person(text))]
        if names:
            return ", ".join(dict.fromkeys(names))
    for element in page.marked:
        if element.get("itemprop") == "author" or element.get("rel") == "author":
            named = element.xpath("(.//*[@itemprop='name'])[1]")
            if name := person(_text(named[0] if named else element)):
                return name
    return ""


def person(text: str) -> str:
    """Return a name, without what is around it; empty for an address or nobody."""
    text = re.sub(r"^(?:by|作者|责任编辑|编辑)\s?[:： ]\s?", "", text, flags=re.IGNORECASE).strip(" ,;|/")
    bad = len(text) > _LONGEST_AUTHOR or "://" in text or text.lower() in _NOBODY or text.startswith(("www.", "@", "{"))
    return "" if bad or not any(map(str.isalpha, text)) else text


def _description(page: _Declarations) -> str:
    return page.meta(_DESCRIPTIONS) or page.thing("description")


def _cover(page: _Declarations) -> str:
    for name in _COVERS:
        for text in page.metas.get(name, ()):
            if found := _joined(page.base, text):
                return found
    return next((found for thing in page.things if (found := _joined(page.base, _picture(thing.get("image"))))), "")


def _picture(value: object) -> str:
    return thing_text(value[0] if isinstance(value, list) and value else value, "url")


def _joined(base: str, url: str) -> str:
    """Return an absolute address of the web; empty where there is none."""
    try:
        found = urljoin(base, url.strip()) if url.strip() else ""
        return found if urlsplit(found).hostname and found.startswith(("http://", "https://")) else ""
    except ValueError:
        return ""


def _site(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.").removeprefix("m.")
    except ValueError:
        return ""


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


def _classes(element: HtmlElement) -> list[str]:
    return (element.get("class") or "").split()


def _text(element: HtmlElement) -> str:
    return fold_space("".join(element.itertext("*")))[:400]


_READERS: Mapping[str, Callable[[_Declarations], str]] = {
    "title": _title,
    "url": _url,
    "source": _source,
    "date": _date,
    "author": _author,
    "modified": _modified,
    "cover": _cover,
    "description": _description,
}
