"""What the head of a page says about its text: titles, description, kind, the article's own text where it is given."""

import json
import re
from typing import NamedTuple

from lxml.etree import _Element

__all__ = ["Clues", "read_clues", "squeeze"]

LONGEST_DATA = 400_000
"""Characters of one data block that are read."""

KIND = re.compile(r'"@type"\s*:\s*\[?\s*"([A-Za-z]+)"')
PART = re.compile(r"\s+[|\-–—_·»:]\s+|[|_｜]")

ARTICLES = frozenset(
    (
        "Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "TechArticle", "Report", "ScholarlyArticle",
        "article",
    )
)  # fmt: skip
FORUMS = frozenset(("DiscussionForumPosting", "QAPage", "Question", "Answer", "Comment"))
PRODUCTS = frozenset(("Product", "Offer", "AggregateOffer", "product", "og:product", "product.item"))
LISTS = frozenset(("CollectionPage", "ItemList", "SearchResultsPage", "ProductGroup", "OfferCatalog"))


class Clues(NamedTuple):
    """What the head says; all texts are squeezed."""

    titles: tuple[str, ...]
    description: str
    body: str
    """The article's text as data for search engines gives it; empty where it does not."""
    article: bool
    forum: bool
    product: bool
    listing: bool


def squeeze(text: str) -> str:
    """Return a text without white space and in lower case, for comparing."""
    return "".join(text.split()).lower()


def read_clues(root: _Element) -> Clues:
    """Read the head's elements wherever they stand."""
    titles: dict[str, None] = {}
    description = ""
    kinds: set[str] = set()
    bodies: list[str] = []
    for element in root.iter("title", "meta", "script"):
        tag = element.tag
        if tag == "title":
            if element.text and not titles:
                add_title(titles, element.text)
        elif tag == "meta":
            name = (element.get("property") or element.get("name") or "").lower()
            content = element.get("content") or ""
            if name in ("og:title", "twitter:title"):
                add_title(titles, content)
            elif name in ("description", "og:description") and len(content) > len(description):
                description = content
            elif name == "og:type":
                kinds.add(content.strip())
        elif "ld+json" in (element.get("type") or "") and element.text:
            data = element.text[:LONGEST_DATA]
            kinds.update(KIND.findall(data))
            if '"articleBody"' in data:
                bodies.append(article_body(data))
    for element in root.iter("h1"):
        add_title(titles, "".join(map(str, element.itertext()))[:300])
        break
    return Clues(
        tuple(titles),
        squeeze(description)[:400],
        squeeze(max(bodies, key=len, default="")),
        bool(kinds & ARTICLES),
        bool(kinds & FORUMS),
        bool(kinds & PRODUCTS),
        bool(kinds & LISTS),
    )


def add_title(titles: dict[str, None], text: str) -> None:
    """Add a title and its longest part: sites put their own name before or after it."""
    whole = squeeze(text)
    if whole:
        titles[whole] = None
        longest = max(PART.split(text), key=len)
        if len(longest) > 3:
            titles[squeeze(longest)] = None


def article_body(data: str) -> str:
    """Return the longest `articleBody` in JSON, or nothing if it cannot be read."""
    try:
        stack = [json.loads(data, strict=False)]
    except (ValueError, RecursionError):
        return ""
    best = ""
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            body = value.get("articleBody")
            if isinstance(body, str) and len(body) > len(best):
                best = body
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return best if "<" not in best else re.sub(r"<[^<>]*>", "", best)
