"""Metadata of a WeChat article: title, account, author, time, front matter.

Each fact has its places, the surest first. The page's own nodes come before its data where a server filled them, and
after it where a script does: `#publish_time` is empty, or says 昨天.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from html import unescape
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from clean.frontmatter import Value
from clean.html.model import fold_space
from clean.html.wechat.data import ArticleKind, PageParts, element_text

__all__ = [
    "AddressParameters",
    "identity_in",
    "identity_of",
    "parse_epoch",
    "parse_page_time",
    "wechat_facts",
    "without_secrets",
]


# Addresses of articles: what in them names the article, and what is a reader's own and not to be kept.


# Parameters that carry a reader's session. A bounded alternation up to the next parameter: linear.
_SECRET = re.compile(r"(?<=[?&])(?:key|uin|pass_ticket|wxtoken|exportkey|appmsg_token|poc_token|sessionid)=[^&#]*+&?")


class AddressParameters(NamedTuple):
    """The four parameters that name an article; any may be empty."""

    biz: str = ""
    mid: str = ""
    idx: str = ""
    sn: str = ""

    def url(self) -> str:
        """Return the long address made of the four; empty where one of the first three is missing."""
        if not (self.biz and self.mid and self.idx):
            return ""
        return f"https://mp.weixin.qq.com/s?__biz={self.biz}&mid={self.mid}&idx={self.idx}" + (
            f"&sn={self.sn}" if self.sn else ""
        )


def identity_in(url: str) -> AddressParameters:
    """Return what an address says; all empty for a short one."""
    try:
        values = parse_qs(urlsplit(url).query.replace("&amp;", "&"), max_num_fields=200)
    except ValueError:
        return AddressParameters()
    names = (("__biz", "biz"), ("mid", "appmsgid"), ("idx", "itemidx"), ("sn", "sign"))
    found = (next((values[name][0] for name in pair if name in values), "") for pair in names)
    return AddressParameters(*(value.strip() for value in found))


def without_secrets(url: str) -> str:
    """Leave out the parameters that carry the session of whoever saved the page."""
    return _SECRET.sub("", url).replace("?#", "#").replace("&#", "#").rstrip("?&")


# Times on WeChat pages, as ISO 8601 in the time of China, which has no other.


_CHINA = timezone(timedelta(hours=8))

# 2012-08-18, the day on which the platform opened, less a year for clocks; the year 2100.
_FIRST, _LAST = 1313000000, 4102444800

_ABSOLUTE = re.compile(
    r"(20\d\d)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?:\s?日)?(?:[T\s]{1,9}(\d{1,2}):(\d\d)(?::(\d\d))?)?"
)
_AGO = re.compile(r"(\d{1,3})\s{0,2}(分钟|小时|天|周|minutes?|hours?|days?|weeks?)\s{0,2}(?:前|ago)", re.IGNORECASE)
_DAYS = {"今天": 0, "today": 0, "昨天": 1, "yesterday": 1, "前天": 2}
_UNITS = {"分钟": 0, "小时": 0, "天": 1, "周": 7, "minute": 0, "hour": 0, "day": 1, "week": 7}


def parse_epoch(value: object) -> str:
    """Return seconds since 1970 as a time; empty where the value is none of this platform."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) in {10, 13}:
        value = int(value.strip()[:10])
    if not isinstance(value, int | float) or isinstance(value, bool) or not _FIRST < value < _LAST:
        return ""
    return datetime.fromtimestamp(int(value), _CHINA).isoformat()


def parse_page_time(text: str, now: str = "") -> str:
    """Return a time as a page writes it: `2025年4月14日 08:00`, `2018-04-26`, or relative to `now`, `昨天`.

    A date alone stays a date; an unknown wording is empty.
    """
    if match := _ABSOLUTE.search(text):
        year, month, day, hour, minute, second = (int(part) if part else 0 for part in match.groups())
        try:
            moment = datetime(year, month, day, hour, minute, second, tzinfo=_CHINA)
        except ValueError:
            return ""
        return moment.isoformat() if match[4] else moment.date().isoformat()
    return _relative(text.strip().lower(), now) if now else ""


def _relative(text: str, now: str) -> str:
    days = next((days for word, days in _DAYS.items() if text.startswith(word)), None)
    if days is None and (match := _AGO.match(text)):
        unit = match[2].rstrip("s")
        days = int(match[1]) * _UNITS[unit]
    if days is None:
        return ""
    try:
        moment = datetime.fromisoformat(now)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=_CHINA)
        return (moment.astimezone(_CHINA) - timedelta(days=days)).date().isoformat()
    except (ValueError, OverflowError):
        return ""


_LONGEST_TITLE = 64
"""Characters of a first line that serves as the title of a post without one; the platform allows 64."""

# The line above an article that another account published first. Anchored, one open class: linear.
_REPOSTED = re.compile(
    r"(?:以下文章来源于|本文来源于?|The following article is from)\s?(.{1,80}?)\s?(?:[，,]\s?作者\s?(.{1,80}))?$"
)

_NOT_THE_AUTHOR = frozenset({"post-date", "publish_time", "copyright_logo", "content_read_num"})


def wechat_facts(page: PageParts) -> dict[str, Value]:
    """Return the facts that the page gives, by the keys of front matter; none of them empty."""
    facts: dict[str, Value] = {"kind": page.kind.value}
    for key, reader in _READERS.items():
        value = reader(page)
        if value:
            facts[key] = value
    return facts


def identity_of(page: PageParts) -> AddressParameters:
    """Return the four parameters that name the article, from the data, else from its addresses."""
    data = page.data
    own = AddressParameters(
        page.data_text(".bizuin", "biz", "appuin"), page.data_text(".mid", "mid", "appmsgid"),
        page.data_text(".idx", "idx"), page.data_text(".sn", "sn"),
    )  # fmt: skip
    for url in (page.url, unescape(data.text(".link", "msg_link")), page.meta("og:url"), page.labelled("原文链接")):
        other = identity_in(url)
        if other.biz and (not own.biz or own.biz == other.biz) and (not own.mid or own.mid == other.mid):
            own = AddressParameters(*(mine or theirs for mine, theirs in zip(own, other, strict=True)))
    return own


def _title(page: PageParts) -> str:
    if page.kind is ArticleKind.TEXT and page.data.first(".text_page_info.is_user_title") in {0, "0"}:
        return _first_line(page)
    title = page.text("activity-name", "js_text_title", "js_image_title", "js_video_page_title")
    title = title or fold_space(page.data_text(".title", "msg_title"))
    if not title or (page.kind is not ArticleKind.ARTICLE and len(title) > _LONGEST_TITLE):
        title = _first_line(page) or title
    if title:
        return title
    named = [*page.by_class("rich_media_title"), *page.by_class("article-title")]
    from_head = fold_space(page.meta("og:title", "twitter:title").replace("\\n", " "))
    return next(filter(None, map(element_text, named)), "") or from_head or _head(page)


def _head(page: PageParts) -> str:
    """Return the text of `<title>`, which is not text that a reader sees and so is silent elsewhere."""
    return fold_space(page.root.findtext(".//title") or "")


def _first_line(page: PageParts) -> str:
    """Return the first line of a post that has no title."""
    text = page.data_text(
        ".text_page_info.content_noencode", ".content_noencode", ".title", "msg_title", ".desc", "msg_desc"
    )
    text = re.sub(r"<[^<>]{0,2000}>", "", text)
    line = next((line for line in map(fold_space, text.splitlines()) if line), "")
    if len(line) <= _LONGEST_TITLE:
        return line
    stop = max(line.rfind(mark, 8, _LONGEST_TITLE) for mark in "。！？；!?;")
    return line[: stop + 1] if stop > 0 else line[: _LONGEST_TITLE - 1] + "…"


def _account(page: PageParts) -> str:
    name = page.text("js_name", "post-user") or fold_space(page.data_text(".nick_name", "nickname"))
    if name:
        return name
    for known in ("profile_nickname", "wx_follow_nickname", "account_nickname_inner"):
        if texts := [text for text in map(element_text, page.by_class(known)) if text]:
            return texts[0]
    return page.labelled("来源") or page.labelled("公众号")


# `作者 小林`, `作者：小林`: bounded runs behind one anchor, linear.
_LABEL = re.compile(r"^作\s{0,3}者(?:\s{0,3}[:：]\s{0,3}|\s{1,3})")


def _author(page: PageParts) -> str:
    author = page.text("js_author_name") or fold_space(page.data_text(".author", "author"))
    if author:
        return author
    for element in page.by_class("rich_media_meta_text"):
        classes = element.get("class", "").split()
        key = element.get("id") or ""
        if key.startswith("js_") or key in _NOT_THE_AUTHOR or "rich_media_meta_nickname" in classes:
            continue
        if "meta_tag_text" not in classes and "content" not in key and (name := element_text(element)):
            return _LABEL.sub("", name) or name
    return fold_space(page.meta("author", "og:article:author")) or page.labelled("作者")


def _date(page: PageParts) -> str:
    for place in (".ori_create_time", ".create_time", "ct", "oriCreateTime", "createTime", "create_time"):
        value = page.data.first(place)
        if found := parse_epoch(value) or (parse_page_time(value) if isinstance(value, str) else ""):
            return found
    for text in (page.data_text("publish_time"), page.text("publish_time", "post-date"), page.labelled("发布时间")):
        if found := parse_page_time(text, page.saved or parse_epoch(page.data.first(".svr_time", "svr_time"))):
            return found
    return parse_page_time(page.meta("article:published_time", "og:release_date"))


def _modified(page: PageParts) -> str:
    changed = parse_epoch(page.data.first(".modify_time", "modify_time"))
    if changed:
        return changed if changed > _date(page) else ""
    return parse_page_time(page.text("js_modify_time"), page.saved)


def _edited(page: PageParts) -> str:
    return "true" if _modified(page) or page.text("js_title_modify", "js_modify_time") else ""


def _original(page: PageParts) -> str:
    mark = page.data.first(".copyright_info.copyright_stat", "copyright_stat", "_copyright_stat")
    if mark is not None and str(mark) in {"1", "2"}:
        return "true" if str(mark) == "1" else ""
    return "true" if page.text("copyright_logo").startswith(("原创", "Original")) else ""


def _place(page: PageParts) -> str:
    shown = page.text("js_ip_wording")
    if shown or page.data.first(".show_ip_wording") in {0, "0"}:
        return shown
    data = page.data
    country = data.text(".ip_wording.country_name") or data.text(".ip_wording.countryName")
    province = data.text(".ip_wording.province_name") or data.text(".ip_wording.provinceName")
    if not country and isinstance(old := data.variable("ip_wording"), dict):
        country, province = (str(old.get(key) or "") for key in ("countryName", "provinceName"))
    return province if country in {"中国", "China", ""} and province else country


def _cover(page: PageParts) -> str:
    cover = page.data_text(".cdn_url", ".cdn_url_235_1", "msg_cdn_url", "cdn_url_235_1") or page.meta("og:image")
    return cover if cover.startswith("http") else ""


def _description(page: PageParts) -> str:
    if page.kind is not ArticleKind.ARTICLE:
        return ""  # the text itself
    return fold_space(page.data_text(".desc", "msg_desc") or page.meta("og:description", "description"))


def _reposted(page: PageParts) -> tuple[str, str]:
    if shared := page.text("js_share_author"):
        return shared, ""
    for element in page.by_class("original_primary_card_tips"):
        if match := _REPOSTED.match(element_text(element).replace(" ，", "，")):
            return match[1], match[2] or ""
    return "", ""


def _reposted_url(page: PageParts) -> str:
    source = page.places.by_id("js_share_source")
    url = source.get("data-url", "") if source is not None else ""
    url = unescape(url) or page.data_text(".copyright_info.reprint_url", ".reprint_url", "reprint_url")
    return without_secrets(url) if url.startswith("http") else ""


def _source_url(page: PageParts) -> str:
    link = page.places.by_id("js_view_source")
    url = page.data_text(".source_url", "msg_source_url") or (link.get("href", "") if link is not None else "")
    return url if url.startswith(("http://", "https://")) else ""


def _collection(page: PageParts) -> str:
    album = page.data_text(".appmsgalbuminfo.title")
    return fold_space(
        album or next((str(item.get("title") or "") for item in page.data.mappings("album_info_list")), "")
    )


def _url(page: PageParts) -> str:
    if page.url:
        return page.url
    named = page.data_text(".link", "msg_link") or page.meta("og:url") or page.labelled("原文链接")
    if named.startswith("http"):
        return without_secrets(named)
    return identity_of(page).url()


def _declaration(page: PageParts) -> str:
    claim = page.data.first(".claim_source")
    texts = [value for value in claim.values() if isinstance(value, str)] if isinstance(claim, Mapping) else []
    text_in_data = next((fold_space(unescape(text)) for text in texts if re.search(r"[\u4e00-\u9fff]", text)), "")
    return text_in_data or page.text("js_claim_source", "js_claim_source_text").removeprefix("作者提示:").strip()


def _paid(page: PageParts) -> str:
    paid = page.data.first(".is_pay_subscribe", "is_pay_subscribe", "isPaySubscribe")
    return "true" if str(paid) == "1" or page.by_class("pay__tag") else ""


_READERS: Mapping[str, Callable[[PageParts], str]] = {
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
