"""English labels of states, outcomes and changes; `_` gives the reader's language."""

from xuanzhi.messages import N_, _

__all__ = [
    "ADVICES",
    "BLOCK_CHANGES",
    "CAPTURE_KINDS",
    "CHANGES",
    "COUNTS",
    "DOUBTS",
    "EVENTS",
    "FORMATS",
    "IMAGES",
    "NODES",
    "ORDERS",
    "OUTCOMES",
    "PAGE_KINDS",
    "PROPOSAL_NOTES",
    "REASONS",
    "REVIEW_STATES",
    "RISKS",
    "RULE_STATES",
    "SHORTCUTS",
    "SIDES",
    "STATES",
    "TEXT_DOUBTS",
    "VIEWS",
    "WARNINGS",
    "ZONES",
    "notice_words",
]

STATES = {
    "live": N_("article"),
    "empty": N_("empty shell"),
    "verification": N_("verification wall"),
    "deleted": N_("deleted by its author"),
    "violation": N_("taken down for a violation"),
    "account-blocked": N_("account blocked or closed"),
    "migrated": N_("account migrated"),
    "expired": N_("link expired"),
    "bad-link": N_("no article at this address"),
    "unavailable": N_("not available"),
    "not-article": N_("not an article"),
    "uncleaned": N_("not cleaned yet"),
    "doubtful": N_("doubtful, until it is seen again or confirmed"),
}

ADVICES = {
    "retry-later": N_("visit it again later"),
    "gone": N_("it is gone; earlier captures remain"),
    "new-address": N_("visit its new or lasting address"),
    "log-in": N_("save the page in a browser that is logged in"),
    "use-browser": N_("save the page in a browser, which runs its scripts"),
    "visit-frames": N_("visit the pages in its frames"),
    "other-network": N_("visit it from another network or country"),
}

TEXT_DOUBTS = {
    "shrank": N_("less than a tenth of the text is left"),
    "teaser": N_("only the beginning of the text is left"),
    "replaced": N_("nearly all of the text is another one"),
    "retitled": N_("the title and most of the text are others"),
    "title-gone": N_("the title and nearly all of the text are others"),
    "front-page": N_("the front page of the site answered"),
    "shared": N_("other addresses of the site show the same text"),
}


def notice_words(state: str, notice: str) -> str:
    """Return the notice of a capture for a reader: of a doubtful one why, of what is no page what it is."""
    if state == "not-article":
        what = notice.removeprefix("this is ").removesuffix(", not a page")
        return _("this is {what}, not a page", what=_(what)) if what in FORMATS.values() else notice
    if state != "doubtful":
        return notice
    return _(", ").join(_(TEXT_DOUBTS[each]) for each in notice.split(", ") if each in TEXT_DOUBTS)


OUTCOMES = {
    "new": N_("new"),
    "unchanged": N_("unchanged"),
    "same-text": N_("same text"),
    "recleaned": N_("other rules or another engine produced another text"),
    "changed": N_("changed"),
    "deleted": N_("deleted by its author"),
    "violation": N_("taken down for a violation"),
    "account-blocked": N_("account blocked or closed"),
    "migrated": N_("account migrated"),
    "not-found": N_("not found"),
    "doubtful": N_("doubtful, will be visited again soon"),
    "wall": N_("verification wall, will be visited again later"),
    "interrupted": N_("interrupted, will be visited again"),
    "error": N_("failed"),
    "blocked": N_("skipped because of a verification wall"),
    "refused": N_("not visited"),
}

EVENTS = {
    "new": N_("new"),
    "changed": N_("changed"),
    "gone": N_("gone"),
    "restored": N_("restored"),
    "failing": N_("failing"),
}

FORMATS = {
    "rss": N_("an RSS feed"),
    "atom": N_("an Atom feed"),
    "rdf": N_("an RDF feed or other RDF data"),
    "json-feed": N_("a JSON feed"),
    "sitemap": N_("a sitemap"),
    "opml": N_("a list of feeds (OPML)"),
    "addresses": N_("a list of addresses"),
    "shortcut": N_("a shortcut to a page"),
    "plist": N_("a property list"),
    "svg": N_("an SVG picture"),
    "har": N_("a HAR file of a browser"),
    "json": N_("JSON data"),
    "json-lines": N_("JSON Lines data"),
    "cdx": N_("a CDX index"),
    "cdxj": N_("a CDXJ index"),
    "xslt": N_("a style sheet for XML (XSLT)"),
    "soap": N_("a message of a web service (SOAP)"),
    "xml": N_("XML data"),
    "yaml": N_("YAML data"),
    "toml": N_("TOML data"),
    "ini": N_("a settings file (INI)"),
    "sql": N_("statements for a database (SQL)"),
    "diff": N_("a patch (diff)"),
    "translations": N_("a catalogue of translations (PO)"),
    "srt": N_("subtitles (SRT)"),
    "vtt": N_("subtitles (WebVTT)"),
    "ass": N_("subtitles (ASS)"),
    "ttml": N_("subtitles (TTML)"),
    "lyrics": N_("the timed words of a song (LRC)"),
    "playlist": N_("a playlist"),
    "references": N_("a list of references (BibTeX, RIS)"),
    "pem": N_("a key or a certificate (PEM)"),
    "program-log": N_("the log of a program"),
    "javascript": N_("a JavaScript program"),
    "css": N_("a style sheet"),
    "mail": N_("an e-mail message"),
    "mailbox": N_("a mailbox of e-mail messages"),
    "robots": N_("a robots.txt"),
    "log": N_("the log of a server"),
    "csv": N_("a table of data (CSV)"),
    "calendar": N_("a calendar (iCalendar)"),
    "contacts": N_("a contact card (vCard)"),
}
"""What a file is that holds no page, by the names of `clean.formats.model`."""

PAGE_KINDS = {
    "article": N_("an article"),
    "documentation": N_("documentation"),
    "forum": N_("a forum"),
    "q-and-a": N_("a question with answers"),
    "product": N_("a product"),
    "listing": N_("a listing"),
    "collection": N_("a collection of works"),
    "service": N_("a service on offer"),
}
"""What a general page is."""

WARNINGS = {
    "no-front-matter": N_("there is no front matter, so the source is unknown"),
    "open-front-matter": N_("the front matter is not closed by ---"),
    "no-url": N_("the front matter has no url"),
    "page-no-url": N_("the page does not state its own address"),
    "preview": N_("this is the free preview of a paid article"),
    "low-confidence": N_("it is uncertain which part of this page is its content"),
    "stray-bytes": N_("some bytes are not valid in the file's encoding; each is shown as U+FFFD"),
    "encoding-guess": N_("the page does not declare its encoding; it was told from the bytes"),
    "page-growth": N_("the Markdown repeats less than the page does, or it would be many times its size"),
    "wayback-copy": N_("the addresses that the Wayback Machine rewrote are given as the page had them"),
    "witnesses": N_("this page is too large or too intricate for the two witnesses that are asked in case of doubt"),
    "pictures-missing": N_("the pictures in this picture post are not in the snapshot"),
    "truncated": N_("the tool that made this snapshot cut it short"),
    "date-reduced": N_("the record's date says no more than the year, the month, the day or the minute"),
    "date-form": N_("the record's date is not as the standard writes dates; it was read all the same"),
    "date-partial": N_("the record's date cannot be right; only its beginning was read"),
    "date-substituted": N_("the record's date cannot be read; the date of its file stands in"),
    "date-unknown": N_("the record's date cannot be read, and its file has none: the capture is undated"),
}

ZONES = {
    "head": N_("head"),
    "tail": N_("tail"),
    "middle": N_("middle"),
}

DOUBTS = {
    "legal": N_("a legal notice may belong to the article"),
    "advertisement": N_("it may be what the article is about"),
    "innermost": N_("next to the text, and may belong to it"),
    "alone": N_("only a few words"),
    "others": N_("titles of other articles are removed with it"),
}

PROPOSAL_NOTES = {
    "run": N_("in the {zone}, at most {reach} other lines beyond it; at least {least} of {lines} lines"),
    "list": N_(
        "in the {zone}, at most {reach} other lines beyond it; with the list of other articles "
        "below it (at least {least} of {lines} lines)"
    ),
    "label": N_("in the {zone}, among the first {reach} lines; a fact, nothing is removed ({least} of {lines})"),
    "oldest": N_("oldest page"),
    "newest": N_("newest page"),
    "fewest": N_("page with the fewest of its lines"),
    "without": N_("{count:,} without it"),
    "outside": N_("{count:,} with it elsewhere, where it stays"),
}

REVIEW_STATES = {
    "pending": N_("pending"),
    "accepted": N_("accepted"),
    "rejected": N_("rejected"),
    "needs-work": N_("needs work"),
    "superseded": N_("superseded"),
}

RISKS = {
    "high": N_("high risk"),
    "middle": N_("medium risk"),
    "low": N_("low risk"),
}

CHANGES = {
    "first": N_("first text"),
    "captured": N_("the source changed"),
    "recleaned": N_("the rules or the engine changed"),
}

REASONS = {
    "unexplained": N_("text disappeared that no rule explains"),
    "damaged": N_("its records cannot be read"),
    **TEXT_DOUBTS,
    "low-confidence": WARNINGS["low-confidence"],
    "large": N_("a large part was removed"),
    "by-model": N_("the block model left out a long text"),
    "image-lost": N_("an image went"),
    "image": N_("an image changed"),
    "prose-gone": N_("a paragraph disappeared"),
    "text": N_("text changed"),
    "prose-new": N_("a new paragraph"),
    "moved": N_("a paragraph moved"),
    "front-matter": N_("front matter changed"),
    "first": N_("new article"),
    "chrome": N_("interface text or white space only"),
    "waiting": N_("not compared yet"),
}

RULE_STATES = {
    "proposed": N_("proposed"),
    "approved": N_("approved"),
    "rejected": N_("rejected"),
    "dormant": N_("dormant"),
    "suspended": N_("suspended"),
}

SIDES = {
    "before": N_("Before"),
    "after": N_("After"),
}

BLOCK_CHANGES = {
    "added": N_("added"),
    "removed": N_("removed"),
    "edited": N_("edited"),
    "moved": N_("moved"),
    "split": N_("split"),
    "merged": N_("merged"),
    "image": N_("image"),
}

IMAGES = {
    "replaced": N_("a different image"),
    "removed": N_("the image disappeared"),
    "added": N_("a new image"),
    "same-asset": N_("the same image in another size or with other parameters"),
    "same-payload": N_("the same bytes at another address"),
}

SHORTCUTS = {
    "next-item": N_("next, previous item"),
    "next-change": N_("next, previous change"),
    "accept": N_("accept"),
    "reject": N_("reject"),
    "needs-work": N_("mark as needing work"),
    "note": N_("write a note"),
    "undo": N_("undo"),
    "removed": N_("show what was removed"),
    "filter": N_("filter, search"),
    "help": N_("this list"),
}

CAPTURE_KINDS = {
    "visit": N_("visit"),
    "snapshot": N_("snapshot"),
}

NODES = {
    "text": N_("text"),
    "image": N_("image"),
    "link": N_("link"),
}

ORDERS = {
    "risk": N_("Risk"),
    "newest": N_("Newest first"),
    "share": N_("Share removed"),
    "title": N_("Title"),
}

VIEWS = {
    "changes": N_("Changes"),
    "full": N_("Full text"),
    "removed": N_("Removed"),
    "rendered": N_("Rendered"),
    "source": N_("Markdown"),
}

COUNTS = {
    "added": N_("{count:,} added"),
    "written": N_("{count:,} written"),
    "recleaned": N_("{count:,} cleaned again"),
    "unchanged": N_("{count:,} already present"),
    "not-articles": N_("{count:,} other than articles"),
    "not-modified": N_("{count:,} not modified"),
}
