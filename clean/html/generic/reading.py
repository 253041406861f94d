"""An ordinary page as the renderer needs it."""

from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from clean.document import State
from clean.html.cuts import Why
from clean.html.generic.choose import choose
from clean.html.generic.facts import facts_of
from clean.html.opened import Opened
from clean.html.reading import Reading, Tree
from clean.rules import Ruleset

__all__ = ["read_generic"]


def read_generic(opened: Opened, ruleset: Ruleset, url: str) -> Reading:
    """Read an ordinary page."""
    address = url or opened.url
    facts = facts_of(opened.root, url=address)
    choice = choose(opened.root, opened.decoded.text, url=address)
    if not choice.content:
        rule = "generic.empty"
        known = {key: facts[key] for key in ("title", "url") if key in facts}
        return Reading(State.EMPTY, rule, "", known, (), rest=Why("state", rule))
    body = opened.root.find("body")
    tree = Tree(opened.root if body is None else body, opened.places)
    return Reading(
        State.LIVE,
        "",
        "",
        facts,
        (tree,),
        choice.cuts,
        base=base_of(opened.root, address or str(facts.get("url", ""))),
        confidence=choice.confidence,
    )


def base_of(root: HtmlElement, address: str) -> str:
    """Return what the page's relative addresses are relative to (HTML, section 4.2.3), empty where nobody knows."""
    given = next((one.get("href", "") for one in root.iter("base") if one.get("href")), "")
    try:
        base = urljoin(address, given.strip())
        return base if urlsplit(base).scheme in {"http", "https"} else ""
    except ValueError:
        return ""
