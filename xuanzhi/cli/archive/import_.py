"""`archive import`: what others captured becomes part of the collection."""

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import storage_errors
from archive.importing.importer import Importer
from archive.importing.importer import ImportReport as Imported
from archive.importing.pages import new_visit_id
from archive.ingest.answers import PageLimits, PageRecord, chosen
from archive.warc.foreign import ForeignReader
from xuanzhi.cli.options import add_collection, collection_path
from xuanzhi.jobs.batch import CleanOutcome, commit, in_batches, run_batch
from xuanzhi.jobs.clean import CleanRun
from xuanzhi.jobs.imported import ImportedPageWork, ImportedPayload
from xuanzhi.jobs.inputs import ImportKind, ImportTarget, Input, targets
from xuanzhi.jobs.rules import read_rules
from xuanzhi.output.failures import Failure, InputError, UsageError, failure
from xuanzhi.output.report import Report
from xuanzhi.output.terminal import Progress
from xuanzhi.words import hint, word

if TYPE_CHECKING:
    from archive.collection.collection import Collection, CommitResult

__all__ = ["ImportRun", "add_arguments", "run", "tell_file", "tell_page"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("inputs", nargs="+", metavar="FILE|FOLDER|-", help=word("help.import.inputs"))
    add_collection(parser)
    parser.add_argument("-n", "--dry-run", action="store_true", help=word("help.clean.dry-run"))
    parser.add_argument("--url", default="", metavar="URL", help=word("help.import.url"))
    parser.add_argument("--date", default="", metavar="DATE", help=word("help.import.date"))
    for name, dest, label, text in (("host", "hosts", "HOST", "host"), ("url-prefix", "prefixes", "URL", "prefix")):
        parser.add_argument(
            f"--{name}", action="append", default=[], dest=dest, metavar=label, help=word(f"help.import.{text}")
        )
    parser.add_argument("-r", "--rules", metavar="TOML", action="append", default=[], help=word("help.clean.rules"))
    parser.add_argument("-j", "--jobs", type=int, default=0, metavar="N", help=word("help.clean.jobs"))
    parser.add_argument("--max-megabytes", type=int, default=64, metavar="N", help=word("help.clean.max"))


def run(options: Namespace) -> int:
    """Take the files; return the exit code."""
    return ImportRun(options).run()


# What became of an imported file and its pages, told to people and to machines.


FEW = 20
"""Up to so many pages, each gets a line of its own, and so many places of damage."""


def tell_file(report: Report, name: str, imported: Imported, *, pages: int, orphans: int, status: str) -> None:
    """Tell of one file; `orphans` are the revisits of pages that nobody has."""
    report.done += 1
    report.count(f"file-{status}")
    if report.as_json:
        report.event(
            event="imported", file=name, status=status, sha256=imported.sha256, size=imported.size,
            format=imported.format, records=dict(sorted(imported.records.items())), kept=imported.kept,
            already=imported.already, changed=len(imported.changed), damage=imported.damage, checks=imported.checks,
            pages=pages, orphans=orphans, first=imported.first or None, last=imported.last or None,
            software=imported.software,
        )  # fmt: skip
    parts = [name, word(f"import.{status}"), word("import.records", count=sum(imported.records.values()))]
    parts.append(word("import.pages", count=pages))
    if imported.changed:
        parts.append(word("import.changed", count=len(imported.changed)))
    if orphans:
        parts.append(word("import.orphans", count=orphans))
    report.say("  ".join(parts))
    for each in imported.damage[:FEW]:
        place = f"{each['part']}: " if each["part"] else ""
        kept = word("import.bytes-kept" if each["record"] else "import.bytes-not-kept", count=each["length"])
        text = word("import.damage", offset=each["offset"], reason=f"{place}{each['message']}", kept=kept)
        _problem(report, name, "damaged-records", text)
    if len(imported.damage) > FEW:
        _problem(report, name, "damaged-records", word("import.more-damage", count=len(imported.damage) - FEW))
    for each in imported.checks:
        key = "import.digest-differs" if each["found"] else "import.digest-missing"
        _problem(report, name, "wrong-digest", word(key, part=each["name"]))


def _problem(report: Report, name: str, code: str, text: str) -> None:
    report.fail(name, Failure(code, text, hint(f"import.{code}")))


def tell_page(
    report: Report, collection: "Collection", imported: Imported, outcome: CleanOutcome, added: "CommitResult"
) -> None:
    """Tell of one page that was kept."""
    output = str(collection.path / added.markdown) if added.markdown and added.state == "live" else None
    report.count("pages-added")
    if report.as_json:
        report.event(
            event="page", file=imported.file, url=outcome.name, state=added.state, status=added.status,
            article=added.key or None, output=output,
        )  # fmt: skip
        return
    if report.counts["pages-added"] <= FEW:
        line = f"{outcome.name}  {word(f'state.{added.state}')}"
        report.say(f"  {line}\n    → {output}" if output else f"  {line}")


# The work behind `archive import`: files of others are kept as they came, and their pages are cleaned.


_STEP = 16 * 1024 * 1024
"""Bytes of a file between two movements of the progress bar."""


class ImportRun:
    """One run of `archive import`."""

    def __init__(self, options: Namespace) -> None:
        """Check what can be wrong with the options before anything is done. Raises UsageError, RuleError."""
        self.options = options
        self.report = Report.of("archive import", options)
        self.ruleset = read_rules(options.rules, collection_path(options))
        self.limits = PageLimits(tuple(host.lower() for host in options.hosts), tuple(options.prefixes))

    def run(self) -> int:
        """Take all files; return the exit code. Raises UsageError."""
        with tempfile.TemporaryDirectory() as spool:
            found = list(targets(self.options.inputs, Path(spool)))
            if not found:
                raise UsageError("no-input")
            loose = [each for each in found if each.kind is ImportKind.LOOSE]
            if (self.options.url or self.options.date) and len(loose) != 1:
                raise UsageError("one-page", count=len(loose))
            self.report.total = len(found)
            for target in found:
                if target.error is not None:
                    self.report.fail(target.name, failure(target.error))
                elif target.kind is not ImportKind.LOOSE:
                    self._take(target)
            readable = [each for each in loose if each.error is None]
            if readable:
                self._clean(readable)
        return self.report.exit_code()

    def _clean(self, loose: list[ImportTarget]) -> None:
        """Take pages and snapshots that are files by themselves, as `clean` does."""
        same = {"explain": False, "diff": False, "check": False, "stdout": False, "output": "", "exit_code": False}
        options = Namespace(**{**vars(self.options), **same})
        items = [Input(each.name, str(each.path)) for each in loose]
        CleanRun(options, report=self.report, items=items).run()

    def _collection(self) -> "AbstractContextManager[Collection | None]":
        if self.options.dry_run:
            return nullcontext()
        from archive.collection.collection import Collection

        return Collection.open(collection_path(self.options))

    def _take(self, target: ImportTarget) -> None:
        """Take one file of records. One that cannot be taken costs no other."""
        try:
            with storage_errors(target.path), target.path.open("rb") as file:
                imported = Imported(Path(target.name).name, _digest(target.path), target.path.stat().st_size)
                if target.kind is ImportKind.RECORDS:
                    _demand_records(ForeignReader(file))
            with self._collection() as collection:
                taking = Importer(collection, imported)
                try:
                    self._read(target, taking, imported)
                    taking.end()
                finally:
                    taking.discard()
                titles = {each["url"]: each["title"] for each in imported.pages}
                pages = chosen(taking.candidates, titles, self.limits)
                if collection is None:
                    tell_file(self.report, target.name, imported, pages=len(pages), orphans=0, status="dry")
                    return
                found, orphans = self._pages(collection, taking, pages)
                status = "unchanged" if taking.was_taken else "added"
                tell_file(self.report, target.name, imported, pages=len(pages), orphans=orphans, status=status)
                self._keep(collection, imported, found)
        except Exception as error:
            self.report.fail(target.name, failure(error))

    def _read(self, target: ImportTarget, taking: Importer, imported: Imported) -> None:
        steps = imported.size // _STEP + 1
        with Progress(steps, enabled=self._shows(), unit="pieces") as progress:
            shown = 0
            for offset in self._offsets(target, taking, imported):
                while shown < offset // _STEP:
                    progress.advance()
                    shown += 1

    def _offsets(self, target: ImportTarget, taking: Importer, imported: Imported) -> Iterator[int]:
        if target.kind is ImportKind.WACZ:
            from archive.importing.wacz import take_wacz

            yield from take_wacz(taking, imported, target.path)
            return
        with storage_errors(target.path), target.path.open("rb") as file:
            yield from taking.take(file)

    def _pages(
        self, collection: "Collection", taking: Importer, pages: dict[PageRecord, str]
    ) -> tuple[list[ImportedPayload], int]:
        """Return the pages that are to be cleaned, and how many revisits repeat what is not here."""
        from archive.importing.pages import OriginFinder

        origins = OriginFinder(collection, taking.candidates)
        found: list[ImportedPayload] = []
        orphans = 0
        for each, title in pages.items():
            record_id, origin = each.record_id, ""
            visit_id = new_visit_id(collection, each.record_id)
            if visit_id is None:
                self.report.count("pages-unchanged")
                continue
            if each.kind == "revisit":
                record_id = origin = origins.of(each)
                if not origin:
                    orphans += 1
                    continue
            place = collection.record_place(record_id)
            path = collection.path / place.folder / place.name
            found.append(ImportedPayload(each, visit_id, title, path, place.offset, place.length, origin))
        return found, orphans

    def _keep(self, collection: "Collection", imported: Imported, pages: list[ImportedPayload]) -> None:
        """Clean the pages and keep them, in batches."""
        limit = self.options.max_megabytes * 1024 * 1024
        job = ImportedPageWork(self.ruleset, collection.context(), limit, imported.sha256, imported.file)
        with Progress(len(pages), enabled=self._shows(), unit="pages") as progress:
            for batch in in_batches(run_batch(pages, job, len(pages), self.options.jobs)):
                for _ in batch:
                    progress.advance()
                self._finish(collection, imported, batch)

    def _finish(self, collection: "Collection", imported: Imported, batch: list[CleanOutcome]) -> None:
        prepared = [outcome.prepared for outcome in batch if outcome.prepared is not None]
        results = iter(commit(prepared, collection.commit))
        for outcome in batch:
            result = outcome.failure if outcome.failure is not None else next(results)
            if isinstance(result, Failure):
                self.report.fail(outcome.name, result)
            else:
                tell_page(self.report, collection, imported, outcome, result)

    def _shows(self) -> bool:
        return not (self.options.quiet or self.options.json)


def _demand_records(scanner: ForeignReader) -> None:
    """Raise InputError where nothing in a file is a record."""
    if scanner.is_told:
        return
    report = Imported("", "", 0)
    for _ in Importer(None, report).take_from(scanner):
        if report.records:
            return
    if not report.records:
        raise InputError("not-a-warc", reason=word("import.no-record"))


def _digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
