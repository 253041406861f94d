"""What the names of an element say about its place in a page: class, id, role, itemprop, and the tag itself.

Site builders of all languages name their boxes in English. A group is a set of stems; a box is described by how far
above it the nearest element of each group stands, from 0, the box itself, to `FAR`, none.
"""

import re
from functools import lru_cache
from typing import Final

from lxml.etree import _Element

__all__ = ["FAR", "GROUPS", "groups_of"]

FAR: Final = 8

# Stems, not words: names are run together (`articleBody`, `maincontent`). Alternations of literals: linear.
STEMS: Final = {
    "navigation": "nav|menu|breadcrumb|crumb|skip",
    "footer": "foot(?!note)|copyright|legal|contentinfo|bottom|colophon",
    "header": "header|masthead|banner|topbar|top-bar|logo|toolbar",
    "sidebar": "side|aside|rail|complementary|secondary|right|left",
    "comments": "comment|discuss|disqus|respond|reply|replies",
    "related": "relat|recom|more|also|suggest|similar|popular|trend|latest|recent|hot|rank|promot",
    "share": "share|sharing|social|sns|follow|bookmark|like|vote|action|button|btn",
    "advert": r"(?<![a-z])ads?(?![a-z])|advert|sponsor|promo|outbrain|taboola|cta|affiliate|donat",
    "form": "login|signin|sign-|signup|subscri|newsletter|form|search|regist|input|contact",
    "popup": "modal|popup|cookie|consent|gdpr|overlay|dialog|notice|alert|tooltip|dropdown|toast|banner",
    "byline": "author|byline|writer|avatar|profile|user|bio(?![a-z])|poster|member|nick",
    "meta": "meta|date|time|info|publish|source|stat|count|credit",
    "tags": r"(?<![a-z])tags?(?![a-z])|taglist|categor|keyword|label|badge",
    "content": "content|body|text|main",
    "article": "article|post|entry|blog|news|detail|story",
    "forum": r"thread|topic|message|msg|forum|bbs|question|answer|floor|(?<![a-z])t_f|postmessage|cooked",
    "product": "product|price|cart|sku|shop|store|review|rating|spec",
    "card": "card|tile|teaser|grid|list|item|feed|preview|thumb|carousel|slide|swiper|row",
    "title": "title|headline|heading|subject|(?<![a-z])h[1-6](?![a-z])",
    "picture": "caption|image|img|photo|figure|gallery|media|video|player",
    "contents": r"(?<![a-z])toc|table-of|outline|index|anchor",
    "pages": "pager|paginat|paging|page-|prev|next",
    "widget": "widget|module|panel|block|section|box|wrap|container",
    "prose": "markdown|docs?(?![a-z])|wiki|prose|rich|rte(?![a-z])|wysiwyg|editor|copy|paragraph|render",
    "concealed": "hidden|hide|collapse|sr-only|screen-reader|invisible|print|offscreen|accordion|tab",
    "lead": "lead|intro|excerpt|dek(?![a-z])|standfirst|subtitle|abstract|desc|summary|hero",
    "signature": "signature|(?<![a-z])sig(?![a-z])|quote|foot-?note|reference|reflist|edit",
}

TAGS: Final = (
    "nav", "footer", "header", "aside", "main", "article", "form", "table", "ul", "ol", "blockquote", "figure",
    "section", "details", "dl", "pre",
)  # fmt: skip

GROUPS: Final = (*STEMS, *(f"<{tag}>" for tag in TAGS))
"""The groups, by number."""

LITERAL = re.compile(r"[a-z_-]+")
LITERALS = tuple(
    (at, tuple(stem for stem in stems.split("|") if LITERAL.fullmatch(stem))) for at, stems in enumerate(STEMS.values())
)
"""The stems of each group that are plain text: looked for as such, ten times as fast as as patterns."""
PATTERNS = tuple(
    (at, re.compile("|".join(others)))
    for at, stems in enumerate(STEMS.values())
    if (others := [stem for stem in stems.split("|") if not LITERAL.fullmatch(stem)])
)
TAG_GROUP = {tag: len(STEMS) + at for at, tag in enumerate(TAGS)}
LONGEST_NAME: Final = 400


@lru_cache(maxsize=8192)
def name_groups(name: str) -> frozenset[int]:
    """Return the groups that one name belongs to, by number."""
    found = {at for at, pattern in PATTERNS if pattern.search(name)}
    for at, literals in LITERALS:
        for literal in literals:  # not `any`: a generator for each group takes longer than the looking
            if literal in name:
                found.add(at)
                break
    return frozenset(found)


@lru_cache(maxsize=8192)
def names_groups(names: str, tag: str) -> tuple[int, ...]:
    """Return the groups of an element that has these names and this tag."""
    found = {TAG_GROUP[tag]} if tag in TAG_GROUP else set()
    if len(names) > 3:
        for name in names[:LONGEST_NAME].lower().split():
            found |= name_groups(name)
    return tuple(sorted(found))


def groups_of(element: _Element, tag: str) -> tuple[int, ...]:
    """Return the groups of an element by its names and its tag, as numbers into GROUPS."""
    attributes = element.attrib
    if not attributes:
        return names_groups("", tag)
    get = attributes.get
    names = f"{get('class') or ''} {get('id') or ''} {get('role') or ''} {get('itemprop') or ''}"
    return names_groups(names, tag)
