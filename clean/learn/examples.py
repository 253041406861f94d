"""Examples of a proposed rule, cut from a real page: what it takes, and where it stays silent."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from clean.frontmatter import FrontMatter, read, write
from clean.learn.apply import Matcher
from clean.learn.applying import run_of, seen_of
from clean.learn.form import LABEL
from clean.learn.normal import Kind
from clean.learn.page import Line, lines_of
from clean.pipeline import clean
from clean.rules import Example, Rule, Ruleset, built_in
from clean.view import View

__all__ = ["Examples", "examples"]

LEAST = 120
"""Characters of prose in an example at least, so that the page's floor lets the run go."""

AROUND = 2
"""Other lines between the run and the page's end in an example, at most."""

OTHER_SOURCE = "https://example.org/another-source"


class Examples(NamedTuple):
    """One of each."""

    example: Example
    counter_example: Example


class _Text:
    """A clean text, read."""

    def __init__(self, markdown: str) -> None:
        self.front = read(markdown)
        self.view = View(markdown[self.front.end :], self.front)
        self.lines = lines_of(self.view)

    def raw(self, line: Line) -> str:
        """Return a line as it stands in the text."""
        return self.view.lines[line.at].strip()


def examples(rule: Rule, page: str, others: Iterable[str] = ()) -> Examples | None:
    """Return examples of a rule from a page on which it fires, given as its clean text without learned rules.

    The counter-example comes from one of the `others`, pages on which the rule takes nothing; where there is none that
    serves, it is the example at another source's address. None where the page gives no example that holds.
    """
    text = _Text(page)
    before = _label_example(rule, text) if rule.match == LABEL else _run_example(rule, text)
    if before is None:
        return None
    after = _cleaned(rule, before)
    if after is None:
        return None
    for other in others:
        counter = _excerpt(_Text(other), rule.options["zone"])
        if _cleaned(rule, counter) is None:
            return Examples(Example(before, after), Example(counter, counter))
    counter = _front(read(page), OTHER_SOURCE) + before.partition("\n---\n")[2]
    return Examples(Example(before, after), Example(counter, counter))


def _cleaned(rule: Rule, before: str) -> str | None:
    """Return what cleaning makes of a text's body; None where the rule does nothing."""
    result = clean(before.encode("utf-8", "replace"), ruleset=Ruleset([*built_in().rules, rule]))
    fired = rule.id in result.ledger.counts() or (rule.match == LABEL and rule.options["fact"] in result.facts)
    if not fired or result.markdown is None:
        return None
    return result.markdown.partition("\n---\n")[2].removeprefix("\n")


def _front(front: FrontMatter, url: str = "") -> str:
    kept = {key: front.values[key] for key in ("url", "source", "kind") if front.values.get(key)}
    return write({**kept, "url": url} if url else kept)


def _run_example(rule: Rule, text: _Text) -> str | None:
    """Return the first run of the rule on the page, the lines around it, and enough prose for the page's floor."""
    lines = text.lines
    hits = Matcher([run_of(rule)]).find(seen_of(lines), cut=False).hits
    if not hits:
        return None
    places = hits[0].places
    taken = sum(len(lines[place].text) for place in places)
    enough = max(LEAST, taken) if text.front.get("kind") else LEAST
    before, behind = range(places[0]), range(places[-1] + 1, len(lines))
    if rule.options["zone"] == "head":
        order = [*before[-AROUND:], *places, *_prose(lines, behind, enough)]
    else:
        above = _prose(lines, reversed(before), enough)
        beyond = behind[:AROUND] if rule.options["zone"] == "tail" else _prose(lines, behind, enough)
        order = [*reversed(above), *places, *beyond]
    return _front(text.front) + "\n" + "\n\n".join(text.raw(lines[place]) for place in order) + "\n"


def _prose(lines: Sequence[Line], places: Iterable[int], enough: int) -> list[int]:
    """Return the nearest places of text, in the order given, until there is enough."""
    chosen: list[int] = []
    for place in places:
        if enough <= 0:
            break
        if lines[place].kind is Kind.TEXT:
            chosen.append(place)
            enough -= len(lines[place].text)
    return chosen


def _label_example(rule: Rule, text: _Text) -> str | None:
    near = next((line for line in text.lines if line.text.partition(":")[0].strip().lower() in rule.texts), None)
    if near is None:
        return None
    rest = [text.raw(line) for line in text.lines if line.kind is Kind.TEXT and line is not near][:2]
    return _front(text.front) + "\n" + "\n\n".join([text.raw(near), *rest]) + "\n"


def _excerpt(text: _Text, zone: str) -> str:
    """Return a few lines of a page from the end that a rule's zone names."""
    lines = text.lines[:8] if zone != "tail" else text.lines[-8:]
    return _front(text.front) + "\n" + "\n\n".join(text.raw(line) for line in lines) + "\n"
