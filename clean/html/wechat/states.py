"""State of a WeChat page: article, notice or wall, judged by structure first.

A phrase alone says nothing, because articles quote notices. Only a page without content is asked for its headline.
"""

from html import unescape
from typing import NamedTuple
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from clean.document import State
from clean.html.wechat.data import ACCOUNT_PAGE, VERIFICATION_PAGE, PageParts, element_lines, element_text
from clean.rules import Rule, Ruleset

__all__ = ["STATE", "PageState", "page_state"]

STATE = "page-state"

_CAPTCHA_PATHS = ("/mp/wappoc_appmsgcaptcha", "/mp/secitptpage", "/mp/verifycode")

# Frames of a notice, and headlines in them, most telling first.
_FRAMES = ("weui-msg", "mesg-block", "global_error_msg", "page_msg", "icon_msg_wrp", "weui_msg")
_HEADLINES = ("weui-msg__title", "weui_msg_title", "global_error_msg", "title")
_NOT_THE_NOTICE = frozenset({"weui-footer", "weui-msg__icon-area", "weui-a11y_ref"})


class PageState(NamedTuple):
    """A page's state, and why."""

    state: State
    rule: str = ""
    """Id of the rule that told it; empty for an article."""
    notice: str = ""
    target: str = ""
    """Where a migrated article went; empty where the page does not say."""


def page_state(page: PageParts, ruleset: Ruleset, *, has_content: bool) -> PageState:
    """Tell the state of a page of which it is known whether it holds content."""
    if has_content:
        return PageState(State.LIVE)
    rules = {rule.id: rule for rule in ruleset.of(STATE, "wechat")}
    notice = _notice(page.root)
    if _is_captcha(page):
        return _judged(rules["wechat.page.verification-script"], notice)
    if VERIFICATION_PAGE not in page.data.page_mid and ACCOUNT_PAGE in page.data.page_mid:
        return _judged(rules["wechat.page.account"], element_lines(_body(page.root), _NOT_THE_NOTICE))
    target = unescape(page.data.text("transferTargetLink"))
    if target.startswith("http"):
        return _judged(rules["wechat.page.migrated"], notice)._replace(target=target)
    if notice:
        for line in (notice[:1], notice[1:]):
            for rule in rules.values():
                if rule.match == "prefix" and any(_begins(text, rule) for text in line):
                    return _judged(rule, notice)
        return _judged(rules["wechat.page.notice"], notice)
    text = element_lines(_body(page.root), _NOT_THE_NOTICE)
    framed = any(page.places.by_id(key) is not None for key in ("js_article", "js_content", "img-content"))
    if framed or not text or not any(len(line) > 1 for line in text):
        return _judged(rules["wechat.page.empty"], [])
    return _judged(rules["wechat.page.other"], text)


def _judged(rule: Rule, notice: list[str]) -> PageState:
    return PageState(State(rule.options["state"]), rule.id, "\n".join(notice))


def _begins(line: str, rule: Rule) -> bool:
    lowered = "".join(line.split()).lower()
    return any(lowered.startswith("".join(text.split()).lower()) for text in rule.texts)


def _is_captcha(page: PageParts) -> bool:
    try:
        path = urlsplit(page.url).path
    except ValueError:
        path = ""
    if path.startswith(_CAPTCHA_PATHS) or VERIFICATION_PAGE in page.data.page_mid:
        return True
    if any(VERIFICATION_PAGE + "verify" in link.get("href", "") for link in page.root.iter("link")):
        return True
    sources = [script.get("src", "") for script in page.root.iter("script")]
    return any(source.rpartition("/")[2].startswith("TCaptcha") for source in sources)


def _notice(root: HtmlElement) -> list[str]:
    """Return headline and lines of the notice that stands on the page, empty where there is none."""
    for name in _FRAMES:
        for frame in _by_class(root, name):
            lines = element_lines(frame, _NOT_THE_NOTICE)
            if lines:
                return _headline_first(frame, lines)
    for name in _HEADLINES[:2]:  # a headline whose frame was lost
        for headline in _by_class(root, name):
            if text := element_text(headline):
                return [text]
    return []


def _headline_first(frame: HtmlElement, lines: list[str]) -> list[str]:
    for name in _HEADLINES:
        for element in _by_class(frame, name):
            headline = element_text(element)
            if headline:
                return [headline, *(line for line in lines if line != headline)]
    return lines


def _by_class(root: HtmlElement, name: str) -> list[HtmlElement]:
    path = "descendant-or-self::*[contains(concat(' ', normalize-space(@class), ' '), $c)]"
    return list(root.xpath(path, c=f" {name} "))


def _body(root: HtmlElement) -> HtmlElement:
    body = root.find("body")
    return root if body is None else body
