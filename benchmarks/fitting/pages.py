"""Pages with known content, as rows of features, with what the witnesses say of their blocks."""

import json
import lzma
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clean.html.generic.blocks import HIDDEN, cut_into_blocks, text_tokens
from clean.html.generic.box_sums import sum_up
from clean.html.generic.features import read_clues
from clean.html.generic.rows import feature_rows
from clean.html.generic.witnesses import ask_witnesses, share_covered, vote_rows
from clean.html.parse import parse_html

__all__ = ["Example", "read_examples"]

SECOND_LEVEL = frozenset(("co", "com", "org", "net", "gov", "edu", "ac", "or", "ne", "go", "gob", "gouv"))
ADDRESS = re.compile(r"https?://([^/\"'>\s:]+)")
OWN_ADDRESS = re.compile(r"<(?:link|meta)\b[^>]{0,300}(?:canonical|og:url)[^>]{0,300}>", re.IGNORECASE)
LINK = re.compile(r"href=[\"']https?://([^/\"'>\s:]+)")


@dataclass(slots=True)
class Example:
    """A page: its blocks' features, votes, sizes, and what is known of its content."""

    set: str
    id: str
    kind: str
    site: str
    """The registered domain, by which folds are split."""
    cjk: bool
    truth: str
    wanted: list[str]
    unwanted: list[str]
    texts: list[str]
    rows: list[list[float]]
    votes: list[list[float]]
    sizes: list[int]
    paths: list[int]
    """For each block a number for the names of the elements that hold it."""
    gone: list[bool]
    covered: list[float]
    counts: list[Counter[str]] = field(default_factory=list)


def read_examples(folder: Path) -> Iterator[dict[str, Any]]:
    """Read the pages of all sets in a corpus folder, in a fixed order."""
    for path in sorted([*folder.glob("web/*.jsonl.xz"), *folder.glob("web-train/*.jsonl.xz")]):
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield {**json.loads(line), "set": path.name.partition(".")[0]}


def example(page: dict[str, Any]) -> Example:
    """Measure one page."""
    root = parse_html(page["html"])
    body = root.find("body")
    cut = cut_into_blocks(root if body is None else body)
    blocks = [block for block in cut.blocks if block.text]
    texts = [block.text for block in blocks]
    sizes = [block.units for block in blocks]
    sums = sum_up(cut)
    return Example(
        page["set"],
        page["id"],
        page.get("ptype") or "",
        site(page),
        bool(page["cjk"]),
        page["gt"] or "",
        page.get("with") or [],
        page.get("without") or [],
        texts,
        list(feature_rows(cut, sums, read_clues(root))) if blocks else [],
        vote_rows(ask_witnesses(root, page["html"], texts), sizes) if blocks else [],
        sizes,
        [sums.paths[block.box.number] for block in blocks],
        [block.sight >= HIDDEN for block in blocks],
        share_covered(texts, page["gt"] or ""),
        [Counter(text_tokens(text)) for text in texts],
    )


def site(page: dict[str, Any]) -> str:
    """Return the registered domain of a page, or its id if nothing names it."""
    found = ADDRESS.match(page.get("url") or "")
    if found is None:
        own = OWN_ADDRESS.search(page["html"])
        found = ADDRESS.search(own[0]) if own else None
    if found is not None:
        return registered(found[1])
    linked = Counter(registered(host) for host in LINK.findall(page["html"]))
    if linked:
        host, times = min(linked.items(), key=lambda item: (-item[1], item[0]))
        if times >= 5:
            return host
    return str(page["id"])


def registered(host: str) -> str:
    """Return the part of a host name that someone registered."""
    parts = host.lower().strip(".").split(".")
    if len(parts) > 2 and len(parts[-1]) == 2 and parts[-2] in SECOND_LEVEL:
        return ".".join(parts[-3:])
    return ".".join(parts[-2:])
