"""Removal of WeChat's interface below the article, as one anchored run.

Its words (取消, 赞, 分享, a lone comma) are ordinary words elsewhere, so no line goes by itself. The run starts at
the last preview notice (预览时标签不可点), of which nothing but interface may follow; or, where a template lacks it,
it is the longest sequence of interface lines at the end of the file that stands in the template's own order.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from clean.frontmatter import Value
from clean.rules import Rule
from clean.stages.stage import Edit, Ruleset, StageResult, View, removal

__all__ = ["ChromeTail", "find_tail", "remove_anchored_tail", "remove_rendered_panel"]

STAGE = "anchored-tail"

ACCOUNT_CARD = "wechat.tail.account-card"
CUT = "wechat.tail.cut"
SLIDE_UP = "wechat.tail.slide-up"
DECLARATION = "wechat.tail.declaration"

PICTURE = "![](…)"
"""How an image with an address and no words is written in rules and compared."""

# A link that runs a script instead of leading somewhere: its text is the interface word. The script is a call such as
# `void\(0\);` at most. Classes exclude what ends them, and the script's length is bounded: linear.
_SCRIPT_LINK = re.compile(r"\[([^\[\]]*)\]\(javascript:(?:[^\s()]|\([^\s()]{0,20}\)){0,40}\)(?=$|[\s\[])")

# An image alone or before a word: alternative text, address. Classes exclude what ends them: linear.
_IMAGE = re.compile(r"!\[([^\[\]]*)\]\(([^()\s]*)\)[ \t]*")

# Numbered alternative texts, as a reader service writes them for images that have none.
_NUMBERED_IMAGE = re.compile(r"Image \d+(?:: .*)?$", re.ASCII)

# Authors' declarations in rendered pages carry this label.
_LABEL = re.compile(r"作者提示[:：]\s*")


class ChromeText(NamedTuple):
    """One interface text: its place in the template, and the rule that names it."""

    order: int
    place: int
    """Its place among the texts of its rule; 0 throughout where the rule's texts repeat."""
    rule: str
    sure: bool
    """No author writes this as a line of its own."""
    fact: str


def _piece(rule: Rule, place: int, word: str) -> ChromeText:
    options = rule.options
    sure = options.get("sure", False)
    return ChromeText(
        options.get("order", 0),
        0 if options.get("repeats") else place,
        rule.id,
        word in sure if isinstance(sure, list) else sure,
        options.get("fact", ""),
    )


class ChromeTemplate:
    """The interface texts of the rules, looked up by line."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.pieces: dict[str, list[ChromeText]] = {}
        self.anchors: list[str] = []
        self.orders: dict[str, int] = {}
        for rule in ruleset.of(STAGE, "wechat"):
            self.orders[rule.id] = rule.options.get("order", 0)
            for place, text in enumerate(rule.texts):
                for word in text.split("|"):
                    self.pieces.setdefault(word, []).append(_piece(rule, place, word))
                    if rule.options.get("anchor"):
                        self.anchors.append(word)
        # Longest first, so that 微信扫一扫可打开此内容， is not read as 微信扫一扫 and something else. Literal
        # alternatives, tried once at each position and never taken back: linear.
        words = sorted(self.pieces, key=len, reverse=True)
        self.glued = re.compile("|".join(re.escape(word) for word in words)) if words else None

    def read(self, key: str) -> list[ChromeText] | None:
        """The pieces that a normalised line consists of: one, or several glued together; None for any other line."""
        if key in self.pieces:
            return self.pieces[key][:1]
        if len(key) > 400 or self.glued is None:
            return None
        pieces: list[ChromeText] = []
        position = 0
        while position < len(key):
            if key[position] in " \t\xa0":
                position += 1
                continue
            match = self.glued.match(key, position)
            if match is None:
                return None
            pieces.append(self.pieces[match[0]][0])
            position = match.end()
        return pieces

    def alternatives(self, key: str) -> list[ChromeText]:
        """Every place in the template where a normalised line can stand."""
        return self.pieces.get(key, [])


def template_line(line: str) -> str:
    """A line as the rules write it: images by their alternative text, script links by their words."""
    line = line.strip().strip("\u200b\ufeff*")
    if "javascript:" in line:
        line = _SCRIPT_LINK.sub(r"\1", line)
    if line.startswith("!["):
        line = _IMAGE.sub(_image, line, count=1)
    return line


def _image(match: re.Match[str]) -> str:
    alternative, address = match[1], match[2]
    rest = match.string[match.end() :]
    if rest and (not alternative or _NUMBERED_IMAGE.match(alternative)):
        return ""
    if alternative and not _NUMBERED_IMAGE.match(alternative):
        return f"![{alternative}]"
    return PICTURE if address else "![]()"


class ChromeTail(NamedTuple):
    """The interface run at the end of a text."""

    first: int
    """Index of its first line."""
    hits: tuple[tuple[int, str], ...]
    """Index and rule of each of its lines; lines between them that no rule explains stay."""
    facts: Mapping[str, Value]
    anchored: bool = False
    """Whether it starts at the preview notice, which only articles have."""


def remove_anchored_tail(view: View, ruleset: Ruleset) -> StageResult:
    """Remove the interface run at the end; facts: account, declaration, edited, and that the article is whole."""
    tail = find_tail(view, ruleset)
    if tail is None:
        return StageResult()
    edits: list[Edit] = [removal(view, index, rule) for index, rule in tail.hits]
    return StageResult(edits, {**tail.facts, "truncated": ""})


def find_tail(view: View, ruleset: Ruleset) -> ChromeTail | None:
    """Find the interface run at the end of the text."""
    if "tail" not in view.memo:
        template = ruleset.compiled(STAGE, ChromeTemplate)
        view.memo["tail"] = _from_anchor(view, template) or _from_end(view, template)
    tail = view.memo["tail"]
    assert tail is None or isinstance(tail, ChromeTail)
    return tail


def _from_anchor(view: View, template: ChromeTemplate) -> ChromeTail | None:
    if cut := _cut_anchor(view, template):
        return cut
    anchor = max((view.text.rfind(text) for text in template.anchors), default=-1)
    place = bisect_right(view.solid, anchor, key=lambda index: view.starts[index]) - 1
    if anchor < 0 or place < 0:
        return None
    index = view.solid[place]
    if view.lines[index].strip() not in template.anchors or index in view.code:
        return None
    return _walk(view, template, place)


def _cut_anchor(view: View, template: ChromeTemplate) -> ChromeTail | None:
    """A snapshot that its tool cut in the middle of the anchor: 预览时标… as the last line."""
    last = view.solid[-1] if view.solid else -1
    line = view.lines[last].strip() if last >= 0 else ""
    stem = line.removesuffix("...")
    if line.endswith("...") and len(stem) >= 3 and any(text.startswith(stem) for text in template.anchors):
        return ChromeTail(last, ((last, CUT),), {})
    return None


def _walk(view: View, template: ChromeTemplate, place: int) -> ChromeTail | None:
    """Read the run downwards from its anchor to the end of the text."""
    hits: list[tuple[int, str]] = []
    facts: dict[str, Value] = {}
    unknown = order = 0
    below = view.solid[place:]
    for step, index in enumerate(below):
        line = view.lines[index]
        key = template_line(line)
        if not key:
            continue  # empty emphasis, which another stage removes
        pieces = template.read(key)
        if pieces:
            # The same words stand in several rows; the next row down the template is the one.
            further = [piece for piece in template.alternatives(key) if piece.order >= order]
            piece = min(further) if further else _telling(pieces)
            order = piece.order
            hits.append((index, piece.rule))
            _note(facts, piece, line)
        elif index == below[-1] and line.rstrip().endswith("..."):
            hits.append((index, CUT))
        elif key == PICTURE:
            hits.append((index, ACCOUNT_CARD))
        elif step and template_line(view.lines[below[step - 1]]) == PICTURE:
            hits.append((index, ACCOUNT_CARD))
            facts["account"] = line.strip()
        elif step == 1 and (index == below[-1] or template.read(template_line(view.lines[below[2]]))):
            hits.append((index, DECLARATION))
            facts["declaration"] = _LABEL.sub("", line.strip())
        else:
            unknown += 1
    # Lines that no rule explains stay in the text; where they are many, this was a quotation of the interface.
    if unknown > 2 or unknown * 3 > len(hits):
        return None
    return ChromeTail(hits[0][0], tuple(hits), facts, anchored=True)


def _telling(pieces: Sequence[ChromeText]) -> ChromeText:
    """The piece that names the line: the first that no author writes, else the first."""
    return next((piece for piece in pieces if piece.sure), pieces[0])


def _note(facts: dict[str, Value], piece: ChromeText, line: str) -> None:
    if piece.fact == "edited":
        facts["edited"] = "true"
    elif piece.fact:
        facts[piece.fact] = _LABEL.sub("", line.strip())


class TailLine(NamedTuple):
    """One line of a run that is read upwards."""

    line: int
    piece: ChromeText
    texts: int
    """How many interface texts the line holds."""


def _from_end(view: View, template: ChromeTemplate) -> ChromeTail | None:
    """Read upwards from the last line, as long as each line can stand before the one below it."""
    groups: list[TailLine] = []
    facts: dict[str, Value] = {}
    limit = (1_000_000, 0)
    card = ChromeText(template.orders.get(ACCOUNT_CARD, 0), 0, ACCOUNT_CARD, False, "")
    for place in range(len(view.solid) - 1, -1, -1):
        index = view.solid[place]
        if index in view.code:
            break
        line = view.lines[index]
        key = template_line(line)
        fitting = [piece for piece in template.alternatives(key) if piece[:2] <= limit]
        pieces = template.read(key)
        if fitting:
            piece = max(fitting)
            groups.append(TailLine(index, piece, 1))
            limit = piece[:2]
        elif groups and groups[-1].piece.rule in {SLIDE_UP, ACCOUNT_CARD} and _is_card(view, place):
            groups.append(TailLine(index, card, 1))
            limit = card[:2]
            if key != PICTURE:
                facts["account"] = line.strip()
        elif pieces and _telling(pieces).sure and pieces[-1][:2] <= limit:
            groups.append(TailLine(index, _telling(pieces), len(pieces)))
            limit = pieces[0][:2]
        else:
            break
    return _trimmed(groups, facts)


def _is_card(view: View, place: int) -> bool:
    """Whether this is the account's picture, or its name below the picture."""
    line = template_line(view.lines[view.solid[place]])
    return line == PICTURE or (place > 0 and template_line(view.lines[view.solid[place - 1]]) == PICTURE)


def _trimmed(groups: list[TailLine], facts: dict[str, Value]) -> ChromeTail | None:
    """Drop ordinary words from the top of the run: an author's last line may be 分享. `groups` is bottom up."""
    sure = {group.piece.rule for group in groups if group.piece.sure}
    while groups and groups[-1].piece.rule not in sure:
        groups.pop()
    if sum(group.texts for group in groups) < 3:
        return None
    if any(group.piece.fact == "edited" for group in groups):
        facts["edited"] = "true"
    hits = tuple((group.line, group.piece.rule) for group in reversed(groups))
    return ChromeTail(hits[0][0], hits, facts)


# The reward panel of a page whose scripts ran, often glued to the last paragraph without a line end.
#
# `… 最后一句。关闭更多名称已清空![赞赏二维码]()**微信扫一扫赞赏作者**…`: a filter of lines would miss it. The run is
# found by its anchor, the picture or the words of the reward code, then read to the left over the panel's opening
# words in their order, and to the right as long as panel words follow.


PANEL_STAGE = "rendered-panel"


_BETWEEN = r"[\s*]{0,4}"


class PanelWords:
    """The panel's words as expressions."""

    def __init__(self, ruleset: Ruleset) -> None:
        rules = ruleset.of(PANEL_STAGE, "wechat")
        self.owner = {
            word: rule.id
            for rule in rules
            if rule.match != "pattern"
            for text in rule.texts
            for word in text.split("|")
        }
        leads = [text for rule in rules if rule.match == "lead" for text in rule.texts]
        self.anchor = re.compile(_any([text for rule in rules if rule.match == "anchor" for text in rule.texts]))
        # Literal words, each optional, in their order, with a bounded gap between: linear.
        self.lead = re.compile("".join(rf"(?:(?:{_any(text.split('|'))}){_BETWEEN})?" for text in leads))
        # One word of the panel, longest first; literal alternatives, none taken back: linear.
        self.word = re.compile(_any(sorted(self.owner, key=len, reverse=True)))
        self.patterns = [
            (re.compile(text), rule.id, rule.options.get("fact", ""))
            for rule in rules
            if rule.match == "pattern"
            for text in rule.texts
        ]

    def rule_of(self, word: str) -> str:
        """The rule that names a word; an image's word comes with an address."""
        return self.owner.get(word) or self.owner[word[: word.index("]") + 1]]


def _any(words: Sequence[str]) -> str:
    """Any of the words; an image's words take its address along. The address's class excludes its end: linear."""
    return "|".join(re.escape(word) + (r"\([^()\s]*\)" if word.startswith("![") else "") for word in words)


# Between the panel's words: white space, emphasis, digits of the amount's keypad, amounts, images without words, and
# script links around words. Each alternative begins differently and is bounded: linear.
_FILLER = re.compile(
    r"[\s*]+|¥\d{0,4}|[\d.]{1,13}|!\[[^\[\]]{0,40}\]\([^()\s]{0,2000}\)|\[|\]\(javascript:[^\s]{0,40}?\)"
)


def remove_rendered_panel(view: View, ruleset: Ruleset) -> StageResult:
    """Remove the reward panel of a rendered page; facts: declaration, place, published."""
    panel = ruleset.compiled(PANEL_STAGE, PanelWords)
    anchor = panel.anchor.search(view.text)
    if anchor is None:
        return StageResult()
    line = bisect_right(view.starts, anchor.start(), 0, len(view.lines)) - 1
    if line in view.code:
        return StageResult()
    run = _PanelRun(view.text, panel)
    run.read(anchor.start())
    if run.words < 2:
        return StageResult()  # one word alone is a sentence about the panel
    return StageResult([Edit(start, end, "", rule) for rule, start, end in run.pieces], run.facts)


class _PanelRun:
    """The panel's words in one unbroken sequence."""

    def __init__(self, text: str, panel: PanelWords) -> None:
        self.text = text
        self.panel = panel
        self.pieces: list[tuple[str, int, int]] = []
        self.facts: dict[str, Value] = {}
        self.words = 0

    def read(self, anchor: int) -> None:
        """Read to both sides of the anchor."""
        # The opening words are at most some thirty characters long; the first start that fits is the longest run.
        for start in range(max(0, anchor - 60), anchor):
            match = self.panel.lead.match(self.text, start)
            if match and match.end() == anchor:
                first = self.panel.word.match(self.text, start)
                assert first is not None
                self._take(self.panel.rule_of(first[0]), start, anchor)
                break
        position = anchor
        while position < len(self.text) and (end := self._step(position)) > position:
            position = end

    def _step(self, position: int) -> int:
        """Read one word, gap or pattern; return its end, or the same position where the run is over."""
        if match := self.panel.word.match(self.text, position):
            self.words += 1
            self._take(self.panel.rule_of(match[0]), position, match.end())
        elif match := _FILLER.match(self.text, position):
            if not match[0].isspace():
                self._take(self.pieces[-1][0], self.pieces[-1][2], match.end())
        else:
            for pattern, rule, fact in self.panel.patterns:
                if match := pattern.match(self.text, position):
                    self._take(rule, position, match.end())
                    if fact:
                        self.facts[fact] = match[1].strip()
                    self.facts.update({key: value.strip() for key, value in match.groupdict().items()})
                    break
        return match.end() if match else position

    def _take(self, rule: str, start: int, end: int) -> None:
        """Add a stretch; white space before it comes along, and a stretch of the same rule grows."""
        if self.pieces:
            last, first, start = self.pieces[-1]
            if last == rule:
                self.pieces[-1] = (rule, first, end)
                return
        self.pieces.append((rule, start, end))
