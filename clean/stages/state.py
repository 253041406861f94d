"""State of the source, judged by the page's structure and never by a phrase alone.

A notice is a page that holds a headline of the platform, at most a few lines about it, the interface at the end, and
nothing else: no cover, no byline. An article that quotes such a sentence, in its title or its text, has more.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from clean.rules import Rule
from clean.stages.stage import Edit, Ruleset, StageResult, State, View
from clean.stages.wechat_tail import find_tail
from clean.view import comparable_text, heading_level, heading_text, same_title, title_length

__all__ = ["TEXT_POST", "detect_listing", "detect_state", "unwrap_text_post"]

EMPTY = "wechat.state.empty"
NOTHING = "snapshot.empty"
TEXT_POST = "wechat.state.text-post"

LONGEST_NOTICE = 600
"""Characters of all lines of a notice, links included. The longest one known has 210."""


def detect_state(view: View, ruleset: Ruleset) -> StageResult:
    """Tell a shell, a wall or a notice from an article; give the notice's text."""
    tail = find_tail(view, ruleset)
    lines = shown_lines(view, tail.first if tail else len(view.lines))
    title = view.front.get("title")
    content = lines[titles_above(lines, title) :]
    if not content and is_text_post(title):
        return StageResult(facts={"kind": "text"})
    # A cover, or the notice of the tags' preview below the text: pages of the platform's own have neither.
    if any(line.text.startswith("![cover_image]") for line in content) or (tail and tail.anchored):
        return StageResult() if content else _state(view, State.EMPTY, EMPTY, "")
    rules = [rule for rule in ruleset.of("state", "wechat") if rule.texts]
    for shown in (content, _with_headline(lines, content, title)):
        for rule in rules:
            if shown and _is_notice([line.text for line in shown], rule):
                notice = "\n".join(_notice_line(line.text) for line in shown)
                return _state(view, State(rule.options["state"]), rule.id, notice)
    return StageResult() if content else _state(view, State.EMPTY, EMPTY, "")


class TextLine(NamedTuple):
    """A line with text, without the line that underlines it."""

    text: str
    level: int
    """Of the heading that it is, 0 where it is none."""


def shown_lines(view: View, stop: int) -> list[TextLine]:
    """The first lines with text before the line `stop`; underlines and thematic breaks show none."""
    return [
        TextLine(view.lines[index], heading_level(view, index))
        for index in view.opening
        if index < stop and not _NO_TEXT.match(view.lines[index])
    ]


# A line that underlines a heading or parts two paragraphs (CommonMark 0.31, sections 4.1 and 4.3). One class: linear.
_NO_TEXT = re.compile(r"[ \t]*(?:=+|[-*_ \t]+)[ \t]*$")


def titles_above(lines: Sequence[TextLine], title: str) -> int:
    """How many lines at the beginning are the title: one that the tool wrote, the page's own, each over any lines."""
    count = 0
    while count < len(lines):
        length = title_length([line.text for line in lines[count:]], title)
        if not length and (count or lines[0].level != 1):
            break  # only the first heading is a title, whatever it says
        count += length or 1
        title = title or lines[0].text
    return count


SHORT = 80
"""Characters that one line below a heading has at most, where the heading may be a notice's though it is the title."""


def _with_headline(lines: Sequence[TextLine], content: Sequence[TextLine], title: str) -> Sequence[TextLine]:
    """The content with the heading above it, where that may be a notice's headline and no title of an article.

    It is none of the given title; or below it is no more than one short line, or links.
    """
    if len(lines) == len(content):
        return ()
    headline = lines[len(lines) - len(content) - 1]
    is_other = title and not same_title(headline.text, title)
    is_little = len(content) <= 1 and all(len(line.text) <= SHORT for line in content)
    if is_other or is_little or all(_ONLY_LINK.match(line.text) for line in content):
        return (headline, *content)
    return ()


# A line that is one link, as notices end with. Classes that end at the bracket: linear.
_ONLY_LINK = re.compile(r"\s*\[[^\[\]]*\]\([^()\s]*\)\s*$")


def detect_empty(view: View, ruleset: Ruleset) -> StageResult:
    """Tell a snapshot in which nothing is left to read, or nothing but the title that its tool wrote."""
    if len(view.opening) > 1:
        return StageResult()
    if view.opening:
        title = heading_text(view.lines[view.opening[0]], 1)
        if view.facts.get("kind") or not title or not same_title(title, view.front.get("title")):
            return StageResult()
    return _state(view, State.EMPTY, NOTHING, "")


def is_text_post(title: str) -> bool:
    r"""Whether a title is a whole post: feeds give a text post's text as its title, line ends written `\n`."""
    return "\\n" in title


def _state(view: View, value: State, rule: str, notice: str) -> StageResult:
    return StageResult([Edit(0, len(view.text), "", rule)], {}, value, notice)


def _is_notice(lines: Sequence[str], rule: Rule) -> bool:
    if len(lines) > rule.options.get("lines", 4) or sum(map(len, lines)) > LONGEST_NOTICE:
        return False
    also = rule.options.get("also")
    if also and not any(word in line for word in also for line in lines):
        return False
    headline = comparable_text(lines[0])
    for text in rule.texts:
        wanted = comparable_text(text)
        if headline == wanted or (rule.match == "prefix" and headline.startswith(wanted)):
            return True
    return False


def _notice_line(line: str) -> str:
    return line.strip().lstrip("#").strip()


# A line end as the feed writes it: one backslash or an escaped one before an n. Linear.
_LINE_END = re.compile(r"\\{1,2}n")


def unwrap_text_post(view: View, ruleset: Ruleset) -> StageResult:
    """Write the heading of a text post as the text that it is."""
    if view.facts.get("kind") != "text" or not view.opening:
        return StageResult()
    first = view.opening[0]
    title = heading_text(view.lines[first], 1)
    if not title:
        return StageResult()
    start = view.starts[first]
    text = _LINE_END.sub("\n", title)
    return StageResult([Edit(start, start + len(view.lines[first]), text, TEXT_POST)])


LISTING = "notice.listing"

_MOST_LISTED = 20_000
"""Lines of a listing that are looked at."""

# What servers write above the files of a folder: Apache and nginx, Python, IIS. One path in each: linear.
_LISTED = re.compile(r"(?:index of|directory listing (?:for|of)|[\w.:-]{1,80} -) /\S{0,500}", re.IGNORECASE)
# When a file was changed, in the forms of these servers. Digits parted by signs: linear.
_CHANGED = re.compile(r"\b\d{1,4}[-/.](?:\d{1,2}|[A-Z][a-z]{2})[-/.]\d{2,4}[ T]{1,9}\d{1,2}:\d{2}(?::\d{2})?\b")
# What else stands in a listing: names of columns, the way up, lines, the server's name. Alternatives: linear.
_IN_LISTING = re.compile(
    r"(?:(?:name|last modified|size|description|type|date)[\s|]{0,40}){2,6}|\[?(?:to )?parent directory\]?[\s|-]*"
    r"|\.\./?[\s|-]*|[-=*_\s|:]+|`{3,}\w*|(?:apache|nginx|lighttpd|openresty|caddy)\b.{0,200}",
    re.IGNORECASE,
)
# A link of Markdown, its text in the group. Classes that end at a bracket: linear.
_LINKED = re.compile(r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\([^()\s]*(?:\s\"[^\"]*\")?\)")


def detect_listing(view: View, ruleset: Ruleset) -> StageResult:
    """Tell the listing of a folder, which a server makes: a heading with a path, and below it nothing but files."""
    if LISTING not in ruleset.by_id or len(view.lines) > _MOST_LISTED:
        return StageResult()
    lines = [line.strip() for line in view.lines if line.strip()]
    heads = [line.lstrip("#* ").rstrip("#* ") for line in lines[:3]]
    title = view.front.get("title")
    at = next((number for number, head in enumerate(heads) if _LISTED.fullmatch(head)), -1)
    if at < 0 and not _LISTED.fullmatch(title):
        return StageResult()
    files = others = 0
    for line in [*lines[: max(at, 0)], *lines[at + 1 :]]:
        text = _LINKED.sub(r"\1", line).strip("|-*+> ")
        is_link = not _LINKED.sub("", line).strip("|-*+>[]() ")
        if _CHANGED.search(text) or (is_link and text):
            files += 1
        elif text and not _IN_LISTING.fullmatch(text):
            others += 1
    if not files or others * 20 > files:
        return StageResult()
    return _state(view, State.NOT_ARTICLE, LISTING, heads[at] if at >= 0 else title)
