"""The renderer's front: the content root of a page in, Markdown and what was left out of it."""

from dataclasses import dataclass

from lxml.etree import _Element

from clean.html.render.dropped import Dropped
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
    return Rendered(write(blocks), tuple(reader.dropped))
