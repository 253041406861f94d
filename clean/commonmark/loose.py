"""Bold that opens in one paragraph and ends in another."""

import re

from clean.commonmark.flanking import LETTER, SPACE, kind
from clean.commonmark.inline import read_scope

__all__ = ["loose_end"]

# Whether anything shows besides images: a letter or digit outside the target of an image.
IMAGE = re.compile(r"!\[[^\]\[]*+\]\([^()]*+\)")


def loose_end(text: str) -> str:
    """Return `opens` or `closes` if one `**` has no partner in the text and could have one elsewhere, else "".

    Only texts that consist of single spans of bold are told: an odd number of `**`, nothing else of
    asterisks.
    """
    if text.count("**") % 2 == 0:
        return ""
    runs = [run for run in read_scope(text).runs if run.char == "*"]
    if len(runs) % 2 == 0 or any(run.end - run.start != 2 for run in runs):
        return ""
    first, last = runs[0], runs[-1]
    before = text[last.start - 1 : last.start]
    after = text[last.end : last.end + 1]
    if kind(after) != SPACE and kind(before) != LETTER and IMAGE.sub("", text[last.end :]).strip():
        return "opens"
    before = text[first.start - 1 : first.start] if first.start else ""
    after = text[first.end : first.end + 1]
    if kind(before) != SPACE and kind(after) != LETTER and IMAGE.sub("", text[: first.start]).strip():
        return "closes"
    return ""
