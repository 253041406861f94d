"""Comments and replies: other people's words below a text. Each becomes a quote, and a reply to it a quote inside.

Below an article a comment is a box with a name and a picture; its words alone would read on as the author's. The
boxes are those that a page calls so: by class, by schema.org's `Comment`, by an element of its own.
"""

from lxml.etree import _Element

from clean.html.render.model import Block, Look, Quote
from clean.html.render.reader import DEEPEST, Enter, Reader
from clean.html.render.style import roles

__all__ = ["is_voice", "voice"]

HOLDERS = frozenset(("div", "li", "article", "section", "aside"))
ITEM_TYPES = frozenset(("comment", "usercomments"))


def is_voice(element: _Element | None) -> bool:
    """Return whether a page says that an element is one comment."""
    if element is None or element.tag not in HOLDERS:
        return False
    if "comment" in roles(element.get("class")):
        return True
    kind = (element.get("itemtype") or "").rstrip("/").rpartition("/")
    return kind[2].lower() in ITEM_TYPES and kind[0].endswith("schema.org")


def opens(reader: Reader, element: _Element) -> bool:
    """Return whether a comment is the page's own text: the first post of a thread is often made like its replies."""
    return not reader.begun and not any(
        name.lower().startswith("comment")
        for above in element.iterancestors()
        for name in (above.get("id") or "", *(above.get("class") or "").split())
    )


def voice(reader: Reader, element: _Element, look: Look) -> Enter | None:
    """Enter a comment; None where a quote cannot stand, or if the element is none."""
    if reader.line or reader.list is not None or reader.depth >= DEEPEST or not is_voice(element):
        return None
    if opens(reader, element):
        return None

    def finish(blocks: list[Block]) -> None:
        # A comment whose own words are cut, or a box around one that is called so as well, says nothing itself.
        if all(isinstance(block, Quote) and block.voice for block in blocks):
            reader.blocks += blocks
        else:
            reader.blocks.append(Quote(blocks, voice=True))

    return reader.container(finish, look)
