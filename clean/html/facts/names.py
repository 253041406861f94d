"""Names of people as pages write them: without labels, codes and titles, and told from interface and from desks."""

import re
from typing import Final

from clean.html.facts.declarations import without_markup

__all__ = ["LONGEST_NAME", "is_desk", "is_interface", "is_proper", "names_of_person", "person", "split_names"]

LONGEST_NAME: Final = 120
"""Characters of a name, with all that belongs to it."""
_LONGEST_ALONE: Final = 60
"""Characters of a person's name above which what stands behind a comma is no part of it."""

_NOBODY: Final = frozenset({"admin", "administrator", "root", "user", "author", "unknown", "null", "none", "undefined",
                            "anonymous", "editor", "staff", "webmaster", "guest", "default", "test", "n/a",
                            "佚名", "未知", "匿名", "本站", "网络", "原创", "转载", "小编",
                            "discuz! team and comsenz ui team", "discuz! team", "phpwind.net", "dedecms"})  # fmt: skip

# Words before a name that are no part of it. Alternatives of literals behind one anchor: linear.
_LABEL: Final = re.compile(
    r"(?:(?:written |posted |words |text |story )?by|作\s{0,3}者|原作者|责任编辑|编辑|撰文|撰稿|文字|文"
    r"|(?:本报|本网|本刊|新华社)?记者|通讯员|博主|楼主|author|autor(?:in)?|auteur|autore)(?:\s?[:：/｜丨|]\s?|\s+)",
    re.IGNORECASE,
)
# `Von Anna Meier`, as a German byline begins; a name that begins so has a small letter. One word and a look: linear.
_SMALL_LABEL: Final = re.compile(r"(?:von|Von|VON|par|Par|por|Por|door|Door|av|Av|af|Af)\s(?=[A-ZÀ-Ž][\w'’.-]+\s)")

# What a byline begins with in a line of its own. One word of a few: linear.
_BEGINNING: Final = re.compile(r"(?:Von|VON|By|BY|Par|Por|Door|Di|Av|Af)\s+(?=\S)")

# Signs of markup and code. One class: linear.
_NO_LETTER: Final = re.compile(r"[=<>{}\"“”？！?!]")

# `Anna Meier (ame)`: the sign of a journalist. One bounded run between brackets: linear.
_CODE: Final = re.compile(r"\s?[(\[（][a-z./]{1,10}[)\]）]$")

_PARTS: Final = re.compile(r"\s?[,，、;；|｜•]\s?|\s(?:und|and|&|et|och|og)\s|\s[·/]\s")

# What follows a name behind a comma and is none: what the person does. Alternatives of literals: linear.
_DUTY: Final = re.compile(
    r"correspondent|editor|reporter|writer|columnist|journalist|redakteur|redaktion|professor|korrespondent|staff|producer"
    r"|contributor|director|analyst|photograph|fotogra|specialist|presenter|head of|chief|student|universit|institut"
    r"|minister|fellow|researcher|lecturer|ph\.?d|m\.?d\.?$",
    re.IGNORECASE,
)

_ARTICLES: Final = frozenset(("The", "A", "An", "the", "a", "Die", "Der", "Das", "Les", "La", "Le"))
_LONGEST_HAN: Final = 14
"""Ideographs of a name, that of a desk included."""

_INTERFACE: Final = re.compile(
    r"^(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|post|or|and|the|博客|管理员)$|责编|责任编辑|编审|校对|审核|监制|"
    r"发布|关注|收藏|分享|评论|阅读|编辑于|举报|点赞|赞同|私信|订阅|浏览|粉丝|回复|更新|加入|登录|注册|认证|首页|专栏|查看|全部|只看|倒序"
    r"|电梯|字号|字体|打印"
    r"|書いた|ログイン|登録|購読|会員|フォロー"
    r"|来源|时间|日期|posted|published|updated|follow|subscribe|share|comment"
    r"|read(?:ing)? |minute|\bmins?\b|view "
    r"|more\b|sign ?up|log ?in|preferred|newsletter|copyright|photo|getty"
    r"|lesezeit|uhr\b|stand:|artikel|merken|teilen|kommentare"
    r"|advert|http|@|www\.",
    re.IGNORECASE,
)

_DESK: Final = re.compile(
    r"redaktion|newsroom|news ?desk|web ?desk|editorial|editors?$|编辑部|developer|\.(?:com|de|net|org|cn|tv|lt)\b"
    r"|facebook|^online$",
    re.IGNORECASE,
)


def person(text: str) -> str:
    """Return a name, without what is around it; empty for an address or nobody."""
    text = _without_label(without_markup(text)).strip(" ,;|/：:-–—·")
    bad = (
        len(text) > LONGEST_NAME
        or _NO_LETTER.search(text)
        or "://" in text
        or text.lower() in _NOBODY
        or text.startswith(("www.", "@", "{"))
    )
    return "" if bad or not any(map(str.isalpha, text)) else text


def _without_label(text: str) -> str:
    match = _LABEL.match(text)
    rest = text[match.end() :] if match else text
    if match := _SMALL_LABEL.match(rest):
        rest = rest[match.end() :]
    return _CODE.sub("", rest.strip())


def split_names(text: str) -> list[str]:
    """Return the names in a text that may hold several, without what people do."""
    found = []
    for part in _PARTS.split(_BEGINNING.sub("", _without_label(text.strip(" \n:：,|-–—·（）()")))):
        name = person(part.partition("(")[0])
        if name and len(name) <= 60 and len(name.split()) <= 6 and not _DUTY.search(name):
            found.append(name)
    return found


def names_of_person(text: str) -> list[str]:
    """Return the names in what is said to be one person's: several now and then, or one and what the person does."""
    if len(text) <= _LONGEST_ALONE or not _PARTS.search(text):
        return [name] if (name := person(text)) else []
    names = split_names(text)
    proper = [name for name in names if is_proper(name)]
    return proper or names[:1]


def is_proper(name: str) -> bool:
    """Whether a name is one in earnest: of two to five words with capitals, or of a few ideographs."""
    words = name.split()
    if "\u4e00" <= name[:1] <= "\u9fff":
        return len(name) <= 4
    capital = words[0][:1].isupper() and words[-1][:1].isupper() if words else False
    return 2 <= len(words) <= 5 and capital and not is_interface(name) and not any(map(str.isdigit, name))


def is_interface(text: str) -> bool:
    """Whether a text beside a name is a word of the site, a number, a date or a sentence, and no name."""
    digits = sum(map(str.isdigit, text))
    words = text.split()
    if len(words) > 1 and (digits or (len(words) > 2 and words[-1][:1].islower()) or words[0] in _ARTICLES):
        return True
    if "\u4e00" <= text[:1] <= "\u9fff" and len(text) > _LONGEST_HAN:
        return True
    return bool(_INTERFACE.search(text)) or 2 * digits > len(text) or len(text) < 2


def is_desk(name: str) -> bool:
    """Whether a name is that of a desk or a site, and of no person."""
    return bool(_DESK.search(name))
