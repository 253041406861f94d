"""Formats of text that hold no page: their names, what each is called, and what to do with it."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

__all__ = ["FORMATS", "LOOK", "OtherFormat", "Teller", "first_lines"]


class OtherFormat(NamedTuple):
    """A format of text that holds no page."""

    name: str
    """A stable word for machines."""
    what: str
    """What to call such a file, with its article."""
    hint: str
    """What to do with it."""


def _formats() -> Iterator[OtherFormat]:
    feed = OtherFormat("", "", hint="Give its addresses to `capture`, or watch the feed with `archive add --feed`.")
    yield feed._replace(name="rss", what="an RSS feed")
    yield feed._replace(name="atom", what="an Atom feed")
    yield feed._replace(name="rdf", what="an RDF feed or other RDF data")
    yield feed._replace(name="json-feed", what="a JSON feed")
    addresses = OtherFormat("", "", hint="Give the addresses in it to `capture`.")
    yield addresses._replace(name="sitemap", what="a sitemap")
    yield addresses._replace(name="opml", what="a list of feeds (OPML)")
    yield addresses._replace(name="addresses", what="a list of addresses")
    yield addresses._replace(name="shortcut", what="a shortcut to a page")
    yield OtherFormat("plist", "a property list", hint="Give the page itself, saved as HTML, MHTML or .webarchive.")
    yield OtherFormat("svg", "an SVG picture", hint="Give the page that shows it.")
    yield OtherFormat(
        "har",
        "a HAR file of a browser",
        hint="Convert it to a WARC or WACZ file (for example with har2warc) and import that.",
    )
    yield OtherFormat("json", "JSON data", hint="Give the page that it belongs to, as HTML.")
    yield OtherFormat("json-lines", "JSON Lines data", hint="Give the pages or the WARC files that it speaks of.")
    yield OtherFormat("cdx", "a CDX index", hint="Give the WARC files that it lists; an index holds no page.")
    yield OtherFormat("cdxj", "a CDXJ index", hint="Give the WARC files that it lists; an index holds no page.")
    belongs = OtherFormat("", "", hint="Give the page that it belongs to, as HTML.")
    yield belongs._replace(name="xslt", what="a style sheet for XML (XSLT)")
    yield belongs._replace(name="soap", what="a message of a web service (SOAP)")
    yield belongs._replace(name="xml", what="XML data")
    yield belongs._replace(name="yaml", what="YAML data")
    yield belongs._replace(name="toml", what="TOML data")
    yield belongs._replace(name="ini", what="a settings file (INI)")
    yield belongs._replace(name="sql", what="statements for a database (SQL)")
    yield belongs._replace(name="diff", what="a patch (diff)")
    yield belongs._replace(name="translations", what="a catalogue of translations (PO)")
    shows = OtherFormat("", "", hint="Give the page that plays it, as HTML.")
    yield shows._replace(name="srt", what="subtitles (SRT)")
    yield shows._replace(name="vtt", what="subtitles (WebVTT)")
    yield shows._replace(name="ass", what="subtitles (ASS)")
    yield shows._replace(name="ttml", what="subtitles (TTML)")
    yield shows._replace(name="lyrics", what="the timed words of a song (LRC)")
    yield shows._replace(name="playlist", what="a playlist")
    yield OtherFormat("references", "a list of references (BibTeX, RIS)", hint="Give the pages that it names.")
    yield OtherFormat(
        "pem",
        "a key or a certificate (PEM)",
        hint="Give a page or a text. If the key is private, keep it out of any collection.",
    )
    yield OtherFormat("program-log", "the log of a program", hint="Give a page or a text; a log is neither.")
    yield OtherFormat("javascript", "a JavaScript program", hint="Give the page that loads it.")
    yield OtherFormat("css", "a style sheet", hint="Give the page that loads it.")
    mail = OtherFormat("mail", "an e-mail message", hint="Open it in a mail program, and save it as HTML or MHTML.")
    yield mail
    yield mail._replace(name="mailbox", what="a mailbox of e-mail messages")
    yield OtherFormat("robots", "a robots.txt", hint="Nothing is to be done: `capture` keeps it with the visit.")
    yield OtherFormat("log", "the log of a server", hint="Give the pages that were visited, not the list of visits.")
    yield OtherFormat("csv", "a table of data (CSV)", hint="Give a page or a text; a table of data is neither.")
    yield OtherFormat("calendar", "a calendar (iCalendar)", hint="Give the page that it belongs to, as HTML.")
    yield OtherFormat("contacts", "a contact card (vCard)", hint="Give the page that it belongs to, as HTML.")


FORMATS: Final = {each.name: each for each in _formats()}
"""All formats that are told, by name."""

LOOK = 64 * 1024
"""Bytes in which the root of an XML document has begun, and the head of a message has ended."""

_LINES = 200
"""Lines of a list that are looked at."""


def first_lines(data: bytes, most: int = _LINES) -> list[str]:
    """Return the first lines that are not empty; without the last one where our own look may cut it."""
    piece = data[: 16 * LOOK]
    lines = piece.decode("utf-8", "replace").split("\n")
    if len(piece) < len(data):
        lines.pop()
    return [line.removesuffix("\r") for line in lines if line.strip()][:most]


Teller = Callable[[bytes, bytes], str]
"""Takes the whole text and its beginning without white space; returns the name of a format, or the empty string."""
