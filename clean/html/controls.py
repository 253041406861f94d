"""Buttons and tabs: which of their words are the author's, and which are interface.

A page makes buttons of the question above an answer, of the name of a tab, of a noun that is explained on a tap. These
are words of the text. What a button does to the page (copy, share, close, unfold) is interface, whatever it is made of.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Final

from lxml import etree
from lxml.etree import _Element

__all__ = ["holds_words", "is_interface", "is_tab", "named_panels", "opens_panel", "row_of", "stands_in_sentence"]

LONGEST_INTERFACE: Final = 40
"""Characters of the longest text that is asked whether it is interface."""

# What a Chinese interface says: a verb, and at most what it is done to. Alternatives of fixed words: linear.
CHINESE: Final = re.compile(
    r"(?:点击|点此|点我|一键|立即|查看|登录后?|免费)?"
    r"(?:复制(?:成功|失败)?|已复制|拷贝|显示|隐藏|展开|收起|折叠|关闭|打开|分享|转发|收藏|点赞|赞同|喜欢|评论|回复|举报|关注|已关注|订阅|登录|注册"
    r"|下载|打印|搜索|提交|取消|确定|确认|编辑|删除|保存|返回|刷新|运行|全屏|放大|缩小|播放|暂停|重试|更多|菜单|目录|导航|加载|阅读|查看"
    r"|上一[页篇章]|下一[页篇章]|加入购物车|购买|购买会员|开通会员|换一换|跳转|投票|打赏|赞赏|朗读|听全文|解读|体验|提问|切换|换行|自动换行|设置)"
    r"(?:全文|全部|更多|代码|链接|内容|按钮|此文|本文|文章|评论|正文|详情|菜单|目录|导航|页面|一下|到剪贴板|窗口|弹窗|侧边栏|主题|语言)?"
)
# Names of helpers that stand in bars above listings: `AI代码解读`, `体验AI代码助手`, `代码语言：`.
CHINESE_BAR: Final = re.compile(
    r"(?:体验)?AI ?代码(?:解读|助手|解释)|代码语言|代码解读|语言|登录复制|复制代码到剪贴板", re.I
)
ENGLISH: Final = re.compile(
    r"(?:click to |tap to |please )?(?:copy|copied|share|close|open|show|hide|expand|collapse|toggle|more|less|menu"
    r"|search|submit|cancel|ok|edit|delete|remove|save|back|next|previous|prev|reload|refresh|run|play|pause|print|download"
    r"|follow|following|like|reply|comment|comments|report|subscribe|log ?in|sign ?(?:in|up|out)|log ?out|register|read"
    r"|view|load|add to|buy|see|try|explain|wrap|raw|fullscreen|full screen|accept|reject|settings|navigation|skip"
    r"|dismiss|preview|switch|got it|retry|zoom|select|scroll|jump|go|ask|learn)"
    r"(?: (?:all|more|less|code|to|clipboard|link|url|this|page|article|menu|navigation|comments|now|details|options"
    r"|snippet|lines|line|it|in|out|up|us|back|top|cart|basket|search|full|story|content|raw|the|a"
    r"|table|of|contents|section|panel|sidebar|window|dialog|modal|theme|dark|mode|copied|output|ai|example|playground"
    r"|cookies|settings|post|reply|wrap|[a-z]+ theme)){0,4}"
)
# What stands around such words: arrows, colons, plus signs.
AROUND: Final = re.compile(r"^[\W_]+|[\W_]+$")


@lru_cache(maxsize=1024)
def is_interface(text: str) -> bool:
    """Return whether a text says nothing but what an interface says: `Copy`, `展开全文`. A question never does."""
    if len(text) > LONGEST_INTERFACE or text.rstrip().endswith(("?", "？")):
        return False
    words = AROUND.sub("", " ".join(text.split()).casefold())
    if not words:
        return True
    return any(pattern.fullmatch(words) is not None for pattern in (CHINESE, CHINESE_BAR, ENGLISH))


# What opens or chooses something, by its attributes (WAI-ARIA 1.2, `aria-expanded`, `aria-controls`) or its name.
# One class of names, no repeat within a repeat.
OPENING: Final = re.compile(
    r"(?:^|[\s_-])(?:accordion|collaps|faq|question|disclosure|expander|tab|tabs)", re.IGNORECASE
)
STATES: Final = ("aria-expanded", "aria-controls", "data-bs-target", "data-target")
POPUPS: Final = frozenset(("menu", "true", "listbox", "tree", "grid"))
SENTENCES: Final = frozenset(("p", "blockquote", "dd"))
"""Elements that are made for sentences: what stands in one is a part of it, at its end as well."""
INLINE: Final = frozenset(
    ("a", "b", "bdi", "em", "font", "i", "label", "mark", "small", "span", "strong", "sub", "sup", "u")
)
MOST_AROUND: Final = 6
LEAST_SAID: Final = 2


def is_tab(element: _Element) -> bool:
    """Return whether an element is a tab: by its role (WAI-ARIA 1.2), as Bootstrap names it, or a label in a row.

    Without a script, labels of radio buttons choose what a style sheet shows: MkDocs and VitePress do so.
    """
    get = element.get
    if get("role") == "tab" or get("data-toggle") in TOGGLED or get("data-bs-toggle") in TOGGLED:
        return True
    row = element.getparent() if element.tag == "label" else None
    return row is not None and not LABEL_ROWS.isdisjoint((row.get("class") or "").split())


# By the attributes, which are fewer than the elements.
TABS: Final = etree.XPath(
    "descendant::*/@role[. = 'tab']/.. | descendant::*/@data-toggle/.. | descendant::*/@data-bs-toggle/.."
    " | descendant::label"
)
TOGGLED: Final = ("tab", "pill")
LABEL_ROWS: Final = frozenset(("tabs", "tabbed-labels"))
"""Class names of rows of labels that choose a panel."""
CONTROLS: Final = ("aria-controls", "data-bs-target", "data-target", "href")
LONGEST_NAME: Final = 60
"""Characters of the longest name of a tab."""


def named_panels(root: _Element, by_id: Callable[[str], _Element | None]) -> Mapping[_Element, _Element]:
    """Return the panels under the root that stand behind their tabs, each with its tab; of a row of tabs all or none.

    A page shows the tabs in a row and one panel at a time; a text has the panels one after another, and says nothing of
    which is which unless each name stands at its own.
    """
    found = TABS(root)
    assert isinstance(found, list)
    tabs = [one for one in found if isinstance(one, _Element) and is_tab(one)]
    if len(tabs) < 2:
        return {}
    known = frozenset(tabs)
    labelled = {
        str(one.get("aria-labelledby")): one
        for one in root.iter("*")
        if one.get("aria-labelledby") and one not in known
    }
    rows: dict[_Element | None, list[tuple[_Element, _Element | None]]] = {}
    for tab in tabs:
        names = [word.removeprefix("#") for name in CONTROLS for word in (tab.get(name) or "").split()[:2]]
        panel = next((one for name in names if (one := by_id(name)) is not None), labelled.get(tab.get("id") or "-"))
        rows.setdefault(row_of(tab), []).append((tab, panel))
    order = {element: place for place, element in enumerate(root.iter())}
    made: dict[_Element, _Element] = {}
    for holder, given in rows.items():
        row = given
        if holder is not None and all(panel is None for _, panel in given):
            row = [(tab, panel) for (tab, _), panel in zip(given, panels_in_order(holder, len(given)), strict=False)]
        panels = {panel: tab for tab, panel in row if panel is not None}
        if len(panels) == len(row) > 1 and all(is_named(tab, panel, order) for panel, tab in panels.items()):
            made.update(panels)
    return made


def panels_in_order(row: _Element, count: int) -> list[_Element]:
    """Return the panels behind a row of tabs that name none, one for each tab; nothing if there are more, or fewer.

    They are panels by their role, or what the box right behind a row of labels holds.
    """
    after = row.getnext()
    if after is not None and not LABEL_ROWS.isdisjoint((row.get("class") or "").split()):
        inside = [one for one in after if isinstance(one.tag, str)]
        if len(inside) == count and all(one.tag in PANELS for one in inside):
            return inside
    for around in islice(row.iterancestors(), 2):
        panels = list(islice(outermost_panels(around), count + 1))
        if panels:
            return panels if len(panels) == count else []
    return []


def outermost_panels(around: _Element) -> Iterator[_Element]:
    """Yield the panels in an element, not those within others, as long as few elements stand around them."""
    waiting = [around]
    for _ in range(MOST_BETWEEN):
        if not waiting:
            return
        here = waiting.pop()
        if here.get("role") == "tabpanel":
            yield here
        else:
            waiting.extend(one for one in reversed(here) if isinstance(one.tag, str))


MOST_BETWEEN: Final = 200
"""Elements around a row of tabs that are searched for its panels."""


PANELS: Final = frozenset(("div", "section"))


def row_of(tab: _Element) -> _Element | None:
    """Return the element that holds a row of tabs."""
    above = list(islice(tab.iterancestors(), 3))
    row = next((one for one in above if one.get("role") == "tablist" or one.tag in ("ul", "ol")), None)
    return row if row is not None else tab.getparent()


def is_named(tab: _Element, panel: _Element, order: Mapping[_Element, int]) -> bool:
    """Return whether a panel stands behind its tab, and the tab is no more than a name."""
    text = "".join(map(str, tab.itertext())).strip()
    if not text or len(text) > LONGEST_NAME or next(tab.iter("img", "svg", "input"), None) is not None:
        return False
    return panel in order and order[tab] < order[panel] and all(above is not panel for above in tab.iterancestors())


def opens_panel(button: _Element) -> bool:
    """Return whether a button opens or chooses a part of the page, as it says itself. A menu is none."""
    if is_tab(button):
        return True
    if (button.get("aria-haspopup") or "").lower() in POPUPS:
        return False
    if any(button.get(name) is not None for name in STATES):
        return True
    return OPENING.search((button.get("class") or "")[:500]) is not None


def holds_words(button: _Element) -> bool:
    """Return whether the words in a button are the author's: a question, the name of a panel, a word of a sentence."""
    text = "".join(map(str, button.itertext())).strip()
    if not any(map(str.isalnum, text)) or is_interface(text):
        return False
    return opens_panel(button) or text.endswith(("?", "？")) or stands_in_sentence(button)


def stands_in_sentence(button: _Element) -> bool:
    """Return whether a sentence runs through a button: words stand right before it and right after it.

    In an element made for sentences one side is enough. Buttons beside it are neither.
    """
    before = after = ""
    here = button
    for _ in range(MOST_AROUND):
        above = here.getparent()
        if above is None:
            return False
        before = said_before(here, above) + before
        after += said_after(here)
        if above.tag not in INLINE and not (isinstance(above.tag, str) and "-" in above.tag):
            sides = (len(before.strip()) >= LEAST_SAID, bool(after.strip()))
            return any(sides) if above.tag in SENTENCES else all(sides)
        here = above
    return False


def said_before(element: _Element, above: _Element) -> str:
    """Return the words before an element in the one around it, without those of other buttons."""
    siblings = islice(element.itersiblings(preceding=True), MOST_AROUND)
    return (above.text or "") + "".join(said(one) + (one.tail or "") for one in siblings)


def said_after(element: _Element) -> str:
    """Return the words after an element in the one around it, without those of other buttons."""
    return (element.tail or "") + "".join(
        said(one) + (one.tail or "") for one in islice(element.itersiblings(), MOST_AROUND)
    )


def said(element: _Element) -> str:
    """Return the beginning of the text in an element of a line; nothing of a button or of a block."""
    if element.tag not in INLINE and element.tag != "code":
        return ""
    if next(element.iter("button"), None) is not None:
        return ""
    return "".join(map(str, islice(element.itertext(), MOST_AROUND)))
