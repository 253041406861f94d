"""Application of learned rules to a page, and preview of what they would remove.

Matching is pure sequences: a line is any hashable key. Cleaning gives normalised texts, learning gives their hashes.
The result is a fixed point: on what is left, the same rules find nothing. So cleaning twice is cleaning once.

Only the approved rules of the page's own source apply. A run outside its guard stays and is counted; so does everything
where next to nothing would be left of the page.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from clean.frontmatter import Value
from clean.learn.guards import fact_label
from clean.learn.page import LearnedLine, LearnedPage, learned_lines, scope_of
from clean.normalise import FIXED_KINDS, PROSE_WORDS, LineKind
from clean.rules import LABEL, STAGE, Rule
from clean.stages.stage import Ruleset, StageResult, View, lifting

__all__ = [
    "FLOOR",
    "MOST",
    "ComparedPage",
    "Matcher",
    "Matches",
    "PageEffect",
    "PreparedPage",
    "RuleHit",
    "RuleRun",
    "SourceEffect",
    "apply_learned_rules",
    "compared_page",
    "page_effects",
    "prepare_pages",
    "remove_learned_runs",
    "removes_too_much",
    "rule_run",
    "sum_effects",
]

Key = Hashable


class RuleRun(NamedTuple):
    """Lines that stand together, and the guard of their place."""

    rule: str
    keys: tuple[Key, ...]
    """In the order of the page."""
    zone: str
    """`head`, `tail`, or `middle`: anywhere."""
    least: int
    """So many of the lines must be there, in their order and with no other line between them."""
    reach: int
    """So many other lines may stand between the run and the page's end that its zone names; none count in `middle`."""
    prose: int
    """So many of these may be prose."""
    lists: bool = False
    """Whether the run is the heading of a list, and the list's lines below its last line go with it."""


class RuleHit(NamedTuple):
    """A run of lines on a page that a rule matches."""

    rule: str
    places: tuple[int, ...]
    """Of its lines, in the order of the page."""


class Matches(NamedTuple):
    """The matches of rules on one page."""

    hits: tuple[RuleHit, ...]
    """Lines that may go."""
    outside: tuple[RuleHit, ...]
    """Lines that would, were they not outside of their rule's guard."""


class ComparedPage(NamedTuple):
    """One page: for each of its lines in order, what it is compared by and what it is."""

    keys: Sequence[Key]
    """What no rule has for a line that never goes."""
    prose: Sequence[int]
    """Whether it is prose, or an author's in another way."""
    listed: Sequence[int]
    """Whether it may stand in a list of the source's other articles: 0 no, 1 yes, 2 only above one that may."""


class _Directed:
    """The runs of one zone, as they are met when one reads from its end of the page."""

    def __init__(self, runs: Iterable[RuleRun], *, backwards: bool, guarded: bool) -> None:
        self.runs = tuple(runs)
        self.guarded = guarded
        self.longest = max((len(run.keys) for run in self.runs), default=0)
        self.deepest = max((run.reach for run in self.runs), default=0)
        self.has_lists = backwards and any(run.lists for run in self.runs)
        self.places: list[dict[Key, list[int]]] = []
        self.by_key: dict[Key, list[int]] = {}
        for number, run in enumerate(self.runs):
            places: dict[Key, list[int]] = {}
            for place, key in enumerate(reversed(run.keys) if backwards else run.keys):
                places.setdefault(key, []).append(place)
            self.places.append(places)
            for key in places:
                self.by_key.setdefault(key, []).append(number)

    def sweep(self, page: ComparedPage, rest: list[int]) -> list[RuleHit]:
        """Take the runs out of `rest`, the places of the lines that are left, in the direction of reading."""
        if not self.guarded:
            return self._sweep_anywhere(page, rest)
        hits: list[RuleHit] = []
        keys, prose, by_key = page.keys, page.prose, self.by_key
        if not by_key or by_key.keys().isdisjoint(keys):
            return hits
        before = [0]  # before[n]: how many of the first n lines that stay are prose
        at = end = 0  # of the list that is being read
        while at < len(rest) and at <= self.deepest:
            here = rest[at]
            is_listed = self.has_lists and page.listed[here] == 1
            if is_listed and at >= end:
                end = self._end(page, rest, at)
            number, length = -1, 0
            if is_listed or keys[here] in by_key:
                number, length = self._best(page, rest, at, before[at], end if is_listed else at)
            if length:
                hits.append(RuleHit(self.runs[number].rule, tuple(sorted(rest[at : at + length]))))
                del rest[at : at + length]
                at, end = self._back(page, rest, at), 0
                del before[at + 1 :]
            else:
                before.append(before[at] + prose[here])
                at += 1
        return hits

    def _sweep_anywhere(self, page: ComparedPage, rest: list[int]) -> list[RuleHit]:
        """Do the same where no place is guarded, so that nothing has to be known of the lines between the runs."""
        hits: list[RuleHit] = []
        keys, by_key, at = page.keys, self.by_key, 0
        while by_key:
            at = next((place for place in range(at, len(rest)) if keys[rest[place]] in by_key), -1)
            if at < 0:
                break
            number, length = self._best(page, rest, at, 0, at)
            if length:
                hits.append(RuleHit(self.runs[number].rule, tuple(sorted(rest[at : at + length]))))
                del rest[at : at + length]
                at = self._back(page, rest, at)
            else:
                at += 1
        return hits

    def _back(self, page: ComparedPage, rest: Sequence[int], at: int) -> int:
        """Return from where on lines that came together may be a run now."""
        at = max(0, at - self.longest + 1)
        while self.has_lists and at > 0 and page.listed[rest[at - 1]]:
            at -= 1
        return at

    def _best(self, page: ComparedPage, rest: Sequence[int], at: int, prose: int, end: int) -> tuple[int, int]:
        """Return the run that takes most lines from a place on, and how many; 0 where none fits there.

        `end` is where, read backwards, the lines of a list end that begins there: its heading stands there.
        """
        best, length = -1, 0
        starts: list[tuple[int, Sequence[int]]] = [(at, self.by_key.get(page.keys[rest[at]], ()))]
        if end > at and end < len(rest):
            starts.append((end, self._lists(page.keys[rest[end]])))
        for start, numbers in starts:
            for number in numbers:
                run = self.runs[number]
                if self.guarded and (at > run.reach or prose > run.prose):
                    continue
                if run.lists and start == at:
                    continue  # a heading without its list: what stands below is something else
                here = self._length(number, page.keys, rest, start)
                if here >= run.least and here + start - at > length:
                    best, length = number, here + start - at
        return best, length

    def _end(self, page: ComparedPage, rest: Sequence[int], at: int) -> int:
        """Return where, read backwards, the lines of a list end that begins at a place; pictures stand above links."""
        while at < len(rest) and page.listed[rest[at]]:
            at += 1
        return at

    def _lists(self, key: Key) -> Sequence[int]:
        """Return the runs whose last line is this one and the heading of a list."""
        return [n for n in self.by_key.get(key, ()) if self.runs[n].lists and self.runs[n].keys[-1] == key]

    def _length(self, number: int, keys: Sequence[Key], rest: Sequence[int], start: int) -> int:
        """Return how many lines from `start` on are lines of a run, in its order."""
        places, last, at = self.places[number], -1, start
        while at < len(rest):
            known = places.get(keys[rest[at]])
            following = bisect_left(known, last + 1) if known else 0
            if not known or following == len(known):
                break
            last = known[following]
            at += 1
        return at - start


class Matcher:
    """The runs of one source's rules."""

    def __init__(self, runs: Iterable[RuleRun]) -> None:
        """Sort the runs by their zones; of two that fit as well, the first given wins."""
        runs = tuple(runs)
        zoned = {zone: [run for run in runs if run.zone == zone] for zone in ("head", "tail", "middle")}
        self._head = _Directed(zoned["head"], backwards=False, guarded=True)
        self._tail = _Directed(zoned["tail"], backwards=True, guarded=True)
        self._middle = _Directed(zoned["middle"], backwards=False, guarded=False)
        self._anywhere = _Directed(zoned["head"] + zoned["tail"], backwards=False, guarded=False)
        self._keys = frozenset(key for run in runs for key in run.keys)

    def find(self, page: ComparedPage, *, cut: bool) -> Matches:
        """Find the runs on a page. `cut`: the page's end is missing, so nothing stands in its tail."""
        if self._keys.isdisjoint(page.keys):
            return Matches((), ())
        rest = list(range(len(page.keys)))
        hits: list[RuleHit] = []
        while True:
            before = len(hits)
            hits += self._head.sweep(page, rest)
            if not cut and self._tail.runs:
                rest.reverse()
                hits += self._tail.sweep(page, rest)
                rest.reverse()
            hits += self._middle.sweep(page, rest)
            if len(hits) == before:
                break
        return Matches(tuple(hits), tuple(self._anywhere.sweep(page, rest)))


# Approved rules on a page: runs of lines go from the place where they were learned.


FLOOR = 60
"""Characters of prose that must be left, or nothing goes: what is nothing but repetition is a page of another kind."""

MOST = 0.7
"""Share of a WeChat article's prose that may go at most: its frame is small."""


def rule_run(rule: Rule) -> RuleRun:
    """Return a rule's run and its guard."""
    options = rule.options
    return RuleRun(
        rule.id, rule.texts, options["zone"], options["least"], options["reach"], options["prose"], rule.match == "list"
    )


class _Sources:
    """The rules by the source that they are for."""

    def __init__(self, ruleset: Ruleset) -> None:
        rules: dict[str, list[Rule]] = {}
        for rule in ruleset.rules:
            if rule.stage == STAGE:
                for source in _names(rule):
                    rules.setdefault(source, []).append(rule)
        self.matchers = {
            source: Matcher(rule_run(rule) for rule in found if rule.match != LABEL) for source, found in rules.items()
        }
        self.labels = {source: [rule for rule in found if rule.match == LABEL] for source, found in rules.items()}


def _names(rule: Rule) -> Iterable[str]:
    source = rule.options["source"]
    return [source] if isinstance(source, str) else source


def remove_learned_runs(view: View, ruleset: Ruleset) -> StageResult:
    """Remove the runs that the approved rules of the page's source name."""
    sources = ruleset.compiled(f"{STAGE} by source", _Sources)
    scope = scope_of(view.front.get("url"), view.front.get("source"))
    matcher = sources.matchers.get(scope)
    if matcher is None:
        return StageResult()
    lines = learned_lines(view)
    hits, outside = matcher.find(compared_page(lines), cut=view.facts.get("truncated") == "true")
    withheld = outside
    if removes_too_much(lines, hits, wechat=bool(view.facts.get("kind"))):
        hits, withheld = (), (*hits, *outside)
    rules = {place: hit.rule for hit in hits for place in hit.places}
    edits = [lifting(view, lines[place].at, rules[place]) for place in sorted(rules)]
    left = [line for place, line in enumerate(lines) if place not in rules]
    facts = {key: value for key, value in _facts(left, sources.labels[scope]).items() if not view.facts.get(key)}
    return StageResult(edits, facts, withheld=_counts(withheld))


def _facts(lines: Sequence[LearnedLine], rules: Sequence[Rule]) -> dict[str, Value]:
    """Read the texts beside labels that name facts, near the head or the tail of what is left of the page."""
    facts: dict[str, Value] = {}
    for rule in rules:
        reach = rule.options["reach"]
        for line in lines[:reach] if rule.options["zone"] == "head" else lines[-reach:]:
            label = fact_label(line.text)
            if label in rule.texts and line.kind is LineKind.TEXT:
                value = line.text.partition(":")[2].strip()
                facts.setdefault(rule.options["fact"], value.encode("utf-8", "replace").decode())
    return facts


def compared_page(lines: Sequence[LearnedLine]) -> ComparedPage:
    """Return lines as rules see them: those of a table or of code never go, and count as prose."""
    return ComparedPage(
        [None if line.kind in FIXED_KINDS else line.text for line in lines],
        [line.kind in FIXED_KINDS or (line.kind is LineKind.TEXT and line.units >= PROSE_WORDS) for line in lines],
        [line.listed for line in lines],
    )


def removes_too_much(lines: Sequence[LearnedLine], hits: Iterable[RuleHit], *, wechat: bool) -> bool:
    """Whether so much would go that the page is of another kind, and nothing may go."""
    removed_places = {place for hit in hits for place in hit.places}
    if not removed_places:
        return False
    whole = left = 0
    for place, line in enumerate(lines):
        size = 0 if line.kind in {LineKind.LINK, LineKind.IMAGE, LineKind.HEADING} else len(line.text)
        whole += size
        left += 0 if place in removed_places else size
    return left < FLOOR or (wechat and whole - left > MOST * whole)


def _counts(hits: Iterable[RuleHit]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for hit in hits:
        counts[hit.rule] = counts.get(hit.rule, 0) + 1
    return dict(sorted(counts.items()))


# What rules would do to the pages of a source, page by page.


class PreparedPage(NamedTuple):
    """A page made ready for rules, so that many of them can be tried on it."""

    page: LearnedPage
    seen: ComparedPage
    size: int
    """Characters of its lines, normalised."""


class PageEffect(NamedTuple):
    """The effect of rules on one page."""

    page: LearnedPage
    size: int
    """Characters of its lines, normalised."""
    taken: tuple[tuple[int, str], ...]
    """Lines that would go: their places among the page's lines and the rule of each, in order."""
    outside: tuple[str, ...]
    """Rules that find their lines where their guard does not let them go."""
    floor: bool
    """Whether nothing goes after all, because next to nothing would be left."""

    def lines(self, rule: str) -> int:
        """Return how many lines a rule takes."""
        return sum(name == rule for _, name in self.taken)


class SourceEffect(NamedTuple):
    """The same in numbers, over all pages of a source."""

    pages: int
    touched: int
    """Pages that would lose something."""
    lines: int
    characters: int
    """Of those lines, normalised."""
    whole: int
    """Characters of all lines of all pages."""
    floor: int
    """Pages that keep everything, because next to nothing would be left."""


def prepare_pages(pages: Iterable[LearnedPage]) -> Iterator[PreparedPage]:
    """Make pages ready."""
    return (PreparedPage(page, compared_page(page.lines), sum(len(line.text) for line in page.lines)) for page in pages)


def page_effects(rules: Sequence[Rule], pages: Iterable[PreparedPage]) -> Iterator[PageEffect]:
    """Yield what the rules, taken together, do on each page; whether they are approved does not matter."""
    matcher = Matcher(rule_run(rule) for rule in rules if rule.match != LABEL)
    for page, seen, size in pages:
        found = matcher.find(seen, cut=page.cut)
        taken = sorted((place, hit.rule) for hit in found.hits for place in hit.places)
        outside = tuple(hit.rule for hit in found.outside)
        yield PageEffect(
            page, size, tuple(taken), outside, removes_too_much(page.lines, found.hits, wechat=page.wechat)
        )


def sum_effects(found: Iterable[PageEffect]) -> SourceEffect:
    """Add up what rules do."""
    pages = touched = lines = characters = whole = floor = 0
    for one in found:
        pages += 1
        whole += one.size
        if one.floor:
            floor += 1
        elif one.taken:
            touched += 1
            lines += len(one.taken)
            characters += sum(len(one.page.lines[place].text) for place, _ in one.taken)
    return SourceEffect(pages, touched, lines, characters, whole, floor)


def apply_learned_rules(view: View, ruleset: Ruleset) -> StageResult:
    """Remove the runs that the approved rules of the page's source name; facts: what their labels say."""
    if not ruleset.compiled(STAGE, _has_learned):
        return StageResult()

    return remove_learned_runs(view, ruleset)


def _has_learned(ruleset: Ruleset) -> bool:
    return any(rule.stage == STAGE for rule in ruleset.rules)
