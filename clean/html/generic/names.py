"""What the names of an element say about its place in a page: class, id, role, itemprop, and the tag itself.

Site builders of all languages name their boxes in English. A group is a set of stems; a box is described by how far
above it the nearest element of each group stands, from 0, the box itself, to `FAR`, none.
"""

import re
from functools import lru_cache
from typing import Final

from lxml.etree import _Element

__all__ = ["FAR", "GROUPS", "group_mask"]

FAR: Final = 8

# Stems, not words: names are run together (`articleBody`, `maincontent`). Alternations of literals: linear.
STEMS: Final = {
    "navigation": "nav|menu|breadcrumb|crumb|skip",
    "footer": "foot(?!note)|copyright|legal|contentinfo|bottom|colophon",
    "header": "header|masthead|banner|topbar|top-bar|logo|toolbar",
    "sidebar": "side|aside|rail|complementary|secondary|right|left",
    "comments": "comment|discuss|disqus|respond|repl(?:y|ies)",
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
    "pages": "pag(?:er|inat|ing|e-)|prev|next",
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
"""The groups, in the order of the bits of a mask."""

PATTERNS = tuple(re.compile(stems) for stems in STEMS.values())
TAG_BIT = {tag: 1 << (len(STEMS) + at) for at, tag in enumerate(TAGS)}
LONGEST_NAME: Final = 400


@lru_cache(maxsize=8192)
def name_mask(name: str) -> int:
    """Return the groups that one name belongs to, one bit each. Names come back, sets of names do not."""
    mask = 0
    for at, pattern in enumerate(PATTERNS):
        if pattern.search(name):
            mask |= 1 << at
    return mask


def group_mask(element: _Element, tag: str) -> int:
    """Return the groups of an element by its names and its tag, one bit each."""
    mask = TAG_BIT.get(tag, 0)
    if element.attrib:
        get = element.get
        names = f"{get('class') or ''} {get('id') or ''} {get('role') or ''} {get('itemprop') or ''}"
        if len(names) > 3:
            for name in names[:LONGEST_NAME].lower().split():
                mask |= name_mask(name)
    return mask
