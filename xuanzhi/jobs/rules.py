"""The learned rules of a collection, with what its sources' pages say of them: what the commands about them share."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from archive import settings
from archive.collection.collection import Holdings
from archive.collection.content import Kept, source_named, sources, text_without_learned_rules
from clean.learn.effect import Looked, looked
from clean.learn.page import Page, read_page
from clean.rules import Rule, parse
from clean.suggest import suggest
from xuanzhi.collection_rules import named_texts
from xuanzhi.output.failures import UsageError
from xuanzhi.progress import Progress

__all__ = ["LearnedFile", "Source", "chosen", "learned_files", "today"]


def today() -> str:
    """Return the day, in UTC, as rules files name it."""
    return datetime.now(UTC).date().isoformat()


class LearnedFile:
    """One file of learned rules."""

    def __init__(self, path: Path) -> None:
        """Read it, if it exists. Raises UsageError, RuleError."""
        self.path = path
        self._read()

    def _read(self) -> None:
        self.text = named_texts([str(self.path)])[0][1] if self.path.exists() else ""
        self.rules: list[Rule] = parse(str(self.path), self.text)

    @property
    def seen(self) -> str:
        """What names the file's text as it was read: its sha256."""
        return sha256(self.text.encode()).hexdigest()

    def change(self, edit: Callable[[str], str]) -> bool:
        """Replace its text with what `edit` makes of it; return False where nothing changes.

        The file is read again for this: a person may have edited it since. Raises UsageError, RuleError, StorageError.
        """
        self._read()
        text = edit(self.text)
        self.rules = parse(str(self.path), text)
        self.text = text
        return settings.write_rules(self.path, text)


def learned_files(collection: Path) -> list[LearnedFile]:
    """Read all files of learned rules. Raises UsageError, RuleError, StorageError."""
    return [LearnedFile(path) for path in settings.learned_paths(collection)]


class Source:
    """One source of a collection: its articles, and its learned rules."""

    def __init__(self, collection: Holdings, scope: str, articles: list[Kept], files: Sequence[Path]) -> None:
        """Take the articles of a scope; `files` are the collection's files of learned rules."""
        self.scope = scope
        self.articles = articles
        self.name = source_named(articles) or scope.partition(":")[2]
        self._collection = collection
        self._files = files
        self._by_name: dict[str, Kept] = {}
        for kept in articles:
            name = kept.url or kept.title
            self._by_name[kept.key if not name or name in self._by_name else name] = kept
        self._names = {kept.key: name for name, kept in self._by_name.items()}

    @cached_property
    def file(self) -> LearnedFile:
        """Its file of learned rules, which need not exist. Raises UsageError, RuleError."""
        return LearnedFile(settings.learned_path(self._collection.path, self.scope, self.name, self._files))

    def rules(self, is_wanted: Callable[[str], bool]) -> list[Rule]:
        """Return its rules in some states."""
        return [rule for rule in self.file.rules if is_wanted(rule.options["state"])]

    def by_date(self, articles: Sequence[Kept] | None = None, *, quiet: bool = True) -> list[Looked]:
        """Return its pages, or some of them, by date, without what learned rules took, ready for rules.

        Unless `quiet`, reading many of them shows progress. Raises Damaged, StorageError.
        """
        chosen, pages = self.articles if articles is None else articles, []
        with Progress(len(chosen), enabled=not quiet, unit="pages") as progress:
            for kept in chosen:
                pages.append(self.page(self.name_of(kept)))
                progress.advance()
        return list(looked(sorted(pages, key=lambda page: (page.date, page.name))))

    def spread(self, most: int) -> list[Kept]:
        """Return its articles, or `most` of them at even distances in the order of fetching, with first and last."""
        ordered = sorted(self.articles, key=lambda kept: (kept.fetched, kept.key))
        last = len(ordered) - 1
        return ordered if last < most else [ordered[round(place * last / (most - 1))] for place in range(most)]

    def name_of(self, kept: Kept) -> str:
        """Return what people know one of its articles by, and no other of them."""
        return self._names[kept.key]

    def page(self, name: str) -> Page:
        """Read one of its pages, without what learned rules took. Raises Damaged, StorageError."""
        return read_page(self.text(name), name=name, fetched=self._by_name[name].fetched)

    def kept(self, name: str) -> Kept:
        """Return the article that one of its pages is."""
        return self._by_name[name]

    def text(self, name: str) -> str:
        """Return the text of one of its pages. Raises Damaged, StorageError."""
        return text_without_learned_rules(self._collection, self._by_name[name])


def chosen(collection: Holdings, names: list[str]) -> list[Source]:
    """Return the sources of these names, all where none is given, those with most articles first.

    A name is the source's, its account or host, or its whole scope (`host:example.org`). Raises UsageError.
    """
    files = settings.learned_paths(collection.path)
    known = [Source(collection, scope, articles, files) for scope, articles in sources(collection).items()]
    known.sort(key=lambda source: (-len(source.articles), source.scope))
    if not names:
        return known
    found: list[Source] = []
    for name in names:
        host = name.strip().lower().removeprefix("www.")
        meant = [one for one in known if {name, host} & {one.scope, one.name, one.scope.partition(":")[2]}]
        if not meant:
            near = suggest(name, [one.name for one in known]).split("; known are")[0]
            raise UsageError("no-such-source", source=name, near=near)
        found += [one for one in meant if one not in found]
    return found
