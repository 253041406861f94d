"""What is measured of each block: one row of numbers, each with a name.

Ratios and counts of whole numbers only, so a row is the same on every machine. `NAMES` is the order of a row. Names of
elements, words of an interface, sums over boxes and the page's head are measured first; a row is made of all of them.
"""

import json
import re
from functools import lru_cache
from typing import Final, NamedTuple

from lxml.etree import _Element

from clean.html.generic.blocks import HEADINGS, KINDS, WORD, Block, BlockPage, Box, cjk_count

__all__ = [
    "FAR",
    "GROUPS",
    "NAMES",
    "SUBJECTS_ABOVE",
    "WHOLE",
    "BoxSums",
    "HeadClues",
    "SiblingPlace",
    "feature_rows",
    "groups_of",
    "is_dated",
    "read_clues",
    "speaks_of",
    "squeeze",
    "subjects",
    "sum_up",
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
        for name in names[:LONGEST_NAME].lower().split():
            found |= name_groups(name)
    return tuple(sorted(found))


def groups_of(element: _Element, tag: str) -> tuple[int, ...]:
    """Return the groups of an element by its names and its tag, as numbers into GROUPS."""
    attributes = element.attrib
    if not attributes:
        return names_groups("", tag)
    get = attributes.get
    names = f"{get('class') or ''} {get('id') or ''} {get('role') or ''} {get('itemprop') or ''}"
    return names_groups(names, tag)


# Words of a page's interface, in the languages we meet most: what a short block is about.
#
# Signals, never verdicts: each is one feature among many, and a sentence that says "share" stays a sentence.


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


def subjects(text: str) -> list[str]:
    """Return all subjects of a text."""
    text = text[:LONGEST].lower()
    return [subject for subject, pattern in COMPILED.items() if pattern.search(text)]


# Sums over boxes, and the boxes that look like the page's text: where the scores of Readability would put it.
#
# The container score is the idea of Arc90's Readability in Mozilla's form: a paragraph gives its score to five boxes
# above it, each getting less; here commas of all scripts count, and nothing has a minimum length.


# One class each, or an alternation whose branches begin differently: linear.
COMMAS = re.compile(r"[,，、،;；]")
STOP = re.compile(r"[.!?…](?:[\s\"'”’」』)）]|$)|[。！？]")
NOWHERE: Final = -FAR
"""A depth that is far from every box."""
DIGITS = re.compile(r"\d+")
SHARES: Final = (12, 6, 2, 1, 1)
"""Twelfths of a block's score for the five boxes that hold it, from the nearest."""


class SiblingPlace(NamedTuple):
    """A box's place among its like."""

    like: int
    """Siblings with the same tag and names, itself included."""
    at: int
    """Which of them it is, from 0."""
    total: int
    """Their units together."""
    linked: int
    """Their units in links together."""


class BoxSums(NamedTuple):
    """What is known of each box, by its number, and of each block."""

    nearest: list[list[int]]
    """For each box and group, the depth of the nearest box of the group that holds it or is it; NOWHERE for none."""
    frames: list[SiblingPlace]
    scores: list[int]
    good: list[int]
    """Units of good text in each box."""
    paths: list[int]
    """A number for the names of the box and of all boxes above it."""
    best: Box
    """The box with the highest container score."""
    half: Box
    """The smallest box that holds more than half of the good text."""
    goods: list[int]
    """For each block its units if it reads like text, else 0."""


def sum_up(page: BlockPage) -> BoxSums:
    """Compute the sums of a page."""
    boxes, blocks = page.boxes, page.blocks
    scores = [0] * len(boxes)
    good = [0] * len(boxes)
    goods = [0] * len(blocks)
    for block in blocks:
        box = block.box
        box.total += block.units
        box.linked += block.linked
        box.blocks += 1
        if box.first < 0:
            box.first = block.number
        box.last = block.number
        own = block.units - block.linked
        if own >= 6 * WORD and 2 * block.linked < block.units:
            commas = len(COMMAS.findall(block.text))
            if commas or own >= 15 * WORD or STOP.search(block.text):
                goods[block.number] = own
                good[box.number] += own
                add_score(scores, block, 10 * (1 + commas) + min(own // WORD, 60))
    for box in reversed(boxes):
        above = box.above
        if above is not None:
            above.total += box.total
            above.linked += box.linked
            above.blocks += box.blocks
            good[above.number] += good[box.number]
            if box.first >= 0:
                above.first = box.first if above.first < 0 else min(above.first, box.first)
                above.last = max(above.last, box.last)
    for box in boxes:
        if box.total:
            scores[box.number] = scores[box.number] * (box.total - box.linked) // box.total
    best = max(boxes, key=lambda box: (scores[box.number], -box.number))
    half = boxes[0]
    for box in boxes:
        if 2 * good[box.number] > good[0] and box.depth > half.depth:
            half = box
    names = [own_name(box.tag, box.element.get("class") or "") for box in boxes]
    return BoxSums(
        nearest_groups(boxes), among_like(boxes, names), scores, good, box_paths(boxes, names), best, half, goods
    )


def add_score(scores: list[int], block: Block, score: int) -> None:
    """Give a block's score to the boxes above it."""
    box: Box | None = block.box
    if box is not None and box.tag in ("p", "pre", "td", "li", "blockquote", "center", "dd", "dt") and box.above:
        box = box.above  # the paragraph itself is no container
    for share in SHARES:
        if box is None:
            return
        scores[box.number] += score * share
        box = box.above


def nearest_groups(boxes: list[Box]) -> list[list[int]]:
    """Return for each box and group the depth of the nearest box of the group around it; boxes may share a list."""
    nothing = [NOWHERE] * len(GROUPS)
    found: list[list[int]] = []
    for box in boxes:
        row = found[box.above.number] if box.above is not None else nothing
        groups = groups_of(box.element, box.tag)
        if groups:
            row = row.copy()
            for at in groups:
                row[at] = box.depth
        found.append(row)
    return found


@lru_cache(maxsize=8192)
def own_name(tag: str, names: str) -> tuple[str, str]:
    """Return the tag and the class without its digits: `post-17` and `post-18` are of one kind."""
    plain = DIGITS.sub("", names[:200])
    return (tag, plain.split(" ", 1)[0] if len(names) > 60 else plain)


def box_paths(boxes: list[Box], names: list[tuple[str, str]]) -> list[int]:
    """Return a number for each box that is the same for boxes of one name below boxes of one name."""
    known: dict[tuple[int, tuple[str, str]], int] = {}
    found: list[int] = []
    for box, name in zip(boxes, names, strict=True):
        key = (found[box.above.number] if box.above is not None else -1, name)
        found.append(known.setdefault(key, len(known)))
    return found


def among_like(boxes: list[Box], names: list[tuple[str, str]]) -> list[SiblingPlace]:
    """Return for each box how many siblings are like it, and what they hold together."""
    frames = [SiblingPlace(1, 0, 0, 0)] * len(boxes)
    for box in boxes:
        if len(box.children) < 2:
            for child in box.children:
                frames[child.number] = SiblingPlace(1, 0, child.total, child.linked)
            continue
        kinds: dict[tuple[str, str], list[Box]] = {}
        for child in box.children:
            kinds.setdefault(names[child.number], []).append(child)
        for alike in kinds.values():
            total = linked = 0
            for child in alike:
                total += child.total
                linked += child.linked
            count = len(alike)
            for at, child in enumerate(alike):
                frames[child.number] = SiblingPlace(count, at, total, linked)
    return frames


# What the head of a page says about its text: titles, description, kind, the article's own text where it is given.


LONGEST_DATA = 400_000
"""Characters of one data block that are read."""

KIND = re.compile(r'"@type"\s*:\s*\[?\s*"([A-Za-z]+)"')
PART = re.compile(r"\s+[|\-–—_·»:]\s+|[|_｜]")

ARTICLES = frozenset(
    (
        "Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "TechArticle", "Report", "ScholarlyArticle",
        "article",
    )
)  # fmt: skip
FORUMS = frozenset(("DiscussionForumPosting", "QAPage", "Question", "Answer", "Comment"))
PRODUCTS = frozenset(("Product", "Offer", "AggregateOffer", "product", "og:product", "product.item"))
LISTS = frozenset(("CollectionPage", "ItemList", "SearchResultsPage", "ProductGroup", "OfferCatalog"))


class HeadClues(NamedTuple):
    """What the head says; all texts are squeezed."""

    titles: tuple[str, ...]
    description: str
    body: str
    """The article's text as data for search engines gives it; empty where it does not."""
    article: bool
    forum: bool
    product: bool
    listing: bool


def squeeze(text: str) -> str:
    """Return a text without white space and in lower case, for comparing."""
    return "".join(text.split()).lower()


def read_clues(root: _Element) -> HeadClues:
    """Read the head's elements wherever they stand."""
    titles: dict[str, None] = {}
    description = ""
    kinds: set[str] = set()
    bodies: list[str] = []
    for element in root.iter("title", "meta", "script"):
        tag = element.tag
        if tag == "title":
            if element.text and not titles:
                add_title(titles, element.text)
        elif tag == "meta":
            name = (element.get("property") or element.get("name") or "").lower()
            content = element.get("content") or ""
            if name in ("og:title", "twitter:title"):
                add_title(titles, content)
            elif name in ("description", "og:description") and len(content) > len(description):
                description = content
            elif name == "og:type":
                kinds.add(content.strip())
        elif "ld+json" in (element.get("type") or "") and element.text:
            data = element.text[:LONGEST_DATA]
            kinds.update(KIND.findall(data))
            if '"articleBody"' in data:
                bodies.append(article_body(data))
    for element in root.iter("h1"):
        add_title(titles, "".join(map(str, element.itertext()))[:300])
        break
    return HeadClues(
        tuple(titles),
        squeeze(description)[:400],
        squeeze(max(bodies, key=len, default="")),
        bool(kinds & ARTICLES),
        bool(kinds & FORUMS),
        bool(kinds & PRODUCTS),
        bool(kinds & LISTS),
    )


def add_title(titles: dict[str, None], text: str) -> None:
    """Add a title and its longest part: sites put their own name before or after it."""
    whole = squeeze(text)
    if whole:
        titles[whole] = None
        longest = max(PART.split(text), key=len)
        if len(longest) > 3:
            titles[squeeze(longest)] = None


def article_body(data: str) -> str:
    """Return the longest `articleBody` in JSON, or nothing if it cannot be read."""
    try:
        stack = [json.loads(data, strict=False)]
    except (ValueError, RecursionError):
        return ""
    best = ""
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            body = value.get("articleBody")
            if isinstance(body, str) and len(body) > len(best):
                best = body
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return best if "<" not in best else re.sub(r"<[^<>]*>", "", best)


NONE: Final = 99
"""A distance to nothing."""

SAYING: Final = 60 * WORD
"""Units of a text that may be interface words alone."""

CLOSERS: Final = '.!?。！？…:："”’」』)）'
# One class each: linear.
MARKS = re.compile(r"[|·•/›»>→#@©®★▪■►◆]")
CAPITALS = re.compile(r"[A-Z]")
CASED = re.compile(r"[A-Za-z]")


def feature_rows(page: BlockPage, sums: BoxSums, clues: HeadClues) -> list[list[float]]:
    """Return one row for each block with text, in document order."""
    blocks = [block for block in page.blocks if block.text]
    own = own_rows(blocks, sums, clues)
    around = around_rows(blocks, sums)
    like = like_rows(blocks, sums)
    place, under = place_rows(blocks, page, sums)
    whole = whole_row(blocks, page, sums, clues)
    above: dict[Box, list[float]] = {}
    near: dict[Box, list[int]] = {}
    rows = []
    for at, block in enumerate(blocks):
        box = block.box
        if box not in above:
            above[box] = above_row(box, sums)
            low = box.depth - FAR
            near[box] = [box.depth - depth if depth > low else FAR for depth in sums.nearest[box.number]]
        high = above[box].copy()
        high[2::5] = [block.units / max(1, total) for total in high[2::5]]
        rows.append([*own[at], *around[at], *high, *like[at], *place[at], *near[box], *under[at], *whole])
    return rows


def own_rows(blocks: list[Block], sums: BoxSums, clues: HeadClues) -> list[list[float]]:
    """Measure the blocks' own texts."""
    squeezed = [squeeze(block.text) for block in blocks]
    seen: dict[str, int] = {}
    for text in squeezed:
        seen[text] = seen.get(text, 0) + 1
    rows: list[list[float]] = []
    since = NONE
    for block, plain in zip(blocks, squeezed, strict=True):
        text, tag, total = block.text, block.box.tag, max(1, block.units)
        start = text[:600]
        cased = len(CASED.findall(start))
        is_title = plain in clues.titles
        since = 0 if is_title else min(NONE, since + 1)
        rows.append(
            [
                block.units,
                block.linked / total,
                block.links,
                block.media,
                int(text[-1:] in CLOSERS),
                len(CAPITALS.findall(start)) / cased if cased else 0,
                len(start) / max(1, len(start.split())) if not cjk_count(start) else 0,
                len(MARKS.findall(start)) * WORD / total,
                KINDS.get(tag, 0),
                HEADINGS.get(tag, 0),
                block.sight,
                seen[plain],
                int(is_title),
                int(bool(clues.description) and len(plain) > 12 and (plain[:60] in clues.description)),
                (1 if plain in clues.body else -1) if clues.body and len(plain) > 5 else 0,
                since,
                sums.goods[block.number],
                int(block.units <= SAYING and is_dated(text)),
            ]
        )
    return rows


def around_rows(blocks: list[Block], sums: BoxSums) -> list[list[float]]:
    """Measure what stands after each block, and how much around it is links."""
    count = len(blocks)
    good = [sums.goods[block.number] for block in blocks]
    links, units = [0], [0]
    for block in blocks:
        links.append(links[-1] + block.linked)
        units.append(units[-1] + block.units)
    rows: list[list[float]] = []
    far = NONE
    for at in reversed(range(count)):
        after = blocks[at + 1] if at + 1 < count else None
        low, high = max(0, at - 4), min(count, at + 5)
        around = (links[high] - links[low]) / max(1, units[high] - units[low])
        if after is None:
            rows.append([0, -1, -1, -1, far, around])
        else:
            linked = after.linked / max(1, after.units)
            rows.append([after.units, linked, good[at + 1], KINDS.get(after.box.tag, 0), far, around])
        far = 0 if good[at] else min(NONE, far + 1)
    rows.reverse()
    return rows


def above_row(box: Box, sums: BoxSums) -> list[float]:
    """Measure the boxes around a block: the box itself, its parent, and further ones."""
    row: list[float] = []
    here = box
    step = 0
    for far in (0, 1, 2, 3, 5):
        while step < far and here.above is not None:
            here = here.above
            step += 1
        size = max(1, here.total)
        row += (
            here.total,
            here.linked / size,
            here.total,
            sums.good[here.number] / size,
            here.blocks,
        )
    return row


def like_rows(blocks: list[Block], sums: BoxSums) -> list[list[float]]:
    """Measure how often the like of each block's boxes is on the page: cards and replies come in rows."""
    paths: dict[int, list[int]] = {}
    for block in blocks:
        entry = paths.setdefault(sums.paths[block.box.number], [0, 0, 0, 0])
        entry[0] += 1
        entry[1] += block.units
        entry[2] += block.linked
        entry[3] += sums.goods[block.number]
    whole = max(1, sum(block.units for block in blocks))
    known: dict[Box, list[float]] = {}
    rows = []
    for block in blocks:
        box = block.box
        if box not in known:
            known[box] = like_row(box, sums, whole)
        path = paths[sums.paths[box.number]]
        size = max(1, path[1])
        rows.append([*known[box], path[0], path[1], path[2] / size, path[1] / whole, path[3] / size])
    return rows


def like_row(box: Box, sums: BoxSums, whole: int) -> list[float]:
    """Find the nearest box that has its like beside it, and the one whose like hold most."""
    nearest = widest = None
    far = step = 0
    here: Box | None = box
    while here is not None and step < 12:
        frame = sums.frames[here.number]
        if frame.like > 1 and here.tag not in ("p", "td", "th", "h2", "h3", "dt", "dd"):
            if nearest is None and frame.like > 2:
                nearest, far = frame, step
            if widest is None or frame.total > widest.total:
                widest = frame
        here = here.above
        step += 1
    row: list[float] = [0, -1, 0, -1, NONE, 0, 0, -1, 0, -1]
    if nearest is not None:
        row[:5] = (
            nearest.like, nearest.at, nearest.total / nearest.like, nearest.linked / max(1, nearest.total), far,
        )  # fmt: skip
    if widest is not None:
        row[5:] = (
            widest.like, widest.total / widest.like, widest.linked / max(1, widest.total),
            widest.total / whole, widest.at,
        )  # fmt: skip
    return row


def place_rows(
    blocks: list[Block], page: BlockPage, sums: BoxSums
) -> tuple[list[tuple[float, ...]], list[tuple[bool, ...]]]:
    """Measure where each block stands on the page and to the likely containers; and what its heading is about."""
    whole = max(1, sum(block.units for block in blocks))
    count = len(blocks)
    best, half = boxes_above(sums.best), boxes_above(sums.half)
    top = max(1, sums.scores[sums.best.number])
    h1 = next((at for at, block in enumerate(blocks) if block.box.tag == "h1"), None)
    rows: list[tuple[float, ...]] = []
    under: list[tuple[bool, ...]] = []
    passed = 0
    last, level, heading_linked = -1, 0, 0.0
    subject = nothing = (False,) * len(SUBJECTS_ABOVE)
    known: dict[Box, tuple[float, ...]] = {}
    for at, block in enumerate(blocks):
        box = block.box
        if box not in known:
            known[box] = (
                *toward(box, best, sums.best),
                *toward(box, half, sums.half),
                *score_shares(box, sums, top),
            )
        climb, below, climb_half, below_half, share, widest = known[box]
        rows.append(
            (
                at / count,
                passed / whole,
                box.depth,
                int(climb == 0),
                climb,
                below,
                side_of(block, sums.best),
                int(climb_half == 0),
                climb_half,
                side_of(block, sums.half),
                below_half,
                share,
                widest,
                min(NONE, at - last) if last >= 0 else NONE,
                level,
                heading_linked,
                max(-NONE, min(NONE, at - h1)) if h1 is not None else NONE + 1,
            )
        )
        under.append(subject)
        passed += block.units
        if box.tag in HEADINGS:
            last, level = at, HEADINGS[box.tag]
            heading_linked = block.linked / max(1, block.units)
            short_text = block.text if block.units <= SAYING else ""
            subject = tuple(speaks_of(one, short_text) for one in SUBJECTS_ABOVE) if short_text else nothing
    return rows, under


def boxes_above(box: Box) -> dict[Box, int]:
    """Return a box and all above it, with their distance."""
    found: dict[Box, int] = {}
    here: Box | None = box
    while here is not None:
        found[here] = len(found)
        here = here.above
    return found


def toward(box: Box, line: dict[Box, int], goal: Box) -> tuple[int, int]:
    """Return how far up from the goal the paths meet, and how far down from there the box is."""
    here, below = box, 0
    while here not in line:
        assert here.above is not None
        here, below = here.above, below + 1
    return min(20, line[here]), min(20, below)


def side_of(block: Block, goal: Box) -> int:
    """Return -1 before the goal's blocks, 0 among them, 1 after them."""
    if block.number < goal.first:
        return -1
    return int(block.number > goal.last)


def score_shares(box: Box, sums: BoxSums, top: int) -> tuple[float, float]:
    """Return the container score of the nearest boxes as shares of the best one: the parent's, the largest."""
    own = sums.scores[box.number] / top
    largest = own
    here = box
    for _ in range(3):
        if here.above is None:
            break
        here = here.above
        largest = max(largest, sums.scores[here.number] / top)
    return own, largest


def whole_row(blocks: list[Block], page: BlockPage, sums: BoxSums, clues: HeadClues) -> list[float]:
    """Measure the page."""
    whole = max(1, sum(block.units for block in blocks))
    linked = sum(block.linked for block in blocks)
    good = sums.good[0]
    line = boxes_above(sums.best)
    second = max((sums.scores[box.number] for box in page.boxes if box not in line), default=0)
    sample = " ".join(block.text[:200] for block in blocks[:80])
    return [
        whole,
        len(blocks),
        linked / whole,
        good / whole,
        sums.good[sums.best.number] / max(1, good),
        sums.half.total / whole,
        second / max(1, sums.scores[sums.best.number]),
        cjk_count(sample) / max(1, len(sample)),
        int(clues.article),
        int(clues.forum),
        int(clues.product),
        int(clues.listing),
        int(bool(clues.body)),
        sum(block.box.tag == "p" and block.units > 8 * WORD for block in blocks),
        sum(block.box.tag in HEADINGS for block in blocks),
        sum(box.tag == "article" for box in page.boxes),
        sum(box.tag == "main" for box in page.boxes),
        max((frame.like for frame in sums.frames), default=0),
    ]


# The names of what is measured of a block, in the order of a row.
#
# The model file names its features, so neither this order nor a name can move without fitting it again.


OWN: Final = (
    "units", "linked", "links", "media", "closed", "capitals", "word length", "marks", "kind", "heading", "sight",
    "repeats", "is title", "in description", "in data", "nearest title", "good", "says date",
)  # fmt: skip
AROUND: Final = ("units after", "linked after", "good after", "kind after", "to good after", "linked around")
ABOVE: Final = tuple(
    f"{what} above {far}" for far in (0, 1, 2, 3, 5) for what in ("units", "linked", "share", "good", "blocks")
)
LIKE: Final = (
    "like", "like at", "like units", "like linked", "like far", "widest like", "widest units", "widest linked",
    "widest share", "widest at", "path blocks", "path units", "path linked", "path share", "path good",
)  # fmt: skip
PLACE: Final = (
    "place", "place in text", "depth", "in best", "to best", "below best", "best side", "in half", "to half",
    "half side", "below half", "score share", "widest score", "heading far", "heading level", "heading linked",
    "from h1",
)  # fmt: skip
WHOLE: Final = (
    "page units", "page blocks", "page linked", "page good", "best share", "half share", "second best", "wide page",
    "data article", "data forum", "data product", "data list", "has data", "paragraphs", "headings", "article boxes",
    "main boxes", "cards",
)  # fmt: skip

NAMES: Final = (
    *OWN,
    *AROUND,
    *ABOVE,
    *LIKE,
    *PLACE,
    *(f"in {group}" for group in GROUPS),
    *(f"under {subject}" for subject in SUBJECTS_ABOVE),
    *WHOLE,
)
