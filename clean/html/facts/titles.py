"""The title of a page: the heading that stands above its text, without the site's name and without markup.

What the page shows comes first, where its head agrees with it; a head is written for search engines, and JSON-LD has a
description in place of a headline now and then. Where no heading agrees, the head's own title is taken, cut at the sign
before the site's name.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from lxml.html import HtmlElement

from clean.html.facts.declarations import (
    Declarations,
    alphanumeric,
    class_names,
    shown_text,
    site_names,
    without_markup,
)
from clean.html.model import fold_space

__all__ = ["Title", "title_of"]


class Title(NamedTuple):
    """A page's title, and the element that shows it."""

    text: str
    element: HtmlElement | None
    """None where no element of the page is known to show it."""


# Names of <meta>: og, article: https://ogp.me; dc, dcterms: Dublin Core; citation: Google Scholar, Highwire; parsely:
# Parse.ly; sailthru: Sailthru; articletitle: Chinese government sites (国办发〔2017〕47号); weibo: Weibo.
_TITLES: Final = ("og:title", "citation_title", "articletitle", "headline", "dc.title", "dcterms.title",
                  "parsely-title", "sailthru.title", "weibo:article:title", "weibo:webpage:title",
                  "twitter:title")  # fmt: skip

# Signs between a headline and the name of its site, as sites write them. Alternatives begin differently: linear.
_SIGN: Final = re.compile(
    r"\s{1,3}[-|–—·»:•/]{1,2}\s{1,3}|\s?[_|｜]{1,2}\s?|\s?——?\s?|\s?::\s?|-(?=[\u4e00-\u9fff]|[A-Z][A-Za-z]{0,19}[\u4e00-\u9fff])"
)

# How names of sites end in Chinese heads; 20 characters are the longest. One bounded run before an end: linear.
_SITE_TAIL: Final = re.compile(
    r".{0,16}(?:人民政府(?:办公室|网|门户网站)?|政府网|门户网站|官网|网站|博客(?:园)?|论坛|社区|日报|晚报|晨报|新闻网|[^上联互]网|百科|频道"
    r"|新闻中心|知乎(?:专栏)?|掘金|简书|豆瓣(?:电影|读书|小组|日记)?|哔哩哔哩|bilibili|少数派|贴吧|新闻|网易|搜狐|澎湃|头条)$"
)
_LONGEST_TAIL: Final = 20

_WORD: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")

_MOST_PARAGRAPHS: Final = 100
"""Paragraphs and boxes of a page without a heading that are asked whether they are called its title."""
_MOST_HEADINGS: Final = 50
"""Headings of the first level that are looked at."""
_SHORTEST: Final = 6
"""Characters of a title that is told from the words before it."""
_MOST_SHOWN: Final = 20_000
"""Elements that are asked for a text that is the beginning of the declared title."""
_HEADINGS: Final = ("h1", "h2", "h3", "h4", "h5", "h6")

_AGREES: Final = 0.5
"""Share of the shorter one's words that a heading and a declared title have in common."""
_COVERS: Final = 0.4
"""Share of the declared title's words that a heading has: the name of a section has fewer."""
_IS_TITLE: Final = 0.25
"""Share of a heading's words that the declared title has: a heading of many others is a paragraph."""
_LONGEST_TITLE: Final = 300

_LONGEST_DECLARED: Final = 600
"""Characters of a declaration that are read as a title."""
_MOST_SIGNS: Final = 4
"""Signs from the end of a title at which the name of the site may begin, and the page shows the rest."""

_HIDDEN: Final = re.compile(r"display\s?:\s?none", re.IGNORECASE)


def title_of(page: Declarations) -> Title:
    """Return the page's title; empty where it has none. Never fails."""
    declared = _declared(page)
    name = without_markup(page.thing("name")[:_LONGEST_DECLARED])
    called = [*declared, name] if name else declared
    sites = site_names(page)
    shown = [(element, text) for element in _first_headings(page) if (text := _heading_text(element))]
    headings = [
        _title_below(page, element, text, declared) or (element, text)
        for element, text in shown
        if not _is_of_the_site(element, text, sites)
    ]
    best: tuple[float, HtmlElement, str] | None = None
    for element, text in headings:
        score = _agreement(text, called, page.head)
        if score > (best[0] if best is not None else 0):
            best = (score, element, text)
    if best is not None:
        return Title(_without_label(best[2], [*declared, page.head], sites), best[1])
    if not declared and (only := _only_heading(page, headings)):
        return only
    if chosen := _choose_declared(page.head, declared, name):
        return _without_site(chosen, page, [text for _, text in headings], sites)
    for element in page.marked:
        if (element.get("itemprop") == "headline" or "entry-title" in class_names(element)) and (
            text := shown_text(element)
        ):
            return Title(text, element)
    return next((Title(text, element) for element, text in (*headings, *shown)), Title("", None))


def _only_heading(page: Declarations, headings: list[tuple[HtmlElement, str]]) -> Title | None:
    """Return the one heading of a page of which nothing but `<title>` is declared, in other words.

    None where a lower heading agrees with the head: then the first one is the name of a section, or of the site.
    """
    if len(headings) != 1:
        return None
    element, text = headings[0]
    is_said = _FEWEST_WORDS <= len(_words(text)) <= _MOST_WORDS
    if not is_said or any(above.tag in _OF_THE_SITE for above in element.iterancestors()):
        return None
    below = islice(page.root.iter("h2", "h3"), _MOST_HEADINGS)
    return None if any(_agreement(shown_text(one), [], page.head) for one in below) else Title(text, element)


_FEWEST_WORDS: Final = 3
"""Words, or unspaced characters, of a heading that is no name of a section."""
_MOST_WORDS: Final = 16
"""Those of one that is no paragraph."""
_OF_THE_SITE: Final = frozenset(("header", "nav", "aside", "footer"))


def _first_headings(page: Declarations) -> Iterator[HtmlElement]:
    found = 0
    for element in page.marked:
        if element.tag == "h1" and found < _MOST_HEADINGS:
            found += 1
            if element.get("hidden") is None and not _HIDDEN.search(element.get("style") or ""):
                yield element
    if not found:
        yield from filter(_is_called_title, islice(page.root.iter("p", "div"), _MOST_PARAGRAPHS))


def _is_called_title(element: HtmlElement) -> bool:
    """Whether a paragraph is the title to Word, or in a book (EPUB 3)."""
    kinds = (element.get("epub:type") or "").split()
    return "MsoTitle" in (element.get("class") or "").split() or "title" in kinds or "fulltitle" in kinds


def _heading_text(element: HtmlElement) -> str:
    """Return the text of a heading without the sign that links to it: `Drying¶`."""
    text = shown_text(element)
    for link in islice(element.iter("a"), _MOST_HEAD_LINKS):
        if (link.get("href") or "").startswith("#") and (sign := shown_text(link)) in _ANCHOR_SIGNS:
            text = text.removesuffix(sign).removeprefix(sign).strip()
    return text


_ANCHOR_SIGNS: Final = frozenset({"¶", "#", "§", "🔗", "＃"})
_MOST_HEAD_LINKS: Final = 3


def _is_of_the_site(element: HtmlElement, text: str, sites: set[str]) -> bool:
    """Whether a heading names the site: it says its name, or is the link to its front page."""
    if alphanumeric(text) in sites:
        return True
    around = element.getparent()
    links = [around] if around is not None and around.tag == "a" else list(element.iter("a"))[:2]
    return len(links) == 1 and (links[0].get("href") or "").strip() in {"/", "./", "index.html", "/index.html"}


def _title_below(
    page: Declarations, element: HtmlElement, text: str, declared: list[str]
) -> tuple[HtmlElement, str] | None:
    """Return the heading below one that names the board or the book: the head has both, the board or book last.

    What the page declares as its title is the title. None for any other heading.
    """
    rest = page.head.removesuffix(text)
    if rest == page.head or any(_first_part(one) == text or one == text for one in declared):
        return None
    sign = next((one for one in _SIGN.finditer(rest) if one.end() == len(rest)), None)
    title = rest[: sign.start()] if sign is not None else ""
    below = islice(_after(element), _MOST_SHOWN)
    found = next((one for one in below if title and one.tag in ("h1", "h2", "h3") and shown_text(one) == title), None)
    return None if found is None else (found, title)


def _after(element: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the elements that begin behind the end of this one."""
    here: HtmlElement | None = element
    while here is not None:
        for one in here.itersiblings():
            yield from one.iter("*")
        here = here.getparent()


def _declared(page: Declarations) -> list[str]:
    """Return what the page's data and head call it, the most telling first."""
    metas = (text for name in _TITLES for text in page.metas.get(name, ()))
    given = (without_markup(text[:_LONGEST_DECLARED]) for text in (page.thing("headline"), *metas) if text)
    return list(dict.fromkeys(filter(None, islice(given, 12))))


def _agreement(heading: str, declared: list[str], head: str) -> float:
    """Return how well a heading agrees with what is declared: 0 where it does not; most counts the head itself."""
    # `What was found : science`: the head ends with the name of the place, as a heading of its own.
    rest = head.removesuffix(heading)
    if rest != head and any(one in rest for one in declared):
        return 0
    words = Counter(_words(heading))
    given = (*declared, *map(_first_part, declared))
    heads = (_likeness(heading, words, one) for one in (head, _first_part(head)))
    return max((_likeness(heading, words, one) for one in given), default=0) + max(heads)


def _first_part(title: str) -> str:
    """Return what stands before the first sign in a title."""
    sign = _SIGN.search(title)
    return title[: sign.start()] if sign else title


def _likeness(heading: str, words: Counter[str], given: str) -> float:
    """Return how much a heading is like a declared title: 0 to 2, where 2 is the same."""
    theirs = Counter(_words(given))
    both = (words & theirs).total()
    shorter = min(words.total(), theirs.total())
    if not _agree(both, shorter) or both < _IS_TITLE * words.total():
        return 0
    covers = both / theirs.total()
    if covers >= _COVERS:
        return covers + both / words.total()
    return 1 + covers if given.startswith(heading) and _SIGN.match(given, len(heading)) else 0


def _agree(both: int, shorter: int) -> bool:
    """Whether so many words in common are enough, of those of the shorter one; one of several is chance."""
    return both >= max(1, _AGREES * shorter) and (both > 1 or shorter == 1)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _without_label(heading: str, declared: list[str], sites: set[str]) -> str:
    """Cut off what stands before the title within its heading, such as the name of a board, and the site's name."""
    for given in declared:
        for title in (given, _first_part(given)):
            before = heading.removesuffix(title).rstrip()
            if before != heading and len(title) >= _SHORTEST and before[-1:].isalnum():  # a kicker ends with a sign
                return title
    signs = list(_SIGN.finditer(heading))
    if signs and alphanumeric(heading[signs[-1].end() :]) in sites and signs[-1].start():
        return heading[: signs[-1].start()]
    return heading


def _choose_declared(head: str, declared: list[str], name: str) -> str:
    """Return the declared title with which the head agrees; a headline that it does not know may be a description.

    The name of a thing may be that of a part of the page: it counts only where the head agrees, or says nothing.
    """
    theirs = Counter(_words(head))
    for given in filter(None, (*declared, name)):
        words = Counter(_words(given))
        if _agree((words & theirs).total(), min(words.total(), theirs.total())):
            return given
    return next(iter(declared), "") or without_markup(head) or name


def _without_site(title: str, page: Declarations, headings: list[str], sites: set[str]) -> Title:
    """Cut the site's name off, where the page shows the rest, or the name itself tells which side it is on."""
    title = title[:_LONGEST_TITLE]
    signs = list(_SIGN.finditer(title))
    if not signs:
        return Title(title, _element_with(page, title))
    known = set(headings)
    for sign in signs:
        for rest in (title[: sign.start()], title[sign.end() :]):
            if rest in known:
                return Title(rest, None)
    first, last = title[: signs[0].start()], title[signs[-1].end() :]
    beginnings = [title[: sign.start()] for sign in signs[: -_MOST_SIGNS - 1 : -1]]
    for rest in beginnings:
        if 2 * len(rest) >= len(beginnings[0]) and (found := _element_with(page, rest)) is not None:
            return Title(rest, found)
    if alphanumeric(last) in sites:
        rest = title[: signs[-1].start()]
        return Title(first if "_" in signs[-1][0] and first else rest, None)
    if alphanumeric(first) in sites:
        return Title(title[signs[0].end() :], None)
    if len(signs) > 1 and all("_" in sign[0] for sign in signs) and last.endswith(("网", "新闻", "频道")):
        return Title(first, None)  # 标题_新闻中心_某某网
    for sign in reversed(signs):
        tail = title[sign.end() :]
        if not title[: sign.start()] or len(tail) > _LONGEST_TAIL or not _SITE_TAIL.match(tail):
            break
        title = title[: sign.start()]
    return Title(title.rstrip(" -–—_|｜") or title, None)


def _element_with(page: Declarations, text: str) -> HtmlElement | None:
    """Return the first element of the body whose own text, or whose heading's, is this; None where there is none."""
    body = page.root.find("body")
    if body is None or len(text) < 4:
        return None
    for seen, element in enumerate(body.iter("*")):
        if seen > _MOST_SHOWN:
            return None
        own = element.text
        if own and len(own) < 2 * _LONGEST_TITLE and fold_space(own) == text:
            return element if isinstance(element, HtmlElement) else None
        if element.tag in _HEADINGS and shown_text(element) == text:
            return element if isinstance(element, HtmlElement) else None
    return None
