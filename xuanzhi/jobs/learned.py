"""Learned rules of a collection, the pages of their sources, and what such rules do to them."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from archive import settings
from archive.catalogue.cache import CacheLayout, FactCache
from archive.collection.content import ArticleText, source_named, sources, text_without_learned_rules
from archive.collection.reader import CollectionReader
from clean.errors import suggest
from clean.frontmatter import read_front_matter
from clean.learn.apply import PageEffect, PreparedPage, SourceEffect, page_effects, prepare_pages, sum_effects
from clean.learn.counts import COUNTED, PageCounts, pack_counts, unpack_counts
from clean.learn.files import record_decisions
from clean.learn.page import LearnedPage, read_learned_page
from clean.rules import Rule, parse_rules
from clean.view import View
from xuanzhi.jobs.rules import read_rule_texts
from xuanzhi.jobs.workers import Loss, WorkLimits
from xuanzhi.messages import _
from xuanzhi.output.failures import Failure, UsageError
from xuanzhi.output.report import Report
from xuanzhi.output.terminal import Progress

__all__ = [
    "FILE",
    "LONGEST",
    "CountsDatabase",
    "JointEffect",
    "LearnedFile",
    "LearnedSource",
    "MarkedLine",
    "PageText",
    "PageTextWork",
    "RuleEffect",
    "RuleSample",
    "decide_rules",
    "doubts_of",
    "joint_effect",
    "read_learned_files",
    "rule_effects",
    "select_sources",
    "share_of",
    "tier_of",
    "today",
]

Made = TypeVar("Made")


# Learned rules of a collection, and the pages of the sources that they belong to.


def today() -> str:
    """Return the day, in UTC, as rules files name it."""
    return datetime.now(UTC).date().isoformat()


class LearnedFile:
    """A file of learned rules."""

    def __init__(self, path: Path) -> None:
        """Read it, if it exists. Raises UsageError, RuleError."""
        self.path = path
        self._read()

    def _read(self) -> None:
        self.text = read_rule_texts([str(self.path)])[0][1] if self.path.exists() else ""
        self.rules: list[Rule] = parse_rules(str(self.path), self.text)

    @property
    def seen(self) -> str:
        """What names the file's text as it was read: its sha256."""
        return sha256(self.text.encode()).hexdigest()

    def change(self, edit: Callable[[str], str]) -> bool:
        """Replace its text with what `edit` makes of it; return False where nothing changes.

        The file is read again for this: a person may have edited it since. The new text is bound in the collection's
        WARC files, so that what a person decided can be proved, and restored.

        Raises RuleError, and what opening the collection and writing to it raises.
        """

        def rewrite(data: bytes) -> bytes:
            text = edit(data.decode())
            self.rules = parse_rules(str(self.path), text)
            self.text = text
            return text.encode()

        self._read()  # what cannot be read is told before the collection is opened
        root = self.path.parents[2]
        from archive.collection.collection import Collection  # what writes; every command reads rules, few decide

        with Collection.open(root, create=False) as collection:
            return collection.change_file(self.path.relative_to(root).as_posix(), rewrite)


def read_learned_files(collection: Path) -> list[LearnedFile]:
    """Read all files of learned rules. Raises UsageError, RuleError, StorageError."""
    return [LearnedFile(path) for path in settings.learned_paths(collection)]


class PageText(NamedTuple):
    """The text of a page of a source."""

    name: str
    fetched: str
    text: str


@dataclass(frozen=True)
class PageTextWork(Generic[Made]):
    """Reads the lines of one page, and makes something of them; can be sent to another process."""

    make: Callable[[LearnedPage], Made]
    """A function of some module, so that another process finds it."""

    def do(self, page: PageText) -> Made | Exception:
        """Make it; return what is raised."""
        try:
            return self.make(read_learned_page(page.text, name=page.name, fetched=page.fetched))
        except MemoryError:
            raise
        except Exception as error:
            return error

    def keep(self, page: PageText, loss: Loss) -> Failure:
        """Return why it could not be made here."""
        return self.lost(page, loss)

    def lost(self, page: PageText, loss: Loss) -> Failure:
        """Return the same."""
        return loss.failure(kept=False)


def as_read(page: LearnedPage) -> LearnedPage:
    """Return the page: what `PageTextWork` makes where its lines themselves are wanted."""
    return page


class LearnedSource:
    """A source of a collection: its articles, and its learned rules."""

    def __init__(
        self, collection: CollectionReader, scope: str, articles: list[ArticleText], files: Sequence[Path]
    ) -> None:
        """Take the articles of a scope; `files` are the collection's files of learned rules."""
        self.scope = scope
        self.articles = articles
        self.name = source_named(articles) or scope.partition(":")[2]
        self._collection = collection
        self._files = files
        self._by_name: dict[str, ArticleText] = {}
        for article in articles:
            name = article.url or article.title
            self._by_name[article.key if not name or name in self._by_name else name] = article
        self._names = {article.key: name for name, article in self._by_name.items()}

    @cached_property
    def file(self) -> LearnedFile:
        """Its file of learned rules, which need not exist. Raises UsageError, RuleError."""
        return LearnedFile(settings.learned_path(self._collection.path, self.scope, self.name, self._files))

    def rules(self, is_wanted: Callable[[str], bool]) -> list[Rule]:
        """Return its rules in some states."""
        return [rule for rule in self.file.rules if is_wanted(rule.options["state"])]

    def by_date(self, articles: Sequence[ArticleText] | None = None) -> list[PreparedPage]:
        """Return its pages, or some of them, by date, without what learned rules took, ready for rules.

        Raises Damaged, StorageError.
        """
        pages = [self.page(self.name_of(article)) for article in (self.articles if articles is None else articles)]
        return list(prepare_pages(sorted(pages, key=lambda page: (page.date, page.name))))

    def watched_by_date(self, report: Report, limits: WorkLimits) -> list[PreparedPage]:
        """Return all its pages by date, read in watched processes; one that costs too much is reported and left out.

        Only for processes in which no other thread runs. Raises Damaged, StorageError.
        """
        from xuanzhi.jobs.batch import run_batch  # not for who only reads rules

        names = [self.name_of(article) for article in self.articles]
        texts = (PageText(name, self._by_name[name].fetched, self.text(name)) for name in names)
        pages = []
        with Progress(len(names), enabled=not (report.quiet or report.as_json), unit="pages") as progress:
            for name, page in zip(
                names, run_batch(texts, PageTextWork(as_read), len(names), limits=limits), strict=True
            ):
                if isinstance(page, Exception):
                    raise page
                if isinstance(page, Failure):
                    report.fail(name, page)
                else:
                    pages.append(page)
                progress.advance()
        return list(prepare_pages(sorted(pages, key=lambda page: (page.date, page.name))))

    def spread(self, most: int) -> list[ArticleText]:
        """Return its articles, or `most` of them at even distances in the order of fetching, with first and last."""
        ordered = sorted(self.articles, key=lambda article: (article.fetched, article.key))
        last = len(ordered) - 1
        return ordered if last < most else [ordered[round(place * last / (most - 1))] for place in range(most)]

    def name_of(self, article: ArticleText) -> str:
        """Return what people know one of its articles by, and no other of them."""
        return self._names[article.key]

    def page(self, name: str) -> LearnedPage:
        """Read one of its pages, without what learned rules took. Raises Damaged, StorageError."""
        return read_learned_page(self.text(name), name=name, fetched=self._by_name[name].fetched)

    def kept(self, name: str) -> ArticleText:
        """Return the article that one of its pages is."""
        return self._by_name[name]

    def text(self, name: str) -> str:
        """Return the text of one of its pages. Raises Damaged, StorageError."""
        return text_without_learned_rules(self._collection, self._by_name[name])


def select_sources(collection: CollectionReader, names: Sequence[str]) -> list[LearnedSource]:
    """Return the sources of these names, all where none is given, those with most articles first.

    A name is the source's, its account or host, or its whole scope (`host:example.org`). Raises UsageError.
    """
    files = settings.learned_paths(collection.path)
    known = [LearnedSource(collection, scope, articles, files) for scope, articles in sources(collection).items()]
    known.sort(key=lambda source: (-len(source.articles), source.scope))
    if not names:
        return known
    found: list[LearnedSource] = []
    for name in names:
        host = name.strip().lower().removeprefix("www.")
        matches = [one for one in known if {name, host} & {one.scope, one.name, one.scope.partition(":")[2]}]
        if not matches:
            near = suggest(name, [one.name for one in known]).split("; known are")[0]
            raise UsageError(
                "no-such-source",
                _("the collection has no source {source!r}{near}", source=name, near=near),
                _("Give its name as in the articles' front matter, its account (__biz) or its host."),
            )
        found += [one for one in matches if one not in found]
    return found


# Effects of proposed rules on the pages of their source: of each rule by itself, and of some together. The command and
# the review page show the same.

AROUND = 2
"""Lines shown before and behind what would go."""

LONGEST = 12
"""Lines of a rule, and of a page, that are shown; of a page half from where a run begins, half from where it ends."""


class MarkedLine(NamedTuple):
    """A line of a page as it stands there, or a gap."""

    text: str
    goes: bool
    skipped: int = 0
    """Lines that are not shown here; then there is no text."""


class RuleSample(NamedTuple):
    """A page on which a rule fires."""

    why: str
    """`oldest`, `newest`, or `fewest`: the one with the fewest of the rule's lines."""
    page: LearnedPage
    lines: tuple[MarkedLine, ...]


class RuleEffect(NamedTuple):
    """The effect of a rule by itself."""

    rule: Rule
    total: SourceEffect
    samples: tuple[RuleSample, ...]
    without: tuple[str, ...]
    """Names of the pages that do not have its lines."""
    outside: tuple[str, ...]
    """Names of those that have them in another place, where they stay."""
    floor: tuple[str, ...]
    """Names of those that would keep too little, and stay as they are."""


class JointEffect(NamedTuple):
    """The effect of several rules together."""

    total: SourceEffect
    floor: tuple[str, ...]
    """As of one rule."""


def rule_effects(
    rules: Sequence[Rule], pages: Sequence[PreparedPage], text: Callable[[str], str]
) -> Iterator[RuleEffect]:
    """Judge each rule by itself, tier by tier, on pages by date; `text` gives a page's Markdown by its name."""
    for rule in sorted(rules, key=tier_of):
        found = list(page_effects([rule], pages))
        yield RuleEffect(
            rule,
            sum_effects(found),
            tuple(_samples(found, text)),
            tuple(one.page.name for one in found if not (one.taken or one.outside)),
            tuple(one.page.name for one in found if one.outside),
            _floor(found),
        )


def joint_effect(rules: Sequence[Rule], pages: Sequence[PreparedPage]) -> JointEffect:
    """Judge rules as they act together."""
    found = list(page_effects(rules, pages))
    return JointEffect(sum_effects(found), _floor(found))


def share_of(total: SourceEffect) -> float:
    """Return the share of all text that goes, in percent with one decimal place."""
    return round(100 * total.characters / total.whole, 1) if total.whole else 0.0


def tier_of(rule: Rule) -> str:
    """Return a learned rule's tier; `–` where a person wrote it and gave none."""
    return str(rule.options.get("tier", "–"))


def doubts_of(rule: Rule) -> list[str]:
    """Return the doubts about a learned rule, as ends of word keys."""
    return list(rule.options.get("evidence", {}).get("doubts", []))


def _floor(found: Sequence[PageEffect]) -> tuple[str, ...]:
    return tuple(one.page.name for one in found if one.floor)


def _samples(found: Sequence[PageEffect], text: Callable[[str], str]) -> Iterator[RuleSample]:
    fires = [one for one in found if one.taken]
    if not fires:
        return
    chosen = {"oldest": fires[0], "newest": fires[-1], "fewest": min(fires, key=lambda one: len(one.taken))}
    seen: set[str] = set()
    for why, one in chosen.items():
        if one.page.name not in seen:
            seen.add(one.page.name)
            yield RuleSample(why, one.page, tuple(_marked(text(one.page.name), one)))


def _marked(markdown: str, one: PageEffect) -> Iterator[MarkedLine]:
    """Yield the lines of a page around what would go."""
    front = read_front_matter(markdown)
    view = View(markdown[front.end :], front)
    removed_lines = {one.page.lines[place].at for place, _ in one.taken}
    places = [number for number, index in enumerate(view.solid) if index in removed_lines]
    around = view.solid[max(0, places[0] - AROUND) : places[-1] + AROUND + 1]
    half, skipped = LONGEST // 2, max(0, len(around) - LONGEST)
    for number, index in enumerate(around):
        if not (skipped and half <= number < half + skipped):
            yield MarkedLine(view.lines[index].strip(), index in removed_lines)
        elif number == half:
            yield MarkedLine("", False, skipped)


def decide_rules(file: LearnedFile, rules: Container[str], state: str, *, by: str, on: str, note: str) -> list[str]:
    """Write a decision about some rules of a file; return the ids of those that it changes.

    `on` is the day (YYYY-MM-DD). Raises UsageError, RuleError, StorageError.
    """
    states = {rule.id: state for rule in file.rules if rule.id in rules and rule.options["state"] != state}
    if states:
        file.change(partial(record_decisions, states=states, decision={"by": by, "on": on, "note": note}))
    elif any(rule.id in rules for rule in file.rules):
        # Somebody edited the states by hand, and this confirms it; or a process that died did not sync them.
        file.change(lambda text: text)
    return list(states)


FILE = "learned.sqlite"
"""Cache of the counts of each source's pages: learning again reads only pages that are new."""

_COUNTS = CacheLayout("page", "text", "counted", bytes, version=COUNTED, scope="source")
"""By the source's scope, and by what names the text that was counted."""


class CountsDatabase:
    """The cache of the counts of one collection."""

    def __init__(self, folder: Path) -> None:
        """Take the collection's folder."""
        self._cache = FactCache(folder / FILE, _COUNTS)

    def read(self, source: str) -> dict[str, PageCounts]:
        """Return what was counted of a source's pages, by their texts' names; nothing where no file can be read."""
        with suppress(ValueError):
            return {text: unpack_counts(data) for text, data in self._cache.read(source).items()}
        return {}

    def write(self, source: str, before: Mapping[str, PageCounts], now: Mapping[str, PageCounts]) -> None:
        """Keep what is counted of a source's pages now instead of before; where that cannot be, only time is lost."""
        stale = [text for text in before if text not in now]
        new = {text: pack_counts(counts) for text, counts in now.items() if text not in before}
        if stale or new:
            self._cache.write(new, stale=stale, scope=source)
