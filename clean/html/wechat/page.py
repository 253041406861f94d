"""Extraction of a WeChat page: kind, metadata, and content nodes.

Pure: a parsed page in, values out. Nothing is rendered here, and no node is changed.
"""

from collections.abc import Mapping
from typing import NamedTuple

from lxml.etree import _Element
from lxml.html import HtmlElement

from clean.document import CleanWarning, State
from clean.frontmatter import Value
from clean.html.model import ContentTree, CutReason, NodeCuts, NodePlaces, PageReading
from clean.html.opening import OpenPage
from clean.html.script_data import scripts_of
from clean.html.wechat.content import CHROME, FRAME, ContentPart, chrome_in, content_of, selected, selectors
from clean.html.wechat.data import ArticleKind, PageData, PageParts, article_kind, element_lines
from clean.html.wechat.metadata import AddressParameters, identity_of, wechat_facts, without_secrets
from clean.html.wechat.states import STATE, page_state
from clean.rules import Ruleset
from clean.view import same_title

__all__ = ["WechatPage", "read_wechat", "read_wechat_page"]


class WechatPage(NamedTuple):
    """The result of reading a WeChat page."""

    state: State
    rule: str
    """Id of the rule that told the state; empty for an article."""
    kind: ArticleKind
    facts: Mapping[str, Value]
    """Values for the front matter, by its keys, none of them empty."""
    identity: AddressParameters
    notice: str
    """The notice's text where the state is not live, one line each."""
    target: str
    """Where a migrated article went; may be empty."""
    content: tuple[ContentPart, ...]
    """The trees that hold the content, in reading order; none unless the state is live."""
    chrome: Mapping[_Element, CutReason]
    """Interface within the content, to be passed by and put into the ledger."""
    preview: bool
    """Whether the content is the free beginning of a paid article."""


def read_wechat_page(opened: OpenPage, ruleset: Ruleset, *, url: str = "") -> WechatPage:
    """Read an opened page. `url` is the address it was fetched from, empty for the one that the page notes."""
    literals = PageData(scripts_of(opened))
    kind = article_kind(literals.first(".item_show_type", "item_show_type"), _frame_classes(opened.root, opened.places))
    address = url or without_secrets(opened.url)
    page = PageParts(opened.root, opened.places, literals, kind, address, opened.saved)
    content = content_of(page)
    judgement = page_state(page, ruleset, has_content=bool(content))
    live = judgement.state is State.LIVE
    facts = wechat_facts(page) if live else _facts_of_notice(page)
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


def _facts_of_notice(page: PageParts) -> dict[str, Value]:
    """A notice is the platform's: only the address is a fact about the article."""
    return {"url": page.url} if page.url else {}


def _frame_classes(root: HtmlElement, places: NodePlaces) -> str:
    body, frame = root.find("body"), places.by_id("js_article")
    return " ".join(node.get("class", "") for node in (body, frame) if node is not None)


_BASE = "https://mp.weixin.qq.com/"
_REST = "wechat.page.frame"


def read_wechat(opened: OpenPage, ruleset: Ruleset, url: str) -> PageReading:
    """Read a WeChat page."""
    page = read_wechat_page(opened, ruleset, url=url)
    base = str(page.facts.get("url", "")) or _BASE
    trees = tuple(ContentTree(part.element, part.places) for part in page.content)
    if page.state is not State.LIVE:
        facts = {**page.facts, "url": page.target} if page.target and not page.facts.get("url") else page.facts
        return PageReading(
            page.state,
            page.rule,
            page.notice,
            facts,
            (),
            rest=CutReason(STATE, page.rule),
            base=base,
            own_url=page.identity.url(),
            target=page.target,
        )
    wanted = selectors(ruleset, CHROME, FRAME)
    return PageReading(
        page.state,
        "",
        "",
        page.facts,
        trees,
        NodeCuts(page.chrome, {}, {}),
        name=lambda node: selected(node, wanted),
        rest=CutReason(FRAME, _REST),
        base=base,
        titled=_is_titled(page),
        warnings=_warnings(page),
        own_url=page.identity.url(),
    )


def _is_titled(page: WechatPage) -> bool:
    """Whether the title is more than the first line of the text, which posts without one are named by."""
    if page.kind is ArticleKind.TEXT:
        return False
    if page.kind is ArticleKind.ARTICLE or not page.content:
        return True
    lines = element_lines(page.content[-1].element)
    return not lines or not same_title(lines[0], str(page.facts.get("title", "")))


def _warnings(page: WechatPage) -> tuple[CleanWarning, ...]:
    if not page.preview:
        return ()
    hint = "What follows is for those who paid; the page does not hold it."
    return (CleanWarning("preview", "this is the free beginning of a paid article", 0, hint),)
