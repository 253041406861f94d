"""One walk over the tree, without recursion: text flows into paragraphs, boxes begin and end them.

The walk keeps a stack of open elements. Entering an element may change the look of the text in it, begin a block,
or deal with the whole element at once; what is to be done when it ends stands on the stack as a function.
`HANDLERS` says for each element which function knows it.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from lxml.etree import _Element

from clean.html.render import blocks, callouts, cards, footnotes, math, media, pictures, spans, voices
from clean.html.render.elements import BLOCKS, HEADINGS, LISTS, LOOKS, TAGS, UNSEEN
from clean.html.render.gutters import is_gutter
from clean.html.render.model import PLAIN, RAW, TEXT, Block, Look, Piece, has_ink
from clean.html.render.reader import SKIP, Enter, Leave, Reader, Skip
from clean.html.render.style import NO_STYLE, Style, read_style, roles

__all__ = ["read"]


class Frame(NamedTuple):
    """An open element."""

    element: _Element
    children: Iterator[_Element]
    look: Look
    leave: Leave | None


def read(reader: Reader) -> list[Block]:
    """Return the blocks under the root."""
    stack: list[Frame] = []
    open(reader, stack, reader.root, PLAIN)
    while stack:
        frame = stack[-1]
        child = next(frame.children, None)
        if child is None:
            stack.pop()
            if frame.leave is not None:
                frame.leave()
            if stack:
                tail(reader, frame.element, stack[-1])
            continue
        if isinstance(child.tag, str) and open(reader, stack, child, frame.look):
            continue
        tail(reader, child, frame)
    reader.end_paragraph()
    return reader.blocks


def open(reader: Reader, stack: list[Frame], element: _Element, look: Look) -> bool:
    """Enter an element; return whether it is open now."""
    done = enter(reader, element, look)
    if isinstance(done, Skip):
        return False
    stack.append(Frame(element, iter(element), done.look, done.leave))
    text = reader.text_before(element)
    if text:
        reader.add_text(text, done.look, element)
    return True


def tail(reader: Reader, node: _Element, around: Frame) -> None:
    """Read the text after an element, a comment or an instruction: it stands in the element around."""
    text = reader.text_after(node)
    if text:
        reader.add_text(text, around.look, around.element)


def enter(reader: Reader, element: _Element, look: Look) -> Enter | Skip:
    """Enter an element."""
    if reader.cuts.elements:
        why = reader.cuts.elements.get(element)
        if why is not None:
            if element.tag in ("td", "th"):
                blocks.cut_cell(reader, element)
            return reader.cut_off(element, why)
    tag = str(element.tag)
    plain = TELLING.isdisjoint(element.keys())
    if plain and tag in PASSIVE and not reader.notes.notes and element is not reader.root:
        entered = passive(reader, element, tag, look)
        if entered is not None:
            return entered
    names = NO_ROLES if plain else roles(element.get("class"))
    drawn = tag in ("math", "mjx-container") or "math" in names
    formal = drawn and not look.searched
    if (formal or (not plain and element.get("data-formula"))) and element not in reader.inside.touched:
        formula = spans.formula(reader, element, look)
        if formula is not None:
            return formula
        look = look._replace(searched=True)
    if reader.notes.notes:
        footnote = footnotes.footnote(reader, element, look)
        if footnote is not None:
            return footnote
    given = element.get("style")
    style = read_style(given) if given else NO_STYLE
    if element in reader.options.revealed:
        if tag == "noscript":
            reader.end_paragraph()
            return Enter(look, reader.end_paragraph)
    elif element is not reader.root:
        if tag in UNSEEN or tag == "script":
            return unseen(reader, element, look)
        if style.hidden or (not plain and element.get("hidden") is not None):
            return reader.drop(element, "html.hidden")
        if names:
            if "screen-reader" in names:
                return reader.drop(element, "html.screen-reader")
            if "control" in names:
                return reader.drop(element, "html.control")
            if "math-drawing" in names:
                return reader.drop(element, "html.math-drawing")
            if "gutter" in names and is_gutter(element):
                return reader.drop(element, "html.code-gutter")
            if "editor" in names and not reader.line and reader.inside.first(element, "img", "table") is None:
                return blocks.code(reader, element, look)
        if style.boxless:
            return reader.drop(element, "html.zero-size")
    if style is not NO_STYLE:
        look = styled(look, style)
        if style.background:
            pictures.background(reader, element, style.background, look)
    elif not plain and element.get("data-lazy-bgimg"):
        pictures.background(reader, element, element.get("data-lazy-bgimg") or "", look)
    if "callout" in names and tag in CALLOUT_TAGS:
        entered = callouts.callout(reader, element, look)
        if entered is not None:
            return entered
    if "comment" in names or element.get("itemtype"):
        entered = voices.voice(reader, element, look) if element is not reader.root else None
        if entered is not None:
            return entered
    kind = LOOKS.get(tag)
    if kind is not None:
        return emphasis(reader, element, kind, look, style)
    if not plain and element.get("role") == "heading" and tag not in HEADINGS:
        return blocks.heading(reader, element, look)
    known = HANDLERS.get(tag)
    if known is not None:
        return known(reader, element, look)
    if tag in CARD_TAGS or tag.startswith("mp-"):
        return media.card(reader, element, look)
    if (tag in BLOCKS and style.flow != "inline") or style.flow == "block":
        reader.end_paragraph()
        return Enter(look, reader.end_paragraph)
    return Enter(look)


def passive(reader: Reader, element: _Element, tag: str, look: Look) -> Enter | None:
    """Enter an element that does nothing but hold text, as most do; None where there is more to it."""
    given = element.get("style")
    style = read_style(given) if given else NO_STYLE
    if style.hidden or style.boxless or style.background or element in reader.options.revealed:
        return None
    if style is not NO_STYLE:
        look = styled(look, style)
    if (tag in BLOCKS and style.flow != "inline") or style.flow == "block":
        reader.end_paragraph()
        return Enter(look, reader.end_paragraph)
    return Enter(look)


def is_reference(reader: Reader, element: _Element) -> bool:
    """Return whether a `cite` is a whole reference, in which only the title is set in italics: MediaWiki's are."""
    return element.tag == "cite" and reader.inside.first(element, "i", "em") is not None


def emphasis(reader: Reader, element: _Element, kind: str, look: Look, style: Style) -> Enter:
    """Enter an element that is bold, italic or struck out, unless its style says that it does not look so."""
    if look.code is not None or getattr(style, kind) is False or is_reference(reader, element):
        return Enter(look)
    leave = None
    if style.flow == "block":
        reader.end_paragraph()
        leave = reader.end_paragraph
    if kind == "bold":
        return Enter(look._replace(bold=True), leave)
    return Enter(look._replace(italic=True) if kind == "italic" else look._replace(strike=True), leave)


def unseen(reader: Reader, element: _Element, look: Look) -> Enter | Skip:
    """Deal with an element that shows nothing."""
    tag = str(element.tag)
    if tag == "script" and math.TEX.match(element.get("type") or ""):
        return spans.formula(reader, element, look) or SKIP
    if tag == "input":
        return check_box(reader, element, look)
    if tag == "rp" and any(char.isalnum() for char in str(element.xpath("string()"))):
        return Enter(look)  # a bracket that was not closed holds what follows
    rule = UNSEEN[tag]
    return reader.drop(element, rule) if rule else SKIP


def check_box(reader: Reader, element: _Element, look: Look) -> Skip:
    """Show a box to tick in an item, as task lists do."""
    above = [parent.tag for parent, _ in zip(element.iterancestors(), range(3), strict=False)]
    if (element.get("type") or "").lower() == "checkbox" and "li" in above and not has_ink(reader.flow):
        mark = "[x] " if element.get("checked") is not None else "[ ] "
        reader.flow.append(Piece(RAW, mark.strip(), PLAIN))
        reader.flow.append(Piece(TEXT, " ", PLAIN))
    elif (element.get("type") or "").lower() == "image" and element.get("src"):
        return pictures.image(reader, element, look)
    elif element.get("value") and (element.get("type") or "").lower() in ("button", "submit", "reset"):
        reader.drop_text(element, element.get("value") or "", "html.control")
    return SKIP


def styled(look: Look, style: Style) -> Look:
    """Return a look with what a style changes in it."""
    if look.code is None:
        if style.bold is not None and style.bold != look.bold:
            look = look._replace(bold=style.bold)
        if style.italic is not None and style.italic != look.italic:
            look = look._replace(italic=style.italic)
        if style.strike:
            look = look._replace(strike=True)
    if style.lines is not None and style.lines != look.lines:
        look = look._replace(lines=style.lines)
    if style.zero is not None and style.zero != look.zero:
        look = look._replace(zero=style.zero)
    return look


# Attributes beside `style` that change what any element is; most have none, and asking for each takes its time.
TELLING = frozenset(("class", "data-formula", "hidden", "data-lazy-bgimg", "role", "itemtype"))
NO_ROLES: frozenset[str] = frozenset()

CALLOUT_TAGS = frozenset(("div", "aside", "section", "blockquote", "p"))
CARD_TAGS = frozenset(cards.CARDS)

HANDLERS: dict[str, Callable[[Reader, _Element, Look], Enter | Skip]] = {
    **dict.fromkeys(HEADINGS, blocks.heading),
    **dict.fromkeys(LISTS, blocks.item_list),
    **dict.fromkeys(TAGS, spans.tag),
    **dict.fromkeys(("code", "samp", "tt"), spans.code),
    **dict.fromkeys(("pre", "listing", "xmp"), blocks.pre),
    **dict.fromkeys(("td", "th"), blocks.cell),
    **dict.fromkeys(("thead", "tbody", "tfoot"), blocks.row_group),
    **dict.fromkeys(("dt", "summary"), blocks.term),
    **dict.fromkeys(("video", "audio", "embed", "object"), media.medium),
    **dict.fromkeys(("iframe", "frame"), media.frame),
    "a": spans.link,
    "blockquote": blocks.quote,
    "br": spans.line_break,
    "button": spans.button,
    "caption": blocks.caption,
    "hr": blocks.rule,
    "image": pictures.svg_image,
    "img": pictures.image,
    "li": blocks.item,
    "noscript": pictures.no_script,
    "q": spans.quoted,
    "rt": spans.reading,
    "svg": pictures.drawing,
    "table": blocks.table,
    "tr": blocks.row,
}

PASSIVE = BLOCKS.union(("span", "font")).difference(HANDLERS, LOOKS, UNSEEN, CARD_TAGS)
"""Elements that nothing but their attributes could make more than boxes."""
