"""What a page says about its article: title, account, author, time, and the rest that belongs in front matter.

Each fact has its places, the surest first. The page's own nodes come before its data where a server filled them, and
after it where a script does: `#publish_time` is empty, or says 昨天.
"""

import re
from collections.abc import Callable, Mapping
from html import unescape

from clean.frontmatter import Value
from clean.html.wechat.address import Identity, identity_in, without_secrets
from clean.html.wechat.kinds import Kind
from clean.html.wechat.text import folded, text_of
from clean.html.wechat.times import epoch, written
from clean.html.wechat.view import Page

__all__ = ["facts_of", "identity_of"]

_LONGEST_TITLE = 64
"""Characters of a first line that serves as the title of a post without one; the platform allows 64."""

# The line above an article that another account published first. Anchored, one open class: linear.
_REPOSTED = re.compile(
    r"(?:以下文章来源于|本文来源于?|The following article is from)\s?(.{1,80}?)\s?(?:[，,]\s?作者\s?(.{1,80}))?$"
)

_NOT_THE_AUTHOR = frozenset({"post-date", "publish_time", "copyright_logo", "content_read_num"})


def facts_of(page: Page) -> dict[str, Value]:
    """Return the facts that the page gives, by the keys of front matter; none of them empty."""
    facts: dict[str, Value] = {"kind": page.kind.value}
    for key, reader in _READERS.items():
        value = reader(page)
        if value:
            facts[key] = value
    return facts


def identity_of(page: Page) -> Identity:
    """Return the four parameters that name the article, from the data, else from its addresses."""
    data = page.data
    own = Identity(
        page.said(".bizuin", "biz", "appuin"), page.said(".mid", "mid", "appmsgid"), page.said(".idx", "idx"),
        page.said(".sn", "sn"),
    )  # fmt: skip
    for url in (page.url, unescape(data.text(".link", "msg_link")), page.meta("og:url"), page.labelled("原文链接")):
        other = identity_in(url)
        if other.biz and (not own.biz or own.biz == other.biz) and (not own.mid or own.mid == other.mid):
            own = Identity(*(mine or theirs for mine, theirs in zip(own, other, strict=True)))
    return own


def _title(page: Page) -> str:
    if page.kind is Kind.TEXT and page.data.first(".text_page_info.is_user_title") in {0, "0"}:
        return _first_line(page)
    title = page.text("activity-name", "js_text_title", "js_image_title", "js_video_page_title")
    title = title or folded(page.said(".title", "msg_title"))
    if not title or (page.kind is not Kind.ARTICLE and len(title) > _LONGEST_TITLE):
        title = _first_line(page) or title
    if title:
        return title
    named = [*page.by_class("rich_media_title"), *page.by_class("article-title")]
    from_head = folded(page.meta("og:title", "twitter:title").replace("\\n", " "))
    return next(filter(None, map(text_of, named)), "") or from_head or _head(page)


def _head(page: Page) -> str:
    """Return the text of `<title>`, which is not text that a reader sees and so is silent elsewhere."""
    return folded(page.root.findtext(".//title") or "")


def _first_line(page: Page) -> str:
    """Return the first line of a post that has no title."""
    text = page.said(
        ".text_page_info.content_noencode", ".content_noencode", ".title", "msg_title", ".desc", "msg_desc"
    )
    text = re.sub(r"<[^<>]{0,2000}>", "", text)
    line = next((line for line in map(folded, text.splitlines()) if line), "")
    if len(line) <= _LONGEST_TITLE:
        return line
    stop = max(line.rfind(mark, 8, _LONGEST_TITLE) for mark in "。！？；!?;")
    return line[: stop + 1] if stop > 0 else line[: _LONGEST_TITLE - 1] + "…"


def _account(page: Page) -> str:
    name = page.text("js_name", "post-user") or folded(page.said(".nick_name", "nickname"))
    if name:
        return name
    for known in ("profile_nickname", "wx_follow_nickname", "account_nickname_inner"):
        if texts := [text for text in map(text_of, page.by_class(known)) if text]:
            return texts[0]
    return page.labelled("来源") or page.labelled("公众号")


def _author(page: Page) -> str:
    author = page.text("js_author_name") or folded(page.said(".author", "author"))
    if author:
        return author
    for element in page.by_class("rich_media_meta_text"):
        classes = element.get("class", "").split()
        key = element.get("id") or ""
        if key.startswith("js_") or key in _NOT_THE_AUTHOR or "rich_media_meta_nickname" in classes:
            continue
        if "meta_tag_text" not in classes and "content" not in key and (name := text_of(element)):
            return name
    return folded(page.meta("author", "og:article:author")) or page.labelled("作者")


def _date(page: Page) -> str:
    for place in (".ori_create_time", ".create_time", "ct", "oriCreateTime", "createTime", "create_time"):
        value = page.data.first(place)
        if found := epoch(value) or (written(value) if isinstance(value, str) else ""):
            return found
    for text in (page.said("publish_time"), page.text("publish_time", "post-date"), page.labelled("发布时间")):
        if found := written(text, page.saved or epoch(page.data.first(".svr_time", "svr_time"))):
            return found
    return written(page.meta("article:published_time", "og:release_date"))


def _modified(page: Page) -> str:
    changed = epoch(page.data.first(".modify_time", "modify_time"))
    if changed:
        return changed if changed > _date(page) else ""
    return written(page.text("js_modify_time"), page.saved)


def _edited(page: Page) -> str:
    return "true" if _modified(page) or page.text("js_title_modify", "js_modify_time") else ""


def _original(page: Page) -> str:
    mark = page.data.first(".copyright_info.copyright_stat", "copyright_stat", "_copyright_stat")
    if mark is not None and str(mark) in {"1", "2"}:
        return "true" if str(mark) == "1" else ""
    return "true" if page.text("copyright_logo").startswith(("原创", "Original")) else ""


def _place(page: Page) -> str:
    shown = page.text("js_ip_wording")
    if shown or page.data.first(".show_ip_wording") in {0, "0"}:
        return shown
    data = page.data
    country = data.text(".ip_wording.country_name") or data.text(".ip_wording.countryName")
    province = data.text(".ip_wording.province_name") or data.text(".ip_wording.provinceName")
    if not country and isinstance(old := data.variable("ip_wording"), dict):
        country, province = (str(old.get(key) or "") for key in ("countryName", "provinceName"))
    return province if country in {"中国", "China", ""} and province else country


def _cover(page: Page) -> str:
    cover = page.said(".cdn_url", ".cdn_url_235_1", "msg_cdn_url", "cdn_url_235_1") or page.meta("og:image")
    return cover if cover.startswith("http") else ""


def _description(page: Page) -> str:
    if page.kind is not Kind.ARTICLE:
        return ""  # the text itself
    return folded(page.said(".desc", "msg_desc") or page.meta("og:description", "description"))


def _reposted(page: Page) -> tuple[str, str]:
    if shared := page.text("js_share_author"):
        return shared, ""
    for element in page.by_class("original_primary_card_tips"):
        if match := _REPOSTED.match(text_of(element).replace(" ，", "，")):
            return match[1], match[2] or ""
    return "", ""


def _reposted_url(page: Page) -> str:
    source = page.places.by_id("js_share_source")
    url = source.get("data-url", "") if source is not None else ""
    url = unescape(url) or page.said(".copyright_info.reprint_url", ".reprint_url", "reprint_url")
    return without_secrets(url) if url.startswith("http") else ""


def _source_url(page: Page) -> str:
    link = page.places.by_id("js_view_source")
    url = page.said(".source_url", "msg_source_url") or (link.get("href", "") if link is not None else "")
    return url if url.startswith(("http://", "https://")) else ""


def _collection(page: Page) -> str:
    album = page.said(".appmsgalbuminfo.title")
    return folded(album or next((str(item.get("title") or "") for item in page.data.mappings("album_info_list")), ""))


def _url(page: Page) -> str:
    if page.url:
        return page.url
    named = page.said(".link", "msg_link") or page.meta("og:url") or page.labelled("原文链接")
    if named.startswith("http"):
        return without_secrets(named)
    return identity_of(page).url()


def _declaration(page: Page) -> str:
    claim = page.data.first(".claim_source")
    texts = [value for value in claim.values() if isinstance(value, str)] if isinstance(claim, Mapping) else []
    said = next((folded(unescape(text)) for text in texts if re.search(r"[\u4e00-\u9fff]", text)), "")
    return said or page.text("js_claim_source", "js_claim_source_text").removeprefix("作者提示:").strip()


def _paid(page: Page) -> str:
    paid = page.data.first(".is_pay_subscribe", "is_pay_subscribe", "isPaySubscribe")
    return "true" if str(paid) == "1" or page.by_class("pay__tag") else ""


_READERS: Mapping[str, Callable[[Page], str]] = {
    "title": _title,
    "url": _url,
    "source": _account,
    "date": _date,
    "author": _author,
    "account": _account,
    "original": _original,
    "declaration": _declaration,
    "edited": _edited,
    "modified": _modified,
    "place": _place,
    "cover": _cover,
    "description": _description,
    "reposted_from": lambda page: _reposted(page)[0],
    "reposted_author": lambda page: _reposted(page)[1],
    "reposted_url": _reposted_url,
    "source_url": _source_url,
    "collection": _collection,
    "paid": _paid,
}
