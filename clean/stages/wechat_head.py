"""Removal of WeChat's interface between title and article: original mark, byline, repost card.

It is read from the title downwards and only as far as lines fit; the first line that does not is the author's. What
the lines say, who wrote it, in which account, whether it is original, moves to the front matter.
"""

import re
from collections.abc import Sequence

from clean.frontmatter import BOOLEAN_KEYS, Value
from clean.rules import Rule
from clean.stages.stage import Edit, Ruleset, StageResult, View, removal
from clean.stages.text import TITLE, page_title
from clean.stages.wechat_tail import PICTURE, template_line
from clean.view import comparable_text, heading_text, same_title

__all__ = ["remove_wechat_head"]

STAGE = "wechat-head"
BYLINE = "wechat.head.byline"
ORIGINAL = "wechat.head.original"
REPOST = "wechat.head.repost-card"
PICTURE_POST = "wechat.head.picture-post"
PROFILE = "wechat.head.profile"
PUBLISHED = "wechat.head.published"

LONGEST_NAME = 40
"""Characters of an account's or an author's name with escapes; the platform allows 30."""

# 以下文章来源于 and the account's name; 作者 and the author's. Anchored at both ends, one open class: linear.
_REPOSTED_FROM = re.compile(r"以下文章来源于\s*(\S.*)")
_REPOSTED_AUTHOR = re.compile(r"，\s*作者\s*(\S.*)")

# An account's identifier: 6 to 20 letters, digits, underscores and hyphens, the underscore perhaps escaped.
_IDENTIFIER = re.compile(r"(?:[A-Za-z0-9_-]|\\_){4,40}")

# The byline as converters that keep links write it, on one line: the original mark, the author, and the account as a
# link that runs a script instead of leading somewhere. Bounded parts: linear.
_BYLINE = re.compile(
    r"(?:(原创|Original)\s{1,4})?(?:([^\[\]\s][^\[\]]{0,39}?)\s{1,4})?\[\s{0,4}([^\[\]\s][^\[\]]{0,39}?)\s{0,4}\]"
    r"\(javascript:[^\s]{0,40}\)"
)

# And below it the time and the place, each in emphasis. Bounded parts: linear.
_DATELINE = re.compile(
    r"_(\d{4}年\d{1,2}月\d{1,2}日(?: \d{1,2}:\d{2})?|\d{4}-\d{2}-\d{2}(?: \d{2}:\d{2})?)_"
    r"(?:\s{1,4}_(?:发表于 ?)?([^\s。，_]{0,12})_)?"
)

# Emphasis around a whole name, and a backslash before punctuation. Fixed lengths: linear.
_EMPHASIS = re.compile(r"^\*\*|\*\*$")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")


def remove_wechat_head(view: View, ruleset: Ruleset) -> StageResult:
    """Remove the interface lines between title and article; facts: author, account, original, reposted from."""
    title = page_title(view)
    if title is None:
        return StageResult()
    is_byline = len(view.opening) > 1 and _BYLINE.fullmatch(view.lines[view.opening[1]].strip())
    if not is_byline and not view.done & {"scraper-head", "anchored-tail", "rendered-panel"}:
        return StageResult()  # nothing of the interface was there, so this is no raw snapshot
    head = _Head(view, ruleset.of(STAGE, "wechat"), view.opening[1:])
    head.read(title)
    return StageResult(sorted(head.edits), head.facts)


class _Head:
    """Reads the lines below the title, one after the other."""

    def __init__(self, view: View, rules: Sequence[Rule], rest: Sequence[int]) -> None:
        self.view = view
        self.rules = rules
        self.rest = rest
        self.place = 0
        self.edits: list[Edit] = []
        self.facts: dict[str, Value] = {}

    def read(self, title: int) -> None:
        """Read the whole head."""
        self._picture_post()
        self._repeated_title(title)
        self._rules()
        if not self._byline_with_link():
            self._byline()
        self._rules()
        self._repost_card()
        self._rules()
        self._repeated_title(title)

    def line(self, ahead: int = 0) -> str:
        """The line that is read next, or one further on; empty after the last."""
        place = self.place + ahead
        return self.view.lines[self.rest[place]].strip() if place < len(self.rest) else ""

    def take(self, rule: str, count: int = 1) -> None:
        """Remove the next lines by this rule."""
        for _ in range(count):
            self.edits.append(removal(self.view, self.rest[self.place], rule))
            self.place += 1

    def _picture_post(self) -> None:
        """In a picture post the account's picture and name stand right below the title."""
        if template_line(self.line()) == PICTURE and self._is_account(self.line(1)):
            self.facts["kind"] = "image"
            self.facts["account"] = plain_name(self.line(1))
            self.take(PICTURE_POST, 2)

    def _repeated_title(self, title: int) -> None:
        text = heading_text(self.line(), 1)
        if text and same_title(text, heading_text(self.view.lines[title], 1)):
            self.take(TITLE)

    def _rules(self) -> None:
        """Lines that rules name, as long as there are any."""
        previous = ""
        while line := self.line():
            rule = next((rule for rule in self.rules if _fits(rule, line) and self._may(rule, line, previous)), None)
            if rule is None:
                break
            if fact := rule.options.get("fact", ""):
                self.facts[fact] = "true" if fact in BOOLEAN_KEYS else _value(rule, line)
            self.take(rule.id)
            previous = rule.id
        self._profile()

    def _may(self, rule: Rule, line: str, previous: str) -> bool:
        """Whether the rule may act here: its other stage found something, and an ordinary word follows a sure one.

        The original mark stands above the byline; below it 原创 is the author's.
        """
        if rule.id == ORIGINAL and "account" in self.facts:
            return False
        after, sure = rule.options.get("after"), rule.options.get("sure", True)
        return (after is None or after in self.view.done) and (sure is True or line in sure or previous == rule.id)

    def _profile(self) -> None:
        """The hidden block of 2017 to 2022: 微信号 and the identifier, 功能介绍 and the account's description."""
        labels = self.line() in {"微信号", "WeChat ID"} and self.line(2) in {"功能介绍", "Intro"}
        if labels and _IDENTIFIER.fullmatch(self.line(1)) and self.line(3):
            self.take(PROFILE, 4)

    def _byline_with_link(self) -> bool:
        """The whole byline on one line, and perhaps the time and the place on the next; whether it was there."""
        match, below = _BYLINE.fullmatch(self.line()), _DATELINE.fullmatch(self.line(1))
        if match is None or not (match[1] or match[2] or below):
            return False  # a link by itself may be any button
        mark, author, account = match.groups()
        self.facts["account"] = plain_name(account)
        if author:
            self.facts["author"] = plain_name(author)
        if mark:
            self.facts["original"] = "true"
        self.take(BYLINE)
        if below:
            self.facts["published"] = below[1]
            if below[2]:
                self.facts["place"] = below[2]
            self.take(PUBLISHED)
        return True

    def _byline(self) -> None:
        """The author, sometimes twice, and the account.

        The account's name is known from the interface below the article or from the snapshot's source; after the
        original mark both stand in any case.
        """
        names = [self.line(ahead) for ahead in range(3)]
        count = 0
        for ahead in (2, 1, 0):
            if self._is_account(names[ahead]) and (ahead < 2 or comparable_text(names[0]) == comparable_text(names[1])):
                count = ahead + 1
                break
        if not count and _is_name(names[0]) and _is_name(names[1]):
            twice = comparable_text(names[0]) == comparable_text(names[1])
            if twice and "original" in self.facts and _resembles(names[2], self.view.front.get("source")):
                count = 3
            elif twice or "original" in self.facts:
                count = 2
        if not count and any(_resembles(line, self.view.front.get("source")) for line in names[:2]):
            count = 1 if _resembles(names[0], self.view.front.get("source")) else 2
        # Between the title and the account's own name stands the author's name, whatever it looks like.
        if any(len(line) > 2 * LONGEST_NAME or line.startswith(("#", "![", "|")) for line in names[:count]):
            return
        if count:
            self.facts.setdefault("account", plain_name(names[count - 1]))
        if count > 1:
            self.facts["author"] = plain_name(names[0])
        self.take(BYLINE, count)

    def _is_account(self, line: str) -> bool:
        known = (self.view.facts.get("account"), self.view.front.get("source"))
        return bool(line) and any(
            isinstance(one, str) and one and comparable_text(one) == comparable_text(line) for one in known
        )

    def _repost_card(self) -> None:
        """以下文章来源于…: source, author, picture, name, a full stop.

        An editor's note (编者荐语) may stand above it and the source's description of itself below. Both stay: a
        snapshot does not mark where the description ends and the article begins.
        """
        for ahead in range(min(8, len(self.rest) - self.place)):
            if match := _REPOSTED_FROM.fullmatch(self.line(ahead)):
                source = match[1]
                self.place += ahead
                break
        else:
            return
        count = 1
        facts: dict[str, Value] = {"reposted_from": plain_name(source)}
        if match := _REPOSTED_AUTHOR.fullmatch(self.line(count)):
            facts["reposted_author"] = plain_name(match[1])
            count += 1
        if template_line(self.line(count)) != PICTURE or comparable_text(self.line(count + 1)) != comparable_text(
            source
        ):
            return
        count += 2
        if self.line(count) == ".":
            count += 1
        self.facts.update(facts)
        self.take(REPOST, count)


def plain_name(line: str) -> str:
    """A name as a person writes it: without emphasis and escapes."""
    return _ESCAPE.sub("", _EMPHASIS.sub("", line.strip())).strip()


def _is_name(line: str) -> bool:
    return 0 < len(line) <= LONGEST_NAME and line[0] not in "#>|!*-[`" and line[-1] not in "。！？；：!?:;…"


def _resembles(line: str, source: str) -> bool:
    """Whether an account was renamed: one of the two names holds the other."""
    one, other = comparable_text(line), comparable_text(source)
    return len(one) >= 2 and len(other) >= 2 and _is_name(line) and (one in other or other in one)


def _fits(rule: Rule, line: str) -> bool:
    if rule.match == "line":
        return any(line in text.split("|") for text in rule.texts)
    if rule.match == "prefix":
        return line.startswith(rule.texts)
    return rule.match == "pattern" and any(re.fullmatch(text, line) for text in rule.texts)


def _value(rule: Rule, line: str) -> str:
    """What a line says: the first group of a pattern, what follows a prefix, or the line."""
    if rule.match == "pattern":
        for text in rule.texts:
            if match := re.fullmatch(text, line):
                return (match[1] if match.re.groups else match[0]).strip()
    prefix = next((text for text in rule.texts if rule.match == "prefix" and line.startswith(text)), "")
    return line[len(prefix) :].strip()
