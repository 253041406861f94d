"""One WeChat page, read: what it is, what it says about itself, and which nodes hold the author's content.

Pure: a parsed page in, values out. Nothing is rendered here, and no node is changed.
"""

from collections.abc import Mapping
from typing import NamedTuple

from lxml.etree import _Element
from lxml.html import HtmlElement

from clean.document import State
from clean.frontmatter import Value
from clean.html.cuts import Why
from clean.html.model import Places
from clean.html.opened import Opened
from clean.html.scripts import scripts_of
from clean.html.wechat.address import Identity, without_secrets
from clean.html.wechat.chrome import chrome_in
from clean.html.wechat.content import Part, content_of
from clean.html.wechat.data import PageData
from clean.html.wechat.kinds import Kind, kind_of
from clean.html.wechat.metadata import facts_of, identity_of
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
    chrome: Mapping[_Element, Why]
    """Interface within the content, to be passed by and put into the ledger."""
    preview: bool
    """Whether the content is the free beginning of a paid article."""


def read_page(opened: Opened, ruleset: Ruleset, *, url: str = "") -> WechatPage:
    """Read an opened page. `url` is the address it was fetched from, empty for the one that the page notes."""
    literals = PageData(scripts_of(opened))
    kind = kind_of(literals.first(".item_show_type", "item_show_type"), _frame_classes(opened.root, opened.places))
    address = url or without_secrets(opened.url)
    page = Page(opened.root, opened.places, literals, kind, address, opened.saved)
    content = content_of(page)
    judgement = page_state(page, ruleset, has_content=bool(content))
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
        content if live else (),
        chrome_in(content, ruleset) if live else {},
        preview,
    )


def _facts_of_notice(page: Page) -> dict[str, Value]:
    """A notice is the platform's: only the address is a fact about the article."""
    return {"url": page.url} if page.url else {}


def _frame_classes(root: HtmlElement, places: Places) -> str:
    body, frame = root.find("body"), places.by_id("js_article")
    return " ".join(node.get("class", "") for node in (body, frame) if node is not None)
