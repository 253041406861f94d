"""The reward panel of a page whose scripts ran, often glued to the last paragraph without a line end.

`… 最后一句。关闭更多名称已清空![赞赏二维码]()**微信扫一扫赞赏作者**…`: a filter of lines would miss it. The run is
found by its anchor, the picture or the words of the reward code, then read to the left over the panel's opening
words in their order, and to the right as long as panel words follow.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence

from clean.frontmatter import Value
from clean.stages.stage import Edit, Found, Ruleset, View

__all__ = ["rendered_panel"]

STAGE = "rendered-panel"


_BETWEEN = r"[\s*]{0,4}"


class Panel:
    """The panel's words as expressions."""

    def __init__(self, ruleset: Ruleset) -> None:
        rules = ruleset.of(STAGE, "wechat")
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


def rendered_panel(view: View, ruleset: Ruleset) -> Found:
    """Remove the reward panel of a rendered page; facts: declaration, place, published."""
    panel = ruleset.compiled(STAGE, Panel)
    anchor = panel.anchor.search(view.text)
    if anchor is None:
        return Found()
    line = bisect_right(view.starts, anchor.start(), 0, len(view.lines)) - 1
    if line in view.code:
        return Found()
    run = _Run(view.text, panel)
    run.read(anchor.start())
    if run.words < 2:
        return Found()  # one word alone is a sentence about the panel
    return Found([Edit(start, end, "", rule) for rule, start, end in run.pieces], run.facts)


class _Run:
    """The panel's words in one unbroken sequence."""

    def __init__(self, text: str, panel: Panel) -> None:
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
