"""What a converter leaves of nothing: images without address and words, headings without text."""

import re

from clean.stages.found import Edit, Found, Ruleset, View, removal

__all__ = ["placeholders"]

IMAGE = "markdown.empty-image"
HEADING = "markdown.empty-heading"

# An image without words and without address. Fixed text: linear.
_IMAGE = re.compile(r"!\[\]\(\)")

# A line of nothing but heading marks. One class between the ends: linear.
_HEADING = re.compile(r" {0,3}#{1,6}[ \t\xa0]*$")


def placeholders(view: View, ruleset: Ruleset) -> Found:
    """Remove empty images and empty headings outside code."""
    edits: list[Edit] = []
    if "![]()" in view.text:
        edits += _images(view)
    if "#\n" in view.text or "# \n" in view.text or "#\xa0\n" in view.text or view.text.endswith("#"):
        edits += _headings(view)
    return Found(sorted(edits))


def _images(view: View) -> list[Edit]:
    edits: list[Edit] = []
    for index in view.solid:
        line = view.lines[index]
        if "![]()" not in line or index in view.verbatim or line.startswith(("    ", "\t")):
            continue
        if not line.replace("![]()", "").strip("* \t"):
            edits.append(removal(view, index, IMAGE))
            continue
        for match in _IMAGE.finditer(line):
            # Inside a link it is all that the reader could click, and in back ticks it is a word.
            if line[: match.start()].endswith("[") or line.count("`", 0, match.start()) % 2:
                continue
            start = view.starts[index] + match.start()
            edits.append(Edit(start, start + len(match[0]), "", IMAGE))
    return edits


def _headings(view: View) -> list[Edit]:
    return [
        removal(view, index, HEADING)
        for index in view.solid
        if _HEADING.match(view.lines[index]) and index not in view.verbatim
    ]
