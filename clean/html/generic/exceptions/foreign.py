"""Signs that a part of a page is none of the text it stands in: its names, its first words, its links and fields.

A reader tells an advertisement, a link to the next story or a line of buttons between two paragraphs at a glance: by
the box around it, by its first words, and because all of it is a link. What bears no such sign the author wrote.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from lxml import etree
from lxml.etree import _Element

from clean.html.generic.blocks import WORD, Block, Box

__all__ = [
    "begins_as_interface",
    "has_controls",
    "is_foreign_box",
    "is_little",
    "is_named_foreign",
    "is_preview",
    "links_file",
    "names_of",
]

# Where a name of two words written as one goes on: `adSlot`. Two characters: linear.
_HUMP: Final = re.compile(r"([a-z])([A-Z])")
_LONGEST_NAMES: Final = 300
"""Characters of an element's names that are looked at."""

# Names of boxes that hold something else than the text, whatever they say. Each alternative is a literal with a tail of
# letters that gives nothing back, between ends of words: linear.
_FOREIGN: Final = re.compile(
    r"(?<![a-z])(?:ads?|adslot|adunit|adbox|adv|advert[a-z]*+|sponsor[a-z]*+|promo[a-z]*+|outbrain|taboola|affiliate[a-z]*+"
    r"|newsletters?|subscri[a-z]*+|sign-?up|signin|login|register|registration|shar(?:e|es|ing|er|ebar|etools)|social[a-z]*+"
    r"|sns|follow[a-z]*+|related[a-z]*+|recommend[a-z]*+|recirc[a-z]*+|read-?(?:more|next|also)|see-?also"
    r"|most-(?:read|popular|viewed|shared)|popular|trending|upsell|marketing|donat[a-z]*+|players?|pager|paginat[a-z]*+"
    r"|pagenav|breadcrumbs?|navbar|navbox|navigation|menu|toolbar|taglist|tags|keywords|similar[a-z]*+"
    r"|cookies?|consent|paywall|toc|skip|ewm|qrcode|edit-?page|addtoany|swatches"
    r"|vjs|video-js|jw|pswp|oembed-[a-z]++|popover|tooltip|call-?to-?action|creativecommons|article-copyright|author-?(?:bio|box|card)|expert-box"
    r"|top-?bar|sticky[a-z]*+|visually-hidden|sr-only|screen-reader-text)(?![a-z])"
)

# Names of what a page lays over itself; a picture that one may enlarge is named so, too. Literals: linear.
_OVER: Final = re.compile(r"(?<![a-z])(?:modal|popup|overlay)(?![a-z])")
# A class that hides in every style sheet, unless another one of the box lifts it on wide screens: one word, linear.
_UNSEEN: Final = re.compile(r"(?:^|\s)(?:hidden|d-none|hide)(?:\s|$)")
_COMMENTS: Final = re.compile(r"(?<![a-z])comments?(?![a-z])")

# Names that such boxes have, and boxes of the text as well: they count where most of it is links. As above: linear.
_DOUBTFUL: Final = re.compile(
    r"(?<![a-z])(?:ctas?|more|also|next|prev|nav|tools|buttons?|btns?|ratings?|votes?|likes?|print|jump[a-z]*+|widget"
    r"|carousel|swiper|slider|form|search|products?|prices?|shop|cart|buy|cards?|download|weather|poll|jobs?|edit|list"
    r"|latest|teasers?)(?![a-z])"
)

# How texts begin that lead elsewhere or are the page's own, in the languages of the pages we meet.
_BEGINNINGS: Final = (
    r"read (?:more|also|next|about|our)\b|related\b|also read\b|(?:you )?may also\b|more (?:on|from|stories)\b",
    r"see (?:more|all)\b|sponsored\b|\+\d{1,3} more\b",
    r"don['’]t miss\b|recommended\b|must[ -]read\b|most read\b|explore further\b|continue reading\b",
    r"learn more\b|check out (?:next|our)\b|watch (?:now|live|the|more|this)\b|listen (?:now|to)\b|sign up\b",
    r"subscribe\b|follow us\b|join (?:us|our|the)\b|click (?:here|to)\b|(?:buy|shop) now\b|try (?:it|now)\b",
    r"advert|ad feedback\b|(?:story|article) continues\b|scroll (?:to|down)\b|view this post\b|tweet may\b",
    r"share (?:this|on)\b|share$|skip (?:past|to)\b|jump to\b|loading\b|copy link\b|rate this\b|play video\b",
    r"view (?:full|gallery|all)\b|(?:add|post) a comment\b|image \d{1,3} of \d|\d{1,2}:\d\d\s",
    r"(?:à )?lire (?:aussi|plus)\b|à lire\b|voir aussi\b|publicité|lee también\b|te puede\b|ver también\b",
    r"más información\b|publicidad|leia (?:também|mais)\b|veja (?:também|mais)\b|saiba mais\b|leggi (?:anche|tutto)\b",
    r"pubblicità|mehr (?:zum|dazu|von|aus)\b|lesen sie\b|lesetipp|auch interessant\b|werbung\b|anzeige\b",
    r"lees (?:ook|meer)\b|advertentie\b|läs (?:mer|också|även)\b|les (?:også|mer)\b|læs (?:også|mere)\b|annonse?\b",
    r"lue myös\b|čtěte\b|související\b|czytaj\b|zobacz\b|reklam|citește\b|kapcsolódó|ayrıca\b|читайте|реклама",
    r"baca (?:juga|selengkapnya)\b|相关(?:阅读|报道|文章|新闻|链接|推荐)|延伸阅读|相關(?:閱讀|報導|新聞)|推荐阅读|推薦",
    r"更多(?:精彩|内容|新闻|阅读)|猜你喜欢|广告|廣告|分享(?:到|至)|扫一扫|扫码|长按|点击(?:查看|下载|关注)",
    r"関連|あわせて",
)
# One anchor and a bounded run of one class before alternatives of literals: linear.
_INTERFACE: Final = re.compile(rf"\W{{0,3}}(?:{'|'.join(_BEGINNINGS)})", re.IGNORECASE)

# A preview of another page that the author set among the paragraphs, as forums and newsletters draw it: literals.
_PREVIEW: Final = re.compile(r"onebox|link-?preview|link-?card|bookmark-card|unfurl|embed-?card")

# The end of an address of a file that is read by itself. Bounded alternatives before the end or a query: linear.
_FILE: Final = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|od[tsp]|wps|et|csv|rtf|txt|zip|rar|7z|epub)(?:[?#]|$)", re.IGNORECASE
)

_CONTROLS: Final = etree.XPath(
    "boolean(descendant-or-self::*[self::form or self::select or self::textarea or (self::button and @type = 'submit')"
    " or (self::input and not(@type = 'hidden' or @type = 'checkbox' or @type = 'radio'))])"
)


@lru_cache(maxsize=8192)
def _folded(names: str) -> str:
    return _HUMP.sub(r"\1-\2", names).lower()


def names_of(element: _Element) -> str:
    """Return class, id and role of an element in lower case; words that are run together are parted."""
    get = element.get
    return _folded(f"{get('class') or ''} {get('id') or ''} {get('role') or ''}"[:_LONGEST_NAMES])


def is_foreign_box(box: Box, *, linked: bool, alike: bool = False) -> bool:
    """Whether a box is named for something else than the text.

    `linked` says that most of it is links, `alike` that most of its like are kept: then it may be one of the comments.
    """
    names = names_of(box.element)
    if _UNSEEN.search(names) and ":" not in names:
        return True
    if _OVER.search(names) and next(box.element.iter("figure"), None) is None:
        return True
    if box.tag in _ASIDE or _FOREIGN.search(names) or (not alike and _COMMENTS.search(names)):
        return True
    return linked and (not alike or box.total > _NAME) and bool(_DOUBTFUL.search(names))


def is_named_foreign(box: Box, *, linked: bool, alike: bool = False) -> bool:
    """Whether a box, or one in it that holds all of it, is named for something else than the text."""
    here = box
    for _ in range(_LEVELS):
        if is_foreign_box(here, linked=linked, alike=alike):
            return True
        inner = [child for child in here.children if child.total]
        if len(inner) != 1 or inner[0].total < here.total:
            return False
        here = inner[0]
    return False


_NAME: Final = 6 * WORD
"""Units of a name that a list links; a headline is longer."""
_LEVELS: Final = 4
"""Boxes within each other of which the names are asked."""
_ASIDE: Final = frozenset(("nav", "footer", "form", "dialog", "menu"))


def begins_as_interface(text: str) -> bool:
    """Whether a text begins as one that leads elsewhere, or asks the reader to do something."""
    return _INTERFACE.match(text) is not None


def has_controls(element: _Element) -> bool:
    """Whether there are fields in an element for the reader to fill in; boxes to tick are those of panels and tasks."""
    return bool(_CONTROLS(element))


def is_preview(box: Box) -> bool:
    """Whether a box is the preview of a page that its author links to."""
    return _PREVIEW.search(names_of(box.element)) is not None


def links_file(element: _Element) -> bool:
    """Whether most links in an element are to files that are read by themselves: documents, tables, archives."""
    links = [link.get("href") or "" for link in element.iter("a")]
    return bool(links) and 2 * sum(bool(_FILE.search(link)) for link in links) > len(links)


def is_little(blocks: Sequence[Block]) -> bool:
    """Whether blocks hold a word or two each, and few of them."""
    return sum(block.units for block in blocks) <= 6 * WORD and all(block.units <= 3 * WORD for block in blocks)
