"""What a page says of itself in JSON-LD: its things, the most telling first.

JSON-LD: https://www.w3.org/TR/json-ld11/; its vocabulary: https://schema.org. Pages break it in known ways: comment and
CDATA marks around it, HTML escapes, line ends within strings, a comma or a semicolon too many. A block that stays
broken says nothing; the others still do.
"""

import json
import re
from collections.abc import Iterator
from html import unescape

from lxml.html import HtmlElement

__all__ = ["Thing", "paid_parts", "thing_text", "things_in"]

Thing = dict[str, object]

# What a page is, by the types of schema.org; the first is the most telling. A type that is not here describes the
# site or a part of the page, and so says nothing about the article.
_TYPES = (
    ("NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "BackgroundNewsArticle",
     "Article", "BlogPosting", "TechArticle", "ScholarlyArticle", "MedicalScholarlyArticle", "Report",
     "LiveBlogPosting",
     "AdvertiserContentArticle", "SatiricalArticle", "SocialMediaPosting", "Recipe", "HowTo", "Review"),
    ("DiscussionForumPosting", "Question"),
    ("Product", "ProductGroup", "VideoObject", "Event", "JobPosting", "SoftwareApplication", "Book", "Course", "Movie"),
    ("WebPage", "ItemPage", "MedicalWebPage", "AboutPage", "QAPage", "CollectionPage", "FAQPage", "ProfilePage"),
)  # fmt: skip
_RANK = {name: rank for rank, names in enumerate(_TYPES) for name in names}

_WITHIN = ("@graph", "mainEntity", "mainEntityOfPage")
"""Where the article stands in what is said about the page."""

_DEEPEST = 4
_LONGEST_BLOCK = 1_000_000
"""Characters of a block that is read; the longest known, a list of products, has 400,000."""

_LONGEST_NAMED = 1000
"""Characters of the name of a thing that others name by its `@id`; each of them would read it again."""

# A comma before a closing bracket. One run of white space between two single characters: linear.
_COMMA = re.compile(r",\s{0,200}([}\]])")

_MARKS = ("<!--", "-->", "//<![CDATA[", "//]]>", "<![CDATA[", "]]>", "/*", "*/")


def things_in(root: HtmlElement) -> list[Thing]:
    """Return what the page's blocks describe, the most telling first; `@id` stands for the thing it names."""
    things: list[Thing] = []
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            things += _walk(_parsed(script.text or ""), 0)
    named = {str(thing["@id"]): thing for thing in things if "@id" in thing and len(thing) > 2 and _is_named(thing)}
    ranked = sorted((rank, place) for place, thing in enumerate(things) if (rank := _rank(thing)) is not None)
    return [_resolved(things[place], named) for _, place in ranked]


def _is_named(thing: Thing) -> bool:
    """Whether the names of a thing are of a usual length; who refers to it by its `@id` reads them again."""
    return all(len(thing_text(thing.get(key))) <= _LONGEST_NAMED for key in ("name", "@value", "url"))


def thing_text(value: object, key: str = "name") -> str:
    """Return what a value says: its text, the `key` of a thing, and of several those, joined."""
    if isinstance(value, str):
        return " ".join(unescape(value).split())
    if isinstance(value, dict):
        inner = value.get(key) or value.get("@value")
        return thing_text(inner, key) if isinstance(inner, str) else ""
    if isinstance(value, list):
        return ", ".join(dict.fromkeys(filter(None, (thing_text(item, key) for item in value[:20] if item != value))))
    return ""


def _is_paid(thing: Thing) -> bool:
    """Whether a thing is for those who pay (https://schema.org/isAccessibleForFree)."""
    return str(thing.get("isAccessibleForFree", "")).rpartition("/")[2].lower() == "false"


def paid_parts(root: HtmlElement) -> list[str]:
    """Return the CSS selectors of the parts that a page declares to be for those who pay."""
    found: list[str] = []
    for thing in things_in(root):
        parts = thing.get("hasPart")
        for part in parts if isinstance(parts, list) else [parts]:
            if isinstance(part, dict) and _is_paid(part):
                selectors = part.get("cssSelector")
                given = selectors if isinstance(selectors, list) else str(selectors or "").split(",")
                found += [str(one) for one in given]
    return found


def _parsed(text: str) -> object:
    text = text.strip()
    for mark in _MARKS:
        text = text.removeprefix(mark).removesuffix(mark).strip()
    if len(text) > _LONGEST_BLOCK:
        return None
    for mended in (text, _COMMA.sub(r"\1", text.rstrip(";")), unescape(text)):
        try:
            found: object = json.loads(mended, strict=False)
        except (ValueError, RecursionError):
            continue
        return found
    return None


def _walk(value: object, depth: int) -> Iterator[Thing]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in _WITHIN:
            if isinstance(value.get(key), dict | list):
                yield from _walk(value[key], depth + 1)


def _rank(thing: Thing) -> int | None:
    types = thing.get("@type")
    names = types if isinstance(types, list) else [types]
    ranks = [_RANK[short] for name in names if isinstance(name, str) and (short := name.rpartition("/")[2]) in _RANK]
    return min(ranks, default=None)


def _resolved(thing: Thing, named: dict[str, Thing]) -> Thing:
    """Put things in place of the `@id` that stand for them, one level deep."""

    def resolve(value: object) -> object:
        if isinstance(value, dict) and "@id" in value and "name" not in value and "url" not in value:
            return named.get(str(value["@id"]), value)
        return value

    return {
        key: [resolve(item) for item in value] if isinstance(value, list) else resolve(value)
        for key, value in thing.items()
    }
