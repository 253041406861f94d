"""What a converter leaves of nothing: images without address and words, headings without text."""

import re

from clean.stages.stage import Edit, Found, Ruleset, View, lifting

__all__ = ["placeholders"]

IMAGE = "markdown.empty-image"
HEADING = "markdown.empty-heading"

# An image without words and without address. Fixed text: linear.
_IMAGE = re.compile(r"!\[\]\(\)")

# A line of nothing but heading marks, and white space that other stages trim. One class between the ends: linear.
_HEADING = re.compile(r" {0,3}#{1,6}[ \t\xa0\u202f\u3000]*$")

# Whether there may be such a line at all. Taken possessively: linear.
_MARK_LAST = re.compile(r"#[ \t\xa0\u202f\u3000]*+$", re.MULTILINE)


def placeholders(view: View, ruleset: Ruleset) -> Found:
    """Remove empty images and empty headings outside code."""
    edits: list[Edit] = []
    if "![]()" in view.text:
        edits += _images(view)
    if "#" in view.text and _MARK_LAST.search(view.text):
        edits += _headings(view)
    return Found(sorted(edits))


def _images(view: View) -> list[Edit]:
    edits: list[Edit] = []
    for index in view.solid:
        line = view.lines[index]
        if "![]()" not in line or index in view.verbatim or line.startswith(("    ", "\t")):
            continue
        # An image that was all of a quote, a list item or a heading leaves nothing but the mark.
        if not line.replace("![]()", "").strip("*#>+- \t\xa0\u202f\u3000"):
            edits.append(lifting(view, index, IMAGE))
            continue
        ticks = position = 0
        for match in _IMAGE.finditer(line):
            ticks += line.count("`", position, match.start())
            position = match.end()
            # Inside a link it is all that the reader could click, and in back ticks it is a word.
            if line[max(match.start() - 1, 0)] == "[" or ticks % 2:
                continue
            start = view.starts[index] + match.start()
            edits.append(Edit(start, start + len(match[0]), "", IMAGE))
    return edits


def _headings(view: View) -> list[Edit]:
    return [
        lifting(view, index, HEADING, block=True)
        for index in view.solid
        if _HEADING.match(view.lines[index]) and index not in view.verbatim
    ]
