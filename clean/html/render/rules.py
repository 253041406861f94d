"""Why something that stands in the page is not in the Markdown: one sentence for each rule id."""

from collections.abc import Mapping
from types import MappingProxyType

__all__ = ["RULES"]

RULES: Mapping[str, str] = MappingProxyType(
    {
        "html.script": "Scripts, style sheets and templates are for the browser; a reader never sees them.",
        "html.no-script": "For browsers without scripts: a text nobody else sees, an image that is there once more.",
        "html.hidden": "The page hides this (`display: none` or the `hidden` attribute).",
        "html.zero-size": "Text of size zero, or in a box of size zero: nobody can see it.",
        "html.screen-reader": "A label for screen readers that the page keeps out of sight.",
        "html.control": "A button or form field: interface, not text.",
        "html.fallback": "Shown only by browsers that cannot play the medium or show the frame; it is linked.",
        "html.code-gutter": "Line numbers beside a code block; they are not part of the code.",
        "html.heading-anchor": "The sign beside a heading that links to the heading itself.",
        "html.math-drawing": "The drawing of a formula whose source stands in the Markdown.",
        "html.card-interface": "The interface of a card whose facts stand in the Markdown as one line.",
        "html.placeholder-image": "A stand-in for an image that was to be loaded later; it has no address of its own.",
        "html.pixel": "An image of one pixel: it counts visitors or keeps a distance, and shows nothing.",
        "html.emoji-image": "An emoji as an image; the character that it stands for is in the Markdown.",
        "html.embedded-drawing": "A drawing inside the page without an address of its own.",
        "html.background": "The background of a box whose content stands in the Markdown.",
        "html.empty-link": "A link without text or image: there is nothing to click.",
        "html.dead-link": "A link to a script, to a file on its author's disk or to nowhere; its text stays.",
    }
)
