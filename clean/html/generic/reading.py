"""An ordinary page as the renderer needs it."""

from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from clean.document import State
from clean.html.cuts import Cuts, Why
from clean.html.generic.explain import STAGE
from clean.html.generic.metadata import facts_of
from clean.html.generic.page import choose
from clean.html.opened import Opened
from clean.html.reading import Reading, Tree
from clean.html.render.seen import seen
from clean.rules import Ruleset
from clean.stages.headings import same_title

__all__ = ["read_generic"]


def read_generic(opened: Opened, ruleset: Ruleset, url: str) -> Reading:
    """Read an ordinary page."""
    address = url or opened.url
    facts = facts_of(opened.root, url=address)
    choice = choose(opened.root, lambda: opened.decoded.text)
    if not choice.content:
        rule = "generic.empty"
        known = {key: value for key, value in facts.items() if key in {"title", "url"}}
        return Reading(State.EMPTY, rule, "", known, (), rest=Why(STAGE, rule))
    body = opened.root.find("body")
    tree = Tree(opened.root if body is None else body, opened.places)
    return Reading(
        State.LIVE,
        "",
        "",
        facts,
        (tree,),
        _with_title(choice.cuts, str(facts.get("title", ""))),
        revealed=frozenset(choice.revealed),
        base=base_of(opened.root, address or str(facts.get("url", ""))),
        confidence=choice.confidence,
        own_url=str(facts.get("url", "")),
    )


def _with_title(cuts: Cuts, title: str) -> Cuts:
    """Name the page's title where it was cut: it stands above the text whatever the blocks say."""
    elements = dict(cuts.elements)
    for element, why in cuts.elements.items():
        heads = element if element.tag == "h1" else next(element.iterdescendants("h1"), None)
        if heads is not None and same_title(seen(element).text, title):
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
