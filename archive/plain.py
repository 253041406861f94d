"""The words of a clean Markdown file, without addresses and marks: what the full-text index and its snippets are of."""

import re
from typing import NamedTuple

from clean import frontmatter

__all__ = ["Plain", "plain"]

_NO_WORDS = frontmatter.BOOLEANS | {"title", "url", "date", "fetch_date", "kind", "modified", "published"}
"""Keys of the front matter that are no part of the text: the title stands by itself, and the others are no words."""

# The address of a link or an image. It stops at the next bracket of any kind: linear.
_ADDRESS = re.compile(r"\]\([^()\[\]\n]*\)")

# An HTML tag, or an address between angle brackets; not a sign that is escaped. It stops at the next sign: linear.
_TAG = re.compile(r"(?<!\\)<[a-zA-Z/!][^<>]*>")


class Plain(NamedTuple):
    """A text in plain words."""

    title: str
    text: str
    """What the front matter says in words, an empty line, and the body."""


def plain(markdown: str) -> Plain:
    """Return the plain words of a clean Markdown file. Never fails."""
    front = frontmatter.read(markdown)
    facts = [front.get(key) for key in front.values if key not in _NO_WORDS]
    body = _TAG.sub("", _ADDRESS.sub("]", markdown[front.end :]))
    if "&" in body:
        from html import unescape  # 5 ms, and few texts have a reference to a character

        body = unescape(body)
    said = "\n".join(fact for fact in facts if "://" not in fact)
    return Plain(front.get("title"), f"{said}\n\n{body}")
