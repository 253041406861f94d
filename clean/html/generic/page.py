"""Extraction of content and metadata from a general page.

The model decides first, and two independent extractors are asked where it is unsure. This two-step gate keeps the cost
near that of one extractor: most pages are clear from their blocks alone.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from functools import cache
from itertools import accumulate, islice
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml.etree import _Element
from lxml.html import HtmlElement

from clean.document import LOW_CONFIDENCE, CleanWarning, State
from clean.frontmatter import Value
from clean.html.data.article import DataArticle, find_article
from clean.html.data.search import OwnNames
from clean.html.data.texts import squeezed
from clean.html.data.values import element_values
from clean.html.facts.dates import declared_date
from clean.html.facts.linked_data import paid_parts
from clean.html.facts.names import person
from clean.html.frames import addresses_of_frames
from clean.html.generic.blocks import HIDDEN, TOKENS, WORD, Block, cut_into_blocks, text_units
from clean.html.generic.box_sums import sum_up
from clean.html.generic.confidence import NO_CONFIDENCE, Confidence, Judged, confidence_in
from clean.html.generic.exceptions import correct_choice
from clean.html.generic.exceptions.drop import selected
from clean.html.generic.explain import STAGE, explain_cut, merge_cuts, revealed_elements
from clean.html.generic.features import NAMES, read_clues
from clean.html.generic.metadata import generic_facts
from clean.html.generic.model import Forest, load_model, probability
from clean.html.generic.notice import SeenBlock, find_page_notice, in_site_frame
from clean.html.generic.rows import OF_THE_PLACE, FeatureRows, Mark, feature_rows
from clean.html.generic.vocabulary import speaks_of_any
from clean.html.generic.witnesses import (
    NOT_ASKED,
    TOO_INTRICATE,
    TOO_LARGE,
    VOTES,
    WitnessPair,
    ask_witnesses,
    vote_rows,
)
from clean.html.model import NO_CUTS, ContentTree, CutReason, NodeCuts, PageReading, fold_space
from clean.html.opening import OpenPage
from clean.html.render.visible import visible_content
from clean.rules import NOTICE, PAGE_DATA, Ruleset
from clean.stages.notice import Notice
from clean.view import comparable_text

__all__ = [
    "UNSURE",
    "Choice",
    "Decision",
    "all_marks",
    "choose",
    "decide",
    "judge",
    "level_points",
    "mean_points",
    "read_generic",
]


# From probabilities to a choice: the cut where the expected F1 is largest.


SURELY: Final = 0.6
"""A block at least as probable as this is kept, whatever the cut says: no sentence is lost for a score."""
HARDLY: Final = 0.4
"""A block less probable than this goes, even where more recall would pay."""


class Decision(NamedTuple):
    """The decision about the blocks with text."""

    kept: tuple[bool, ...]
    expected: float
    """Expected F1 of the choice, by units."""


def decide(probabilities: Sequence[float], sizes: Sequence[int]) -> Decision:
    """Keep the most probable blocks, as many as make the expected F1 largest, within SURELY and HARDLY."""
    order = sorted(range(len(sizes)), key=[-p for p in probabilities].__getitem__)  # of equals the first one first
    millionths = {p: round(1_000_000 * p) for p in set(probabilities)}
    mass = [millionths[p] * size for p, size in zip(probabilities, sizes, strict=True)]
    total = sum(mass)
    won = taken = 0
    best, count = -1.0, 0
    for rank, at in enumerate(order, 1):
        won += mass[at]
        taken += 1_000_000 * sizes[at]
        value = 2 * won / max(1, taken + total)
        if value > best and round(value, 9) > best:  # what is no more before it is rounded is no more afterwards
            best, count = round(value, 9), rank
    cut = set(order[:count])
    kept = tuple(p >= SURELY or (p >= HARDLY and at in cut) or at == order[0] for at, p in enumerate(probabilities))
    won = sum(m for m, keep in zip(mass, kept, strict=True) if keep)
    taken = sum(1_000_000 * size for size, keep in zip(sizes, kept, strict=True) if keep)
    return Decision(kept, round(2 * won / max(1, taken + total), 6))


# Which blocks of a page are its content: the model first, the witnesses where it is unsure.


UNSURE: Final = 0.85
"""Expected F1 below which the witnesses are asked."""

SHORT: Final = 20 * WORD
"""Units of a block that says what it is by its place more than by its text."""

SEVERAL: Final = 3
"""Blocks of one path that make a row of their like."""

LEAST: Final = 0.12
"""A page without any block of this probability has no content."""

MANY: Final = 30_000
"""Blocks of a page above which nothing is chosen: no page that people wrote has as many, and the time grows with them.
Everything stays then, and the confidence is zero."""

SMALL: Final = 2_000
BYTES_PER_BLOCK: Final = 16
"""So many blocks, and one more for each so many bytes, are the bound of a page that is made of little else than tags.
Of 1,136 known pages none has a tenth of that."""


def most_blocks(size: int | None) -> int:
    """Return among how many blocks of a page of so many bytes the content is chosen."""
    return MANY if size is None else min(MANY, SMALL + size // BYTES_PER_BLOCK)


class Choice(NamedTuple):
    """The parts of a page to remove."""

    cuts: NodeCuts
    confidence: Confidence
    witnesses: WitnessPair
    content: bool
    """False where nothing on the page is content."""
    revealed: tuple[_Element, ...] = ()
    """Elements that are content although the page hides them: to be rendered as if they were shown."""
    seen: tuple[SeenBlock, ...] = ()
    """The blocks with text, in the order of the page."""


def choose(
    root: HtmlElement,
    text: Callable[[], str] | None = None,
    size: int | None = None,
    title: str = "",
    walls: Set[_Element] = frozenset(),
) -> Choice:
    """Choose the blocks of a page; `text` gives the page's source, where somebody wants it, `size` are its bytes.

    `title` is what will stand above the text, `walls` what the page declares to be for those who pay.
    """
    found = root.find("body") if root.tag == "html" else root
    body = root if found is None else found
    most = most_blocks(size)
    page = cut_into_blocks(body, most)
    blocks = [block for block in page.blocks if block.text]
    if not blocks:
        return Choice(NO_CUTS, NO_CONFIDENCE, NOT_ASKED, False)
    if len(blocks) > most:
        return Choice(NO_CUTS, NO_CONFIDENCE, NOT_ASKED, True)
    model = load_model()
    sums = sum_up(page)
    rows = feature_rows(page, sums, read_clues(root))
    paths = [sums.paths[block.box.number] for block in blocks]
    sizes = [block.units for block in blocks]
    is_hidden = [block.sight >= HIDDEN for block in blocks]
    forests: list[Forest] = [model["forests"]["alone"]]
    kinds = rows.kinds(all_marks())
    row: Callable[[int], list[float]] = rows.__getitem__
    alike = _alike(rows, kinds)
    points = forests[0].scores(alike.__getitem__, kinds)
    scores, decision = judge(level_points(points, paths, sizes), is_hidden, sizes)
    testimony = NOT_ASKED
    if decision.expected < UNSURE:
        testimony = ask_witnesses(root, text() if text else None, [block.text for block in blocks])
        if any(witness.votes for witness in testimony):
            forests.append(model["forests"]["asked"])
            votes = vote_rows(testimony, sizes)
            kinds = list(zip(kinds, map(tuple, votes), strict=True))
            row = lambda at: rows[at] + votes[at]  # noqa: E731
            points = mean_points(points, forests[1].scores(lambda at: alike[at] + votes[at], kinds))
            scores, decision = judge(level_points(points, paths, sizes), is_hidden, sizes)
    content = max(scores) >= LEAST
    witnesses = agree(testimony, decision.kept, sizes)
    chosen = {block: keep and content for block, keep in zip(blocks, decision.kept, strict=True)}
    kept, dropped = correct_choice(page.blocks, chosen, dict(zip(blocks, scores, strict=True)), body, title, walls)
    names = (*NAMES, *VOTES)
    order = {block: at for at, block in enumerate(blocks)}
    known_shares: dict[Hashable, dict[str, int]] = {}

    def why(together: Sequence[Block]) -> CutReason:
        """Give the reason of the largest block."""
        texts = [block for block in together if block in order]
        if not texts:
            return CutReason(STAGE, "generic.medium", "")
        largest = max(texts, key=lambda block: (block.units, -block.number))
        if largest in dropped:
            return CutReason(STAGE, dropped[largest], "")
        at = order[largest]
        measures = row(at)
        shares = known_shares.get(kinds[at])
        if shares is None:
            shares = known_shares[kinds[at]] = {}
            for forest in forests:
                for feature, share in forest.shares(measures).items():
                    shares[names[feature]] = shares.get(names[feature], 0) + share // len(forests)
        said = [(witness.name, witness.votes[at]) for witness in testimony if witness.votes]
        beginning = " ".join(block.text for block in texts[:10])
        return explain_cut(dict(zip(names, measures, strict=False)), beginning, shares, scores[at], said, len(texts))

    first = decision.kept.index(True)
    alike[first] = rows[first]  # how far from the title it stands is its own
    judged = Judged(alike, scores, decision.kept, sizes, decision.expected, witnesses)
    return Choice(
        merge_cuts(body, page.blocks, kept, why),
        confidence_in(judged) if content else NO_CONFIDENCE,
        witnesses,
        content,
        revealed_elements(page.blocks, kept),
        tuple(SeenBlock(block, kept[block]) for block in blocks),
    )


def _alike(rows: FeatureRows, kinds: Sequence[Hashable]) -> list[list[float]]:
    """Return a row for each block, made once for all of one kind."""
    known: dict[Hashable, list[float]] = {}
    found = []
    for at, kind in enumerate(kinds):
        row = known.get(kind)
        if row is None:
            row = known[kind] = rows[at]
        found.append(row)
    return found


@cache
def all_marks() -> Mapping[str, Mark]:
    """Return the thresholds of the features of the place, of both forests together."""
    both: dict[str, set[float]] = {name: set() for name in OF_THE_PLACE}
    for forest in load_model()["forests"].values():
        for name, thresholds in forest.marks(OF_THE_PLACE).items():
            both[name] |= thresholds
    return {name: tuple(sorted(found)) for name, found in both.items()}


def mean_points(alone: Sequence[int], asked: Sequence[int]) -> list[int]:
    """Return the mean of both forests: neither the blocks nor the witnesses decide by themselves."""
    return [(one + other) // 2 for one, other in zip(alone, asked, strict=True)]


def level_points(points: Sequence[int], paths: Sequence[int], sizes: Sequence[int]) -> list[int]:
    """Bring short blocks of one path half the way to their mean: of the names in a thread all stay or none."""
    like: dict[int, list[int]] = {}
    for at, (path, size) in enumerate(zip(paths, sizes, strict=True)):
        if size <= SHORT:
            like.setdefault(path, []).append(at)
    levelled = list(points)
    for places in like.values():
        if len(places) >= SEVERAL:
            mean = sum(points[at] for at in places) // len(places)
            for at in places:
                levelled[at] = (points[at] + mean) // 2
    return levelled


def judge(points: Sequence[int], is_hidden: Sequence[bool], sizes: Sequence[int]) -> tuple[list[float], Decision]:
    """Decide by the points of each block; hidden blocks stay only where they are the page's content, not beside it."""
    known = {one: probability(one) for one in set(points)}
    scores = [known[one] for one in points]
    decision = decide(scores, sizes)
    if True not in is_hidden:
        return scores, decision
    hidden = sum(size for size, out, keep in zip(sizes, is_hidden, decision.kept, strict=True) if keep and out)
    seen = sum(size for size, out, keep in zip(sizes, is_hidden, decision.kept, strict=True) if keep and not out)
    if not hidden or hidden > 2 * seen:
        return scores, decision
    visible = [0.0 if out else score for score, out in zip(scores, is_hidden, strict=True)]
    return visible, decide(visible, sizes)


def agree(testimony: WitnessPair, kept: Sequence[bool], sizes: Sequence[int]) -> WitnessPair:
    """Note how far each witness agrees with the decision."""
    noted = []
    for witness in testimony:
        if witness.votes:
            theirs = [vote >= 0.5 for vote in witness.votes]
            both = sum(size for size, one, other in zip(sizes, theirs, kept, strict=True) if one and other)
            either = sum(size * (one + other) for size, one, other in zip(sizes, theirs, kept, strict=True))
            noted.append(witness._replace(agreement=round(2 * both / max(1, either), 3)))
        else:
            noted.append(witness)
    return WitnessPair(*noted)


def read_generic(opened: OpenPage, ruleset: Ruleset, url: str) -> PageReading:
    """Read an ordinary page: what it shows, and where that is no article, what its data hold."""
    address = url or opened.url
    facts = generic_facts(opened.root, url=address)
    offer = _offer(opened)
    walls = selected(opened.root, paid_parts(opened.root)) if offer.is_paid else frozenset()
    title = str(facts.get("title", ""))
    choice = choose(opened.root, lambda: opened.decoded.text, len(opened.decoded.data), title, walls)
    notice = find_page_notice(opened, choice.seen, ruleset)
    if notice is None or notice.state is State.EMPTY or notice.by_wording:
        is_shell = notice is not None and not notice.by_wording
        article = _article_in_data(opened, ruleset, address, facts, choice, shell=is_shell)
        if article is not None:
            return data_reading(article, facts, opened, address)
    if notice is not None and not (notice.by_wording and _is_shell(opened, ruleset, choice)):
        known = {key: value for key, value in facts.items() if key == "url"}
        return notice_reading(notice, known)
    if not choice.content or _is_shell(opened, ruleset, choice):
        known = {key: value for key, value in facts.items() if key in {"title", "url"}}
        return empty_reading(opened, known, base_of(opened.root, address))
    is_teaser = offer.is_paid and _is_teaser(choice, offer.words)
    facts |= {"paid": "true"} if offer.is_paid else {}
    facts |= {"truncated": "true"} if is_teaser else {}
    body = opened.root.find("body")
    tree = ContentTree(opened.root if body is None else body, opened.places)
    return PageReading(
        State.LIVE,
        "",
        "",
        facts,
        (tree,),
        _with_title(choice.cuts, title),
        revealed=frozenset(choice.revealed),
        base=base_of(opened.root, address or str(facts.get("url", ""))),
        confidence=choice.confidence.score,
        warnings=_warnings(choice) + (_PREVIEW if is_teaser else ()),
        own_url=str(facts.get("url", "")),
    )


TEASER: Final = 400 * WORD
"""Units of a page's text above which its data are not asked: that is no teaser any more."""

MUCH_LONGER: Final = 3
"""How many times longer than what a page shows a text in its data must be."""


def _article_in_data(
    opened: OpenPage, ruleset: Ruleset, address: str, facts: Mapping[str, Value], choice: Choice, *, shell: bool
) -> DataArticle | None:
    """Return the article in a page's data where the page itself shows none, or only a few words of it."""
    shown = [one.block for one in choice.seen if one.kept] if choice.content and not shell else []
    if sum(block.units for block in shown) > TEASER or (choice.content and not choice.seen):
        return None
    text = " ".join(block.text for block in shown)
    titles = (str(facts.get("title", "")), *(element.text or "" for element in opened.root.iter("title")))
    names = OwnNames(titles, address or str(facts.get("url", "")), text)
    article = find_article(opened, names, ruleset)
    if article is None or not shown:
        return article
    said = [block for block in shown if _is_said(block, article.title)]
    is_scraps = sum(block.units for block in said) < SCRAPS
    weighed = " ".join(block.text for block in said) if is_scraps else text
    longer = len(article.text) >= MUCH_LONGER * max(1, len(squeezed(weighed)))
    sure = article.is_own or is_scraps
    return article if longer and sure and not _is_shown(article.text, choice) else None


class Offer(NamedTuple):
    """What a page tells search engines of the access to its article."""

    is_paid: bool
    words: int
    """Words of the whole article; 0 where it does not say."""


_NOT_FREE: Final = frozenset({"false", "no", "http://schema.org/False", "https://schema.org/False"})
_OF_ARTICLES: Final = ("Article", "Posting", "WebPage", "CreativeWork", "Report", "Review")
"""What the names of schema.org's kinds of articles, and of pages that are ones, end with."""

_PREVIEW: Final = (
    CleanWarning(
        "preview",
        "this is the free beginning of a paid article",
        0,
        "What follows is for those who paid; the page does not hold it.",
    ),
)


def _offer(opened: OpenPage) -> Offer:
    """Read `isAccessibleForFree` of schema.org: of the article, or of the part of it that is paid for (`hasPart`)."""
    is_paid, words = False, 0
    for given in element_values(opened, ("application/ld+json",)):
        things = given.value if isinstance(given.value, list) else [given.value]
        graphs = (one.get("@graph") for one in things if isinstance(one, dict))
        things = [*things, *(one for graph in graphs if isinstance(graph, list) for one in graph)]
        for thing in things:
            types = str(thing.get("@type")) if isinstance(thing, dict) else ""
            if not any(f"{name}'" in f"{types}'" for name in _OF_ARTICLES):
                continue
            parts = thing.get("hasPart")
            parts = parts if isinstance(parts, list) else [parts]
            pieces = [thing, *(part for part in parts if isinstance(part, dict))]
            if any(_is_not_free(piece.get("isAccessibleForFree")) for piece in pieces):
                is_paid = True
                words = max(words, _whole_number(thing.get("wordCount")))
    return Offer(is_paid, words)


def _is_not_free(value: object) -> bool:
    return value is False or (isinstance(value, str) and (value in _NOT_FREE or value.lower() in _NOT_FREE))


def _whole_number(value: object) -> int:
    text = str(value)[:9]
    return int(text) if text.isdecimal() and not isinstance(value, bool) else 0


def _is_teaser(choice: Choice, words: int) -> bool:
    """Whether a page shows so little that it can only be the beginning of an article that is paid for."""
    shown = [one.block for one in choice.seen if one.kept]
    is_short = sum(block.units for block in shown) <= TEASER
    return is_short and not (words and 10 * sum(len(TOKENS.findall(block.text)) for block in shown) >= 8 * words)


def _is_shell(opened: OpenPage, ruleset: Ruleset, choice: Choice) -> bool:
    """Whether an application's root is empty, and all that is shown around it a site says on each of its pages."""
    shown = [one.block for one in choice.seen if one.kept]
    said = accumulate(block.units for block in shown if _is_said(block, ""))
    if any(units > LOADING for units in said):  # most pages are told by their first paragraph
        return False
    rule = ruleset.by_id.get("notice.shell")
    names = {mark.partition(":")[2] for mark in rule.texts} if rule is not None and choice.seen else set()
    found = (one for one in opened.root.iter("*") if one.get("id") in names or one.tag in names)
    roots = list(islice(found, SEVERAL))
    return bool(roots) and all(text_units(visible_content(one).text) <= LOADING for one in roots)


LOADING: Final = 3 * WORD
"""Units of a word or two that something is loading."""

SCRAPS: Final = 20 * WORD
"""Units of a page's text, without what a site says on all its pages, below which it is a shell whatever its title."""

OF_THE_SITE: Final = ("cookie", "legal", "contact", "subscribe", "share", "advert", "entry")
"""Subjects of short texts that stand on every page of a site."""


def _is_said(block: Block, title: str) -> bool:
    """Whether a block may be an article's: it is no link, no title, and nothing that a site says on all its pages."""
    if in_site_frame(block.box) or 2 * block.linked > block.units or squeezed(block.text) == squeezed(title):
        return False
    return block.units > OF_SITES or not speaks_of_any(OF_THE_SITE, block.text)


OF_SITES: Final = 80 * WORD
"""Units of a text that a site says on all its pages, at most."""


def _is_shown(text: str, choice: Choice) -> bool:
    """Whether the page itself has a text, or the latter part of it, anywhere: then it was judged there."""
    page = squeezed("".join(one.block.text for one in choice.seen))
    size = max(8, min(40, len(text) // 10))
    places = [len(text) * part // 10 for part in (5, 6, 7, 8, 9)]
    return sum(text[at : at + size] in page for at in places) >= 2


def data_reading(article: DataArticle, facts: Mapping[str, Value], opened: OpenPage, address: str) -> PageReading:
    """Return a page whose article stands in its data; what the page shows is in the ledger, by the rule."""
    found: dict[str, Value] = {**facts, "derived_from": article.rule.id}
    title = article.title.removesuffix("…").removesuffix("...")
    if title != article.title and str(facts.get("title", "")).startswith(title):
        title = ""  # the data have only its beginning
    for key, value in (("title", title and article.title), ("author", person(article.author)), ("date", article.date)):
        if said := declared_date(value) if key == "date" else value:
            found[key] = said
    return PageReading(
        State.LIVE,
        article.rule.id,
        "",
        found,
        (article.tree,) if article.tree else (),
        revealed=frozenset([article.tree.element]) if article.tree else frozenset(),  # it may be a `noscript`
        rest=CutReason(PAGE_DATA, article.rule.id, f"the text is from {article.origin}"),
        base=base_of(opened.root, address or str(facts.get("url", ""))),
        own_url=str(facts.get("url", "")),
        markdown=article.markdown,
    )


def _warnings(choice: Choice) -> tuple[CleanWarning, ...]:
    """Say that the choice may be wrong, and that no witness was asked where that would have taken too long."""
    warnings = []
    states = {witness.state for witness in choice.witnesses}
    found = next((state for state in (TOO_LARGE, TOO_INTRICATE) if state in states), "")
    if found:
        message = f"no witness was asked which part of this page is its content: {found}"
        hint = "The page's blocks decided alone; look at the page beside the Markdown."
        warnings.append(CleanWarning("witnesses", message, 0, hint))
    if choice.confidence.score < LOW_CONFIDENCE:
        message = f"it is uncertain which part of this page is its content (confidence {choice.confidence.score:.2f})"
        hint = "Look at the page beside the Markdown; --explain says what was left out, and why."
        warnings.append(CleanWarning("low-confidence", message, 0, choice.confidence.hint or hint))
    return tuple(warnings)


def notice_reading(notice: Notice, facts: Mapping[str, Value]) -> PageReading:
    """Return a page that is no article: the notice's words are a fact, its title is none of the article's."""
    rest = CutReason(NOTICE, notice.rule.id)
    return PageReading(notice.state, notice.rule.id, notice.text, facts, (), rest=rest)


def empty_reading(opened: OpenPage, facts: Mapping[str, Value], base: str) -> PageReading:
    """Return a page without an article: a frame around other pages, whose addresses it names, a shell, or nothing."""
    found = addresses_of_frames(opened.root)
    if found:
        said = [fold_space(visible_content(one).text) for one in opened.root.iter("noframes")]
        addresses = (_joined(base, where) if at < MOST_COMPLETED else where for at, where in enumerate(found))
        notice = "\n".join(dict.fromkeys([*filter(None, said), *addresses]))
        rest = CutReason(STAGE, FRAMES)
        return PageReading(State.EMPTY, FRAMES, notice, facts, (), rest=rest)
    is_filled = next(opened.root.iter("script", "form", "object", "embed"), None) is not None
    is_named = any(one.get("id") or "-" in str(one.tag) for one in opened.root.iter("*"))  # a root to be filled
    rule = "generic.empty" if is_filled or is_named else BLANK
    return PageReading(State.EMPTY, rule, "", facts, (), rest=CutReason(STAGE, rule))


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address


MOST_COMPLETED: Final = 100
"""Frames whose addresses are completed by the page's; a long one would be repeated with each."""

FRAMES: Final = "generic.frames"
BLANK: Final = "generic.blank"


def _with_title(cuts: NodeCuts, title: str) -> NodeCuts:
    """Name the page's title where it was cut: it stands above the text whatever the blocks say."""
    elements = dict(cuts.elements)
    wanted = comparable_text(title)
    for element, why in cuts.elements.items():
        heads = element if element.tag == "h1" else next(element.iterdescendants("h1"), None)
        if heads is not None and comparable_text(visible_content(element).text) == wanted:
            elements[element] = why._replace(rule="generic.title")
    return cuts._replace(elements=elements)


def base_of(root: HtmlElement, address: str) -> str:
    """Return what the page's relative addresses are relative to (HTML, section 4.2.3), empty where nobody knows."""
    given = next((one.get("href", "") for one in root.iter("base") if one.get("href")), "")
    try:
        base = urljoin(address, given.strip())
        return base if urlsplit(base).scheme in {"http", "https"} else ""
    except ValueError:
        return ""
