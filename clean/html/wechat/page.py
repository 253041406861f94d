"""One WeChat page, read: what it is, what it says about itself, and which nodes hold the author's content.

Pure: bytes in, values out. Nothing is rendered here, and no node is changed.
"""

from collections.abc import Mapping
from typing import NamedTuple

from lxml.html import HtmlElement

from clean.document import State
from clean.frontmatter import Value
from clean.html.decode import Decoded, decode_page
from clean.html.mhtml import is_mhtml, read_mhtml, saved_note
from clean.html.parse import parse_html
from clean.html.places import Places
from clean.html.wechat.address import Identity, without_secrets
from clean.html.wechat.chrome import Dropped, dropped_from
from clean.html.wechat.content import Part, content_of
from clean.html.wechat.data import PageData
from clean.html.wechat.facts import facts_of, identity_of
from clean.html.wechat.kinds import Kind, kind_of
from clean.html.wechat.states import page_state
from clean.html.wechat.view import Page
from clean.rules import Ruleset

__all__ = ["WechatPage", "read_page"]


class WechatPage(NamedTuple):
    """What a page turned out to be."""

    state: State
    rule: str
    """Id of the rule that told the state; empty for an article."""
    kind: Kind
    facts: Mapping[str, Value]
    """Values for the front matter, by its keys, none of them empty."""
    identity: Identity
    notice: str
    """The notice's text where the state is not live, one line each."""
    target: str
    """Where a migrated article went; may be empty."""
    content: tuple[Part, ...]
    """The trees that hold the content, in reading order; none unless the state is live."""
    dropped: tuple[Dropped, ...]
    """Interface within the content, to be passed by and put into the ledger."""
    preview: bool
    """Whether the content is the free beginning of a paid article."""
    decoded: Decoded
    """How the bytes were read."""
    saved: str
    """When a browser saved the page, ISO 8601; empty for a page as fetched, or where it does not say."""
    root: HtmlElement
    places: Places


def read_page(
    data: bytes, *, url: str | None = None, charset: str | None = None, ruleset: Ruleset | None = None
) -> WechatPage:
    """Read a page as fetched, or as a browser saved it (HTML or MHTML).

    `url` is the address it was fetched from, `charset` a label or the value of the Content-Type header; `ruleset`
    replaces the built-in rules for pages. Raises NotText for a picture or an archive, SourceError for an MHTML file
    that holds no page.
    """
    saved = noted = ""
    if is_mhtml(data):
        file = read_mhtml(data)
        data, charset, noted, saved = file.data, file.charset or charset, file.url, file.date
    decoded = decode_page(data, charset)
    if not noted:
        noted, when = saved_note(decoded.text)
        saved = saved or when
    plain = decoded.encoding == "utf-8" and decoded.known_by != "mark" and not decoded.replaced and not decoded.zeros
    root = parse_html(decoded.text, data if plain else None)
    places = Places(root)
    literals = PageData(root)
    kind = kind_of(literals.first(".item_show_type", "item_show_type"), _frame_classes(root, places))
    page = Page(root, places, literals, kind, url or without_secrets(noted), saved)
    content = content_of(page)
    judgement = page_state(page, has_content=bool(content), ruleset=ruleset)
    live = judgement.state is State.LIVE
    facts = facts_of(page) if live else _facts_of_notice(page)
    preview = live and facts.get("paid") == "true" and str(literals.first(".user_info.is_paid")) != "1"
    if preview:
        facts["truncated"] = "true"
    return WechatPage(
        judgement.state,
        judgement.rule,
        kind,
        facts,
        identity_of(page),
        judgement.notice,
        judgement.target,
        content,
        dropped_from(content, ruleset) if live else (),
        preview,
        decoded,
        saved,
        root,
        places,
    )


def _facts_of_notice(page: Page) -> dict[str, Value]:
    """A notice is the platform's: only the address is a fact about the article."""
    return {"url": page.url} if page.url else {}


def _frame_classes(root: HtmlElement, places: Places) -> str:
    body, frame = root.find("body"), places.by_id("js_article")
    return " ".join(node.get("class", "") for node in (body, frame) if node is not None)
