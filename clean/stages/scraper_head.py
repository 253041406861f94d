"""The head that the snapshot's tool wrote above the page: the title, and the cover's picture.

The page has its title as well, so the tool's heading is a duplicate; it goes and the page's own heading stays. The
cover stands above the page's heading, outside the article: its address moves to the front matter.
"""

import re

from clean.frontmatter import Value
from clean.stages.headings import heading_text, same_title
from clean.stages.stage import Edit, Found, Ruleset, View, lifting, removal

__all__ = ["page_title", "scraper_head"]

TITLE = "snapshot.duplicate-title"
COVER = "wechat.head.cover"

# The cover as converters write it: its alternative text is the same on every page. Classes exclude what ends them.
_COVER = re.compile(r"!\[cover_image\]\(([^()\s]*)\)\s*$")


def scraper_head(view: View, ruleset: Ruleset) -> Found:
    """Remove the tool's title where the page's own follows, and the cover; fact: cover."""
    edits: list[Edit] = []
    facts: dict[str, Value] = {}
    headings: list[int] = []
    for index in view.opening[:6]:
        line = view.lines[index]
        if heading_text(line, 1):
            headings.append(index)
        elif (match := _COVER.match(line)) and "cover" not in facts:
            edits.append(removal(view, index, COVER))
            facts["cover"] = match[1]
        else:
            break
    title = view.front.get("title")
    for index in headings[:-1]:
        # With the cover between them the second heading is the page's own, even if its words differ from the feed's.
        text, last = heading_text(view.lines[index], 1), heading_text(view.lines[headings[-1]], 1)
        if same_title(text, last) or (facts and same_title(text, title) and index == headings[0]):
            edits.append(removal(view, index, TITLE))
    return Found(sorted(edits), facts)


def duplicate_titles(view: View, ruleset: Ruleset) -> Found:
    """On other sites: remove the tool's title where the page has the same heading further down."""
    title = view.front.get("title")
    first = page_title(view)
    if first is None or not title or not same_title(heading_text(view.lines[first], 1), title):
        return Found()
    if "\n# " not in view.text[view.starts[first + 1] - 1 :]:
        return Found()
    same = [
        index
        for index in view.solid
        if view.lines[index].startswith("# ")
        and index not in view.verbatim
        and same_title(heading_text(view.lines[index], 1), title)
    ]
    return Found([lifting(view, index, TITLE, block=True) for index in same[:-1]])


def page_title(view: View) -> int | None:
    """Index of the heading that the article opens with, None where it does not open with one."""
    if view.opening and heading_text(view.lines[view.opening[0]], 1):
        return view.opening[0]
    return None
