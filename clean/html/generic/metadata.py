"""What a general page says about itself: title, address, site, dates, author; never what it does not say.

Each fact has its sources in a table, the surest first. The page is asked once for all it declares in its head, for
JSON-LD where there is some, and last for the labels that a reader sees beside the headline.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from clean.frontmatter import Value
from clean.html.generic.dates_said import DATE, said_date
from clean.html.generic.json_ld import Thing, things_in, words
from clean.html.wechat.text import folded

__all__ = ["facts_of"]

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
_MARKED = etree.XPath(
    "//*[@itemprop='datePublished' or @itemprop='dateModified' or @itemprop='author' or @itemprop='headline'"
    " or @rel='author' or self::time or self::h1"
    " or contains(@class, 'published') or contains(@class, 'entry-title') or contains(@class, 'updated')]"
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

# Signs between a headline and the name of its site, as sites write them. Alternatives begin differently: linear.
_SIGN = re.compile(r"\s{1,3}[-|–—·»:•/]{1,2}\s{1,3}|\s?[_|｜]{1,2}\s?|\s?——?\s?|\s?::\s?|-(?=[\u4e00-\u9fff])")

_NOBODY = frozenset({"admin", "administrator", "root", "user", "author", "unknown", "null", "none", "undefined",
                     "anonymous", "editor", "staff", "佚名", "未知", "匿名", "本站", "网络",
                     "discuz! team and comsenz ui team", "discuz! team", "phpwind.net", "dedecms"})  # fmt: skip
_LONGEST_AUTHOR = 120
_LONGEST_SITE = 60


class _Said(NamedTuple):
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
        return next((said for name in names if name in self.metas for said in self.metas[name]), "")

    def thing(self, *keys: str) -> str:
        """Return the first of these properties that the most telling thing with one has."""
        return next((said for thing in self.things for key in keys if (said := words(thing.get(key)))), "")


def facts_of(root: HtmlElement, *, url: str = "") -> dict[str, Value]:
    """Return the facts that a page declares, by the keys of front matter; none of them empty.

    `url` is the address it was fetched from. Never fails.
    """
    said = _said(root, url)
    facts: dict[str, Value] = {}
    for key, reader in _READERS.items():
        if value := reader(said):
            facts[key] = value
    if facts.get("modified") == facts.get("date"):
        facts.pop("modified", None)
    return facts


def _said(root: HtmlElement, url: str) -> _Said:
    metas: dict[str, list[str]] = {}
    links: dict[str, str] = {}
    head = base = ""
    for element in root.iter("meta", "link", "base", "title"):
        if element.tag == "meta":
            content = folded(element.get("content") or "")
            name = element.get("property") or element.get("name") or element.get("itemprop")
            if name and content:
                metas.setdefault(name.strip().lower(), []).append(content)
        elif element.tag == "link":
            for name in (element.get("rel") or "").lower().split():
                links.setdefault(name, (element.get("href") or "").strip())
        elif element.tag == "base":
            base = base or (element.get("href") or "").strip()
        elif not head:
            head = folded(element.text or "")
    found = _MARKED(root)
    elements = [element for element in found if isinstance(element, HtmlElement)] if isinstance(found, list) else []
    marked = [element for element in elements if element.tag not in {"meta", "body", "html"}]
    return _Said(root, url, _joined(url, base) or url, metas, links, things_in(root), head, marked)


def _url(said: _Said) -> str:
    for named in (said.links.get("canonical", ""), said.meta(("og:url",))):
        found = _joined(said.base, named)
        if found and (not said.url or _site(found) == _site(said.url)) and not _is_home(found, said.url):
            return found
    return said.url


def _is_home(found: str, url: str) -> bool:
    """Whether a site's careless template names its front page as the address of every page."""
    return bool(url) and urlsplit(found).path in {"", "/"} and urlsplit(url).path not in {"", "/"}


def _source(said: _Said) -> str:
    for thing in said.things:
        if name := words(thing.get("publisher")):
            return name
    name = said.meta(_SITES) or _labelled(said, _FROM)
    if name and len(name) <= _LONGEST_SITE and not name.startswith("http"):
        return name
    return _site(_url(said))


def _title(said: _Said) -> str:
    headings = [text for element in said.marked if element.tag == "h1" and (text := _text(element))]
    declared = said.thing("headline") or said.meta(_TITLES)
    for heading in headings:  # what the page shows, where its head agrees
        if len(heading) > 3 and heading in said.head and len(heading) < len(said.head):
            # `What was found : science`: the head ends with the name of the place, as a heading of its own.
            if said.head.endswith(heading) and declared and heading not in declared:
                continue
            return heading
    if declared:
        return _without_site(declared, said, headings)
    for element in said.marked:
        if (element.get("itemprop") == "headline" or "entry-title" in _classes(element)) and (text := _text(element)):
            return text
    if said.head:
        return _without_site(said.head, said, headings)
    return said.thing("name") or next(iter(headings), "")


def _without_site(title: str, said: _Said, headings: list[str]) -> str:
    """Cut the site's name off, where a heading or the name itself tells which side it is on."""
    signs = list(_SIGN.finditer(title))
    if not signs:
        return title
    pieces = [title[: signs[0].start()], *(title[sign.end() :] for sign in signs)]
    first, last = pieces[0], title[signs[-1].end() :]
    for sign in signs:
        if title[: sign.start()] in headings:
            return title[: sign.start()]
        if title[sign.end() :] in headings:
            return title[sign.end() :]
    names = {_plain(name) for name in (said.meta(_SITES), *map(_publisher, said.things)) if name}
    host = _site(said.url or _joined(said.base, said.links.get("canonical", "")))
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
    return words(thing.get("publisher"))


def _date(said: _Said) -> str:
    found = _first_date(said.thing("datePublished"), said.thing("uploadDate"))
    found = found or _first_date(*(text for name in _DATES for text in said.metas.get(name, ())))
    return found or _marked_date(said, "datePublished", "published") or _shown_date(said)


def _modified(said: _Said) -> str:
    found = _first_date(said.thing("dateModified"), *(text for name in _CHANGES for text in said.metas.get(name, ())))
    return found or _marked_date(said, "dateModified", "updated")


def _first_date(*texts: str) -> str:
    return next(filter(None, map(said_date, texts)), "")


def _marked_date(said: _Said, prop: str, name: str) -> str:
    for element in said.marked:
        is_time = element.tag == "time" and element.get("pubdate") is not None and name == "published"
        if element.get("itemprop") == prop or name in _classes(element) or is_time:
            values = (element.get("datetime"), element.get("content"), element.get("title"), _text(element))
            if found := _first_date(*(value for value in values if value)):
                return found
    return ""


def _shown_date(said: _Said) -> str:
    """Return the only <time> of the page, else what a label beside the headline announces."""
    times = {
        found
        for element in said.marked
        if element.tag == "time" and (found := said_date(element.get("datetime") or ""))
    }
    if len(times) == 1:
        return times.pop()
    return said_date(_labelled(said, _PUBLISHED))


def _labelled(said: _Said, label: re.Pattern[str]) -> str:
    """Return what a label says, from the first heading on."""
    heading = next((element for element in said.marked if element.tag == "h1"), None)
    start = heading if heading is not None else said.root.find("body")
    if start is None:
        return ""
    near: list[str] = []
    here: HtmlElement | None = start
    size = 0
    while here is not None and size < _NEAR:
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


def _author(said: _Said) -> str:
    for thing in said.things:
        if name := _person(words(thing.get("author")) or words(thing.get("creator"))):
            return name
    for key in _AUTHORS:
        if key in _ONLY_LABELLED:
            label, allowed = _ONLY_LABELLED[key]
            if said.meta((label,)).lower() not in allowed:
                continue
        names = [name for text in said.metas.get(key, ()) if (name := _person(text))]
        if names:
            return ", ".join(dict.fromkeys(names))
    for element in said.marked:
        if element.get("itemprop") == "author" or element.get("rel") == "author":
            named = element.xpath("(.//*[@itemprop='name'])[1]")
            if name := _person(_text(named[0] if named else element)):
                return name
    return ""


def _person(text: str) -> str:
    """Return a name, without what is around it; empty for an address or nobody."""
    text = re.sub(r"^(?:by|作者|责任编辑|编辑)\s?[:： ]\s?", "", text, flags=re.IGNORECASE).strip(" ,;|/")
    bad = len(text) > _LONGEST_AUTHOR or "://" in text or text.lower() in _NOBODY or text.startswith(("www.", "@", "{"))
    return "" if bad or not any(map(str.isalpha, text)) else text


def _description(said: _Said) -> str:
    return said.meta(_DESCRIPTIONS) or said.thing("description")


def _cover(said: _Said) -> str:
    for name in _COVERS:
        for text in said.metas.get(name, ()):
            if found := _joined(said.base, text):
                return found
    return next((found for thing in said.things if (found := _joined(said.base, _picture(thing.get("image"))))), "")


def _picture(value: object) -> str:
    return words(value[0] if isinstance(value, list) and value else value, "url")


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
    return folded("".join(element.itertext("*")))[:400]


_READERS: Mapping[str, Callable[[_Said], str]] = {
    "title": _title,
    "url": _url,
    "source": _source,
    "date": _date,
    "author": _author,
    "modified": _modified,
    "cover": _cover,
    "description": _description,
}
