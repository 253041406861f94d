"""Vocabularies: names of elements, and interface words in short texts.

Signals, never verdicts: each is one feature among many, and a sentence that says "share" stays a sentence.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from lxml.etree import _Element

__all__ = [
    "FAR",
    "GROUPS",
    "SUBJECTS_ABOVE",
    "groups_of",
    "is_dated",
    "names_groups",
    "speaks_of",
    "speaks_of_any",
    "subjects",
]


# What the names of an element say about its place in a page: class, id, role, itemprop, and the tag itself.
#
# Site builders of all languages name their boxes in English. A group is a set of stems; a box is described by how far
# above it the nearest element of each group stands, from 0, the box itself, to `FAR`, none.


FAR: Final = 8

# Stems, not words: names are run together (`articleBody`, `maincontent`). Alternations of literals: linear.
STEMS: Final = {
    "navigation": "nav|menu|breadcrumb|crumb|skip",
    "footer": "foot(?!note)|copyright|legal|contentinfo|bottom|colophon",
    "header": "header|masthead|banner|topbar|top-bar|logo|toolbar",
    "sidebar": "side|aside|rail|complementary|secondary|right|left",
    "comments": "comment|discuss|disqus|respond|reply|replies",
    "related": "relat|recom|more|also|suggest|similar|popular|trend|latest|recent|hot|rank|promot",
    "share": "share|sharing|social|sns|follow|bookmark|like|vote|action|button|btn",
    "advert": r"(?<![a-z])ads?(?![a-z])|advert|sponsor|promo|outbrain|taboola|cta|affiliate|donat",
    "form": "login|signin|sign-|signup|subscri|newsletter|form|search|regist|input|contact",
    "popup": "modal|popup|cookie|consent|gdpr|overlay|dialog|notice|alert|tooltip|dropdown|toast|banner",
    "byline": "author|byline|writer|avatar|profile|user|bio(?![a-z])|poster|member|nick",
    "meta": "meta|date|time|info|publish|source|stat|count|credit",
    "tags": r"(?<![a-z])tags?(?![a-z])|taglist|categor|keyword|label|badge",
    "content": "content|body|text|main",
    "article": "article|post|entry|blog|news|detail|story",
    "forum": r"thread|topic|message|msg|forum|bbs|question|answer|floor|(?<![a-z])t_f|postmessage|cooked",
    "product": "product|price|cart|sku|shop|store|review|rating|spec",
    "card": "card|tile|teaser|grid|list|item|feed|preview|thumb|carousel|slide|swiper|row",
    "title": "title|headline|heading|subject|(?<![a-z])h[1-6](?![a-z])",
    "picture": "caption|image|img|photo|figure|gallery|media|video|player",
    "contents": r"(?<![a-z])toc|table-of|outline|index|anchor",
    "pages": "pager|paginat|paging|page-|prev|next",
    "widget": "widget|module|panel|block|section|box|wrap|container",
    "prose": "markdown|docs?(?![a-z])|wiki|prose|rich|rte(?![a-z])|wysiwyg|editor|copy|paragraph|render",
    "concealed": "hidden|hide|collapse|sr-only|screen-reader|invisible|print|offscreen|accordion|tab",
    "lead": "lead|intro|excerpt|dek(?![a-z])|standfirst|subtitle|abstract|desc|summary|hero",
    "signature": "signature|(?<![a-z])sig(?![a-z])|quote|foot-?note|reference|reflist|edit",
}

TAGS: Final = (
    "nav", "footer", "header", "aside", "main", "article", "form", "table", "ul", "ol", "blockquote", "figure",
    "section", "details", "dl", "pre",
)  # fmt: skip

GROUPS: Final = (*STEMS, *(f"<{tag}>" for tag in TAGS))
"""The groups, by number."""

LITERAL = re.compile(r"[a-z_-]+")
LITERALS = tuple(
    (at, tuple(stem for stem in stems.split("|") if LITERAL.fullmatch(stem))) for at, stems in enumerate(STEMS.values())
)
"""The stems of each group that are plain text: looked for as such, ten times as fast as as patterns."""
STEM_PATTERNS = tuple(
    (at, re.compile("|".join(others)))
    for at, stems in enumerate(STEMS.values())
    if (others := [stem for stem in stems.split("|") if not LITERAL.fullmatch(stem)])
)
TAG_GROUP = {tag: len(STEMS) + at for at, tag in enumerate(TAGS)}
LONGEST_NAME: Final = 400
# Numbers of several digits: no stem asks for more than one, and what is no letter is like another. One class: linear.
NUMBERS = re.compile(r"([0-9])[0-9]++")


@lru_cache(maxsize=8192)
def name_groups(name: str) -> frozenset[int]:
    """Return the groups that one name belongs to, by number."""
    found = {at for at, pattern in STEM_PATTERNS if pattern.search(name)}
    for at, literals in LITERALS:
        for literal in literals:  # not `any`: a generator for each group takes longer than the looking
            if literal in name:
                found.add(at)
                break
    return frozenset(found)


@lru_cache(maxsize=8192)
def names_groups(names: str, tag: str) -> tuple[int, ...]:
    """Return the groups of an element that has these names and this tag."""
    found = {TAG_GROUP[tag]} if tag in TAG_GROUP else set()
    if len(names) > 3:
        for name in names.lower().split():
            found |= name_groups(name)
    return tuple(sorted(found))


def groups_of(element: _Element, tag: str) -> tuple[int, ...]:
    """Return the groups of an element by its names and its tag, as numbers into GROUPS."""
    attributes = element.attrib
    if not attributes:
        return names_groups("", tag)
    get = attributes.get
    names = f"{get('class') or ''} {get('id') or ''} {get('role') or ''} {get('itemprop') or ''}"
    # Cut before it is remembered, and without its numbers: `note-17` and `note-18` are looked into once.
    return names_groups(NUMBERS.sub(r"\g<1>0", names[:LONGEST_NAME]), tag)


# Words of a page's interface, in the languages we meet most: what a short block is about.


# Alternations of literals, searched in short blocks alone. `\b` keeps English stems from matching inside words.
PATTERNS: Final = {
    "share": r"\bshar(?:e|ing)\b|\bfollow\b|\btweet\b|facebook|twitter|whatsapp|linkedin|pinterest|\bemail\b|"
    r"\bprint\b|分享|转发|点赞|收藏|关注|微博|微信|朋友圈|扫一扫|teilen|partager|compartir|condividi",
    "comment": r"\bcomment|\brepl(?:y|ies)\b|\bdiscuss|\brespon[sd]|评论|留言|回复|跟帖|评论区|网友|kommentar|"
    r"commentaire|comentario|コメント",
    "related": r"\brelated\b|\brecommend|\byou (?:may|might)\b|\bread (?:more|next|also)\b|\bmore (?:from|"
    r"stories|news|on|like)\b|\bsee also\b|\btrending\b|\bpopular\b|\bmost read\b|\blatest\b|"
    r"\bsimilar\b|相关|推荐|热门|排行|猜你喜欢|更多|延伸阅读|精彩|最新|今日|热点|関連|おすすめ|"
    r"mehr zum|lire aussi|lea también",
    "entry": r"\blog ?(?:in|out)\b|\bsign (?:in|up|out)\b|\bregister\b|\bjoin\b|\bpassword\b|\bmy account\b|"
    r"登录|注册|登陆|密码|会员|ログイン|anmelden|connexion",
    "legal": r"©|\bcopyright\b|all rights reserved|\bprivacy\b|\bterms of\b|\bdisclaimer\b|版权|著作权|转载|"
    r"备案|免责|许可证|侵权|声明|impressum|datenschutz|mentions légales",
    "cookie": r"\bcookies?\b|\bconsent\b|\bgdpr\b|\bjavascript\b|\bbrowser\b|浏览器",
    "subscribe": r"\bsubscri|\bnewsletter|\binbox\b|\bsign up\b|\bdownload\b|\bapp store\b|订阅|下载|客户端|公众号|"
    r"二维码",
    "byline": r"^(?:by|von|par|por|di|da)\s|\bwritten by\b|\bposted (?:by|on|in)\b|\bauthor\b|\breporter\b|"
    r"\beditor\b|作者|记者|来源|编辑|责编|原标题|出处|文/|撰文|摄影",
    "date": r"\b(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}|\b\d{1,2}[:：]\d\d\b|\b\d{1,2}[-/.]\d{1,2}[-/.](?:19|"
    r"20)?\d\d\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}\b|"
    r"\b\d{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|\bago\b|\bupdated\b|\bpublished\b|"
    r"发表于|发布|小时前|分钟前|天前",
    "reading": r"\bmin(?:ute)?s? read\b|\bviews?\b|\breads?\b|浏览|阅读|点击|次数|人气|字号|字体|大小",
    "tags": r"^(?:tags?|tagged|topics?|categor|filed|keywords?|labels?|标签|关键[词字]|分类)\b|标签|关键词",
    "pager": r"\bprev(?:ious)?\b|\bnext\b|\bpage \d|\bback to\b|\bload more\b|\bshow (?:more|less|all)\b|"
    r"上一[篇页条]|下一[篇页条]|尾页|返回|末页|展开|查看|›|»|→",
    "forum": r"\bquote\b|\breport\b|\bjoined\b|\bposts?:|\bmessages?:|\bmember\b|\bthread|\blast edited\b|"
    r"\bscore\b|\bpoints?\b|\banswer|\blikes?\b|\bupvote|楼主|沙发|只看|发帖|帖子|主题|举报|引用|积分|"
    r"级别|等级|第?\d+楼|倒序",
    "price": r"[$€£¥￥]\s?\d|\d\s?(?:€|usd|eur|元)|\bprice\b|\bcart\b|\bshipping\b|\bin stock\b|\bbuy\b|"
    r"\bcheckout\b|购买|价格|加入购物车",
    "advert": r"\badvertis|\bsponsor|\bpromoted\b|\baffiliate|广告|推广|赞助",
    "picture": r"\bphoto(?:graph)?(?:er)?s?\b|\bimage\b|\bgetty\b|\breuters\b|\bcredit\b|\bpictured\b|图片|图为|"
    r"资料图|供图",
    "contact": r"\bcontact\b|\babout us\b|\bphone\b|\btel\b|\baddress\b|\bhelp\b|\bfaq\b|\bcareers\b|联系|电话|"
    r"地址|邮箱|关于我们|热线",
    "contents": r"\btable of contents\b|\bcontents\b|\bin this (?:article|page)\b|\bon this page\b|\bjump to\b|"
    r"\bskip to\b|目录",
    "edit": r"^edit$|\bedit\]|\bcite\b|\bcopy\b|\bedit this\b|编辑$",
    "questions": r"\bfaqs?\b|\bquestions?\b|\bhow\b|\bwhat\b|\bwhy\b",
}  # fmt: skip

SUBJECTS_ABOVE: Final = ("related", "comment", "legal", "byline", "date")
"""The subjects of a heading that the model is told of for what stands under it; the others serve to name a reason."""

COMPILED = {subject: re.compile(pattern) for subject, pattern in PATTERNS.items()}
LONGEST: Final = 300
"""Characters of a block that are searched; interface text is short."""


# Whatever is a date has one of these. A class and three words, none a part of another: linear.
DATED = re.compile(r"\d|ago|ublished|pdated|发布|发表于|前")


def is_dated(text: str) -> bool:
    """Return whether a text says when."""
    return DATED.search(text[:LONGEST]) is not None and speaks_of("date", text)


def speaks_of(subject: str, text: str) -> bool:
    """Return whether a text is about a subject."""
    return COMPILED[subject].search(text[:LONGEST].lower()) is not None


def speaks_of_any(wanted: Iterable[str], text: str) -> bool:
    """Return whether a text is about one of these subjects."""
    return any(speaks_of(subject, text) for subject in wanted)


def subjects(text: str) -> list[str]:
    """Return all subjects of a text."""
    text = text[:LONGEST].lower()
    return [subject for subject, pattern in COMPILED.items() if pattern.search(text)]
