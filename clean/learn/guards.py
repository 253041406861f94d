"""Guards against learning rules from repeated author's text: tables of words, with reasons.

Lines are compared normalised, in lower case, a colon at the end left out.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

from clean.normalise import FIXED_KINDS, LineKind, is_date

__all__ = ["FACT_LABELS", "NEVER_PROPOSED", "SHORT", "Exclusion", "exclusion_of", "fact_label"]

SHORT = 12
"""Up to so many words a line is a name, a label or a button."""


class Exclusion(StrEnum):
    """Why a line that repeats is not proposed for removal, or proposed and not ticked."""

    NUMBER = "number"
    """Sections are numbered so."""
    LABEL = "label"
    """It says what the next line is; without it that one means nothing."""
    SECTION = "section"
    """Articles of one kind have the same sections."""
    PROVENANCE = "provenance"
    """Where the text comes from, and who may use it: facts about this article."""
    BYLINE = "byline"
    """A name repeats because the person writes often."""
    FIXED = "fixed"
    """Code, a table, or a piece of something larger."""
    LEGAL = "legal"
    """A disclaimer may belong to the article, such as that of an advisory."""
    ADVERTISEMENT = "advertisement"
    """What is advertised may be what the article is about."""
    INNERMOST = "innermost"
    """A heading, or a few words, between the frame and the text may be the text's."""
    ALONE = "alone"
    """A few words alone: elsewhere they may be an author's."""
    MOMENT = "moment"
    """A day or a time: it goes with the lines around it and never by itself."""
    OTHERS = "others"
    """Titles of the source's other articles; below the same heading another article may list its own."""


NEVER_PROPOSED = frozenset(
    {Exclusion.NUMBER, Exclusion.LABEL, Exclusion.SECTION, Exclusion.PROVENANCE, Exclusion.BYLINE, Exclusion.FIXED}
)
"""These are never proposed for removal; the others are proposed, and never ticked."""

_LABELS = frozenset(
    (
        # what links and sources stand below
        "参考链接", "参考资料", "参考文献", "参考来源", "参考", "引用", "相关链接", "原文链接", "原文地址",
        "文章来源", "资讯来源",
        "信息来源", "新闻来源", "消息来源", "数据来源", "来源", "图源", "链接", "附", "附件", "附录", "下载地址",
        "项目地址", "工具地址",
        "references", "reference", "sources", "source", "via", "links", "related links", "see also", "external links",
        "download", "downloads", "appendix",
        # what the text below is
        "编者按", "编者荐语", "编者注", "编者的话", "导语", "导读", "前言", "引言", "摘要", "概述", "背景", "正文",
        "目录", "结语",
        "总结", "小结", "结论", "后记", "注", "备注", "注释", "说明", "声明", "译文声明", "提示", "关键词", "标签",
        "主题",
        "abstract", "summary", "introduction", "conclusion", "conclusions", "contents", "table of contents", "note",
        "notes", "disclaimer", "tl;dr", "keywords", "tags", "topics", "overview", "background", "q&a", "faq",
        # whom or when the text beside it names
        "作者", "编辑", "责编", "责任编辑", "译者", "编译", "翻译", "校对", "审核", "排版", "记者", "发布时间",
        "更新时间", "时间", "日期",
        "author", "authors", "by", "editor", "editors", "published", "updated", "date", "posted on", "written by",
    )
)  # fmt: skip

_SECTIONS = frozenset(
    (
        # advisories
        "漏洞概述", "漏洞描述", "漏洞详情", "漏洞分析", "漏洞复现", "漏洞影响", "漏洞编号", "漏洞名称", "漏洞类型",
        "漏洞等级", "风险等级",
        "影响范围", "影响版本", "受影响版本", "不受影响版本", "安全版本", "处置建议", "修复建议", "修复方案",
        "解决方案", "缓解措施",
        "临时缓解措施", "缓解方案", "安全建议", "其他受影响组件", "时间线", "时间轴", "产品解决方案",
        "官方修复方案", "无", "是", "否", "已公开",
        "未公开", "高危", "严重", "中危", "低危", "高", "中", "低",
        "description", "impact", "affected versions", "affected products", "solution", "workaround", "workarounds",
        "mitigation", "mitigations", "remediation", "timeline", "credits", "credit", "severity", "exploit", "poc",
        "indicators of compromise", "ioc", "iocs", "yara rules", "detections", "recommendations", "none", "n/a",
        # columns of round-ups
        "新闻速览", "热点观察", "特别关注", "热门活动", "每日涨知识", "一周好文共读", "安全事件", "全球动态",
        "产业动态", "行业动态",
        "政策法规", "数据安全", "漏洞预警", "攻击事件", "网络攻击", "资本市场", "安全漏洞", "安全资讯", "国内资讯",
        "国际资讯", "热点资讯",
        "security incident", "security incidents", "in brief", "top stories", "this week", "news",
    )
)  # fmt: skip

_PROVENANCE = (
    "转载自", "转自", "翻译自", "编译自", "摘自", "文章来源", "图片来源", "图片均来源", "素材来源", "来源:",
    "来源于", "原文链接", "原文地址",
    "原文标题", "如若转载", "转载请注明", "转载,请", "注明出处", "本文由", "未经授权", "未经许可", "版权归",
    "版权所有", "授权转载", "首发于",
    "本文作者", "译者:", "翻译文章", "reprinted", "republished", "originally published", "originally appeared",
    "source:", "translated by",
    "image credit", "photo credit", "photo:", "image:source", "creative commons", "cc by", "licensed under",
)  # fmt: skip
"""Parts of lines that say where a text comes from and who may use it."""

# Who wrote it. Words at the start of a line, a colon or a bar after it: fixed alternatives, linear.
_BYLINE = re.compile(
    r"(?:作者|文|编辑|责编|责任编辑|编译|译者|翻译|校对|审核|审校|排版|记者|撰文|供稿|图|出品"
    r"|by|author|written by|posted by|editor"
    r"|published|updated|发布时间|更新时间|时间|日期)\s*(?:[:|/丨]| by )"
)

_LEGAL = (
    "免责声明", "法律责任", "仅供参考", "仅供学习", "侵权", "侵删", "不承担任何", "不代表本", "与本公众号无关",
    "后果由", "disclaimer",
    "all rights reserved", "not responsible", "no warranty", "terms of use", "copyright",
)  # fmt: skip

_ADVERTISEMENT = (
    "限时", "优惠", "报名", "课程", "学费", "培训", "招聘", "招生", "门票", "购票", "领取", "福利", "折扣", "包邮",
    "星球",
    "webinar", "register now", "sign up for our", "discount", "free trial", "sponsored", "promo",
)  # fmt: skip

# Anything but letters and digits, and numbers of sections: 01, 一, Part 1, IV. Fixed alternatives: linear.
_NUMBER = re.compile(
    r"(?:part|no|chapter|第)?[\W_]*(?:\d{1,4}|[一二三四五六七八九十]{1,3}|[ivx]{1,5})[\W_]*(?:章|节|部分|期)?"
)

FACT_LABELS: Mapping[str, str] = {
    "作者": "author",
    "文章作者": "author",
    "文章原作者": "author",
    "author": "author",
    "written by": "author",
    "by": "author",
    "发布时间": "published",
    "发布日期": "published",
    "发表时间": "published",
    "published": "published",
    "posted on": "published",
    "更新时间": "modified",
    "最后更新": "modified",
    "updated": "modified",
    "last updated": "modified",
}
"""Labels whose text is a fact for the front matter, and its key there."""


def exclusion_of(text: str, kind: LineKind) -> Exclusion | None:
    """Return why a normalised line is not simply removed, None where nothing speaks against it."""
    if kind in FIXED_KINDS:
        return Exclusion.FIXED
    if kind is LineKind.IMAGE:
        return None
    bare = text.removeprefix("# ").lower()
    if is_date(bare):
        return Exclusion.MOMENT
    words = bare.rstrip(":;.。!?、|— ").strip("【】[]「」<>()*·•-—|◆■▶▼ ")
    if _NUMBER.fullmatch(words):
        return Exclusion.NUMBER
    if kind is LineKind.LINK:
        return None
    if words in _LABELS:
        return Exclusion.LABEL
    if words in _SECTIONS:
        return Exclusion.SECTION
    if _BYLINE.match(bare):
        return Exclusion.BYLINE
    if "copyright" not in bare and "©" not in bare and any(word in bare for word in _PROVENANCE):
        return Exclusion.PROVENANCE
    if any(word in bare for word in _LEGAL) and "©" not in bare:
        return Exclusion.LEGAL
    return Exclusion.ADVERTISEMENT if any(word in bare for word in _ADVERTISEMENT) else None


def fact_label(text: str) -> str:
    """Return the label that a line begins with and that names a fact, in lower case; empty where there is none."""
    head, colon, rest = text.partition(":")
    label = head.strip().lower()
    return label if colon and rest.strip() and label in FACT_LABELS else ""
