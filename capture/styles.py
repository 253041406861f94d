"""Addresses in style sheets: `url()` and `@import` (https://www.w3.org/TR/css-syntax-3/)."""

import re
from collections.abc import Iterator

__all__ = ["in_style"]

# `@import` with a plain string, or `url(…)` with or without quotes. Every run is bounded, and a class excludes what
# ends it: linear.
_ADDRESS = re.compile(
    r"""
    (?P<import>@import\s{1,20})? (?:
        url\(\s{0,20} (?: "(?P<double>[^"\n]{1,4096})" | '(?P<single>[^'\n]{1,4096})' | (?P<bare>[^\s"'()]{1,4096}) )
      | (?<=@import)\s{1,20} (?: "(?P<double_import>[^"\n]{1,4096})" | '(?P<single_import>[^'\n]{1,4096})' )
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)

# A backslash and one character stand for the character; escapes by number do not occur in addresses.
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def in_style(text: str) -> Iterator[tuple[str, str]]:
    """Yield the addresses in a style sheet or a style attribute with their kind: `style`, `font` or `image`."""
    for match in _ADDRESS.finditer(_without_comments(text)):
        found = match.groupdict()
        imported = found["double_import"] or found["single_import"]
        address = _ESCAPE.sub(r"\1", imported or found["double"] or found["single"] or found["bare"] or "").strip()
        path = address.partition("?")[0].partition("#")[0].lower()
        if imported or found["import"] or path.endswith(".css"):
            yield address, "style"
        else:
            yield address, "font" if path.endswith((".woff2", ".woff", ".ttf", ".otf", ".eot")) else "image"


def _without_comments(text: str) -> str:
    first, *rest = text.split("/*")
    return first + "".join(each.partition("*/")[2] for each in rest)
