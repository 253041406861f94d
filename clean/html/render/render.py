"""The renderer's front: the content root of a page in, Markdown and what was left out of it."""

from dataclasses import dataclass

from lxml.etree import _Element

from clean.html.render.dropped import Dropped
from clean.html.render.model import Block, Rule
from clean.html.render.options import Options
from clean.html.render.reader import Reader
from clean.html.render.walk import read
from clean.html.render.write import write

__all__ = ["Options", "Rendered", "render"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The Markdown of a content root, and everything visible that is not in it."""

    markdown: str
    dropped: tuple[Dropped, ...]


DEFAULT = Options()


def render(root: _Element, options: Options = DEFAULT) -> Rendered:
    """Return the Markdown of what is under `root`. The tree is not changed."""
    reader = Reader(root, options)
    blocks = read(reader)
    if reader.unfit or reader.marked != reader.noted:
        reader = Reader(root, options, with_notes=False)
        blocks = read(reader)
    return Rendered(write(without_loose_rules(blocks)), tuple(reader.dropped))


def without_loose_rules(blocks: list[Block]) -> list[Block]:
    """Return the blocks without lines that part nothing: before all else, after it, and behind another line."""
    kept: list[Block] = []
    for block in blocks:
        if not isinstance(block, Rule) or (kept and not isinstance(kept[-1], Rule)):
            kept.append(block)
    while kept and isinstance(kept[-1], Rule):
        kept.pop()
    return kept
