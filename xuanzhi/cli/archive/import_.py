"""`archive import`: files of others are stored as they came, and their pages are cleaned."""

import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from archive.errors import storage_errors
from archive.importing.importer import Importer, ImportPreview, ImportReport
from archive.importing.pages import OriginFinder, WholeRecord, new_visit_id, put_together, waiting_pages
from archive.importing.zipped import ZippedPage
from archive.ingest.answers import PageLimits
from archive.ingest.provenance import NO_ARGUMENTS
from archive.printable import visible
from archive.warc.content import ContentTooLarge
from archive.warc.foreign import ForeignReader
from archive.warc.pages import PageRecord, select_pages
from xuanzhi.cli.options import add_collection
from xuanzhi.cli.parser import add_jobs, add_rules, add_work_limits, whole_number
from xuanzhi.jobs.batch import CleanOutcome, commit, in_batches, run_batch
from xuanzhi.jobs.clean import CleanOptions, CleanRun
from xuanzhi.jobs.imported import ImportedPageWork, ImportedPayload
from xuanzhi.jobs.inputs import Input, zipped_inputs
from xuanzhi.jobs.rules import read_rules
from xuanzhi.jobs.targets import ImportKind, ImportTarget, targets
from xuanzhi.jobs.workers import LimitOptions
from xuanzhi.messages import N_, _, ngettext
from xuanzhi.output.failures import Failure, InputError, UsageError, describe, failure
from xuanzhi.output.labels import STATES, TEXT_DOUBTS, notice_words
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.terminal import Progress

if TYPE_CHECKING:
    from archive.collection.collection import Collection, CommitResult

__all__ = ["ImportOptions", "ImportRun", "add_arguments", "run"]

_HELP = {
    "host": N_("clean only pages from this host and its subdomains; all records are stored"),
    "prefix": N_("clean only pages whose address begins with this; all records are stored"),
}

_STATUSES = {
    "added": N_("imported"),
    "unchanged": N_("already present"),
    "dry": N_("examined"),
}

_HINTS = {
    "damaged-records": N_("Everything readable has been stored. If there is an intact copy, import it too."),
    "wrong-digest": N_("It was stored as it is; ask whoever made the file."),
}

FEW = 20
"""Up to so many pages, each gets a line of its own, and so many places of damage."""

_STEP = 16 * 1024 * 1024
"""Bytes of a file between two movements of the progress bar."""


@dataclass(frozen=True)
class ImportOptions:
    """Which files of others to add to the collection, and which of their pages to clean."""

    inputs: tuple[str, ...]
    """Files, folders, globs, `-` for standard input."""
    dry_run: bool
    url: str
    """Address of the one page, where the file does not say it; empty for none."""
    date: str
    """When the one page was fetched, likewise."""
    hosts: tuple[str, ...]
    """Only pages of these hosts; none for all."""
    prefixes: tuple[str, ...]
    """Only pages whose addresses begin like this; none for all."""
    rules: tuple[str, ...]
    """Files of rules that hold beside the built-in ones and the collection's."""
    jobs: int
    """Worker processes; 0 for as many as fit."""
    limits: LimitOptions
    """What cleaning one page may cost."""
    max_megabytes: int
    """Larger pages are refused (1 MB = 1,048,576 bytes)."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "inputs", nargs="+", metavar="FILE|FOLDER|-", help=_("files, quoted globs, folders; - is standard input")
    )
    add_collection(parser)
    parser.add_argument("-n", "--dry-run", action="store_true", help=_("do everything except write"))
    parser.add_argument("--url", default="", metavar="URL", help=_("address of the page, where a single page is given"))
    parser.add_argument(
        "--date", default="", metavar="DATE", help=_("when the page was fetched, where a single page is given")
    )
    for name, dest, label, text in (("host", "hosts", "HOST", "host"), ("url-prefix", "prefixes", "URL", "prefix")):
        parser.add_argument(f"--{name}", action="append", default=[], dest=dest, metavar=label, help=_(_HELP[text]))
    add_rules(parser)
    add_jobs(parser)
    add_work_limits(parser)
    parser.add_argument(
        "--max-megabytes", type=whole_number(1), default=64, metavar="N", help=_("refuse larger inputs (default: 64)")
    )


def run(options: ImportOptions) -> int:
    """Import the files; return the exit code. Raises what `ImportRun` raises."""
    return ImportRun(options).run()


def _report_file(report: Report, name: str, imported: ImportReport, *, pages: int, orphans: int, status: str) -> None:
    """Report one file; `orphans` are the revisits of pages that nobody has."""
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
    parts = [
        name,
        _(_STATUSES[status]),
        ngettext("{count:,} file", "{count:,} files", sum(bool(each["kept"]) for each in imported.parts))
        if imported.format == "zip"
        else ngettext("{count:,} record", "{count:,} records", sum(imported.records.values())),
    ]
    parts.append(ngettext("{count:,} page", "{count:,} pages", pages))
    if imported.changed:
        parts.append(
            ngettext(
                "{count:,} record header is not as it came",
                "{count:,} record headers are not as they came",
                len(imported.changed),
            )
        )
    if orphans:
        parts.append(
            ngettext(
                "{count:,} revisit of a page that is not here", "{count:,} revisits of pages that are not here", orphans
            )
        )
    report.say("  ".join(parts))
    for each in imported.damage[:FEW]:
        place = f"{each['part']}: " if each["part"] else ""
        kept = (
            ngettext("{count:,} byte, stored as is", "{count:,} bytes, stored as they are", each["length"])
            if each["record"]
            else ngettext("{count:,} byte, not stored", "{count:,} bytes, not stored", each["length"])
        )
        text = _(
            "damaged at byte {offset:,}: {reason} ({kept})",
            offset=each["offset"],
            reason=f"{place}{each['message']}",
            kept=kept,
        )
        _problem(report, name, "damaged-records", text)
    if len(imported.damage) > FEW:
        _problem(
            report,
            name,
            "damaged-records",
            ngettext(
                "{count:,} more place is damaged", "{count:,} more places are damaged", len(imported.damage) - FEW
            ),
        )
    for each in imported.checks:
        key = (
            N_("{part} does not match the file's own list of digests")
            if each["found"]
            else N_("{part} is in the file's list of digests but not in the file")
        )
        _problem(report, name, "wrong-digest", _(key, part=each["name"]))


def _problem(report: Report, name: str, code: str, text: str) -> None:
    report.fail(name, Failure(code, text, _(_HINTS.get(code, ""))))


def _report_page(
    report: Report, collection: "Collection", imported: ImportReport, outcome: CleanOutcome, added: "CommitResult"
) -> None:
    """Report one page that was committed."""
    output = str(collection.path / added.markdown) if added.markdown and added.state == "live" else None
    report.count("pages-added")
    judgement = outcome.prepared.judgement if outcome.prepared is not None else None
    notice = judgement.notice if judgement is not None else ""
    date = outcome.captured if outcome.captured is not None and outcome.captured.code else None
    if report.as_json:
        report.event(
            event="page", file=imported.file, url=outcome.name, state=added.state, doubts=added.doubts,
            status=added.status, notice=notice or None,
            article=added.key or None, output=output, **(judgement.makers if judgement is not None else {}),
            warnings=[{"code": date.code, "message": date.note}] if date else [],
        )  # fmt: skip
        return
    if report.counts["pages-added"] <= FEW:
        line = "  ".join([outcome.name, _(STATES[added.state]), *(_(TEXT_DOUBTS[each]) for each in added.doubts)])
        if added.state == "not-article" and notice:
            line = f"{line}  {visible(notice_words(added.state, notice))}"
        report.say(f"  {line}\n    → {output}" if output else f"  {line}")
    if date:
        report.count(date.code)
        if report.counts[date.code] <= FEW:
            report.warn(outcome.name, 0, *describe(date.code, date.note, _("The record keeps the date as it is.")))


class ImportRun:
    """One run of `archive import`."""

    def __init__(self, options: ImportOptions) -> None:
        """Check what can be wrong with the options before anything is done. Raises UsageError, RuleError."""
        self.options = options
        self.report = Report.of("archive import", options.output)
        self.ruleset = read_rules(options.rules, options.collection)
        self.limits = options.limits.in_use(options.collection)
        self.zipped: list[Input] = []
        """Pages of zip files, to be cleaned when all files are kept."""
        self.wanted = PageLimits(tuple(host.lower() for host in options.hosts), options.prefixes)

    def run(self) -> int:
        """Import all files; return the exit code. Raises UsageError."""
        with tempfile.TemporaryDirectory() as spool:
            files = list(targets(self.options.inputs, Path(spool)))
            if not files:
                raise UsageError("no-input", _("no input given"), _("For example: clean seeds/*.txt"))
            loose = [each for each in files if each.kind is ImportKind.LOOSE]
            if (self.options.url or self.options.date) and len(loose) != 1:
                raise UsageError(
                    "one-page",
                    ngettext(
                        "--url and --date describe a single page; {count} is given",
                        "--url and --date describe a single page; {count} are given",
                        len(loose),
                    ),
                    _("Give a single HTML file; WARC files contain addresses and dates."),
                )
            self.report.total = len(files)
            for target in files:
                if target.others:
                    self.report.note(
                        ngettext(
                            "{name}: {count:,} other form of this page beside it is not imported",
                            "{name}: {count:,} other forms of this page beside it are not imported",
                            target.others,
                            name=target.name,
                        )
                    )
                if target.error is not None:
                    self.report.fail(target.name, failure(target.error))
                elif target.kind is not ImportKind.LOOSE:
                    self._import(target)
            if self.report.counts.get("pages-added") and not self.options.dry_run:
                self._resolve()
            items = [_input(each) for each in loose if each.error is None] + self.zipped
            self.report.total += len(self.zipped)
            if items:
                self._clean(items)
        return self.report.exit_code()

    def _clean(self, items: list[Input]) -> None:
        """Clean pages and snapshots that are files by themselves, or lie in a zip file, as `clean` does."""
        options = CleanOptions(
            output=self.options.output,
            collection=self.options.collection,
            rules=self.options.rules,
            dry_run=self.options.dry_run,
            jobs=self.options.jobs,
            max_megabytes=self.options.max_megabytes,
            limits=self.options.limits,
            url=self.options.url,
            date=self.options.date,
        )
        CleanRun(options, report=self.report, items=items).run()

    def _collection(self) -> "AbstractContextManager[Collection | None]":
        if self.options.dry_run:
            return nullcontext()
        from archive.collection.collection import Collection

        return Collection.open(self.options.collection, told=self.report.recovered)

    def _import(self, target: ImportTarget) -> None:
        """Import one file of records. One that cannot be imported costs no other."""
        try:
            with storage_errors(target.path), target.path.open("rb") as file:
                imported = ImportReport(Path(target.name).name, _digest(target.path), target.path.stat().st_size)
                if target.kind is ImportKind.RECORDS:
                    _require_records(ForeignReader(file))
            with self._collection() as collection:
                importer = ImportPreview(imported) if collection is None else Importer(collection, imported)
                zipped: list[ZippedPage] = []
                try:
                    self._read(target, importer, imported, zipped)
                    if not imported.records and not zipped:
                        raise _nothing_taken(imported)
                    if zipped:
                        importer.finish()
                        status = "dry" if collection is None else "unchanged" if self._was_known(importer) else "added"
                        _report_file(self.report, target.name, imported, pages=len(zipped), orphans=0, status=status)
                        self.zipped += zipped_inputs(target.name, str(target.path), zipped)
                        return
                    titles = {each["url"]: each["title"] for each in imported.pages}
                    selected = select_pages(importer.candidates, titles)
                    pages = {each: title for each, title in selected.items() if self.wanted.hold(each.url)}
                    if collection is None or not isinstance(importer, Importer):
                        _report_file(self.report, target.name, imported, pages=len(pages), orphans=0, status="dry")
                        return
                    importer.keep_records()
                    payloads, orphans = self._pages(collection, importer, selected)
                    importer.finish()
                finally:
                    importer.discard()
                status = "unchanged" if importer.was_imported else "added"
                _report_file(self.report, target.name, imported, pages=len(pages), orphans=orphans, status=status)
                self._clean_pages(collection, imported, payloads)
        except Exception as error:
            self.report.fail(target.name, failure(error))

    @staticmethod
    def _was_known(importer: ImportPreview) -> bool:
        return isinstance(importer, Importer) and importer.was_imported

    def _read(
        self, target: ImportTarget, importer: ImportPreview, imported: ImportReport, zipped: list[ZippedPage]
    ) -> None:
        steps = imported.size // _STEP + 1
        with Progress(steps, enabled=self.options.output.shows_progress, unit="pieces") as progress:
            shown = 0
            for offset in self._offsets(target, importer, imported, zipped):
                while shown < offset // _STEP:
                    progress.advance()
                    shown += 1

    def _offsets(
        self, target: ImportTarget, importer: ImportPreview, imported: ImportReport, zipped: list[ZippedPage]
    ) -> Iterator[int]:
        if target.kind is ImportKind.WACZ:
            from archive.importing.wacz import read_wacz

            yield from read_wacz(importer, imported, target.path, zipped)
            return
        with storage_errors(target.path), target.path.open("rb") as file:
            yield from importer.read(file)

    def _pages(
        self, collection: "Collection", importer: Importer, pages: dict[PageRecord, str]
    ) -> tuple[list[ImportedPayload], int]:
        """Return the pages that are to be cleaned, and how many of those wanted are revisits of what is not here."""
        origins = OriginFinder(collection, importer.candidates)
        whole, refused = self._put_together(collection, importer, pages)
        payloads: list[ImportedPayload] = []
        orphans = 0
        for each, title in pages.items():
            is_wanted = self.wanted.hold(each.url)
            visit_id = new_visit_id(collection, each.record_id)
            if visit_id is None:
                if is_wanted:
                    self.report.count("pages-unchanged")
                continue
            if each.record_id in refused:
                if is_wanted:
                    self.report.fail(each.url, failure(refused[each.record_id]))
                continue
            payload = _payload(collection, each, title, visit_id, origins, whole)
            if payload is None:
                importer.wait_for(each, title)
                orphans += is_wanted
            elif is_wanted:
                payloads.append(payload)
        return payloads, orphans

    def _put_together(
        self, collection: "Collection", importer: Importer, pages: dict[PageRecord, str]
    ) -> tuple[dict[str, WholeRecord], dict[str, ContentTooLarge]]:
        """Return what became of the segmented records among the pages, and which are too large, by identifier."""
        limit = self.options.max_megabytes * 1024 * 1024
        whole: dict[str, WholeRecord] = {}
        refused: dict[str, ContentTooLarge] = {}
        for each in pages:
            if each.is_segmented:
                try:
                    whole[each.record_id] = put_together(collection, importer, each, limit)
                except ContentTooLarge as error:
                    refused[each.record_id] = error
        return whole, refused

    def _resolve(self) -> None:
        """Clean the revisits of earlier imports whose pages have come since."""
        try:
            with self._collection() as collection:
                if collection is None:
                    return
                waiting = list(waiting_pages(collection))
                origins = OriginFinder(collection, [each.page for each in waiting])
                found: dict[EarlierFile, list[ImportedPayload]] = {}
                for each in waiting:
                    visit_id = new_visit_id(collection, each.page.record_id)
                    if visit_id is None or not self.wanted.hold(each.page.url):
                        continue
                    payload = _payload(collection, each.page, each.title, visit_id, origins, {})
                    if payload is not None:
                        found.setdefault(EarlierFile(each.sha256, each.file), []).append(payload)
                count = sum(len(payloads) for payloads in found.values())
                if not count:
                    return
                self.report.say(
                    ngettext(
                        "{count:,} revisit imported earlier has its page now",
                        "{count:,} revisits imported earlier have their pages now",
                        count,
                    )
                )
                for source, payloads in found.items():
                    self._clean_pages(collection, ImportReport(source.file, source.sha256, 0), payloads)
        except Exception as error:
            self.report.fail(str(self.options.collection), failure(error))

    def _clean_pages(self, collection: "Collection", imported: ImportReport, pages: list[ImportedPayload]) -> None:
        """Clean the pages and commit them, in batches."""
        limit = self.options.max_megabytes * 1024 * 1024
        job = ImportedPageWork(self.ruleset, collection.context(), limit, imported.sha256, imported.file)
        with Progress(len(pages), enabled=self.options.output.shows_progress, unit="pages") as progress:
            outcomes = run_batch(pages, job, len(pages), self.options.jobs, self.limits)
            for batch in in_batches(outcomes):
                for _ in batch:
                    progress.advance()
                self._finish(collection, imported, batch)

    def _finish(self, collection: "Collection", imported: ImportReport, batch: list[CleanOutcome]) -> None:
        prepared = [outcome.prepared for outcome in batch if outcome.prepared is not None]
        results = iter(commit(prepared, collection.commit))
        for outcome in batch:
            result = next(results) if outcome.prepared is not None else outcome.failure
            if isinstance(result, Failure):
                self.report.fail(outcome.name, result)
            elif outcome.failure is not None:
                self.report.fail(outcome.name, outcome.failure)
            elif result is not None:
                _report_page(self.report, collection, imported, outcome, result)


def _input(target: ImportTarget) -> Input:
    return Input(target.name, str(target.path), known=target.known if target.known != NO_ARGUMENTS else None)


def _nothing_taken(imported: ImportReport) -> InputError:
    """Return what to say of a file of which not one record could be read."""
    found = "; ".join(
        f"{each['part']}: {each['message']}" if each["part"] else each["message"] for each in imported.damage[:3]
    )
    if not found:
        found = _("its WARC files are empty")
    return InputError(
        "no-records",
        _("nothing can be taken from this file: {found}", found=found),
        _("Take another copy, or ask whoever made the file."),
    )


class EarlierFile(NamedTuple):
    """A file that was imported earlier."""

    sha256: str
    file: str


def _payload(
    collection: "Collection",
    page: PageRecord,
    title: str,
    visit_id: str,
    origins: OriginFinder,
    whole: Mapping[str, WholeRecord],
) -> ImportedPayload | None:
    """Return where the payload of a page lies; None of a revisit whose page is not here.

    `whole` has the segmented records of the file, by the identifier of the first segment.
    """
    record_id, origin = page.record_id, ""
    if page.kind == "revisit":
        record_id = origin = origins.of(page)
        if not origin:
            return None
    if (made := whole.get(record_id)) is not None:
        if made.record_id:
            record_id = origin = made.record_id
        elif page.is_segmented:
            page = page._replace(truncated=made.problem)
    place = collection.record_place(record_id)
    path = collection.path / place.folder / place.name
    return ImportedPayload(page, visit_id, title, path, place.offset, place.length, origin)


def _require_records(reader: ForeignReader) -> None:
    """Raise InputError where nothing in a file is a record."""
    if reader.begins_with_record:
        return
    report = ImportReport("", "", 0)
    for _unused in ImportPreview(report).read_records(reader):
        if report.records:
            return
    if not report.records:
        raise InputError(
            "not-a-warc",
            _("no WARC record can be read from this file: {reason}", reason=_("it contains no record")),
            _("Check it with the tool that wrote it; the name of a single page should end in .html."),
        )


def _digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
