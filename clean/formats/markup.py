"""Formats of XML that hold no page, told by the name of the root and by what its tag says."""

import re

__all__ = ["tell_xml"]

# XML: the name of the root, behind declaration, document type, comments and processing instructions. What stands
# between `<` and `>` of those is one run, which ends at the first sign that may end it: linear.
_BEFORE_ROOT = re.compile(rb"\s*<(?:!--.*?-->|\?.*?\?>|![A-Za-z][^<>\[]*(?:\[[^\]]*\]\s*)?>)", re.DOTALL)
_ROOT = re.compile(rb"\s*<(?:[A-Za-z_][\w.-]{0,30}:)?([A-Za-z_][\w.-]{0,60})([^<>]{0,4000})>")

# An element in which HTML, TEI, DocBook, JATS, FictionBook, WML and office documents have text. One name: linear.
_SHOWN = re.compile(
    rb"<(?:[A-Za-z_][\w.-]{0,30}:)?(?:html|head|body|card|p|para|t|div|span|br|hr|table|article|section|sec|h[1-6]|ul|ol|li"
    rb"|a|img|pre|text|title-info)[\s/>]",
    re.IGNORECASE,
)
_MOST_XML = 1024 * 1024
"""Bytes in which such an element is looked for."""
_END = 300
"""Bytes in which the root ends, and white space and comments behind it."""

_ROOTS = {
    b"rss": ("rss", b""),
    b"feed": ("atom", b"/atom"),
    b"rdf": ("rdf", b"rdf-syntax-ns"),
    b"urlset": ("sitemap", b""),
    b"sitemapindex": ("sitemap", b""),
    b"opml": ("opml", b""),
    b"plist": ("plist", b""),
    b"svg": ("svg", b""),
    b"stylesheet": ("xslt", b"/xsl/transform"),
    b"transform": ("xslt", b"/xsl/transform"),
    b"envelope": ("soap", b"soap"),
    b"tt": ("ttml", b"/ttml"),
    b"playlist": ("playlist", b"xspf.org"),
}
"""Name of the root in lower case, the format, and what its tag must say in lower case for that."""


def tell_xml(data: bytes, start: bytes) -> str:
    """Tell feeds, sitemaps, pictures and other data in XML from pages."""
    at, declared = 0, start.startswith(b"<?xml")
    while match := _BEFORE_ROOT.match(start, at):
        at = match.end()
        declared = declared or match[0].lstrip().lower().startswith((b"<!doctype svg", b"<!doctype rss"))
    root = _ROOT.match(start, at)
    if root is None:
        return ""
    name, said = _ROOTS.get(root[1].lower(), ("", b""))
    if not name or said not in root[2].lower():
        return "xml" if start.startswith(b"<?xml") and _is_data(data, start[:at], root[1].lower()) else ""
    # Markdown may show a listing without a fence; a file of this kind says first that it is XML, or ends as it began.
    tag = b"</" + start[root.start() : root.end(1)].strip()[1:].lower()
    end = data[-_END:].rstrip().lower()
    return name if declared or (end.endswith(b">") and tag in end[-len(tag) - 10 :]) else ""


def _is_data(data: bytes, before: bytes, root: bytes) -> bool:
    """Whether an XML document that says so itself has nothing that a reader would be shown as a page.

    Answers of servers that name an error are notices of theirs, and a style sheet for readers makes a page of data.
    """
    if b"error" in root or b"fault" in root or b"<?xml-stylesheet" in before or b"html" in before.lower():
        return False
    return not _SHOWN.search(data[:_MOST_XML])
