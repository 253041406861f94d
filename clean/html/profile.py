"""Which profile reads a page: told by its address where that is known, else by how it is made."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml.etree import _Element

from clean.document import WECHAT_HOSTS
from clean.html.opened import Opened

__all__ = ["profile_of"]

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


def profile_of(opened: Opened, url: str = "") -> str:
    """Return `wechat` or `generic`. `url` is the address the page was fetched from, empty where nobody knows."""
    for address in (url, opened.url, *_declared(opened)):
        host = _host(address)
        if host:
            return "wechat" if host in WECHAT_HOSTS else "generic"
    return "wechat" if _is_made_like_wechat(opened) else "generic"


def _declared(opened: Opened) -> Iterator[str]:
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


def _is_made_like_wechat(opened: Opened) -> bool:
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
