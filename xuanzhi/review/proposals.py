"""TOML of test cases and rules, proposed from what a reviewer saw.

"This removal was wrong" gives a counter-example for the rule, cut out of the source as small as it may be: the rule
still fires on it, and must not. "Propose a rule" gives a whole rules file for the lines that were selected; its example
fails with the rules in use, and is good with the rule.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lxml import etree, html

from clean import frontmatter
from clean.errors import RuleError
from clean.html.decode import decode_page
from clean.html.parse import parse_page
from clean.ledger import Ledger, NodeRemoval
from clean.rules import Example, Rule, Ruleset, parse_rules
from clean.stages.text import ZONE
from clean.trial import try_examples
from clean.view import is_blank

__all__ = [
    "LONGEST",
    "MOST_LINES",
    "RuleProposal",
    "counter_example",
    "fires",
    "new_rule",
    "toml",
    "wrong_node",
    "wrong_removal",
]

MOST_LINES = 20
"""Lines of a selection that become a rule."""

LONGEST = 20_000
"""Characters of a case; a longer one nobody reads."""

# What a basic string of TOML 1.0 may not hold as it is; a tab may stand there. One character: linear.
_ESCAPED = re.compile(r'[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\\"]')


class RuleProposal(NamedTuple):
    """TOML for a rules file."""

    toml: str
    fails: bool
    """Whether its case fails with the rules in use, as it should."""
    good: bool
    """Whether the case is good with the proposed rule; of a counter-example nobody knows yet."""
    problem: str = ""
    """What is wrong with it, where it cannot be tried."""


def wrong_removal(source: str, ledger: Ledger, number: int, ruleset: Ruleset) -> RuleProposal | None:
    """Return a counter-example for the rule of an entry of the ledger; None where the rules in use have no such rule.

    The smallest of these on which the rule fires: the lines that went, with what the same stage took around them, from
    there to the end, the whole source.
    """
    rule = ruleset.by_id.get(ledger.entries[number].rule)
    if rule is None:
        return None
    for text in _cuts(source, ledger, number):
        if len(text) <= LONGEST and fires(rule, text, ruleset):
            return RuleProposal(counter_example(rule, text), True, False)
    entry = ledger.entries[number]
    return RuleProposal(counter_example(rule, entry.text.strip("\n") + "\n"), False, False)


def _cuts(source: str, ledger: Ledger, number: int) -> Iterator[str]:
    entries, entry = ledger.entries, ledger.entries[number]
    head = source[: frontmatter.read_front_matter(source).end]
    first = last = number
    while first and entries[first - 1].stage == entry.stage:
        first -= 1
    while last + 1 < len(entries) and entries[last + 1].stage == entry.stage:
        last += 1
    end = source.find("\n", max(entry.span.end - 1, entry.span.start)) + 1 or len(source)
    for start, stop in (
        (entry.span.start, end),
        (entries[first].span.start, entries[last].span.end),
        (entries[first].span.start, len(source)),
        (len(head), len(source)),
    ):
        first_line = source.rfind("\n", 0, start) + 1
        text = source[max(first_line, len(head)) : stop].strip("\n") + "\n"
        if text.strip():
            yield text
            yield f"{head.rstrip()}\n\n{text}" if head else text
    yield source


def fires(rule: Rule, text: str, ruleset: Ruleset) -> bool:
    """Whether a rule acts on a text, or on a page."""
    tried = rule._replace(examples=(), counter_examples=(Example(text, text),))
    return any(fault is not None for fault in try_examples(tried, ruleset))


def counter_example(rule: Rule, text: str) -> str:
    """Return the TOML of a counter-example, with a word on where it belongs."""
    return f"# {rule.id}, {rule.place}\n[[rule.counter-example]]\ntext = {toml(text)}\n"


def new_rule(selected: str, markdown: str, ruleset: Ruleset, *, reason: str) -> RuleProposal | None:
    """Return a rules file with one rule for the lines of a selection; None where the clean text has none of them.

    The rule is for the source that the front matter names alone, and for the end or the beginning of a text where the
    lines stand there.
    """
    front = frontmatter.read_front_matter(markdown)
    solid = [line.strip() for line in markdown[front.end :].split("\n") if not is_blank(line)]
    places = list(_places(selected, solid))[:MOST_LINES]
    if not places:
        return None
    texts = list(dict.fromkeys(solid[place] for place in places))
    text = _rule(texts, front.get("source"), _zone(places, len(solid)), reason, ruleset)
    try:
        with_rule = Ruleset([*ruleset.rules, *parse_rules("proposal.toml", text)])
    except RuleError as error:
        return RuleProposal(text, False, False, str(error))
    rule = with_rule.rules[-1]
    return RuleProposal(
        text,
        fails=any(fault is not None for fault in try_examples(rule, ruleset)),
        good=all(fault is None for fault in try_examples(rule, with_rule)),
    )


def _places(selected: str, solid: Sequence[str]) -> Iterator[int]:
    """Yield the lines of a text that hold the lines of a selection, in the order of the selection."""
    after = 0
    for line in selected.split("\n"):
        wanted = line.strip()
        if not wanted:
            continue
        found = [place for place, each in enumerate(solid) if each == wanted] or [
            place for place, each in enumerate(solid) if wanted in each
        ]
        if found:
            place = next((each for each in found if each >= after), found[-1])
            after = place + 1
            yield place


def _zone(places: Sequence[int], total: int) -> str:
    if min(places) >= total - ZONE:
        return "tail"
    return "head" if max(places) < ZONE else "anywhere"


def _rule(texts: Sequence[str], account: str, zone: str, reason: str, ruleset: Ruleset) -> str:
    number = 1
    while f"local.proposal-{number}" in ruleset.by_id:
        number += 1
    head = f"---\nsource: {account}\n---\n\n" if account else ""
    author = "正文。\n" if any("\u4e00" <= each <= "\u9fff" for each in texts[0]) else "Text.\n"
    removed = "".join(f"\n{text}\n" for text in texts)
    before = removed.lstrip("\n") + "\n" + author if zone == "head" else author + removed
    quoted = f"「{texts[0]}」，{author}" if author.startswith("正") else f"“{texts[0]}”, said the author.\n"
    lines = [
        "[[rule]]",
        f'id = "local.proposal-{number}"',
        'stage = "lines"',
        'match = "line"',
        f"text = {toml(texts[0]) if len(texts) == 1 else '[' + ', '.join(map(toml, texts)) + ']'}",
        *([f'zone = "{zone}"'] if zone != "anywhere" else []),
        *([f"source = {toml(account)}"] if account else []),
        f"reason = {toml(reason)}",
        "",
        "[[rule.example]]",
        f"before = {toml(head + before)}",
        f"after = {toml(head + author)}",
        "",
        "[[rule.counter-example]]",
        f"text = {toml(head + quoted)}",
    ]
    return "\n".join(lines) + "\n"


def toml(text: str) -> str:
    """Return a text as a basic string of TOML 1.0, on several lines where it has several."""
    if "\n" not in text:
        return f'"{_ESCAPED.sub(_escape, text)}"'
    return '"""\n' + "\n".join(_ESCAPED.sub(_escape, line) for line in text.split("\n")) + '"""'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in {"\\", '"'}:
        return f"\\{character}"
    # A lone surrogate is a stray byte of the source; TOML has no character for it.
    return "\\uFFFD" if "\ud800" <= character <= "\udfff" else f"\\u{ord(character):04X}"


# Counter-examples for rules that wrongly left out a piece of a page: that piece, in a page of a few lines.

_PAGES = (
    '<html><body><div id="js_article"><div id="js_content"><p>正文。</p></div></div>{}</body></html>',
    '<html><body><div id="js_article"><div id="js_content"><p>正文。</p>{}</div></div></body></html>',
)
"""Small articles, with a piece behind the content or in it."""


def wrong_node(page: bytes, node: NodeRemoval, ruleset: Ruleset) -> RuleProposal | None:
    """Return a counter-example for the rule of a node; None where the rules in use have no such rule.

    The smallest of these on which the rule fires: the element in a page of a few lines, the whole page.
    """
    rule = ruleset.by_id.get(node.rule)
    if rule is None:
        return None
    cuts = [text for text in _cuts_of_node(page, node) if len(text) <= LONGEST]
    for text in cuts:
        if fires(rule, text, ruleset):
            return RuleProposal(counter_example(rule, text), True, False)
    return RuleProposal(counter_example(rule, cuts[0] if cuts else node.text), False, False)


def _cuts_of_node(page: bytes, node: NodeRemoval) -> Iterator[str]:
    decoded = decode_page(page)
    try:
        found = parse_page(decoded.data).root.xpath(node.path)
    except etree.XPathError:  # the place of a node in the page's data
        found = []
    for element in found if isinstance(found, list) else ():
        if isinstance(element, html.HtmlElement):
            piece = html.tostring(element, encoding="unicode", with_tail=False)
            yield from (frame.format(piece) for frame in _PAGES)
    yield decoded.text
