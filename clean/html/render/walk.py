"""The walk over a tree, without recursion: text to paragraphs, boxes to blocks.

The walk keeps a stack of open elements. Entering an element may change the formatting of the text in it, begin a block,
or deal with the whole element at once; what is to be done when it ends stands on the stack as a function. `HANDLERS`
says for each element which function knows it. `render` walks, and writes what was read.
"""

import re
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from typing import NamedTuple

from lxml.etree import _Element

from clean.document import EmbeddedFile
from clean.html.custom import custom_item_mark, word_item_mark
from clean.html.model import CutReason
from clean.html.render import blocks, math, media, pictures, spans
from clean.html.render.code import is_code_bar, is_gutter
from clean.html.render.footnotes import without_number
from clean.html.render.model import (
    BLOCK_TAGS,
    FORMATTING_TAGS,
    HEADINGS,
    HIDDEN_TAGS,
    KEPT_TAGS,
    LIST_TAGS,
    NO_GROWTH_MET,
    PLAIN,
    RAW,
    TEXT,
    Block,
    DroppedNode,
    Formatting,
    GrowthMet,
    InlinePiece,
    ItemList,
    Note,
    Paragraph,
    ThematicBreak,
    has_ink,
)
from clean.html.render.reader import SKIP, Enter, Leave, Options, Reader, Skip
from clean.html.render.style import NO_STYLE, CssStyle, apply_style, class_roles, read_style, text_content
from clean.html.render.tables import flatten
from clean.html.render.visible import BACKGROUNDS, KNOWN
from clean.html.render.write import write_markdown

__all__ = ["Options", "RenderedMarkdown", "enter_footnote", "read_blocks", "render"]


# Footnotes as they are read: the mark in the text, the note, and what stands in it only to lead back.


def enter_footnote(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip | None:
    """Deal with a mark, a note, or a way back; None for any other element."""
    notes = reader.notes
    number = notes.marks.get(element)
    if number is not None:
        reader.flow.append(InlinePiece(RAW, f"[^{number}]", PLAIN))
        reader.marked.add(number)
        return SKIP if text_content(element).strip() else reader.drop(element, "html.note-number")
    number = notes.notes.get(element)
    if number is not None:
        return enter_note(reader, element, formatting, number)
    return reader.drop(element, "html.note-return") if element in notes.returns else None


def enter_note(reader: Reader, element: _Element, formatting: Formatting, number: str) -> Enter:
    """Enter a note."""
    in_line = reader.line > 0 or reader.grid is not None

    def finish(blocks: list[Block]) -> None:
        pieces, label = without_number(flatten(blocks), number)
        whole = all(isinstance(block, Paragraph) for block in blocks)
        if in_line or not whole:
            reader.unfit = True
            return
        if label:
            reader.drop_text(element, label, "html.note-number")
        if element in reader.notes.unmarked:  # no renderer shows a footnote that nothing leads to
            reader.blocks.append(listed_note(number, pieces))
            return
        reader.noted.add(number)
        reader.blocks.append(Note(number, pieces))

    return reader.container(finish, formatting)


def listed_note(label: str, pieces: list[InlinePiece]) -> Block:
    """Return a note as an item of a list with its number, or as a paragraph with its label before it."""
    if label.isdigit():
        return ItemList(int(label), [[Paragraph(pieces)]])
    return Paragraph([InlinePiece(TEXT, f"[{label}] ", PLAIN), *pieces])


class OpenElement(NamedTuple):
    """An open element."""

    element: _Element
    children: Iterator[_Element]
    formatting: Formatting
    leave: Leave | None


def read_blocks(reader: Reader) -> list[Block]:
    """Return the blocks under the root."""
    stack: list[OpenElement] = []
    open_element(reader, stack, reader.root, PLAIN)
    while stack:
        frame = stack[-1]
        child = next(frame.children, None)
        if child is None:
            stack.pop()
            if frame.leave is not None:
                frame.leave()
            if stack:
                read_tail(reader, frame.element, stack[-1])
            continue
        if isinstance(child.tag, str) and open_element(reader, stack, child, frame.formatting):
            continue
        read_tail(reader, child, frame)
    reader.end_paragraph(whole=True)
    for tab in reader.unnamed:
        reader.drop_text(tab, " ".join(text_content(tab).split()), "html.tab-name")
    reader.blocks += reader.side_notes
    return reader.blocks


def open_element(reader: Reader, stack: list[OpenElement], element: _Element, formatting: Formatting) -> bool:
    """Enter an element; return whether it is open now. One without elements in it is read at once."""
    if reader.flow and element.tag in FACT_TAGS and formatting.code is None and stands_apart(element):
        reader.flow.append(InlinePiece(TEXT, " ", formatting))
    done = enter_element(reader, element, formatting)
    if isinstance(done, Skip):
        return False
    leaf = not len(element) and element is not reader.root
    if not leaf:
        stack.append(OpenElement(element, iter(element), done.formatting, done.leave))
    text = reader.text_before(element)
    if text and spans.is_number_of_side_note(element, text):
        reader.drop_text(element, text.strip(), "html.note-number")
    elif text and element in reader.marked_texts:
        reader.drop_text(element, text.strip(), "html.item-mark")
    elif text:
        reader.add_text(text, done.formatting, element)
    if leaf and done.leave is not None:
        done.leave()
    return not leaf


FACT_TAGS = frozenset(("a", "cite", "em", "small", "span", "strong", "time"))
# How sites name the parts of a card or of a byline, which their style sheets set apart. One name at an end: linear.
FACT = re.compile(
    r"(?:^|[-_])(?:title|subtitle|desc|description|summary|url|host|domain|source|author|name|date|time|position)$",
    re.IGNORECASE,
)
# How sites name a mark or a number beside a name: a rank, points, how many of something. One name at an end: linear.
BADGE = re.compile(
    r"(?:^|[-_])(?:badge[0-9]?|(?:badge|reply|view|like|post)?count|lv[0-9]{0,2}|level|rank|reputation(?:-score)?|points|karma|role|label|speaker|ltx_bibblock)$",
    re.IGNORECASE,
)
FACT_LEVELS = 3
"""How far within the element before, or around this one, the time or the name may be."""


def stands_apart(element: _Element) -> bool:
    """Return whether a reader sees a gap before an element that has none in the source: `09:00` and `2` of a post.

    So it is between two elements of which one is a time or a badge, or which are both named as parts of a card.
    """
    before = element.getprevious()
    if before is None:
        above = element.getparent()
        for _ in range(FACT_LEVELS):
            if above is None or above.text or above.tag not in FACT_TAGS:
                return False
            before = above.getprevious()
            if before is not None:
                break
            above = above.getparent()
    if before is None or before.tail or before.tag not in FACT_TAGS:
        return False
    if "time" in (element.tag, last_within(before).tag) or (has_name(element, FACT) and has_name(before, FACT)):
        return True
    return has_name(element, BADGE) or has_name(before, BADGE)


def last_within(element: _Element) -> _Element:
    """Return the last element in an element that ends with it."""
    here = element
    for _ in range(FACT_LEVELS):
        if not len(here) or here[-1].tail or here.tag == "time":
            break
        here = here[-1]
    return here


def has_name(element: _Element, names: re.Pattern[str]) -> bool:
    """Return whether a class of an element is called so, as a part of a card or of the line that says who wrote is."""
    given = element.get("class")
    return given is not None and any(names.search(name) for name in given[:200].split())


def read_tail(reader: Reader, node: _Element, around: OpenElement) -> None:
    """Read the text after an element, a comment or an instruction: it stands in the element around."""
    text = reader.text_after(node)
    if text:
        reader.add_text(text, around.formatting, around.element)


def enter_element(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Enter an element: what is cut is left out, of what is kept the attributes that a reader sees are named."""
    if reader.cuts.elements:
        why = reader.cuts.elements.get(element)
        if why is not None:
            return skip_cut(reader, element, why)
    if reader.left_out and element in reader.left_out:
        return reader.drop(element, reader.left_out[element])
    before = len(reader.dropped)
    if reader.panels:
        if element in reader.tabs:  # its name stands before its panel
            reader.name_content(element, before)
            reader.unnamed[element] = None
            return SKIP
        if element in reader.panels:
            reader.add_name(element)
    entered = enter_uncut(reader, element, formatting)
    if isinstance(entered, Enter):
        if not SHOWN.isdisjoint(element.keys()):
            reader.name_attributes(element)
    elif reader.last_cut is not element:  # what is written as a whole
        reader.name_content(element, before)
    return entered


def enter_uncut(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Enter an element: what is hidden is left out, then its classes, at last its tag say what it is."""
    tag = str(element.tag)
    keys = element.keys()
    listing = bool(reader.listings) and element in reader.listings
    if keys and tag == "p" and element not in reader.notes.notes:
        mark = word_item_mark(element)
        item = blocks.enter_loose_item(reader, element, mark, formatting) if mark is not None else None
        if item is not None:
            return item
    plain = not listing and (not keys or TELLING.isdisjoint(keys))
    if plain and not reader.notes.notes and element is not reader.root:
        if not keys and tag in UNSTYLED and element not in reader.options.revealed:
            handler = HANDLERS.get(tag)
            return handler(reader, element, formatting) if handler else enter_flow(reader, tag, NO_STYLE, formatting)
        passed = enter_passive(reader, element, tag, formatting) if tag in PASSIVE else None
        if passed is not None:
            return passed
    names = NO_ROLES if plain else class_roles(element.get("class"))
    if may_be_formula(element, tag, names, formatting) and element not in reader.cut_index.touched:
        formula = math.enter_formula(reader, element, formatting)
        if formula is not None:
            return formula
        formatting = formatting._replace(searched=True)
    if ("tex" in names or tag == "mjx-container") and element not in reader.cut_index.touched:
        formula = math.enter_tex(reader, element, formatting)
        if formula is not None:
            return formula
    if "no-math" in names:
        formatting = formatting._replace(plain=True)
    if reader.notes.notes:
        footnote = enter_footnote(reader, element, formatting)
        if footnote is not None:
            return footnote
    if not names.isdisjoint(spans.NOTE_ROLES) or tag == "d-footnote":
        side_note = spans.enter_side_note(reader, element, names, formatting)
        if side_note is not None:
            return side_note
    style = style_of(element)
    if element in reader.options.revealed:
        if tag == "noscript":
            reader.end_paragraph()
            return Enter(formatting, reader.end_paragraph)
    elif element is not reader.root:
        left_out = enter_unshown(reader, element, tag, names, style, formatting)
        if left_out is not None:
            return left_out
    if style is not NO_STYLE:
        formatting = apply_style(formatting, style)
    if listing and not reader.line and formatting.code is None and not formatting.zero:
        return blocks.enter_code_block(reader, element, formatting)
    if style.background or style.more or not plain:
        pictures.add_backgrounds(reader, element, style, formatting)
    if not plain:
        entered = enter_by_attributes(reader, element, tag, names, formatting)
        if entered is not None:
            return entered
    handler = HANDLERS.get(tag)
    if handler is not None:
        return handler(reader, element, formatting)
    if tag.startswith("mp-"):
        return media.enter_card(reader, element, formatting)
    if tag == "shreddit-comment" and (comment := blocks.enter_comment(reader, element, formatting)) is not None:
        return comment
    if "-" in tag:
        if formatting.code is None and tag.startswith("ne-"):
            formatting = with_editor_marks(element, formatting)
        component = media.enter_component(reader, element, formatting)
        if component is None and (mark := custom_item_mark(element)) is not None:
            component = blocks.enter_loose_item(reader, element, mark, formatting)
        if component is None and style.flow != "inline":
            component = blocks.enter_custom(reader, element, formatting)
        if component is not None:
            return component
    return enter_flow(reader, tag, style, formatting)


def with_editor_marks(element: _Element, formatting: Formatting) -> Formatting:
    """Return the formatting with what Yuque's editor says of a text in attributes."""
    return formatting._replace(
        bold=formatting.bold or element.get("ne-bold") == "true",
        italic=formatting.italic or element.get("ne-italic") == "true",
        strike=formatting.strike or element.get("ne-strikethrough") == "true",
    )


def skip_cut(reader: Reader, element: _Element, why: CutReason) -> Skip:
    """Leave out an element that another stage has cut; a cell leaves its place in the row."""
    if element.tag in ("td", "th"):
        blocks.cut_cell(reader, element)
    return reader.cut_off(element, why)


def may_be_formula(element: _Element, tag: str, names: Set[str], formatting: Formatting) -> bool:
    """Return whether an element may be a formula; within one that held no LaTeX, drawn ones are not asked again."""
    if not formatting.searched and (tag in ("math", "mjx-container") or "math" in names):
        return True
    return bool(element.get("data-formula"))


DRAWN_TAGS = frozenset(("div", "section", "span"))


def enter_unshown(
    reader: Reader, element: _Element, tag: str, names: Set[str], style: CssStyle, formatting: Formatting
) -> Enter | Skip | None:
    """Deal with an element that a page does not show, or that is no text of its own; None for any other."""
    if tag in HIDDEN_TAGS or tag == "script":
        return enter_hidden(reader, element, formatting)
    if style.hidden or element.get("hidden") is not None or ("unshown" in names and repeats_text_before(element)):
        return reader.drop(element, "html.hidden")
    if "doc-pagebreak" in (element.get("role") or "") or element.get("epub:type") == "pagebreak":
        return reader.drop(element, "html.page-number")
    if names:
        if "check-box" in names and (tag == "span" or not has_ink(reader.flow)):
            blocks.add_check_mark(reader, done=is_ticked(element))
            return SKIP
        rule = next((rule for role, rule in UNREAD_ROLES.items() if role in names), None)
        if rule is not None:
            return reader.drop(element, rule)
        if "gutter" in names and is_gutter(element):
            return reader.drop(element, "html.code-gutter")
        if "editor" in names and not reader.line and reader.cut_index.first(element, "img", "table") is None:
            return blocks.enter_code_block(reader, element, formatting)
    if tag in DRAWN_TAGS and media.is_drawn_card(element):
        return reader.drop(element, "html.card-interface")
    if tag in BAR_TAGS and is_code_bar(element):
        return reader.drop(element, "html.code-bar")
    return reader.drop(element, "html.zero-size") if style.boxless else None


def repeats_text_before(element: _Element) -> bool:
    """Return whether an element says what the one right before it says: once for readers, and once for programs."""
    before, text = element.getprevious(), (element.text or "").strip()
    if before is None or not text or len(element) or not isinstance(before.tag, str) or (before.tail or "").strip():
        return False
    return text == text_content(before).strip()


def enter_by_attributes(
    reader: Reader, element: _Element, tag: str, names: Set[str], formatting: Formatting
) -> Enter | Skip | None:
    """Enter an element that its attributes make a callout, a comment or a heading; None for any other."""
    if "callout" in names and tag in CALLOUT_TAGS:
        entered = blocks.enter_callout(reader, element, formatting)
        if entered is not None:
            return entered
    if element is not reader.root and ("comment" in names or element.get("itemtype")):
        entered = blocks.enter_comment(reader, element, formatting)
        if entered is not None:
            return entered
    if "editor-block" in names and tag == "div":
        return blocks.enter_editor_block(reader, element, formatting)
    if is_heading(element, tag, names):
        return blocks.enter_heading(reader, element, formatting)
    return None


def is_heading(element: _Element, tag: str, names: Set[str]) -> bool:
    """Return whether an element that is no heading of HTML is one: by its role, to Word, or in a book (EPUB 3)."""
    if tag in HEADINGS or tag in FORMATTING_TAGS:
        return False
    if element.get("role") == "heading":
        return True
    kinds = (element.get("epub:type") or "").split()
    return tag in ("p", "div") and ("heading" in names or "title" in kinds or "fulltitle" in kinds)


def enter_flow(reader: Reader, tag: str, style: CssStyle, formatting: Formatting) -> Enter:
    """Enter an element that only holds text: as a block of its own, or within the paragraph."""
    if (tag in BLOCK_TAGS and style.flow != "inline") or style.flow == "block":
        reader.end_paragraph()
        return Enter(formatting, reader.end_paragraph)
    return Enter(formatting)


def style_of(element: _Element) -> CssStyle:
    """Return what an element's `style` attribute says."""
    given = element.get("style")
    return read_style(given) if given else NO_STYLE


def enter_passive(reader: Reader, element: _Element, tag: str, formatting: Formatting) -> Enter | None:
    """Enter an element that does nothing but hold text, as most do; None where there is more to it."""
    style = style_of(element)
    if style.hidden or style.boxless or style.background or style.more or element in reader.options.revealed:
        return None
    if style is not NO_STYLE:
        formatting = apply_style(formatting, style)
    return enter_flow(reader, tag, style, formatting)


SENTENCES = 2
"""Full stops within a whole reference; a title has fewer."""


def is_reference(reader: Reader, element: _Element) -> bool:
    """Return whether a `cite` is a reference: a whole one with its title in italics (MediaWiki), a number (LaTeXML)."""
    if element.tag != "cite":
        return False
    if "ltx_cite" in (element.get("class") or "") or reader.cut_index.first(element, "i", "em") is not None:
        return True
    return text_content(element).count(". ") >= SENTENCES  # author, title, year: PubMed Central's


def enter_emphasis(reader: Reader, element: _Element, formatting: Formatting) -> Enter:
    """Enter an element that is bold, italic or struck out, unless its style says that it does not look so."""
    kind, style = FORMATTING_TAGS[str(element.tag)], style_of(element)
    if formatting.code is not None or getattr(style, kind) is False or is_reference(reader, element):
        return Enter(formatting)
    leave = None
    if style.flow == "block":
        reader.end_paragraph()
        leave = reader.end_paragraph
    if kind == "bold":
        return Enter(formatting._replace(bold=True), leave)
    return Enter(formatting._replace(italic=True) if kind == "italic" else formatting._replace(strike=True), leave)


def enter_hidden(reader: Reader, element: _Element, formatting: Formatting) -> Enter | Skip:
    """Deal with an element that shows nothing."""
    tag = str(element.tag)
    if tag == "script" and math.TEX.match(element.get("type") or ""):
        return math.enter_formula(reader, element, formatting) or SKIP
    if tag == "input":
        return enter_check_box(reader, element, formatting)
    if tag == "rp" and any(char.isalnum() for char in str(element.xpath("string()"))):
        return Enter(formatting)  # a bracket that was not closed holds what follows
    if tag == "textarea" and not reader.line and is_program(element):
        return blocks.enter_code_block(reader, element, formatting)
    rule = HIDDEN_TAGS[tag]
    return reader.drop(element, rule) if rule else SKIP


def is_program(field: _Element) -> bool:
    """Return whether a field that nobody may write into shows several lines, to be copied."""
    shown = not style_of(field).hidden and field.get("hidden") is None and field.get("aria-hidden") != "true"
    return shown and field.get("readonly") is not None and "\n" in (field.text or "").strip()


def is_ticked(box: _Element) -> bool:
    """Return whether a box that is no field is ticked: Notion's and Discourse's are named so."""
    return not frozenset(("checkbox-on", "checked")).isdisjoint((box.get("class") or "").split())


def enter_check_box(reader: Reader, element: _Element, formatting: Formatting) -> Skip:
    """Show a box to tick in an item, as task lists do."""
    above = [parent.tag for parent, _ in zip(element.iterancestors(), range(3), strict=False)]
    if (element.get("type") or "").lower() == "checkbox" and "li" in above and not has_ink(reader.flow):
        blocks.add_check_mark(reader, done=element.get("checked") is not None)
    elif (element.get("type") or "").lower() == "image" and element.get("src"):
        return pictures.enter_image(reader, element, formatting)
    elif element.get("value") and (element.get("type") or "").lower() in ("button", "submit", "reset"):
        reader.drop_text(element, element.get("value") or "", "html.control")
    return SKIP


# Attributes beside `style` that change what any element is; most have none, and asking for each takes its time.
TELLING = frozenset(("class", "data-formula", "hidden", "role", "itemtype", "epub:type")).union(BACKGROUNDS)
SHOWN = frozenset(KNOWN)
"""Attributes that a reader sees something of."""
NO_ROLES: frozenset[str] = frozenset()

CALLOUT_TAGS = frozenset(("div", "aside", "section", "blockquote", "p", "figure"))
CARD_TAGS = frozenset(media.CARDS)

BAR_TAGS = frozenset(("div", "span", "p", "ul", "header", "figcaption", "a"))
UNREAD_ROLES = {
    "screen-reader": "html.screen-reader",
    "control": "html.control",
    "math-drawing": "html.math-drawing",
}
"""Roles of class names whose elements are no text to read, and the rule that leaves them out."""

HANDLERS: dict[str, Callable[[Reader, _Element, Formatting], Enter | Skip]] = {
    **dict.fromkeys(CARD_TAGS, media.enter_card),
    **dict.fromkeys(HEADINGS, blocks.enter_heading),
    **dict.fromkeys(LIST_TAGS, blocks.enter_list),
    **dict.fromkeys(KEPT_TAGS, spans.enter_kept_tag),
    "sup": spans.enter_raised,
    **dict.fromkeys(("code", "samp", "tt"), spans.enter_inline_code),
    **dict.fromkeys(("pre", "listing", "xmp"), blocks.enter_preformatted),
    **dict.fromkeys(("td", "th"), blocks.enter_cell),
    **dict.fromkeys(("thead", "tbody", "tfoot"), blocks.enter_row_group),
    **dict.fromkeys(("dt", "summary"), blocks.enter_term),
    **dict.fromkeys(("video", "audio", "embed", "object"), media.enter_medium),
    **dict.fromkeys(("iframe", "frame"), media.enter_frame),
    "a": spans.enter_link,
    "blockquote": blocks.enter_quote,
    "br": spans.enter_line_break,
    "button": spans.enter_button,
    "caption": blocks.enter_caption,
    "hr": blocks.enter_thematic_break,
    "oembed": media.enter_oembed,
    "image": pictures.enter_svg_image,
    "img": pictures.enter_image,
    "li": blocks.enter_item,
    "noscript": pictures.enter_noscript,
    "picture": pictures.enter_picture,
    "q": spans.enter_inline_quote,
    "rt": spans.enter_ruby_text,
    "svg": pictures.enter_svg,
    "table": blocks.enter_table,
    "tr": blocks.enter_row,
    **dict.fromkeys(FORMATTING_TAGS, enter_emphasis),
}
"""What enters each element that is more than a box of text; the first argument is what has been read so far."""

PASSIVE = BLOCK_TAGS.union(("span", "font")).difference(HANDLERS, HIDDEN_TAGS)
"""Elements that nothing but their attributes could make more than boxes."""

UNSTYLED = PASSIVE.union(HANDLERS).difference(HIDDEN_TAGS, ("noscript", "math", "mjx-container"))
"""Elements of which all is known by their name where they have no attributes."""


@dataclass(frozen=True, slots=True)
class RenderedMarkdown:
    """The Markdown of a content root, and everything visible that is not in it."""

    markdown: str
    dropped: tuple[DroppedNode, ...]
    met: GrowthMet = NO_GROWTH_MET
    """What it had to do without, because it would have repeated too much."""
    files: tuple[EmbeddedFile, ...] = ()
    """Images that the page holds in itself and that the Markdown shows, each once."""


DEFAULT_OPTIONS = Options()


def render(root: _Element, options: Options = DEFAULT_OPTIONS) -> RenderedMarkdown:
    """Return the Markdown of what is under `root`. The tree is not changed."""
    reader = Reader(root, options)
    blocks = read_blocks(reader)
    if reader.unfit or reader.marked != reader.noted:
        reader = Reader(root, options, with_notes=False)
        blocks = read_blocks(reader)
    markdown = write_markdown(without_loose_rules(math.with_formulas(reader, blocks)))
    reader.growth.count(links=sum(link.withheld for link in reader.links))
    return RenderedMarkdown(markdown, tuple(reader.dropped), reader.growth.met, tuple(reader.files.values()))


def without_loose_rules(blocks: list[Block]) -> list[Block]:
    """Return the blocks without lines that part nothing: before all else, after it, and behind another line."""
    kept: list[Block] = []
    for block in blocks:
        if not isinstance(block, ThematicBreak) or (kept and not isinstance(kept[-1], ThematicBreak)):
            kept.append(block)
    while kept and isinstance(kept[-1], ThematicBreak):
        kept.pop()
    return kept
