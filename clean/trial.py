"""Trial of rules against their examples, each rule by itself.

A rule that does not do what its example says is no rule; so cleaning as a whole decides, and this stands above it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from clean.document import Cleaned, State
from clean.errors import SourceError
from clean.frontmatter import FrontMatter, read_front_matter, write_front_matter
from clean.learn.apply import Matcher, compared_page, rule_run
from clean.learn.page import LearnedLine, learned_lines
from clean.normalise import LineKind
from clean.pipeline import clean
from clean.rules import LABEL, NOTICE, PAGE_STAGES, STAGE, Example, ExamplePair, Rule, Ruleset, built_in
from clean.view import View

__all__ = ["TrialFault", "find_examples", "try_examples"]

SHORTEST_PROSE = 120
"""Characters of prose in an example at least, so that the page's floor lets the run go."""

LINES_AROUND = 2
"""Other lines between the run and the page's end in an example, at most."""

OTHER_SOURCE = "https://example.org/another-source"
"""The address of a counter-example where no other page serves as one."""


class TrialFault(NamedTuple):
    """An example that does not behave as its rule says."""

    rule: Rule
    example: Example
    counter: bool
    """Whether the example is a counter-example."""
    reason: str
    """`silent`: the rule does not fire. `fires`: it fires where it must not. `differs`: the text is another."""
    got: str


def try_examples(rule: Rule, ruleset: Ruleset) -> Iterator[TrialFault | None]:
    """Try every example and counter-example of a rule; yield a Fault, or None where all is as the rule says.

    An example's `after` without front matter is compared with the body alone, and for a page without the line end at
    its end. A counter-example says only that this rule stays silent: other rules may act on it. A learned rule is tried
    without the other learned ones, each of which is approved or not by itself.
    """
    if rule.stage == STAGE:
        ruleset = Ruleset(one for one in ruleset.rules if one.stage != STAGE or one is rule)
    for example in rule.examples:
        result = _clean(rule, example, ruleset)
        got = _comparable(rule, result, example.after) if result else ""
        if result and not _fired(rule, example, result, ruleset) and example != Example("", ""):
            yield TrialFault(rule, example, False, "silent", got)
        elif got != example.after:
            yield TrialFault(rule, example, False, "differs", got)
        else:
            yield None
    for example in rule.counter_examples:
        result = _clean(rule, example, ruleset)
        if result and _fired(rule, example, result, ruleset):
            yield TrialFault(rule, example, True, "fires", _comparable(rule, result, ""))
        else:
            yield None


def _clean(rule: Rule, example: Example, ruleset: Ruleset) -> Cleaned | None:
    profile = None if rule.profile == "any" else rule.profile
    try:
        if rule.stage in PAGE_STAGES or (rule.stage == NOTICE and example.before.startswith("<")):
            from clean.page import clean_page  # heavy, and not needed for the rules of text

            return clean_page(example.before.encode(), ruleset=ruleset, profile=profile)
        return clean(example.before.encode(), ruleset=ruleset, profile=profile)
    except SourceError:
        return None


def _fired(rule: Rule, example: Example, result: Cleaned, ruleset: Ruleset) -> bool:
    if rule.stage == NOTICE and rule.options.get("state") == State.LIVE.value:
        # Such a rule removes nothing: it acts where a page would be no article without it.
        others = _clean(rule, example, Ruleset(one for one in ruleset.rules if one is not rule))
        return result.state is State.LIVE and others is not None and others.state is not State.LIVE
    if rule.match == LABEL:
        return rule.options["fact"] in result.facts
    return rule.id in result.ledger.counts()


def _comparable(rule: Rule, result: Cleaned, wanted: str) -> str:
    text = result.markdown or ""
    if rule.stage in PAGE_STAGES or (rule.stage == NOTICE and not wanted.endswith("\n")):
        text = text.removesuffix("\n")
    if wanted.startswith("---\n") or not text.startswith("---\n"):
        return text
    return text.partition("\n---\n")[2].removeprefix("\n")


class _CleanText:
    """A clean text with its front matter, and its lines as learned rules compare them."""

    def __init__(self, markdown: str) -> None:
        self.front = read_front_matter(markdown)
        self.view = View(markdown[self.front.end :], self.front)
        self.lines = learned_lines(self.view)

    def raw(self, line: LearnedLine) -> str:
        """Return a line as it stands in the text."""
        return self.view.lines[line.at].strip()


def find_examples(rule: Rule, page: str, others: Iterable[str] = ()) -> ExamplePair | None:
    """Return examples of a rule from a page on which it fires, given as its clean text without learned rules.

    The counter-example comes from one of the `others`, pages on which the rule takes nothing; where there is none that
    serves, it is the example at another source's address. None where the page gives no example that holds.
    """
    text = _CleanText(page)
    before = _label_example(rule, text) if rule.match == LABEL else _run_example(rule, text)
    if before is None:
        return None
    after = _cleaned(rule, before)
    if after is None:
        return None
    for other in others:
        counter = _excerpt(_CleanText(other), rule.options["zone"])
        if _cleaned(rule, counter) is None:
            return ExamplePair(Example(before, after), Example(counter, counter))
    counter = _front(read_front_matter(page), OTHER_SOURCE) + before.partition("\n---\n")[2]
    return ExamplePair(Example(before, after), Example(counter, counter))


def _cleaned(rule: Rule, before: str) -> str | None:
    """Return what cleaning makes of a text's body; None where the rule does nothing."""
    result = clean(before.encode("utf-8", "replace"), ruleset=Ruleset([*built_in().rules, rule]))
    fired = rule.id in result.ledger.counts() or (rule.match == LABEL and rule.options["fact"] in result.facts)
    if not fired or result.markdown is None:
        return None
    return result.markdown.partition("\n---\n")[2].removeprefix("\n")


def _front(front: FrontMatter, url: str = "") -> str:
    kept = {key: front.values[key] for key in ("url", "source", "kind") if front.values.get(key)}
    return write_front_matter({**kept, "url": url} if url else kept)


def _run_example(rule: Rule, text: _CleanText) -> str | None:
    """Return the first run of the rule on the page, the lines around it, and enough prose for the page's floor."""
    lines = text.lines
    hits = Matcher([rule_run(rule)]).find(compared_page(lines), cut=False).hits
    if not hits:
        return None
    places = hits[0].places
    taken = sum(len(lines[place].text) for place in places)
    enough = max(SHORTEST_PROSE, taken) if text.front.get("kind") else SHORTEST_PROSE
    before, behind = range(places[0]), range(places[-1] + 1, len(lines))
    if rule.options["zone"] == "head":
        order = [*before[-LINES_AROUND:], *places, *_prose(lines, behind, enough)]
    else:
        above = _prose(lines, reversed(before), enough)
        beyond = behind[:LINES_AROUND] if rule.options["zone"] == "tail" else _prose(lines, behind, enough)
        order = [*reversed(above), *places, *beyond]
    return _front(text.front) + "\n" + "\n\n".join(text.raw(lines[place]) for place in order) + "\n"


def _prose(lines: Sequence[LearnedLine], places: Iterable[int], enough: int) -> list[int]:
    """Return the nearest places of text, in the order given, until there is enough."""
    chosen: list[int] = []
    for place in places:
        if enough <= 0:
            break
        if lines[place].kind is LineKind.TEXT:
            chosen.append(place)
            enough -= len(lines[place].text)
    return chosen


def _label_example(rule: Rule, text: _CleanText) -> str | None:
    near = next((line for line in text.lines if line.text.partition(":")[0].strip().lower() in rule.texts), None)
    if near is None:
        return None
    rest = [text.raw(line) for line in text.lines if line.kind is LineKind.TEXT and line is not near][:2]
    return _front(text.front) + "\n" + "\n\n".join([text.raw(near), *rest]) + "\n"


def _excerpt(text: _CleanText, zone: str) -> str:
    """Return a few lines of a page from the end that a rule's zone names."""
    lines = text.lines[:8] if zone != "tail" else text.lines[-8:]
    return _front(text.front) + "\n" + "\n\n".join(text.raw(line) for line in lines) + "\n"
