"""Articles whose text stands only in a page's data: found by rules, and told from the texts of other pages.

A page that a script fills shows nothing to whoever fetches it, while its data hold the text: for search engines
(schema.org in JSON-LD), or for the script itself. Rules say where such data stand and which keys hold a text. Data
often hold other articles as well, so a text counts only where its title or its address is the page's own, or where it
is the only one, and nothing says that it belongs to another page.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from clean.html.data.search import (
    AUTHORS,
    DATES,
    LEAST,
    Candidate,
    DataSearch,
    OwnNames,
    Step,
    begins_alike,
    first_said,
    title_parts,
)
from clean.html.data.structured import Effort
from clean.html.data.texts import date_of, squeezed, well_formed, words_of
from clean.html.data.values import (
    DataValue,
    attribute_values,
    called_values,
    element_values,
    variable_values,
)
from clean.html.model import ContentTree, NodePlaces, line_of
from clean.html.opening import OpenPage
from clean.html.parse import parse_fragment
from clean.rules import PAGE_DATA, Rule, Ruleset

__all__ = ["DataArticle", "find_article"]


class DataArticle(NamedTuple):
    """An article found in a page's data."""

    rule: Rule
    origin: str
    """Where its text stands, as names of values."""
    line: int
    """Line of the page's source at which the data begin, counted from 1; 0 where it is not known."""
    title: str
    author: str
    date: str
    """As the data have it, a number of seconds or milliseconds as ISO 8601; may be empty."""
    tree: ContentTree | None
    """Its text as a tree, made from the data, or of the page; None where it is Markdown."""
    markdown: str
    """Its text where the data hold Markdown; else empty."""
    text: str
    """What it says, squeezed."""
    is_own: bool
    """Whether its title, its address or its beginning is the page's own, rather than nothing speaking against it."""


def find_article(opened: OpenPage, names: OwnNames, ruleset: Ruleset) -> DataArticle | None:
    """Return the article in a page's data; None where there is none, or it cannot be told which one is the page's."""
    found: list[DataArticle] = []
    effort = Effort()
    things = tuple(element_values(opened, ("application/ld+json",)))
    for rule in ruleset.of(PAGE_DATA, "generic"):
        if rule.match == "markup":
            found += islice(_copies(opened, rule, names), 1)
            continue
        texts: list[tuple[DataValue, Candidate]] = []
        taken = False
        for value in things if rule.match == "json-ld" else _values(opened, rule):
            search = DataSearch(rule, value, names, effort)
            texts += [(value, one) for one in search.candidates()]
            taken = taken or search.named
        chosen = _own(texts, taken=taken)
        if chosen is not None:
            found.append(_article(rule, *chosen))
    if any(one.is_own for one in found):
        found = [one for one in found if one.is_own]
    longest = max((len(one.text) for one in found), default=0)
    return next((one for one in found if 2 * len(one.text) >= longest), None)


def _values(opened: OpenPage, rule: Rule) -> Iterator[DataValue]:
    match rule.match:
        case "element":
            yield from element_values(opened, rule.texts)
        case "variable":
            yield from variable_values(opened, rule.texts)
        case "call":
            yield from called_values(opened, rule.texts)
        case "attribute":
            yield from attribute_values(opened, rule.texts)


def _copies(opened: OpenPage, rule: Rule, names: OwnNames) -> Iterator[DataArticle]:
    """Yield copies of an article in elements that the page does not show, for readers without scripts."""
    titles = {text for title in names.titles for part in title_parts(title) if (text := squeezed(part))}
    for element in opened.root.iter(*rule.texts):
        if next(element.iterancestors(*rule.texts), None) is not None:
            continue
        text = squeezed("".join(map(str, element.itertext())))
        blocks = sum(1 for _ in element.iterdescendants("p", "li", "br", "h1", "h2"))
        if len(text) < 2 * LEAST or blocks < 2 or "javascript" in text:  # a request to allow scripts names them
            continue
        heading = next((squeezed("".join(map(str, one.itertext()))) for one in element.iter("h1", "h2")), "")
        tree = ContentTree(element, opened.places)
        is_own = heading in titles or (bool(names.shown) and begins_alike(squeezed(names.shown), text))
        yield DataArticle(rule, opened.places.of(element), line_of(element), "", "", "", tree, "", text, is_own)


def _own(found: Sequence[tuple[DataValue, Candidate]], *, taken: bool) -> tuple[DataValue, Candidate] | None:
    """Return the page's own text among those found. `taken`: something in the data has the page's title."""
    sure = [one for one in found if one[1].evidence > 0]
    if sure:
        return max(sure, key=lambda one: (one[1].evidence, -one[1].step.is_other, len(one[1].text)))
    if taken:
        return None
    listed = Counter(id(step.value) for one in found for step in _lists_around(one[1].step))
    free = [
        one
        for one in found
        if one[1].evidence == 0
        and not one[1].step.is_other
        and all(_carries(step) and listed[id(step.value)] == 1 for step in _lists_around(one[1].step))
    ]
    texts = {one[1].text: one for one in reversed(free)}
    longest = max(texts, key=len, default="")
    rivals = (text for text in texts if 3 * len(text) > len(longest))
    if not longest or any(text not in longest for text in rivals):
        return None
    return texts[longest]


def _lists_around(step: Step) -> Iterator[Step]:
    """Yield the lists in which a value stands."""
    here: Step | None = step
    while here is not None:
        if isinstance(here.value, list):
            yield here
        here = here.above


def _carries(step: Step) -> bool:
    """Whether a list is a framework's own, rather than one of articles."""
    return step.key.isdecimal() or step.key in {
        "",
        "data",
        "@graph",
        "nodes",
        "children",
        "fetch",
        "routes",
        "state",
        "queries",
    }


def _article(rule: Rule, value: DataValue, chosen: Candidate) -> DataArticle:
    origin = _origin(value.origin, chosen)
    tree = None
    if not chosen.markdown:
        element = parse_fragment(well_formed(chosen.html))
        for one in element.iter("*"):
            one.sourceline = value.line
        tree = ContentTree(element, NodePlaces(element, origin))
    return DataArticle(
        rule,
        origin,
        value.line,
        chosen.title,
        first_said(chosen.step, rule.options.get("author") or AUTHORS, words_of),
        first_said(chosen.step, rule.options.get("date") or DATES, date_of),
        tree,
        well_formed(chosen.markdown).replace("\r\n", "\n").replace("\r", "\n"),
        chosen.text,
        chosen.evidence > 0,
    )


def _origin(name: str, chosen: Candidate) -> str:
    keys = [chosen.key]
    here: Step | None = chosen.step
    while here is not None and here.above is not None:
        keys.append(here.key)
        here = here.above
    path = "".join(f"[{key}]" if key.isdecimal() else f".{key}" for key in reversed(keys))
    return well_formed(name + path)[:_LONGEST_ORIGIN]


_LONGEST_ORIGIN: Final = 300
