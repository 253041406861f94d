"""Footnotes: detection of notes and of the links to them, and their form as `[^1]`.

Pages write notes in many ways; all have in common that a link with a number leads to an element that follows, by its
id or by an anchor at its start. Such notes become `[^1]` and `[^1]: …`, which many readers of Markdown know and which
is plain text to the others. Notes that would lose something by it (tables, lists, several ways back) stay as they are.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote

from lxml import etree
from lxml.etree import _Element

from clean.html.model import NodePlaces
from clean.html.render.model import HEADINGS, TEXT, InlinePiece, is_visible
from clean.html.render.style import CutIndex, text_content

__all__ = ["NO_NOTES", "RETURNS", "Notes", "find_notes", "fragment", "is_jump", "is_reference", "without_number"]

# A note's number, in brackets or not; also in a circle, as books write it.
NUMBER = re.compile(r"[\[(]?\s*([0-9]{1,4})\s*[\])]?")
CIRCLED = re.compile(r"[\[(]?([①-⑳])[\])]?")
# The label of a note in a series of its own, as Wikipedia has them: `[註 1]`, `[note 2]`, `[a]`; always in brackets.
# Each part is bounded and shares no character with its neighbours: linear.
LABEL = re.compile(r"\[\s?([^\W\d_]{1,12})[\s.-]?([0-9]{1,3})\s?\]|\[([a-z]{1,2})\]")
# A written label: the name of its series, if it has one, and a number or letters.
WRITTEN = re.compile(r"([^\W\d_]*)([0-9]+)|([a-z]{1,2})")
# How Word numbers the notes at the end of a text.
ROMAN = re.compile(r"\[([ivxlc]{1,8})\]")
LETTERS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
RETURNS = frozenset(
    (
        "↩", "↩︎", "↩\ufe0f", "↑", "^", "⏎", "↵", "←", "⤴", "⬆", "↖", "⇑", "[↩]", "[return]", "return", "back",
        "[back]", "返回", "◎",
    )
)  # fmt: skip
# What else a jump between a text and its notes may say: `a`, `b`, `note 3`.
JUMP = re.compile(r"[\[(]?\s*(?:[a-z]|(?:note|nb|n|注|註)\s*[0-9]{1,4}|[0-9]{1,4})\s*[\])]?")
LONGEST = 12
LETTER = re.compile(r"[a-z]{1,2}")
NOTE_WORDS = frozenset(("注", "註", "註釋", "注释", "註解", "注解", "脚注", "腳註", "参", "參"))
# How pages name notes.
NAMED = re.compile(r"fn|ftn|edn|foot|note|cite", re.IGNORECASE)
LINKS = etree.XPath("descendant::a[contains(@href, '#')]")
# All that stands in a box of ways back: the sign, and a letter for each place where the note is mentioned. Every
# repeat begins with a letter, so nothing can match in two ways.
WAYS_BACK = re.compile(r"[\^↑]?\s*(?:[a-z]{1,2}\s*)*")
MOST_BEFORE = 20
"""Empty elements that may stand before the anchor of a note."""
CELLS = ("td", "th")
"""A footnote cannot stand in the cell of a table."""
HOLDERS = frozenset(("li", "p", "div", "aside", "dd", "section"))
NOT_IN_NOTES = ("pre", "table", "ul", "ol", "dl", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "iframe")


class Notes(NamedTuple):
    """The footnotes of a page."""

    marks: dict[_Element, str]
    """The links that lead to a note, or the boxes around them, with the label: `1`, `註1`, `a`."""
    notes: dict[_Element, str]
    returns: frozenset[_Element]
    """The links that lead from a note back into the text."""
    unmarked: frozenset[_Element] = frozenset()
    """Notes all of whose links are cut off, with what they stood in: nothing in the text leads to them."""


NO_NOTES = Notes({}, {}, frozenset())


def fragment(address: str, page: str | None) -> str | None:
    """Return what follows the number sign of a link into the same page; None for any other link."""
    if address.startswith("#"):
        return address[1:]
    return address[len(page) + 1 :] if page and address.startswith(page + "#") else None


def is_reference(link: _Element) -> bool:
    """Return whether a page says that a link leads to a note.

    So it does by its role (DPUB-ARIA 1.0, `doc-noteref`), its type (EPUB 3, `noteref`), or Duokan's name for it.
    """
    said = f"{link.get('role') or ''} {link.get('epub:type') or ''} {(link.get('class') or '')[:200]}".split()
    return "doc-noteref" in said or "noteref" in said or "duokan-footnote" in said


def is_jump(link: _Element, text: str, name: str) -> bool:
    """Return whether a link into the page, with this text and to this name, is a jump to a note or back.

    A bare number may be that of a theorem or a page; it must stand high, or in brackets, or lead to what is called so.
    """
    if text in RETURNS:
        return True
    if len(text) > LONGEST or JUMP.fullmatch(text.lower()) is None:
        return False
    if not text.isdigit() or NAMED.search(name) is not None or is_reference(link):
        return True
    high = any(above.tag == "sup" for above in islice(link.iterancestors(), 2))
    return high or next(link.iterdescendants("sup"), None) is not None


def find_notes(root: _Element, page: str | None, cut_index: CutIndex, places: NodePlaces) -> Notes:
    """Return the notes under the root that can be written as such; for most pages none, at no cost.

    Of each series all or none: where one label is used twice, a note is missing or one would lose something, none is.
    """
    links = numbered_links(root, page)
    if not links:
        return NO_NOTES
    series: dict[str, list[NumberedLink]] = {}
    for link in links:
        series.setdefault(PICTURES if link.pictured else order_of(link.label)[0].casefold(), []).append(link)
    targets = Targets(
        places,
        {link.get("name"): link for link in root.iter("a") if link.get("name")},
        {element: place for place, element in enumerate(root.iter())},
    )
    found = NO_NOTES
    for name, one in sorted(series.items(), key=lambda item: item[0] == PICTURES):
        if name == PICTURES and any(label.isdigit() for label in found.notes.values()):
            continue  # the page's own numbers go before those that these would get
        paired = pair_references(one, targets)
        paired = without_cut_marks(paired, cut_index) if paired is not None else None
        if paired is None or not are_footnotes(paired, page, cut_index, root):
            continue
        returns = return_links(paired.notes, page)
        if returns is not None and found.notes.keys().isdisjoint(paired.notes):
            found = Notes(
                found.marks | paired.marks,
                found.notes | paired.notes,
                found.returns | returns | paired.returns,
                found.unmarked | paired.unmarked,
            )
    return found


def without_cut_marks(paired: Notes, cut_index: CutIndex) -> Notes:
    """Return the references without the marks that are cut off, as those in the fact box of an encyclopedia are."""
    marks = {mark: number for mark, number in paired.marks.items() if not cut_index.is_cut(mark)}
    named = frozenset(marks.values())
    return paired._replace(
        marks=marks, unmarked=frozenset(note for note, number in paired.notes.items() if number not in named)
    )


PICTURES = "<img>"
"""The series of notes whose marks are pictures."""


class NumberedLink(NamedTuple):
    """A link into the page whose text is the label of a note."""

    element: _Element
    name: str
    """The name of its target."""
    label: str
    pictured: bool = False
    """Whether it shows a picture; the label is the place of its note among those that such links lead to."""


class Targets(NamedTuple):
    """Where the links into a page may lead."""

    places: NodePlaces
    anchors: dict[str | None, _Element]
    order: dict[_Element, int]
    """The place of each element in the page."""


def order_of(label: str) -> tuple[str, int]:
    """Return the series of a label, and its number in it: `註2` is the second of 註, `b` the second of the letters."""
    found = WRITTEN.fullmatch(label)
    assert found is not None
    if found[3] is None:
        return found[1], int(found[2])
    number = 0
    for letter in found[3]:
        number = number * 26 + ord(letter) - ord("a") + 1
    return "a", number


def numbered_links(root: _Element, page: str | None) -> list[NumberedLink]:
    """Return the links into the page whose text is the label of a note, or whose picture is its mark.

    A label with a word or letters may be that of a figure, a step or a chapter, unless its series or its target is
    called a note.
    """
    jumps = LINKS(root)
    assert isinstance(jumps, list)
    links = (link for link in jumps if isinstance(link, _Element))
    named = ((link, name) for link in links if (name := fragment(link.get("href") or "", page)))
    names: dict[str, str] = {}
    found: list[NumberedLink] = []
    for link, name in named:
        label = link_number(link)
        if label is not None and (label.isdigit() or order_of(label)[0] in NOTE_WORDS or NAMED.search(name)):
            found.append(NumberedLink(link, name, label))
        elif label is None and is_reference(link) and is_picture(link):
            found.append(NumberedLink(link, name, names.setdefault(name, str(len(names) + 1)), pictured=True))
    return found


def is_picture(link: _Element) -> bool:
    """Return whether a link shows a picture and nothing else, as the marks and the ways back of books do."""
    return not is_visible(text_content(link)) and next(link.iterdescendants("img"), None) is not None


def pair_references(links: list[NumberedLink], targets: Targets) -> Notes | None:
    """Return the marks and the notes that they lead to, and the headings that are a note's number alone.

    A note follows its mark. None where one note has two numbers, or two notes have one.
    """
    places, anchors, order = targets
    marks: dict[_Element, str] = {}
    notes: dict[_Element, str] = {}
    labels: set[_Element] = set()
    for link, name, number, _ in links:
        named = (places.by_id(name), places.by_id(unquote(name)), anchors.get(name))
        target = next((one for one in named if one is not None), None)
        if target is None:
            continue
        label = note_heading(target, number)
        note = note_of_target(target, order) if label is None else label.getnext()
        if label is not None:
            labels.add(label)
        if note is None or order[note] <= order[link]:  # what stands around the link begins before it too
            continue
        if notes.setdefault(note, number) != number:
            return None
        marks[reference_box(link, number)] = number
    return Notes(marks, notes, frozenset(labels)) if len(set(notes.values())) == len(notes) else None


def are_footnotes(paired: Notes, page: str | None, cut_index: CutIndex, root: _Element) -> bool:
    """Return whether all notes can be written without loss, bear the numbers from 1 on, and are notes to a reader.

    Other numbers are those of theorems or equations.
    """
    marks, notes = paired.marks, paired.notes
    if not all(is_fit(group, notes, cut_index, root) for group in note_groups(notes)):
        return False
    if sorted(order_of(label)[1] for label in notes.values()) != list(range(1, len(notes) + 1)):
        return False
    if not marks or any(mark in cut_index.touched for mark in marks):
        return False
    by_number = {number: note for note, number in notes.items()}
    return all(says_note(mark, by_number[number], page) for mark, number in marks.items())


def return_links(notes: dict[_Element, str], page: str | None) -> frozenset[_Element] | None:
    """Return what leads from the notes back into the text; None where a way back stands in the text of a note."""
    returns: set[_Element] = set()
    for note, number in notes.items():
        for link in note.iter("a"):
            if not fragment(link.get("href") or "", page):
                continue
            if is_return(link, number):
                returns.add(reference_box(link, number))
            elif LETTER.fullmatch(text_content(link).strip()):
                box = ways_back(link, note)
                if box is None:
                    return None
                returns.add(box)
    return frozenset(returns)


def says_note(mark: _Element, note: _Element, page: str | None) -> bool:
    """Return whether a page shows that this is a note: by brackets, by height, by a way back, by its name."""
    if "[" in text_content(mark) or mark.tag == "sup" or next(mark.iterdescendants("sup"), None) is not None:
        return True
    if any(above.tag == "sup" for above in islice(mark.iterancestors(), 2)) or NAMED.search(note.get("id") or ""):
        return True
    if any(is_reference(link) for link in mark.iter("a")):
        return True
    ways = (link for link in note.iter("a") if fragment(link.get("href") or "", page))
    return any(is_return(link, link_number(mark) or "") for link in ways)


def link_number(link: _Element) -> str | None:
    """Return the number, or the label of a series, that is a link's whole text: `1`, `註1`, `a`."""
    if len(link) > 3:
        return None
    text = text_content(link).strip()
    found = NUMBER.fullmatch(text)
    if found is not None:
        return found[1]
    if (circled := CIRCLED.fullmatch(text)) is not None:
        return str(ord(circled[1]) - ord("①") + 1)
    if (link.get("href") or "").startswith("#_edn") and (roman := ROMAN.fullmatch(text)) is not None:
        return str(roman_number(roman[1]))
    label = LABEL.fullmatch(text)
    return None if label is None else label[3] or f"{label[1]}{int(label[2])}"


def roman_number(letters: str) -> int:
    """Return the number that Roman letters write, each smaller one before a larger one taken off."""
    values = [LETTERS[letter] for letter in letters]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def reference_box(link: _Element, number: str) -> _Element:
    """Return the largest box around a link that holds nothing else: `<sup>[<a>1</a>]</sup>`."""
    best = link
    parent = link.getparent()
    while parent is not None and parent.tag in ("sup", "span", "b", "small"):
        if link_number(parent) != number and not (len(parent) == 1 and is_picture(link) and is_picture(parent)):
            break
        best, parent = parent, parent.getparent()
    return best


def note_of_target(target: _Element, order: dict[_Element, int]) -> _Element | None:
    """Return the note that an element is, or that begins with it; None for an element elsewhere."""
    here: _Element | None = target
    while here is not None and here in order and here.tag not in HOLDERS:
        parent = here.getparent()
        before = list(islice(here.itersiblings(preceding=True), MOST_BEFORE + 1))
        if (
            parent is None
            or is_visible(parent.text or "")
            or len(before) > MOST_BEFORE
            or not all(map(is_empty, before))
        ):
            return None
        here = parent
    if here is None or here not in order:
        return None
    item = only_item(here)
    if item is not None:
        return item
    above = here.getparent()
    if here.tag == "p" and above is not None and above.tag == "li" and above[0] is here:
        return above
    return here


def only_item(box: _Element) -> _Element | None:
    """Return the item that is all a box holds, in whatever lists and boxes; None for any other box."""
    here = box
    while here.tag in ("aside", "div", "section", "ol", "ul") and len(here) == 1 and not is_visible(here.text or ""):
        here = here[0]
        if is_visible(here.tail or ""):
            return None
    return here if here.tag == "li" and here is not box else None


def note_heading(target: _Element, number: str) -> _Element | None:
    """Return the heading above a note that is its number alone, as Texinfo writes it; None for any other target."""
    heading = next((one for one in (target, target.getparent()) if one is not None and one.tag in HEADINGS), None)
    if heading is None or link_number(heading) != number:
        return None
    note = heading.getnext()
    return heading if note is not None and note.tag == "p" else None


def is_empty(element: _Element) -> bool:
    """Return whether neither an element nor the text after it shows anything."""
    return not is_visible(element.tail or "") and not (
        isinstance(element.tag, str) and is_visible(text_content(element))
    )


def note_groups(notes: dict[_Element, str]) -> Iterator[list[_Element]]:
    """Return the notes of each list or section together."""
    by_parent: dict[_Element | None, list[_Element]] = {}
    for note in notes:
        by_parent.setdefault(note.getparent(), []).append(note)
    yield from by_parent.values()


def is_fit(group: list[_Element], notes: dict[_Element, str], cut_index: CutIndex, root: _Element) -> bool:
    """Return whether all notes of a group can be written as footnotes without any loss."""
    parent = group[0].getparent()
    if parent is None or group[0] is root:
        return False
    if any(note in cut_index.touched or cut_index.first(note, *NOT_IN_NOTES) is not None for note in group):
        return False
    if cut_index.is_cut(group[0]) or any(above in notes or above.tag in CELLS for above in group[0].iterancestors()):
        return False
    items = list(parent.iterchildren("li"))
    if group[0].tag != "li":
        return True
    if len(items) != len(group):
        return False
    return (
        parent.tag != "ol"
        or len(items) == 1
        or all(
            order_of(notes[item])[1] == number for item, number in zip(items, shown_numbers(parent, items), strict=True)
        )
    )


def shown_numbers(parent: _Element, items: list[_Element]) -> Iterator[int]:
    """Return the numbers that a browser shows before the items of a list."""
    given = parent.get("start") or "1"
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 1
    for item in items:
        value = item.get("value") or ""
        number = int(value) if value.isascii() and value.isdigit() and len(value) < 6 else number
        yield number
        number += 1


def is_return(link: _Element, number: str) -> bool:
    """Return whether a link in a note leads back: by a sign, a picture, or the note's own number."""
    text = text_content(link).strip()
    return text in RETURNS or link_number(link) == number or is_picture(link)


def ways_back(link: _Element, note: _Element) -> _Element | None:
    """Return the box of the ways back from a note, with letters to tell them apart; None if they stand in its text."""
    best = None
    for above in islice(link.iterancestors(), 4):
        if above is note or WAYS_BACK.fullmatch(text_content(above)) is None:
            break
        best = above
    if best is None or best.tag not in ("span", "small", "div"):
        return None
    before = best.getprevious()
    return best if before is None and best.getparent() is note and not is_visible(note.text or "") else None


# The number of a note, in brackets or not, with a full stop or a colon behind it; each part is a single character or
# bounded, and white space is taken possessively: linear. One expression for all notes: to compile one takes longer than
# to use it.
NOTE_LABEL = re.compile(r"\s*+[\[(]?([0-9]{1,4})[\])]?[.:、]?(?=\s|$)")


def without_number(pieces: list[InlinePiece], number: str) -> tuple[list[InlinePiece], str]:
    """Return a note without the number that it begins with, and that number as it stood."""
    for at, piece in enumerate(pieces):
        if piece.kind != TEXT:
            break
        if not is_visible(piece.text):
            continue
        found = NOTE_LABEL.match(piece.text)
        if found is None or found[1] != number:
            break
        rest = piece._replace(text=piece.text[found.end() :])
        return [*pieces[:at], rest, *pieces[at + 1 :]], found[0].strip()
    return pieces, ""
