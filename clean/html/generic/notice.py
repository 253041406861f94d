"""What a general page shows and what it is made of, for rules that tell notices from articles."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from lxml import etree
from lxml.etree import _Element

from clean.html.generic.blocks import HEADINGS, HIDDEN, Block, Box
from clean.html.generic.features import read_clues
from clean.html.model import fold_space
from clean.html.opening import OpenPage
from clean.html.script_data import scripts_of
from clean.rules import Ruleset
from clean.stages.notice import Marks, Notice, ShownLine, ShownText, find_notice, is_short

__all__ = ["SeenBlock", "find_page_notice", "in_site_frame"]

FRAME: Final = frozenset({"nav", "header", "footer", "aside"})
"""Elements around the content: what they say is the site's, whatever the page is."""

NAV_ROLES: Final = frozenset({"navigation", "banner", "contentinfo", "complementary"})

LOOKED_AT: Final = 60_000
"""Characters of a script that are searched; a challenge names itself in its first lines."""


class SeenBlock(NamedTuple):
    """A block with text, and whether it was chosen as content."""

    block: Block
    kept: bool


def find_page_notice(opened: OpenPage, seen: Sequence[SeenBlock], ruleset: Ruleset) -> Notice | None:
    """Return what a page tells that is no article, None for all others.

    First the text that was chosen is asked. Where that is a list beside the notice, what stands in no frame of the site
    is asked as well.
    """
    kept = [_line(one.block) for one in seen if one.kept and one.block.sight < HIDDEN]
    if not is_short(kept):
        return None
    root = opened.root
    title = fold_space(next((one.text or "" for one in root.iter("title")), ""))
    is_article = read_clues(root).article
    marks = _marks(opened)
    found = find_notice(ShownText(title, kept, is_article), marks, ruleset)
    if found is not None or all(one.kept for one in seen):
        return found
    rest = [_line(one.block) for one in seen if one.block.sight < HIDDEN and not in_site_frame(one.block.box)]
    if not is_short(rest):
        return None
    return find_notice(ShownText(title, rest, is_article), marks, ruleset, by_wording=False)


def _line(block: Block) -> ShownLine:
    tags = _tags(block.box)
    heading = any(tag in HEADINGS for tag in tags)
    return ShownLine(block.text, heading, 10 * block.linked >= 9 * block.units)


def _tags(box: Box) -> Iterator[str]:
    here: Box | None = box
    for _ in range(3):
        if here is None:
            return
        yield here.tag
        here = here.above


def in_site_frame(box: Box) -> bool:
    """Whether a box stands in a frame of the site, such as its footer."""
    here: Box | None = box
    while here is not None:
        if here.tag in FRAME or here.element.get("role") in NAV_ROLES:
            return True
        here = here.above
    return False


_IDS: Final = etree.XPath("//@id", smart_strings=False)
_CLASSES: Final = etree.XPath("//@class", smart_strings=False)

_TELLING: Final = ("script", "iframe", "frame", "form", "a", "link", "noscript", "input", "meta")
"""Elements of which `_note_element` has something to note."""


def _marks(opened: OpenPage) -> Marks:
    """Return what a small page is made of."""
    found: dict[str, dict[str, None]] = {}

    def note(kind: str, values: Iterable[str | None]) -> None:
        found.setdefault(kind, {}).update((value.strip().casefold(), None) for value in values if value)

    # Attributes and names are asked for all at once: a page may have a hundred thousand elements that say nothing.
    note("id", _strings(_IDS, opened.root))
    note("class", (name for names in _strings(_CLASSES, opened.root) for name in names.split()))
    note("element", {str(element.tag): None for element in opened.root.iter("*")})
    for element in opened.root.iter(*_TELLING):
        _note_element(element, note)
    for script in scripts_of(opened):
        beginning = script.source[script.start : min(script.end, script.start + LOOKED_AT)]
        note("script", [beginning.decode("utf-8", "replace")])
    return {kind: tuple(values) for kind, values in found.items()}


def _strings(path: etree.XPath, root: _Element) -> list[str]:
    found = path(root)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _note_element(element: _Element, note: Callable[[str, Iterable[str | None]], None]) -> None:
    """Note what an element refers to, and what it asks for."""
    match element.tag:
        case "script":
            note("script", [element.get("src")])
        case "iframe" | "frame":
            note("frame", [element.get("src"), element.get("title")])
        case "form":
            note("form", [element.get("action")])
        case "a" | "link":
            note("link", [element.get("href")])
        case "noscript":
            note("noscript", [fold_space("".join(map(str, element.itertext())))])
        case "input" if (element.get("type") or "").lower() == "password":
            note("has", ["password"])
        case "meta" if (element.get("http-equiv") or "").lower() == "refresh":
            note("has", ["refresh"])
