"""Bylines: who wrote a page and when, as a reader sees it beside the headline or below the text.

Sites name these places in their own ways, but the ways are few: an element whose class says author or date, a link to
a person's page, a word such as 作者 or `Von` before a name. They are looked for behind the headline, then before it,
and only then on the whole page, outside of comments, menus and lists of other stories.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

from lxml.etree import _Element
from lxml.html import HtmlElement

from clean.html.facts.dates import DATE, declared_date
from clean.html.facts.names import is_interface, is_proper, person, split_names
from clean.html.model import fold_space

__all__ = ["NamedFor", "ShownFacts", "named_for", "shown_facts"]


class ShownFacts(NamedTuple):
    """What a reader sees of a page's making; each empty where nothing is seen."""

    authors: tuple[str, ...]
    published: str
    """ISO 8601."""
    changed: str
    origin: str
    """Who the page says it is from (来源)."""


class Piece(NamedTuple):
    """A text between two tags, and the element that it stands in."""

    element: HtmlElement
    text: str


_SILENT: Final = frozenset({"script", "style", "noscript", "template", "svg", "select", "textarea", "button", "iframe"})
_ASIDE_TAGS: Final = frozenset({"nav", "aside", "footer", "form"})

_NEAR: Final = 1500
"""Characters after the headline in which a byline is looked for."""
_NEAR_ELEMENTS: Final = 3000
"""Elements after it in which they are, where most of them have no text."""
_BEFORE: Final = 400
"""Elements before the headline that are looked at, within the article that both stand in."""
_MOST_ELEMENTS: Final = 60_000
"""Elements of a page that are looked at for labels."""
_SOON: Final = 6
"""Texts behind a name of one word among which a full name may follow."""
_LONGEST_LINE: Final = 120
"""Characters of a byline."""
_LONGEST_STAMP: Final = 40
"""Characters of a line that is a date and a time."""
_LONGEST_PIECE: Final = 300
"""Characters of a text anywhere on the page in which a label is looked for: a longer one is the article's."""
_MOST_ALIKE: Final = 60
"""Elements side by side, and texts of one element, that are looked at for names."""
_LONGEST_DATED: Final = 60
"""Characters of a line that says a date and little else."""

# Names of elements (class, id, itemprop, rel). Alternations of literals: linear.
_BY: Final = re.compile(
    r"author|byline|by-line|nick-?name|user-?name|up-?name|userlink|writer|reporter|journalist|verfasser|autor(?!i[sz])"
    r"|auteur|reviewer|authi(?![a-z])|contributor|person-?link|columnist|posted-?by|creator|vcard|xinxi|zuozhe"
)
_NOT_BY: Final = re.compile(
    r"bio(?![a-z])|desc|intro|avatar|img|image|photo|picture|follow(?!-?nick)|count|more|other|recent|badge|related|recommend"
    r"|authori[sz]|author-[0-9]{5}|authority|social|share|title|job|role|date|time|icon|mail|twitter|caption|credit"
)
_WHEN: Final = re.compile(
    r"(?<![a-z])(?:date|time|times|datetime|pub|published|publish|posted|pubdate|pubtime|publishtime|publishdate|timestamp"
    r"|timer|postdate|createtime|createdate|ctime|riqi|shijian|created|dateline)(?![a-z])|datetime|pubtime|pubdate|publishdate"
    r"|publishtime|postdate|releasedate|issuedate|articledate|articletime|newstime|newsdate|dtreviewed"
)
_CHANGED_NAME: Final = re.compile(r"updat|modif|edit(?!or)|chang|revis")
_BESIDE: Final = re.compile(
    r"comment|related|recommend|sidebar|(?<![a-z])side(?![a-z])|(?<![\w-])footer|breadcrumb|navbar|navigation|popular|most-?read"
    r"|teaser|hot-?list|rank|also-?like|read-?more|reply|replies|respond|copyright|caption|figure"
)
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")

# Where a person has a page of his or her own. Alternatives of literals: linear.
_PERSON_PAGE: Final = re.compile(
    r"/(?:authors?|autor(?:en|es|a|in)?|auteurs?|redakteure?|people|person|writers?|journalists?|reporters?"
    r"|contributors?|profiles?|members?|by|u|users?|staff)/[^/]"
)

# Labels that are followed by what they announce. Bounded runs: linear.
_PUBLISHED: Final = re.compile(
    r"(?:发布时间|发布日期|发表时间|发表日期|发布于|发表于|首发于|创建于|日期|时间|posted\s?@|posted on|published"
    r"|veröffentlicht|datum|erschienen|publié|publicado|pubblicato)",
    re.IGNORECASE,
)
_PUBLISHED_AFTER: Final = re.compile(rf"({DATE})\s{{0,3}}(?:发布|发表)")
_CHANGED: Final = re.compile(r"(?:编辑于|更新于|修改于|更新时间|更新日期|修改时间|最后更新)")
_AFTER_LABEL: Final = 45
"""Characters behind a label in which its date stands."""
_TO_DATE: Final = 16
"""Characters between a label and the first digit of its date: a colon, a weekday."""
_LONGEST_LABELLED: Final = 12
"""Characters of a name behind a label that is no full name, such as that of an office."""
_MOST_LABELS: Final = 200
_CHANGED_WORD: Final = re.compile(
    r"编辑于|更新|修改|updated|modified|edited|aktualisiert|mis à jour|actualizado", re.IGNORECASE
)
# Not the origin of a picture (图片), of data (数据) or of a chart (图表).
_ORIGIN: Final = re.compile(
    r"(?:信息来源|文章来源|稿件来源|(?<![图片据料表频])来源)\s{0,2}[:：]\s{0,3}([^\s:：|｜<>，,。；;]{2,30})"
)
_BY_LABEL: Final = re.compile(
    r"(?:^|[\s|｜，,；;（(【\[])(作\s{0,3}者|撰\s?文|撰稿人?|文字|文|记者|通讯员|供稿|执笔)\s{0,2}[:：/｜丨]\s{0,3}([^\n:：|｜<>。；;）)\]】]{2,60})"
)
_BY_ALONE: Final = re.compile(r"(?:by|von|par|por|door|di|av|af|przez|text)\s?:?$", re.IGNORECASE)
_LABEL_ALONE: Final = re.compile(
    r"(?:written by|words by|作者|autor(?:in)?(?:/autor(?:in)?)?|author|auteur"
    r"|autore|文|撰文|记者)\s?[:：|｜/]?$",
    re.IGNORECASE,
)
_LABEL_BEFORE: Final = re.compile(r"(?:by|von|par|por|door|di|av|af)\s?:?\s(?=[A-ZÀ-Ž])", re.IGNORECASE)
_REPORTER: Final = re.compile(
    r"(?:本报|本网|本刊|新华社|中新社|人民网|央视|[\u4e00-\u9fff]{2,6})?(?:全媒体|首席|见习|实习|特约)?记者[\s:：]{0,3}"
    r"([\u4e00-\u9fff·]{2,5}(?:[\s、]{1,3}[\u4e00-\u9fff·]{2,4}){0,5})$"
)
# The surnames of nine in ten Chinese: what follows 记者 is a name only with one of them.
_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦"
    "贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向汤常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申"
    "欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷曲盛冉蓝路游辛靳管柴蒙鲍华喻祁房滕屈饶解牟艾尤时阳穆农司卓古吉缪"
)
# `posted @ 2020-05-06 08:00 somebody 阅读(12)`. Bounded runs: linear.
_POSTED_BY: Final = re.compile(rf"posted\s?@\s{{0,3}}{DATE}\s{{1,3}}(\S{{1,30}})\s{{1,3}}阅读")
_RIGHT: Final = re.compile(r"align\s?:\s?right")
_OTHER_LABEL: Final = re.compile(
    r"\s{2,}|\s(?:来源|时间|编辑|责编|责任编辑|日期|浏览|点击|阅读|发布|字号|字体|审核|摄影|图)"
)


def shown_facts(root: HtmlElement, title: HtmlElement | None) -> ShownFacts:
    """Return what the page shows of its making; `title` is the element with its headline, where that is known."""
    body = root.find("body")
    start = title if title is not None else body
    if start is None:
        return ShownFacts((), "", "", "")
    near = list(_pieces(start, _NEAR, _NEAR_ELEMENTS))
    before = list(_pieces_before(title)) if title is not None else []
    near_text, before_text = _joined(near), _joined(before)
    authors = _authors_by_name(near) or _authors_by_label(near, near_text, near=True) or _authors_by_name(before)
    published = _date_by_label(near_text) or _date_by_name(near) or _date_by_line(near)
    published = published or _date_by_label(before_text) or _date_by_name(before)
    changed = _first(_CHANGED, near_text)
    origin = _origin(near_text)
    if body is not None and not (authors and published):
        pieces = _pieces(body, 10**9, _MOST_ELEMENTS, title)
        everywhere = [piece for piece in pieces if len(piece.text) <= _LONGEST_PIECE]
        text = _joined(everywhere)
        authors = authors or _authors_by_label(everywhere, text, near=False) or _signature(everywhere)
        published = published or _date_by_label(text)
        changed = changed or _first(_CHANGED, text)
    return ShownFacts(authors, published or changed, changed if published else "", origin)


# The pieces of text of a part of the page.


def _pieces(
    start: HtmlElement, most_characters: int, most_elements: int, title: HtmlElement | None = None
) -> Iterator[Piece]:
    """Yield the texts from an element on, without what stands beside the article; not more than so many."""
    around = set(start.iterancestors()) | (set(title.iterancestors()) if title is not None else set())
    here: HtmlElement | None = start
    size = seen = 0
    while here is not None and size < most_characters and seen < most_elements:
        seen += 1
        skipped = here is not start and here not in around and _stands_beside(here)
        texts = [] if skipped else [(here, here.text)]
        parent = here.getparent()
        inside = None if skipped or not len(here) else here[0]
        for element, text in texts:
            if text and (folded := fold_space(text)):
                size += len(folded)
                yield Piece(element, folded)
        if inside is not None:
            here = inside
            continue
        while here is not None:
            parent = here.getparent()
            if here.tail and parent is not None and (folded := fold_space(here.tail)):
                size += len(folded)
                yield Piece(parent, folded)
            follower = here.getnext()
            if follower is not None:
                here = follower
                break
            here = parent


def _pieces_before(title: HtmlElement) -> Iterator[Piece]:
    """Yield the texts before the headline, within the article that it stands in."""
    article = next((one for one in title.iterancestors() if one.tag in {"article", "main", "body"}), None)
    if article is None:
        return
    for piece in _pieces(article, 10**9, _BEFORE, title):
        if piece.element is title:
            return
        yield piece


def _stands_beside(element: HtmlElement) -> bool:
    if not isinstance(element.tag, str) or element.tag in _SILENT or element.tag in _ASIDE_TAGS:
        return True
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    return len(names) > 1 and _says(names).beside


class NamedFor(NamedTuple):
    """What the names of an element say that it is for."""

    author: bool
    date: bool
    change: bool
    """The date of a change."""
    beside: bool
    """Something that stands beside the article."""


def named_for(element: _Element) -> NamedFor:
    """Return what the names of an element (class, id, itemprop, rel) say that it is for."""
    return _says(_names_of(element))


@lru_cache(maxsize=8192)
def _says(names: str) -> NamedFor:
    parted = _CAMEL.sub("-", names[:400]).lower()
    whole = names[:400].lower()
    is_by = bool(_BY.search(whole)) and not _NOT_BY.search(whole)
    is_when = bool(_WHEN.search(parted.replace("_", "-")))
    return NamedFor(is_by, is_when, bool(_CHANGED_NAME.search(whole)), bool(_BESIDE.search(parted)))


def _names_of(element: _Element) -> str:
    given = (element.get(key) for key in ("class", "id", "itemprop", "rel", "property", "data-testid"))
    return " ".join(filter(None, given))


def _joined(pieces: list[Piece]) -> str:
    return "\n".join(piece.text for piece in pieces)


# Authors.


def _authors_by_name(pieces: list[Piece]) -> tuple[str, ...]:
    """Return the names in the first element whose own name, or whose link, says that it holds an author.

    One word that is no full name counts where no full name follows soon: a brand stands before it now and then.
    """
    tried: set[HtmlElement] = set()
    spare: tuple[str, ...] = ()
    since = 0
    for piece in pieces:
        since += bool(spare)
        if since > _SOON:
            break
        here: HtmlElement | None = piece.element
        for _ in range(4):
            if here is None or here in tried:
                break
            tried.add(here)
            if _is_byline(here) and (found := _names_in(here)):
                if all(map(is_proper, found)):
                    return found
                spare = spare or found
            here = here.getparent()
    return spare


def _is_byline(element: HtmlElement) -> bool:
    if named_for(element).author:
        return True
    return element.tag == "a" and bool(_PERSON_PAGE.search((element.get("href") or "").lower()))


def _names_in(element: HtmlElement) -> tuple[str, ...]:
    """Return the names in a byline: what is marked as a name, else its links, else its text."""
    whole = _beginning(element)
    if len(whole) > _LONGEST_LINE:
        return ()
    element = _with_its_like(element)
    marked = [one for one in element.iter("*") if one.get("itemprop") == "name"]
    given = [one.get("content") or "".join(one.itertext("*")) for one in marked]
    links = [one for one in element.iter("a") if not _is_other_link(one)]
    given = given or ["".join(one.itertext("*")) for one in links]
    if found := _clean_names(given):
        return found
    texts = [piece.text for piece in _pieces_in(element)]
    label = next((at for at, text in enumerate(texts) if _BY_ALONE.match(text) or _LABEL_ALONE.match(text)), -1)
    return _clean_names(texts[label + 1 :])


def _beginning(element: HtmlElement) -> str:
    """Return the text of a small element; of a large one enough to see that it is none."""
    return fold_space("".join(islice(element.itertext("*"), _MOST_ALIKE))[: 4 * _LONGEST_LINE])


def _is_other_link(link: HtmlElement) -> bool:
    where = (link.get("href") or "").lower()
    return where.startswith(("mailto:", "javascript:follow")) or "twitter.com" in where or "facebook.com" in where


def _with_its_like(element: HtmlElement) -> HtmlElement:
    """Return the element around several of the same name, such as the links to each of the authors."""
    around = element.getparent()
    if around is None or not (element.get("class") or element.tag == "a"):
        return element
    alike = [
        one
        for one in islice(around, _MOST_ALIKE)
        if one.tag == element.tag and one.get("class") == element.get("class")
    ]
    text = _beginning(around)
    return around if len(alike) > 1 and len(text) <= 2 * _LONGEST_LINE else element


def _pieces_in(element: HtmlElement) -> Iterator[Piece]:
    for one in element.iter("*"):
        if not isinstance(one.tag, str) or one.tag in _SILENT:
            continue
        if one.text and (text := fold_space(one.text)):
            yield Piece(one, text)
        if one is not element and one.tail and (text := fold_space(one.tail)):
            yield Piece(element, text)


def _clean_names(given: list[str]) -> tuple[str, ...]:
    """Return the names among some texts; of texts in Chinese the first alone, for what follows is a title or a word."""
    found: list[str] = []
    for text in given:
        names = [name for name in split_names(text) if not is_interface(name)]
        found += names
        if names and _is_han(names[0]) and "、" not in text:
            break
    return tuple(dict.fromkeys(found))


def _is_han(name: str) -> bool:
    return "\u4e00" <= name[:1] <= "\u9fff"


def _authors_by_label(pieces: list[Piece], text: str, *, near: bool) -> tuple[str, ...]:
    """Return the names behind a word that announces them; `near` the headline a preposition does."""
    for label in islice(_BY_LABEL.finditer(text), _MOST_LABELS):
        said = _OTHER_LABEL.split(label[2])[0]
        found = _clean_names([said.replace(" ", "、") if _is_han(said) else said])
        if found and all(is_proper(name) or (label[1] != "记者" and len(name) <= _LONGEST_LABELLED) for name in found):
            return found
    if (match := _POSTED_BY.search(text.replace("\n", " "))) and (name := person(match[match.lastindex or 0])):
        return (name,)
    for at, piece in enumerate(pieces):
        if len(piece.text) > _LONGEST_LINE:
            continue
        if at + 1 < len(pieces) and (_LABEL_ALONE.match(piece.text) or (near and _BY_ALONE.match(piece.text))):
            following = pieces[at + 1].text
            if len(following) <= _LONGEST_LINE and (found := _proper_names(following)):
                return found
        elif (
            near and (match := _LABEL_BEFORE.match(piece.text)) and (found := _proper_names(piece.text[match.end() :]))
        ):
            return found
        elif len(piece.text) <= _LONGEST_DATED and (match := _REPORTER.fullmatch(piece.text.strip("（）()"))):
            names = re.split(r"[\s、]+", match[1])
            if all(name[0] in _SURNAMES and not is_interface(name) for name in names):
                return tuple(dict.fromkeys(names))
    return ()


def _signature(pieces: list[Piece]) -> tuple[str, ...]:
    """Return the names that stand by themselves on the right, as a text is signed."""
    for piece in pieces:
        if len(piece.text) <= _LONGEST_DATED and (found := _proper_names(piece.text)) and not _is_han(found[0]):
            around = (piece.element, piece.element.getparent())
            if any(one is not None and _RIGHT.search(f"{one.get('style')} align:{one.get('align')}") for one in around):
                return found
    return ()


def _proper_names(text: str) -> tuple[str, ...]:
    """Return the names in a text, if it holds nothing else: a label that is a common word announces much."""
    names = split_names(text)
    return tuple(names) if names and all(map(is_proper, names)) else ()


# Dates.


def _date_by_label(text: str) -> str:
    match = _PUBLISHED_AFTER.search(text)
    return _first(_PUBLISHED, text) or (declared_date(match[1]) if match else "")


def _first(label: re.Pattern[str], text: str) -> str:
    """Return the first date that stands right behind such a label."""
    for match in islice(label.finditer(text), _MOST_LABELS):
        behind = text[match.end() : match.end() + _AFTER_LABEL]
        first = next((at for at, sign in enumerate(behind) if sign.isdigit()), _AFTER_LABEL)
        if first <= _TO_DATE and (found := declared_date(behind)):
            return found
    return ""


def _date_by_line(pieces: list[Piece]) -> str:
    """Return the first date with a time of the day that fills a line."""
    for piece in pieces:
        if len(piece.text) <= _LONGEST_STAMP and not _CHANGED_WORD.search(piece.text):
            found = declared_date(piece.text)
            if "T" in found:
                return found
    return ""


def _date_by_name(pieces: list[Piece]) -> str:
    """Return the date in the first element whose name says that it holds one; of a change only where no other is."""
    changed = ""
    for piece in pieces:
        if len(piece.text) > _LONGEST_DATED or not any(map(str.isdigit, piece.text)):
            continue
        here: HtmlElement | None = piece.element
        for _ in range(3):
            if here is None:
                break
            says = named_for(here)
            if here.tag == "time" or says.date or says.author:
                given = here.get("datetime") or here.get("content") or here.get("title") or ""
                if found := declared_date(given) or declared_date(piece.text):
                    if not says.change and not _CHANGED_WORD.search(piece.text):
                        return found
                    changed = changed or found
                break
            here = here.getparent()
    return changed


def _origin(text: str) -> str:
    match = _ORIGIN.search(text)
    return match[1] if match else ""
