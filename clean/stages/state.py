"""State of the source, judged by the page's structure and never by a phrase alone.

A notice is a page that holds a headline of the platform, at most a few lines about it, the interface at the end, and
nothing else: no cover, no byline. An article that quotes such a sentence, in its title or its text, has more.
"""

import re
from collections.abc import Sequence

from clean.rules import Rule
from clean.stages.stage import Edit, Ruleset, StageResult, State, View
from clean.stages.wechat_tail import find_tail
from clean.view import comparable_text, heading_text, same_title

__all__ = ["TEXT_POST", "detect_state", "unwrap_text_post"]

EMPTY = "wechat.state.empty"
NOTHING = "snapshot.empty"
TEXT_POST = "wechat.state.text-post"

LONGEST_NOTICE = 600
"""Characters of all lines of a notice, links included. The longest one known has 210."""


def detect_state(view: View, ruleset: Ruleset) -> StageResult:
    """Tell a shell, a wall or a notice from an article; give the notice's text."""
    tail = find_tail(view, ruleset)
    stop = tail.first if tail else len(view.lines)
    content = [index for index in view.solid if index < stop]
    if content and heading_text(view.lines[content[0]], 1):
        content = content[1:]  # the title that the snapshot's tool wrote
    if not content:
        if is_text_post(view.front.get("title")):
            return StageResult(facts={"kind": "text"})
        return _state(view, State.EMPTY, EMPTY, "")
    lines = [view.lines[index] for index in content]
    # A cover, or the notice of the tags' preview below the text: pages of the platform's own have neither.
    if any(line.startswith("![cover_image]") for line in lines) or (tail and tail.anchored):
        return StageResult()
    for rule in ruleset.of("state", "wechat"):
        if rule.texts and _is_notice(lines, rule):
            notice = "\n".join(_notice_line(line) for line in lines)
            return _state(view, State(rule.options["state"]), rule.id, notice)
    return StageResult()


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
