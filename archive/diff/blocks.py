"""The blocks of a text: what blank lines divide; a fence, a heading, an image on a line are each a block of its own.

A block holds the blank lines that follow it, so blocks tile the text.
"""

import re
from dataclasses import dataclass, field

from archive.diff.images import IMAGE, asset
from clean.commonmark.blocks import fenced_blocks
from clean.commonmark.tables import delimiter_columns

__all__ = ["Block", "blocks"]

_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_ITEM = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])[ \t]")
_END_OF_FRONT_MATTER = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)

LINED = frozenset({"front-matter", "list", "table", "code"})
"""Kinds whose lines mean something: they are compared line by line."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block, with the blank lines after it."""

    kind: str
    body: str
    gap: str
    line: int
    """On which it begins, from 1."""
    key: str = field(default="", compare=False)
    """What it is matched by exactly: its text without its white space's kind and amount; of an image, its asset."""

    @property
    def text(self) -> str:
        """The whole piece."""
        return self.body + self.gap


def blocks(text: str) -> list[Block]:
    """Cut a text into blocks; joined they are the text."""
    found: list[Block] = []
    end = _front_matter(text)
    number = 1
    if end:
        head = text[:end]
        rest = text[end:]
        blank = len(rest) - len(rest.lstrip("\r\n"))
        found.append(_block("front-matter", head, rest[:blank], 1))
        number += (head + rest[:blank]).count("\n")
        text = rest[blank:]
    lines = text.split("\n")
    fences = {fence.first: fence.last for fence in fenced_blocks(lines)}
    body: list[str] = []
    gap: list[str] = []
    start = number
    until = -1  # the last line of an open fence

    def flush() -> None:
        nonlocal body, gap, start
        if body or gap:
            found.append(_block(_kind(body), "".join(body), "".join(gap), start))
        start += len(body) + len(gap)
        body, gap = [], []

    last = len(lines) - 1
    alone = False  # whether the open block takes no further line
    for place, line in enumerate(lines):
        whole = line if place == last else line + "\n"
        if not whole:
            break
        if place <= until:
            body.append(whole)
            continue
        if not line.strip():
            gap.append(whole)
            continue
        fence = fences.get(place, -1)
        single = fence < 0 and (bool(_HEADING.match(line)) or _is_image(line))
        if gap or alone or single or fence >= 0:
            flush()
        body.append(whole)
        until, alone = max(until, fence), single or fence >= 0
    flush()
    return found


def _front_matter(text: str) -> int:
    """Return where the front matter ends, its closing line included; 0 where there is none."""
    if not text.startswith(("---\n", "---\r\n")):
        return 0
    closing = _END_OF_FRONT_MATTER.search(text, 4)
    if closing is None:
        return 0
    return closing.end() + (text[closing.end() : closing.end() + 1] == "\n")


def _is_image(line: str) -> bool:
    line = line.strip()
    return line.startswith("![") and IMAGE.fullmatch(line) is not None


def _kind(body: list[str]) -> str:
    if not body:
        return "blank"
    first = body[0]
    start = first.lstrip(" ")[:3]
    if start in {"```", "~~~"}:
        return "code"
    if start[:1] == "#" and _HEADING.match(first):
        return "heading"
    if start[:2] == "![" and len(body) == 1 and _is_image(first):
        return "image"
    if start[:1] == ">":
        return "quote"
    if len(body) > 1 and "|" in first and delimiter_columns(body[1].strip() + "\n", 0):
        return "table"
    if _ITEM.match(first):
        return "list"
    return "paragraph"


def _block(kind: str, body: str, gap: str, line: int) -> Block:
    # The line end of the last line is white space after the block, so that a tail that went changes no word above it.
    text = body.rstrip("\r\n") if kind != "code" else body.removesuffix("\n")
    gap = body[len(text) :] + gap
    image = IMAGE.fullmatch(text.strip()) if kind == "image" else None
    key = f"![{image[1]}]({asset(image[2])})" if image else text if kind == "code" else " ".join(text.split())
    return Block(kind, text, gap, line, key)
