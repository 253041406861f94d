"""Cleaning of HTML pages: content to Markdown, everything else to the ledger.

decode → profile → state → content → interface → render → the text stages of a snapshot.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from hashlib import sha256
from urllib.parse import urlsplit

from lxml import etree
from lxml.etree import _Element

from clean.document import WECHAT_HOSTS, Cleaned, CleanWarning, EmbeddedFile, State
from clean.frontmatter import Value, write_front_matter
from clean.html.embedded import embedded_file, is_stand_in, named_briefly, with_files
from clean.html.model import ContentTree, CutReason, NodePlaces, PageReading, line_of
from clean.html.opening import OpenPage, open_page
from clean.html.render import DroppedNode, Options, render
from clean.html.render.model import GrowthMet, is_visible
from clean.html.render.visible import SILENT, visible_content
from clean.html.saved import archived_address
from clean.html.wechat.page import read_wechat
from clean.ledger import Ledger, NodeRemoval
from clean.pipeline import clean_source, without_collector
from clean.rules import Ruleset, built_in
from clean.source import Encoding, Source
from clean.version import GENERIC_PAGE, SOFTWARE, WECHAT_PAGE, engine_digest
from clean.view import comparable_text, heading_text

__all__ = ["PROFILES", "clean_page", "profile_of", "surroundings"]


# Which profile reads a page: told by its address where that is known, else by how it is made.


# Nodes that no other site has, and that a page keeps whoever saved it. Ids first, then classes.
_IDS = ("js_content", "js_article", "activity-name", "js_image_content", "js_text_title")
_CLASSES = frozenset(("rich_media_content", "rich_media_title"))
_SERVERS = ("res.wx.qq.com/", "mp.weixin.qq.com/", "res2.wx.qq.com/")
_FOR_OTHERS = "res.wx.qq.com/open/"
"""Where the platform keeps what other sites load: the script that lets their pages be shared, sign-in, styles."""

# What WeChat's pages have, and others too: notices are drawn with a style library that anyone may use, and an article
# that is copied to another site takes the marks of its editor with it. These count on a page that has nothing else.
_NOTICES = frozenset(("weui-msg", "global_error_msg", "mesg-block"))
_FRAMES = ("nav", "header", "footer", "aside", "main", "article")
"""Elements that WeChat's pages do not have around their content."""


def profile_of(opened: OpenPage, url: str = "") -> str:
    """Return `wechat` or `generic`. `url` is the address the page was fetched from, empty where nobody knows."""
    for address in (url, opened.url, *_declared(opened)):
        copied = archived_address(address)
        host = _host(copied.url if copied else address)
        if host:
            return "wechat" if host in WECHAT_HOSTS else "generic"
    return "wechat" if _is_made_like_wechat(opened) else "generic"


def _declared(opened: OpenPage) -> Iterator[str]:
    head = opened.root.find("head")
    if head is None:
        return
    yield from (meta.get("content", "") for meta in head.iter("meta") if meta.get("property") == "og:url")
    yield from (link.get("href", "") for link in head.iter("link") if link.get("rel") == "canonical")


def _host(address: str) -> str:
    if not address.lower().startswith(("http://", "https://")):
        return ""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _is_made_like_wechat(opened: OpenPage) -> bool:
    root = opened.root
    if any(opened.places.by_id(key) is not None for key in _IDS):
        return True
    hinted = False
    for node in root.iter("*"):
        classes = set((node.get("class") or "").split())
        if not _CLASSES.isdisjoint(classes) or (node.tag in {"script", "link"} and _is_of_the_platform(node)):
            return True
        hinted = hinted or not _NOTICES.isdisjoint(classes) or _is_of_its_editor(node)
    return hinted and next(root.iter(*_FRAMES), None) is None


def _is_of_the_platform(node: _Element) -> bool:
    source = node.get("src") or node.get("href") or ""
    if any(server in source for server in _SERVERS):
        return _FOR_OTHERS not in source
    return "mmbizwap:" in (node.text or "")[:2000]


def _is_of_its_editor(node: _Element) -> bool:
    """Whether this is the inside of an article: text leaves, and pictures at the platform's own address."""
    if node.get("leaf") is not None or node.get("nodeleaf") is not None or node.get("data-mpa-powered-by"):
        return True
    return node.tag == "img" and "mmbiz" in (node.get("data-src") or "")


# What stands on a page around its content: every text and image of it, named, so that nothing goes unsaid.


Namer = Callable[[_Element], CutReason | None]


def surroundings(
    root: _Element, content: Set[_Element], places: NodePlaces, name: Namer, rest: CutReason
) -> Iterator[NodeRemoval | _Element]:
    """Yield what stands around the content, in the order of the page, and each content element in its place.

    An element that `name` knows is one entry with all that is in it; so is the largest element that holds neither
    content nor anything `name` knows, under the rule of `rest`.
    """
    named, open_ones = _named(root, content, name)
    stack: list[_Element | NodeRemoval] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, NodeRemoval) or node in content:
            yield node
            continue
        if not isinstance(node.tag, str) or node.tag in SILENT:
            continue
        if node in named or node not in open_ones:
            yield from _taken(node, places, named.get(node, rest))
            continue
        inside: list[_Element | NodeRemoval] = list(_text(node.text, node, places, rest))
        for child in node:
            inside.append(child)
            inside += _text(child.tail, node, places, rest)
        stack += reversed(inside)


def _named(root: _Element, content: Set[_Element], name: Namer) -> tuple[Mapping[_Element, CutReason], Set[_Element]]:
    """The elements that have a name of their own, and those in which there is such a one, or content."""
    named: dict[_Element, CutReason] = {}
    with_content: set[_Element] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if not isinstance(node.tag, str) or node.tag in SILENT:
            continue
        why = name(node) if node not in content else None
        if why is not None:
            named[node] = why
        elif node not in content:
            stack += node
            continue
        above = node.getparent()
        while above is not None and above not in with_content:
            with_content.add(above)
            above = above.getparent()
    return named, with_content


def _taken(node: _Element, places: NodePlaces, why: CutReason) -> Iterator[NodeRemoval]:
    """Yield the text of an element as one entry, and each of its pictures, hover texts and the like."""
    text, attributes = visible_content(node)
    yield from _text(text, node, places, why)
    for holder, each in attributes:
        yield NodeRemoval(places.of(holder), each.kind, why.stage, why.rule, line_of(holder), each.text, why.note)


def _text(text: str | None, node: _Element, places: NodePlaces, why: CutReason) -> Iterator[NodeRemoval]:
    folded = " ".join((text or "").split())
    if folded and is_visible(folded):
        yield NodeRemoval(places.of(node), "text", why.stage, why.rule, line_of(node), folded, why.note)


def _read_generic(opened: OpenPage, ruleset: Ruleset, url: str) -> PageReading:
    from clean.html.generic.page import read_generic  # most of its weight is not needed for WeChat

    return read_generic(opened, ruleset, url)


PROFILES: Mapping[str, Callable[[OpenPage, Ruleset, str], PageReading]] = {
    "wechat": read_wechat,
    "generic": _read_generic,
}


@without_collector()
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
    engine = engine_digest(WECHAT_PAGE if profile == "wechat" else GENERIC_PAGE)
    reading = _without_toolbars(PROFILES[profile](opened, ruleset, url), opened)
    facts: dict[str, Value] = {**reading.facts}
    if when := fetch_date or opened.saved:
        facts["fetch_date"] = when
    size = len(opened.decoded.data) // max(1, len(reading.trees))
    rendered = {tree.element: render(tree.element, _options(reading, tree, size)) for tree in reading.trees}
    named = _nodes(opened, reading, {element: one.dropped for element, one in rendered.items()})
    files = {file.path: file for one in rendered.values() for file in one.files}
    nodes = tuple(_without_data(node, files) for node in named)
    warnings = _warnings(opened, reading) + tuple(_growth_warnings([one.met for one in rendered.values()]))
    given = with_files(reading.markdown.rstrip(), files) + "\n" if reading.markdown else ""
    texts = [*(one.markdown for one in rendered.values()), given]
    body = "\n".join(text for text in texts if text)
    if reading.state is State.LIVE:
        text = (write_front_matter(facts) + "\n" if facts else "") + _titled(reading, body)
        cleaned = clean_source(_source(text, opened), ruleset=ruleset, profile=profile, rendered=True)
        ledger = cleaned.ledger._replace(
            nodes=nodes,
            rendered_sha256=sha256(text.encode()).hexdigest(),
            encoding=_encoding(opened),
            engine=engine,
        )
        return cleaned._replace(
            facts=facts,
            ledger=ledger,
            warnings=warnings,
            media_type=opened.media_type,
            confidence=reading.confidence,
            page_kind=reading.page_kind,
            own_url=reading.own_url,
            files=tuple(files.values()),
        )
    empty = sha256(b"").hexdigest()
    ledger = Ledger(
        opened.sha256, empty, ruleset.sha256, SOFTWARE, reading.state.value, _encoding(opened), (), nodes, empty, engine
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
        advice=ruleset.advice(reading.state, reading.rule),
        maker=ruleset.maker(reading.rule),
        files=tuple(files.values()),
    )


def _without_toolbars(reading: PageReading, opened: OpenPage) -> PageReading:
    """Cut the toolbar out of a copy of the Wayback Machine: it stands there, but is no part of the page."""
    if opened.wayback is None or not opened.wayback.toolbars:
        return reading
    why, bars, name = CutReason("render", "html.wayback-toolbar"), opened.wayback.toolbars, reading.name
    cuts = reading.cuts._replace(elements={**reading.cuts.elements, **dict.fromkeys(bars, why)})
    return reading._replace(cuts=cuts, name=lambda node: why if node in bars else name(node))


def _options(reading: PageReading, tree: ContentTree, size: int) -> Options:
    return Options(
        base=reading.base or None, cuts=reading.cuts, revealed=reading.revealed, places=tree.places, size=size
    )


def _titled(reading: PageReading, body: str) -> str:
    """Put the title above the text, unless the text has it as a heading of its own."""
    title = str(reading.facts.get("title", ""))
    if not title or not reading.titled:
        return body
    wanted = comparable_text(title)
    headings = [comparable_text(heading_text(line, 1)) for line in body.split("\n") if line.startswith("# ")]
    # The first may have a label before the title, such as the name of a board, or the site's name behind it.
    if wanted in headings or (wanted and any(one.endswith(wanted) or one.startswith(wanted) for one in headings[:1])):
        return body
    heading = etree.Element("h1")
    heading.text = title
    return render(heading).markdown + ("\n" + body if body else "")


def _source(text: str, opened: OpenPage) -> Source:
    return Source(text, Encoding(), opened.sha256)


def _encoding(opened: OpenPage) -> Encoding:
    return Encoding(opened.decoded.encoding, opened.decoded.known_by == "mark")


def _nodes(
    opened: OpenPage, reading: PageReading, dropped: Mapping[etree._Element, tuple[DroppedNode, ...]]
) -> tuple[NodeRemoval, ...]:
    """Name everything on the page that is not in the Markdown, in the order of the page."""
    body = opened.root.find("body")
    root = opened.root if body is None else body
    frames = [one for one in opened.root if one.tag in {"frameset", "noframes"}] if body is None else []
    on_page = {tree.element for tree in reading.trees if tree.places is opened.places}
    nodes: list[NodeRemoval] = []
    for part in frames or [root]:
        for found in surroundings(part, on_page, opened.places, reading.name, reading.rest):
            nodes += [found] if isinstance(found, NodeRemoval) else _rendered(dropped[found])
    for tree in reading.trees:
        if tree.element not in on_page:
            nodes += _rendered(dropped[tree.element])
    if reading.rule and not any(node.rule == reading.rule for node in nodes):  # named even without a word
        nodes.append(NodeRemoval(opened.places.of(root), "text", reading.rest.stage, reading.rule, line_of(root), ""))
    return tuple(nodes)


def _rendered(dropped: tuple[DroppedNode, ...]) -> Iterator[NodeRemoval]:
    for one in dropped:
        yield NodeRemoval(one.path, one.kind, one.stage, one.rule, one.line, one.text, one.note)


def _without_data(node: NodeRemoval, files: dict[str, EmbeddedFile]) -> NodeRemoval:
    """Return an entry that names data by digest and length; an image among them is one of the page's files, too."""
    if node.text[:5].lower() != "data:":
        return node
    file = None if is_stand_in(node.text) else embedded_file(node.text)
    if file is not None:
        files.setdefault(file.path, file)
    return node._replace(text=named_briefly(node.text))


def _growth_warnings(met: Sequence[GrowthMet]) -> Iterator[CleanWarning]:
    """Say what the Markdown does without, where it would be many times larger than the page."""
    tables, addresses, links = (sum(column) for column in zip(*met, strict=True)) if met else (0, 0, 0)
    found = (
        (tables, "{:,} of its tables stand without the empty cells that their spans and short rows make"),
        (addresses, "{:,} of its relative addresses stand as the page writes them"),
        (links, "in {:,} of its paragraphs the address of a link around many is not repeated"),
    )
    for number, said in found:
        if number:
            message = f"the Markdown would be many times larger than the page: {said.format(number)}"
            hint = "No text is missing; the page's bytes keep the rest."
            yield CleanWarning("page-growth", message, 0, hint)


def _warnings(opened: OpenPage, reading: PageReading) -> tuple[CleanWarning, ...]:
    warnings = list(reading.warnings)
    if not reading.facts.get("url"):
        hint = "Without an address captures of one article cannot be brought together; a WARC file knows it."
        warnings.append(CleanWarning("page-no-url", "the page does not say what its address is", 0, hint))
    if opened.decoded.replaced:
        message = f"{opened.decoded.replaced:,} bytes are no {opened.decoded.encoding.upper()} and read as U+FFFD now"
        warnings.append(CleanWarning("stray-bytes", message, 0, "The page's bytes keep them."))
    if opened.decoded.known_by == "guess" and opened.decoded.encoding != "utf-8":
        message = (
            f"no encoding is declared; it was read as {opened.decoded.encoding.upper()}, which its bytes look like"
        )
        hint = 'If letters are wrong, put <meta charset="…"> with the right one into a copy of the page.'
        warnings.append(CleanWarning("encoding-guess", message, 0, hint))
    if opened.wayback is not None and opened.wayback.restored:
        message = (
            f"{opened.wayback.restored:,} addresses that the Wayback Machine rewrote are given as the page had them"
        )
        warnings.append(CleanWarning("wayback-copy", message, 0, "The page's bytes keep them as they came."))
    return tuple(warnings)
