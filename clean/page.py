"""An HTML page cleaned: its content as Markdown, everything else of it in the ledger.

decode → profile → state → content → interface → render → the text stages of a snapshot.
"""

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256

from lxml import etree

from clean.document import SOFTWARE, Cleaned, State, Warn
from clean.frontmatter import Value, write
from clean.html.model import line_of
from clean.html.opened import Opened, open_page
from clean.html.profile import profile_of
from clean.html.reading import Reading, Tree
from clean.html.render import Dropped, Options, render
from clean.html.surroundings import surroundings
from clean.html.wechat.reading import read_wechat
from clean.ledger import Ledger, NodeRemoval
from clean.pipeline import clean_source
from clean.rules import Ruleset, built_in
from clean.source import Encoding, Source
from clean.stages.headings import heading_text, same_title

__all__ = ["PROFILES", "clean_page"]


def _read_generic(opened: Opened, ruleset: Ruleset, url: str) -> Reading:
    from clean.html.generic.reading import read_generic  # most of its weight is not needed for WeChat

    return read_generic(opened, ruleset, url)


PROFILES: Mapping[str, Callable[[Opened, Ruleset, str], Reading]] = {"wechat": read_wechat, "generic": _read_generic}

DOUBTFUL = 0.6
"""Confidence below which a person should look: of such pages about every third sentence is wrong or missing."""


def clean_page(
    data: bytes,
    *,
    url: str = "",
    charset: str | None = None,
    fetch_date: str = "",
    ruleset: Ruleset | None = None,
    profile: str | None = None,
) -> Cleaned:
    """Clean one HTML page or MHTML file. A pure function: same arguments, same result.

    `url` is the address it was fetched from, `charset` the value of its Content-Type header, `fetch_date` when;
    empty where nobody knows. `profile` (`wechat` or `generic`) is told from the address, or from the page's make.
    Raises clean.errors.SourceError where the bytes are no page.
    """
    ruleset = ruleset or built_in()
    opened = open_page(data, charset)
    profile = profile or profile_of(opened, url)
    reading = PROFILES[profile](opened, ruleset, url)
    facts: dict[str, Value] = {**reading.facts}
    if when := fetch_date or opened.saved:
        facts["fetch_date"] = when
    rendered = {tree.element: render(tree.element, _options(reading, tree)) for tree in reading.trees}
    nodes = _nodes(opened, reading, {element: one.dropped for element, one in rendered.items()})
    warnings = _warnings(opened, reading)
    body = "\n".join(one.markdown for one in rendered.values() if one.markdown)
    if reading.state is State.LIVE:
        text = (write(facts) + "\n" if facts else "") + _titled(reading, body)
        cleaned = clean_source(_source(text, opened), ruleset=ruleset, profile=profile, rendered=True)
        ledger = cleaned.ledger._replace(
            nodes=nodes, rendered_sha256=sha256(text.encode()).hexdigest(), encoding=_encoding(opened)
        )
        return cleaned._replace(
            facts=facts,
            ledger=ledger,
            warnings=warnings,
            media_type=opened.media_type,
            confidence=reading.confidence,
            own_url=reading.own_url,
        )
    empty = sha256(b"").hexdigest()
    ledger = Ledger(
        opened.sha256, empty, ruleset.sha256, SOFTWARE, reading.state.value, _encoding(opened), (), nodes, empty
    )
    return Cleaned(
        reading.state,
        profile,
        None,
        facts,
        ledger,
        reading.notice,
        warnings,
        opened.media_type,
        own_url=reading.own_url,
        target=reading.target,
    )


def _options(reading: Reading, tree: Tree) -> Options:
    return Options(base=reading.base or None, cuts=reading.cuts, revealed=reading.revealed, places=tree.places)


def _titled(reading: Reading, body: str) -> str:
    """Put the title above the text, unless the text has it as a heading of its own."""
    title = str(reading.facts.get("title", ""))
    if not title or not reading.titled:
        return body
    if any(same_title(heading_text(line, 1), title) for line in body.split("\n") if line.startswith("# ")):
        return body
    heading = etree.Element("h1")
    heading.text = title
    return render(heading).markdown + ("\n" + body if body else "")


def _source(text: str, opened: Opened) -> Source:
    return Source(text, Encoding(), opened.sha256)


def _encoding(opened: Opened) -> Encoding:
    return Encoding(opened.decoded.encoding, opened.decoded.known_by == "mark")


def _nodes(
    opened: Opened, reading: Reading, dropped: Mapping[etree._Element, tuple[Dropped, ...]]
) -> tuple[NodeRemoval, ...]:
    """Name everything on the page that is not in the Markdown, in the order of the page."""
    body = opened.root.find("body")
    root = opened.root if body is None else body
    on_page = {tree.element for tree in reading.trees if tree.places is opened.places}
    nodes: list[NodeRemoval] = []
    for found in surroundings(root, on_page, opened.places, reading.name, reading.rest):
        nodes += [found] if isinstance(found, NodeRemoval) else _rendered(dropped[found])
    for tree in reading.trees:
        if tree.element not in on_page:
            nodes += _rendered(dropped[tree.element])
    if not nodes and reading.state is not State.LIVE:  # the rule that told the state is named even without a word
        nodes.append(NodeRemoval(opened.places.of(root), "text", reading.rest.stage, reading.rule, line_of(root), ""))
    return tuple(nodes)


def _rendered(dropped: tuple[Dropped, ...]) -> Iterator[NodeRemoval]:
    for one in dropped:
        yield NodeRemoval(one.path, one.kind, one.stage, one.rule, one.line, one.text, one.note)


def _warnings(opened: Opened, reading: Reading) -> tuple[Warn, ...]:
    warnings = list(reading.warnings)
    if not reading.facts.get("url"):
        hint = "Without an address captures of one article cannot be brought together; a WARC file knows it."
        warnings.append(Warn("page-no-url", "the page does not say what its address is", 0, hint))
    if opened.decoded.replaced:
        message = f"{opened.decoded.replaced:,} bytes are no {opened.decoded.encoding.upper()} and read as U+FFFD now"
        warnings.append(Warn("stray-bytes", message, 0, "The page's bytes keep them."))
    if reading.confidence is not None and reading.confidence < DOUBTFUL:
        message = f"what of this page is its content is doubtful (confidence {reading.confidence:.2f})"
        warnings.append(Warn("doubtful", message, 0, "Look at the page beside the Markdown; --explain says why."))
    return tuple(warnings)
