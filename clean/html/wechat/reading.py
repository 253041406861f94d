"""A WeChat page as the renderer needs it."""

from clean.document import State, Warn
from clean.html.cuts import Cuts, Why
from clean.html.opened import Opened
from clean.html.reading import Reading, Tree
from clean.html.wechat.chrome import CHROME, FRAME, selected, selectors
from clean.html.wechat.kinds import Kind
from clean.html.wechat.page import WechatPage, read_page
from clean.html.wechat.states import STATE
from clean.html.wechat.text import lines_of
from clean.rules import Ruleset
from clean.stages.headings import same_title

__all__ = ["read_wechat"]

_BASE = "https://mp.weixin.qq.com/"
_REST = "wechat.page.frame"


def read_wechat(opened: Opened, ruleset: Ruleset, url: str) -> Reading:
    """Read a WeChat page."""
    page = read_page(opened, ruleset, url=url)
    base = str(page.facts.get("url", "")) or _BASE
    trees = tuple(Tree(part.element, part.places) for part in page.content)
    if page.state is not State.LIVE:
        facts = {**page.facts, "url": page.target} if page.target and not page.facts.get("url") else page.facts
        return Reading(
            page.state,
            page.rule,
            page.notice,
            facts,
            (),
            rest=Why(STATE, page.rule),
            base=base,
            own_url=page.identity.url(),
            target=page.target,
        )
    wanted = selectors(ruleset, CHROME, FRAME)
    return Reading(
        page.state,
        "",
        "",
        page.facts,
        trees,
        Cuts(page.chrome, {}, {}),
        name=lambda node: selected(node, wanted),
        rest=Why(FRAME, _REST),
        base=base,
        titled=_is_titled(page),
        warnings=_warnings(page),
        own_url=page.identity.url(),
    )


def _is_titled(page: WechatPage) -> bool:
    """Whether the title is more than the first line of the text, which posts without one are named by."""
    if page.kind is Kind.TEXT:
        return False
    if page.kind is Kind.ARTICLE or not page.content:
        return True
    lines = lines_of(page.content[-1].element)
    return not lines or not same_title(lines[0], str(page.facts.get("title", "")))


def _warnings(page: WechatPage) -> tuple[Warn, ...]:
    if not page.preview:
        return ()
    hint = "What follows is for those who paid; the page does not hold it."
    return (Warn("preview", "this is the free beginning of a paid article", 0, hint),)
