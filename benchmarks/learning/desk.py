"""A collection of one source's pages and a person at it who approves and rejects whole tiers, as the commands do it."""

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from archive.collection.content import sources
from archive.collection.reader import CollectionReader
from clean.ledger import Ledger
from clean.rules import Ruleset
from xuanzhi.cli.main import main
from xuanzhi.jobs.learned import read_learned_files
from xuanzhi.jobs.rules import read_rules

__all__ = ["Desk", "Kept", "folders"]


def folders(path: Path) -> Iterator[Path]:
    """Yield the folders of a folder, one a source, in alphabetical order."""
    yield from (folder for folder in sorted(path.iterdir()) if folder.is_dir())


class Kept(NamedTuple):
    """One page of the collection, as it stands there now."""

    url: str
    markdown: str
    """The conversion record's text."""
    ledger: Ledger


class Desk:
    """A fresh collection that keeps the snapshots of one folder."""

    def __init__(self, path: Path, snapshots: Path) -> None:
        """Clean all snapshots into a new collection at `path`."""
        self.path = path
        self.do("clean", *(str(file) for file in sorted(snapshots.glob("*.txt"))))

    def do(self, *arguments: str) -> list[dict[str, Any]]:
        """Run a command on the collection; return what it said. Raises RuntimeError where it failed."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([*arguments, "--collection", str(self.path), "--json"])
        if code:
            raise RuntimeError(f"{' '.join(arguments[:3])} … ended with {code}: {err.getvalue()}")
        return [json.loads(line) for line in out.getvalue().splitlines()]

    def approve(self, tiers: str) -> None:
        """Approve what is proposed of some tiers: a letter for each."""
        for tier in tiers:
            self.do("archive", "rules", "approve", "--tier", tier, "--by", "benchmark")

    def reject(self) -> None:
        """Reject every rule, whatever was decided before."""
        if names := list(self.tiers()):
            self.do("archive", "rules", "reject", *names, "--by", "benchmark")

    def reclean(self) -> dict[str, Any]:
        """Clean the pages of the source anew; return the summary."""
        named = [argument for name in self._names() for argument in ("--source", name)]
        return self.do("archive", "reclean", *named)[-1]

    def tiers(self) -> dict[str, str]:
        """Return the tier of each learned rule."""
        return {rule.id: rule.options.get("tier", "") for file in read_learned_files(self.path) for rule in file.rules}

    def ruleset(self) -> Ruleset:
        """Return the rules that hold in the collection."""
        return read_rules([], self.path)

    def files(self) -> dict[str, bytes]:
        """Return every Markdown file by its name in the collection."""
        found = (self.path / "markdown").rglob("*.md")
        return {str(file.relative_to(self.path)): file.read_bytes() for file in sorted(found)}

    def kept(self) -> list[Kept]:
        """Return all pages. Raises Damaged, StorageError, LedgerError."""
        with CollectionReader.open(self.path) as collection:
            return [
                Kept(
                    kept.url,
                    collection.record_at(kept.version).block.decode(),
                    Ledger.from_json_lines(collection.record_at(kept.ledger).block.decode()),
                )
                for articles in sources(collection).values()
                for kept in articles
            ]

    def _names(self) -> list[str]:
        """Return the names that the pages give their source: an account may have changed its own."""
        with CollectionReader.open(self.path) as collection:
            return sorted({kept.source for articles in sources(collection).values() for kept in articles})
