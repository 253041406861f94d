"""Reading of a general page: its content and its facts, or what it is instead of an article."""

from collections.abc import Mapping
from itertools import accumulate, islice
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from clean.document import LOW_CONFIDENCE, CleanWarning, State
from clean.frontmatter import Value
from clean.html.data.article import DataArticle, find_article
from clean.html.data.search import OwnNames
from clean.html.data.texts import squeezed
from clean.html.data.values import element_values
from clean.html.facts.dates import declared_date
from clean.html.facts.linked_data import paid_parts
from clean.html.facts.names import person
from clean.html.frames import addresses_of_frames
from clean.html.generic.blocks import TOKENS, WORD, Block, text_units
from clean.html.generic.choice import Choice, choose
from clean.html.generic.exceptions.drop import selected
from clean.html.generic.explain import STAGE
from clean.html.generic.metadata import generic_facts
from clean.html.generic.notice import find_page_notice, in_site_frame
from clean.html.generic.vocabulary import speaks_of_any
from clean.html.generic.witnesses import TOO_INTRICATE, TOO_LARGE
from clean.html.model import ContentTree, CutReason, NodeCuts, PageReading, fold_space
from clean.html.opening import OpenPage
from clean.html.render.visible import visible_content
from clean.rules import NOTICE, PAGE_DATA, Ruleset
from clean.stages.notice import Notice
from clean.view import comparable_text

__all__ = ["read_generic"]


def read_generic(opened: OpenPage, ruleset: Ruleset, url: str) -> PageReading:
    """Read an ordinary page: what it shows, and where that is no article, what its data hold."""
    address = url or opened.url
    facts = generic_facts(opened.root, url=address)
    offer = _offer(opened)
    walls = selected(opened.root, paid_parts(opened.root)) if offer.is_paid else frozenset()
    title = str(facts.get("title", ""))
    choice = choose(opened.root, lambda: opened.decoded.text, len(opened.decoded.data), title, walls, address)
    notice = find_page_notice(opened, choice.seen, ruleset)
    if notice is None or notice.state is State.EMPTY or notice.by_wording:
        is_shell = notice is not None and not notice.by_wording
        article = _article_in_data(opened, ruleset, address, facts, choice, shell=is_shell)
        if article is not None:
            return data_reading(article, facts, opened, address)
    if notice is not None and not (notice.by_wording and _is_shell(opened, ruleset, choice)):
        known = {key: value for key, value in facts.items() if key == "url"}
        return notice_reading(notice, known)
    if not choice.content or _is_shell(opened, ruleset, choice):
        known = {key: value for key, value in facts.items() if key in {"title", "url"}}
        return empty_reading(opened, known, base_of(opened.root, address))
    is_teaser = offer.is_paid and _is_teaser(choice, offer.words)
    facts |= {"paid": "true"} if offer.is_paid else {}
    facts |= {"truncated": "true"} if is_teaser else {}
    facts |= {"page_kind": choice.kind.name} if choice.kind and choice.kind.probability >= LIKELY else {}
    body = opened.root.find("body")
    tree = ContentTree(opened.root if body is None else body, opened.places)
    return PageReading(
        State.LIVE,
        "",
        "",
        facts,
        (tree,),
        _with_title(choice.cuts, title),
        revealed=frozenset(choice.revealed),
        base=base_of(opened.root, address or str(facts.get("url", ""))),
        confidence=choice.confidence.score,
        page_kind=choice.kind,
        warnings=_warnings(choice) + (_PREVIEW if is_teaser else ()),
        own_url=str(facts.get("url", "")),
    )


TEASER: Final = 400 * WORD
"""Units of a page's text above which its data are not asked: that is no teaser any more."""

MUCH_LONGER: Final = 3
"""How many times longer than what a page shows a text in its data must be."""


LIKELY: Final = 0.5
"""The front matter says what a page is where that is at least as probable."""


def _article_in_data(
    opened: OpenPage, ruleset: Ruleset, address: str, facts: Mapping[str, Value], choice: Choice, *, shell: bool
) -> DataArticle | None:
    """Return the article in a page's data where the page itself shows none, or only a few words of it."""
    shown = [one.block for one in choice.seen if one.kept] if choice.content and not shell else []
    if sum(block.units for block in shown) > TEASER or (choice.content and not choice.seen):
        return None
    text = " ".join(block.text for block in shown)
    titles = (str(facts.get("title", "")), *(element.text or "" for element in opened.root.iter("title")))
    names = OwnNames(titles, address or str(facts.get("url", "")), text)
    article = find_article(opened, names, ruleset)
    if article is None or not shown:
        return article
    said = [block for block in shown if _is_said(block, article.title)]
    is_scraps = sum(block.units for block in said) < SCRAPS
    weighed = " ".join(block.text for block in said) if is_scraps else text
    longer = len(article.text) >= MUCH_LONGER * max(1, len(squeezed(weighed)))
    sure = article.is_own or is_scraps
    return article if longer and sure and not _is_shown(article.text, choice) else None


class Offer(NamedTuple):
    """What a page tells search engines of the access to its article."""

    is_paid: bool
    words: int
    """Words of the whole article; 0 where it does not say."""


_NOT_FREE: Final = frozenset({"false", "no", "http://schema.org/False", "https://schema.org/False"})
_OF_ARTICLES: Final = ("Article", "Posting", "WebPage", "CreativeWork", "Report", "Review")
"""What the names of schema.org's kinds of articles, and of pages that are ones, end with."""

_PREVIEW: Final = (
    CleanWarning(
        "preview",
        "this is the free beginning of a paid article",
        0,
        "What follows is for those who paid; the page does not hold it.",
    ),
)


def _offer(opened: OpenPage) -> Offer:
    """Read `isAccessibleForFree` of schema.org: of the article, or of the part of it that is paid for (`hasPart`)."""
    is_paid, words = False, 0
    for given in element_values(opened, ("application/ld+json",)):
        things = given.value if isinstance(given.value, list) else [given.value]
        graphs = (one.get("@graph") for one in things if isinstance(one, dict))
        things = [*things, *(one for graph in graphs if isinstance(graph, list) for one in graph)]
        for thing in things:
            types = str(thing.get("@type")) if isinstance(thing, dict) else ""
            if not any(f"{name}'" in f"{types}'" for name in _OF_ARTICLES):
                continue
            parts = thing.get("hasPart")
            parts = parts if isinstance(parts, list) else [parts]
            pieces = [thing, *(part for part in parts if isinstance(part, dict))]
            if any(_is_not_free(piece.get("isAccessibleForFree")) for piece in pieces):
                is_paid = True
                words = max(words, _whole_number(thing.get("wordCount")))
    return Offer(is_paid, words)


def _is_not_free(value: object) -> bool:
    return value is False or (isinstance(value, str) and (value in _NOT_FREE or value.lower() in _NOT_FREE))


def _whole_number(value: object) -> int:
    text = str(value)[:9]
    return int(text) if text.isdecimal() and not isinstance(value, bool) else 0


def _is_teaser(choice: Choice, words: int) -> bool:
    """Whether a page shows so little that it can only be the beginning of an article that is paid for."""
    shown = [one.block for one in choice.seen if one.kept]
    is_short = sum(block.units for block in shown) <= TEASER
    return is_short and not (words and 10 * sum(len(TOKENS.findall(block.text)) for block in shown) >= 8 * words)


def _is_shell(opened: OpenPage, ruleset: Ruleset, choice: Choice) -> bool:
    """Whether an application's root is empty, and all that is shown around it a site says on each of its pages."""
    shown = [one.block for one in choice.seen if one.kept]
    said = accumulate(block.units for block in shown if _is_said(block, ""))
    if any(units > LOADING for units in said):  # most pages are told by their first paragraph
        return False
    rule = ruleset.by_id.get("notice.shell")
    names = {mark.partition(":")[2] for mark in rule.texts} if rule is not None and choice.seen else set()
    found = (one for one in opened.root.iter("*") if one.get("id") in names or one.tag in names)
    roots = list(islice(found, MOST_ROOTS))
    return bool(roots) and all(text_units(visible_content(one).text) <= LOADING for one in roots)


MOST_ROOTS: Final = 3
"""Elements that a page could fill which are looked at."""
LOADING: Final = 3 * WORD
"""Units of a word or two that something is loading."""

SCRAPS: Final = 20 * WORD
"""Units of a page's text, without what a site says on all its pages, below which it is a shell whatever its title."""

OF_THE_SITE: Final = ("cookie", "legal", "contact", "subscribe", "share", "advert", "entry")
"""Subjects of short texts that stand on every page of a site."""


def _is_said(block: Block, title: str) -> bool:
    """Whether a block may be an article's: it is no link, no title, and nothing that a site says on all its pages."""
    if in_site_frame(block.box) or 2 * block.linked > block.units or squeezed(block.text) == squeezed(title):
        return False
    return block.units > OF_SITES or not speaks_of_any(OF_THE_SITE, block.text)


OF_SITES: Final = 80 * WORD
"""Units of a text that a site says on all its pages, at most."""


def _is_shown(text: str, choice: Choice) -> bool:
    """Whether the page itself has a text, or the latter part of it, anywhere: then it was judged there."""
    page = squeezed("".join(one.block.text for one in choice.seen))
    size = max(8, min(40, len(text) // 10))
    places = [len(text) * part // 10 for part in (5, 6, 7, 8, 9)]
    return sum(text[at : at + size] in page for at in places) >= 2


def data_reading(article: DataArticle, facts: Mapping[str, Value], opened: OpenPage, address: str) -> PageReading:
    """Return a page whose article stands in its data; what the page shows is in the ledger, by the rule."""
    found: dict[str, Value] = {**facts, "derived_from": article.rule.id}
    title = article.title.removesuffix("…").removesuffix("...")
    if title != article.title and str(facts.get("title", "")).startswith(title):
        title = ""  # the data have only its beginning
    for key, value in (("title", title and article.title), ("author", person(article.author)), ("date", article.date)):
        if said := declared_date(value) if key == "date" else value:
            found[key] = said
    return PageReading(
        State.LIVE,
        article.rule.id,
        "",
        found,
        (article.tree,) if article.tree else (),
        revealed=frozenset([article.tree.element]) if article.tree else frozenset(),  # it may be a `noscript`
        rest=CutReason(PAGE_DATA, article.rule.id, f"the text is from {article.origin}"),
        base=base_of(opened.root, address or str(facts.get("url", ""))),
        own_url=str(facts.get("url", "")),
        markdown=article.markdown,
    )


def _warnings(choice: Choice) -> tuple[CleanWarning, ...]:
    """Say that the choice may be wrong, and that no witness was asked where that would have taken too long."""
    warnings = []
    states = {witness.state for witness in choice.witnesses}
    found = next((state for state in (TOO_LARGE, TOO_INTRICATE) if state in states), "")
    if found:
        message = f"no witness was asked which part of this page is its content: {found}"
        hint = "The page's blocks decided alone; look at the page beside the Markdown."
        warnings.append(CleanWarning("witnesses", message, 0, hint))
    if choice.confidence.score < LOW_CONFIDENCE:
        message = f"it is uncertain which part of this page is its content (confidence {choice.confidence.score:.2f})"
        hint = "Look at the page beside the Markdown; --explain says what was left out, and why."
        warnings.append(CleanWarning("low-confidence", message, 0, choice.confidence.hint or hint))
    return tuple(warnings)


def notice_reading(notice: Notice, facts: Mapping[str, Value]) -> PageReading:
    """Return a page that is no article: the notice's words are a fact, its title is none of the article's."""
    rest = CutReason(NOTICE, notice.rule.id)
    return PageReading(notice.state, notice.rule.id, notice.text, facts, (), rest=rest)


def empty_reading(opened: OpenPage, facts: Mapping[str, Value], base: str) -> PageReading:
    """Return a page without an article: a frame around other pages, whose addresses it names, a shell, or nothing."""
    found = addresses_of_frames(opened.root)
    if found:
        said = [fold_space(visible_content(one).text) for one in opened.root.iter("noframes")]
        addresses = (_joined(base, where) if at < MOST_COMPLETED else where for at, where in enumerate(found))
        notice = "\n".join(dict.fromkeys([*filter(None, said), *addresses]))
        rest = CutReason(STAGE, FRAMES)
        return PageReading(State.EMPTY, FRAMES, notice, facts, (), rest=rest)
    is_filled = next(opened.root.iter("script", "form", "object", "embed"), None) is not None
    is_named = any(one.get("id") or "-" in str(one.tag) for one in opened.root.iter("*"))  # a root to be filled
    rule = "generic.empty" if is_filled or is_named else BLANK
    return PageReading(State.EMPTY, rule, "", facts, (), rest=CutReason(STAGE, rule))


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address


MOST_COMPLETED: Final = 100
"""Frames whose addresses are completed by the page's; a long one would be repeated with each."""

FRAMES: Final = "generic.frames"
BLANK: Final = "generic.blank"


def _with_title(cuts: NodeCuts, title: str) -> NodeCuts:
    """Name the page's title where it was cut: it stands above the text whatever the blocks say."""
    elements = dict(cuts.elements)
    wanted = comparable_text(title)
    for element, why in cuts.elements.items():
        heads = element if element.tag == "h1" else next(element.iterdescendants("h1"), None)
        if heads is not None and comparable_text(visible_content(element).text) == wanted:
            elements[element] = why._replace(rule="generic.title")
    return cuts._replace(elements=elements)


def base_of(root: HtmlElement, address: str) -> str:
    """Return what the page's relative addresses are relative to (HTML, section 4.2.3), empty where nobody knows."""
    given = next((one.get("href", "") for one in root.iter("base") if one.get("href")), "")
    try:
        base = urljoin(address, given.strip())
        return base if urlsplit(base).scheme in {"http", "https"} else ""
    except ValueError:
        return ""
