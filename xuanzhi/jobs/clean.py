"""The job of `clean`: inputs are cleaned and written, with one event for each."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from archive.errors import StorageError, storage_errors
from archive.printable import visible
from archive.storage import make_folder, sync_folder, write_atomically
from clean.ledger import restore
from xuanzhi.jobs.batch import CleanOutcome, CleanWork, commit, in_batches, run_batch
from xuanzhi.jobs.inputs import STDIN, Input, expand, inputs, read_once, split_line, stem
from xuanzhi.jobs.rules import read_rules
from xuanzhi.jobs.workers import LimitOptions
from xuanzhi.messages import N_, _, ngettext
from xuanzhi.output.explain import explain, explained, page_kind_fields
from xuanzhi.output.failures import CommandError, Failure, OutputError, UsageError, describe, failure, warning_fields
from xuanzhi.output.labels import ADVICES, COUNTS, STATES, TEXT_DOUBTS, WARNINGS
from xuanzhi.output.report import OutputOptions, Report, writable
from xuanzhi.output.terminal import Progress

if TYPE_CHECKING:
    from archive.collection.collection import Collection, CommitResult, Context
    from clean.document import Cleaned

__all__ = ["CleanOptions", "CleanRun", "OutputFolder"]

_REMARKS = {
    "already": N_("already in the collection"),
    "elsewhere": N_("already in the collection under another address, and left as it is"),
    "recleaned": N_("cleaned again, with another result"),
    "unchanged": N_("unchanged"),
    "would-write": N_("would be written"),
    "older": N_("older than the current version, stored beside it"),
    "doubtful": N_("doubtful, stored beside the current version; decide with archive review"),
}

FEW = 20
"""Up to so many inputs, each gets a line of its own; above, only what is out of the ordinary does."""


@dataclass(frozen=True)
class CleanOptions:
    """What to clean, with which rules, and where the results go."""

    output: OutputOptions
    collection: Path
    """Where results go, and whose rules hold, unless `folder` or `stdout` says otherwise."""
    inputs: tuple[str, ...] = ()
    """Paths, globs, `-` for standard input; with `explain` also `FILE:LINE`."""
    files_from: tuple[str, ...] = ()
    """Files that list inputs, one a line."""
    rules: tuple[str, ...] = ()
    """Files of rules that hold beside the built-in ones."""
    folder: str = ""
    """Write plain Markdown files into this folder instead of a collection; empty for none."""
    stdout: bool = False
    dry_run: bool = False
    explain: bool = False
    diff: bool = False
    check: bool = False
    exit_code: bool = False
    """With `diff`, a difference is an exit code of its own."""
    jobs: int = 0
    """Worker processes; 0 for as many as fit."""
    max_megabytes: int = 64
    """Larger inputs are refused (1 MB = 1,048,576 bytes)."""
    limits: LimitOptions = field(default_factory=LimitOptions)
    """What cleaning one input may cost."""
    url: str = ""
    """Address of the one page, where the user gives it; only with `archive import`."""
    date: str = ""
    """When the one page was fetched, likewise."""


class OutputFolder:
    """The folder of `-o`: results as plain files `DIR/<stem>.md`, each written whole or not at all."""

    def __init__(self, path: str, *, dry: bool = False) -> None:
        """Make the folder. Raises OutputError where that cannot be."""
        self.path = Path(path)
        self._dry = dry
        self._owners: dict[str, str] = {}
        if not dry:
            try:
                make_folder(self.path)
            except OSError as error:
                raise _not_written(path, error.strerror or error) from error

    def target(self, name: str) -> Path:
        """Return the path of an input's result. Raises OutputError where another input has it, or the source does."""
        target = self.path / f"{stem(name)}.md"
        # Compared without letter case, because that is how some file systems see names.
        owner = self._owners.setdefault(target.name.casefold(), name)
        if owner != name:
            raise OutputError(
                "name-taken",
                _("its result would be {path}, which already belongs to {other}", path=target, other=owner),
                _("Rename one of the two, or clean them into separate folders."),
            )
        if name != STDIN and target.exists() and Path(name).exists() and target.samefile(name):
            raise OutputError(
                "would-overwrite",
                _("the result would overwrite the source"),
                _("Sources are never overwritten; choose another folder with -o."),
            )
        return target

    def differs(self, name: str, cleaned: "Cleaned") -> bool:
        """Whether the result on disk, or an image that it shows and the page held, is missing or another one."""
        from archive.collection.embedded import is_file_due  # brings the catalogue with it

        target = self.target(name)
        text = (cleaned.markdown or "").encode()
        if not target.is_file() or target.read_bytes() != text:
            return True
        return any(is_file_due(self.path, file.path) for file in cleaned.shown_files())

    def write(self, results: Iterable[tuple[str, "Cleaned"]]) -> list[tuple[Path, bool] | OutputError]:
        """Write results, each a name and what cleaning it gave, with the images that its text shows and the page held.

        Return the path of each and whether anything changed, or an error.

        When this returns, they are on the disk.
        """
        written = [self._write(name, cleaned) for name, cleaned in results]
        if written and not self._dry:
            try:
                with storage_errors(self.path):
                    sync_folder(self.path)  # once for all of them
            except StorageError as error:
                return [each if isinstance(each, OutputError) else _not_written(each[0], error) for each in written]
        return written

    def _write(self, name: str, cleaned: "Cleaned") -> tuple[Path, bool] | OutputError:
        markdown = cleaned.markdown or ""
        try:
            target = self.target(name)
        except OutputError as error:
            return error
        if self._dry:
            return target, self.differs(name, cleaned)
        try:
            changed = [write_atomically(self.path / file.path, file.data) for file in cleaned.shown_files()]
            changed.append(write_atomically(target, markdown.encode(), sync=False))
            return target, any(changed)
        except StorageError as error:
            return _not_written(target, error)


def _not_written(path: Path | str, reason: object) -> OutputError:
    return OutputError(
        "not-writable",
        _("cannot write {path}: {reason}", path=path, reason=reason),
        _("Check its permissions and the free space, then run the same command again."),
    )


class CleanRun:
    """One run of `clean`."""

    def __init__(
        self, options: CleanOptions, *, report: Report | None = None, items: list[Input] | None = None
    ) -> None:
        """Check what can be wrong with the options before anything is done. Raises UsageError, RuleError.

        `report` is that of another command, which has `items` for this one to clean.
        """
        self.options = options
        self.report = report or Report.of("clean", options.output)
        self.only_shows = options.explain or options.diff or options.check or options.stdout
        # What is shown is what the collection would store, so its rules and limits hold there too.
        plain = options.folder or options.stdout
        collection = None if plain else options.collection
        self.ruleset = read_rules(options.rules, collection)
        self.limits = options.limits.in_use(collection)
        self.targets: list[tuple[Input, int | None]] = []
        if options.explain:
            for argument in options.inputs:
                pattern, line = split_line(argument)
                self.targets += [(item, line) for item in inputs(expand([pattern]))]
            self.items = [item for item, _ in self.targets]
        elif items is not None:
            self.items = items
        else:
            self.items = list(inputs(expand(options.inputs, options.files_from)))
        if not self.items:
            raise UsageError("no-input", _("no input given"), _("For example: clean seeds/*.txt"))
        if report is None:
            self.report.total = len(self.items)
        self.folder = OutputFolder(options.folder, dry=options.dry_run or self.only_shows) if options.folder else None
        self.to_collection = not self.only_shows and self.folder is None
        self.many = len(self.items) > FEW and not options.output.verbose
        self.warnings: dict[str, int] = {}

    def run(self) -> int:
        """Clean all inputs; return the exit code."""
        if self.options.explain:
            return self._explain()
        with self._collection() as collection:
            context = collection.context() if collection is not None else None
            outcomes = self._outcomes(context, self.items)
            with Progress(len(self.items), enabled=self.options.output.shows_progress) as progress:
                try:
                    for batch in in_batches(progress.over(outcomes)):
                        self._finish(batch, collection)
                except KeyboardInterrupt:
                    progress.close()
                    self.report.note(
                        f"{self.report.command}: "
                        + _(
                            "stopped; {count:,} done and saved, run the same command again to continue",
                            count=self.report.done,
                        )
                    )
                    raise
        self._summary(collection)
        return self.report.exit_code()

    def _outcomes(self, context: "Context | None", items: list[Input]) -> Iterator[CleanOutcome]:
        work = self._job(context)
        given = (read_once(item, work.max_bytes) for item in items)
        return run_batch(given, work, len(items), self.options.jobs, self.limits)

    def _job(self, context: "Context | None") -> CleanWork:
        return CleanWork(
            self.ruleset,
            context,
            self.options.max_megabytes * 1024 * 1024,
            self.options.url,
            self.options.date,
        )

    def _collection(self) -> "AbstractContextManager[Collection | None]":
        if not self.to_collection or self.options.dry_run:
            return nullcontext()
        from archive.collection.collection import Collection

        return Collection.open(self.options.collection, told=self.report.recovered)

    def _finish(self, batch: list[CleanOutcome], collection: "Collection | None") -> None:
        """Commit a batch, then report it: what is reported done is done."""
        added: dict[int, CommitResult | Failure] = {}
        if collection is not None and not self.options.dry_run:
            places = [place for place, outcome in enumerate(batch) if outcome.prepared is not None]
            prepared = [outcome.prepared for outcome in batch if outcome.prepared is not None]
            added = dict(zip(places, commit(prepared, collection.commit), strict=True))
        written = self._write(batch)
        for place, outcome in enumerate(batch):
            result = added.get(place)
            if isinstance(result, Failure):
                self.report.fail(outcome.name, result)
            elif outcome.failure is not None:
                self.report.fail(outcome.name, outcome.failure)
            else:
                try:
                    self._finish_one(outcome, result, written.get(place), collection)
                except CommandError as error:
                    self.report.fail(outcome.name, failure(error))

    def _write(self, batch: list[CleanOutcome]) -> dict[int, tuple[Path, bool] | OutputError]:
        """Write the results of a batch to the folder of -o; return what became of each, by its place."""
        if self.folder is None or self.only_shows:
            return {}
        results = {
            place: (outcome.name, outcome.cleaned)
            for place, outcome in enumerate(batch)
            if outcome.failure is None and outcome.cleaned is not None and outcome.cleaned.markdown is not None
        }
        return dict(zip(results, self.folder.write(results.values()), strict=True))

    def _finish_one(
        self,
        outcome: CleanOutcome,
        added: "CommitResult | None",
        written: tuple[Path, bool] | OutputError | None,
        collection: "Collection | None",
    ) -> None:
        cleaned = outcome.cleaned
        assert cleaned is not None
        output = status = remark = None
        if added is not None and collection is not None:
            output = str(collection.path / added.markdown) if added.markdown else None
            status = added.status
            remark = {"unchanged": "already", "recleaned": "recleaned", "elsewhere": "elsewhere"}.get(status)
            if added.doubts:
                remark = "doubtful"
            elif remark is None and output and not added.current:
                remark = "older"
        elif self.options.check:
            self._check(outcome)
        elif self.options.diff:
            self._show_difference(outcome)
        elif self.options.stdout:
            self._print(outcome)
        elif isinstance(written, OutputError):
            raise written
        elif written is not None:
            path, changed = written
            output, status = str(path), "written" if changed else "unchanged"
            remark = "unchanged" if not changed else "would-write" if self.options.dry_run else None
        self.report.done += 1
        self.report.count("unchanged" if status == "elsewhere" else status or "cleaned")
        if cleaned.markdown is None:
            self.report.count("not-articles")
        doubts = added.doubts if added is not None else ()
        self._report_cleaned(outcome, output, status, _(_REMARKS[remark]) if remark else "", doubts)

    def _check(self, outcome: CleanOutcome) -> None:
        """Count what cleaning would change: in the folder of -o where that is given, else in the input itself."""
        assert outcome.cleaned is not None
        if outcome.cleaned.markdown is None:
            return
        if self.folder is not None:
            changes = self.folder.differs(outcome.name, outcome.cleaned)
        else:
            changes = bool(outcome.cleaned.ledger.entries or outcome.cleaned.ledger.rendered_sha256)
        if changes:
            self.report.different += 1
            self.report.say(f"{outcome.name}: {_('cleaning would change it')}")

    def _show_difference(self, outcome: CleanOutcome) -> None:
        from xuanzhi.output.difference import Paint, cleaning_difference

        assert outcome.cleaned is not None
        ledger = outcome.cleaned.ledger
        if (ledger.entries or ledger.nodes) and self.options.exit_code:
            self.report.different += 1
        if self.options.output.as_json:
            self.report.event(**explained(outcome.name, outcome.cleaned, "", self.ruleset, None))
            return
        paint = Paint(sys.stdout)
        source = restore(outcome.cleaned.markdown or "", ledger)
        shown = list(cleaning_difference(source, outcome.cleaned, paint))
        if shown:
            for line in [paint.quiet(f"── {visible(outcome.name)} ──"), *shown]:
                print(writable(line, sys.stdout))

    def _print(self, outcome: CleanOutcome) -> None:
        assert outcome.cleaned is not None
        if outcome.cleaned.markdown is not None and not self.options.output.as_json:
            sys.stdout.buffer.write(outcome.cleaned.markdown.encode())
            self._name_files(outcome)

    def _name_files(self, outcome: CleanOutcome) -> None:
        """Say where the images are that a printed text shows and that no file holds."""
        assert outcome.cleaned is not None
        files = outcome.cleaned.shown_files()
        if files:
            message = ngettext(
                "{count:,} image that the page holds in itself stands as {path}",
                "{count:,} images that the page holds in itself stand as {path} and the like",
                len(files),
                path=files[0].path,
            )
            hint = _("The page has the data; with -o DIR or in a collection they are written as files.")
            self.report.warn(outcome.name, 0, message, hint)

    def _report_cleaned(
        self, outcome: CleanOutcome, output: str | None, status: str | None, remark: str, doubts: Sequence[str]
    ) -> None:
        cleaned = outcome.cleaned
        assert cleaned is not None
        counts = cleaned.ledger.counts()
        if self.options.output.as_json and not self.options.diff:
            fields = {
                "event": "cleaned", "file": outcome.name, "state": "doubtful" if doubts else cleaned.state.value,
                "output": output, "doubts": doubts,
                "removed": sum(counts.values()), "rules": counts, "status": status, "profile": cleaned.profile,
                "notice": cleaned.notice or None, "advice": cleaned.advice, "maker": cleaned.maker or None,
                **cleaned.ledger.makers,
                "title": cleaned.fact("title") or None,
                "confidence": cleaned.confidence, "page_kind": page_kind_fields(cleaned.page_kind),
                "withheld": cleaned.withheld,
                "warnings": warning_fields(cleaned.warnings),
                "files": [
                    {"path": file.path, "media_type": file.media_type, "length": len(file.data)}
                    for file in cleaned.shown_files()
                ],
            }  # fmt: skip
            if self.options.stdout:
                fields["markdown"] = cleaned.markdown
            self.report.event(**fields)
        for warning in cleaned.warnings:
            self.warnings[warning.code] = self.warnings.get(warning.code, 0) + 1
            if not self.many:
                message, hint = describe(warning.code, warning.message, warning.hint)
                self.report.warn(outcome.name, warning.line, message, hint)
        if self.only_shows or self.many:
            return
        self.report.say(_line(outcome, output, remark, doubts))

    def _explain(self) -> int:
        outcomes = self._outcomes(None, self.items)
        for (item, line), outcome in zip(self.targets, outcomes, strict=True):
            path = item.name
            if outcome.failure is not None or outcome.cleaned is None:
                assert outcome.failure is not None
                self.report.fail(path, outcome.failure)
                continue
            try:
                source = restore(outcome.cleaned.markdown or "", outcome.cleaned.ledger)
                if self.options.output.as_json:
                    self.report.event(**explained(path, outcome.cleaned, source, self.ruleset, line))
                else:
                    self.report.say(path)
                    for text in explain(outcome.cleaned, source, self.ruleset, line):
                        self.report.say(f"  {text}")
                self.report.done += 1
            except CommandError as error:
                self.report.fail(path, failure(error))
        return self.report.exit_code()

    def _summary(self, collection: "Collection | None") -> None:
        report = self.report
        if self.many and not report.as_json and not report.quiet:
            for code, count in sorted(self.warnings.items()):
                report.note(
                    f"{self.report.command}: "
                    + ngettext(
                        "warning in {count:,} file: {message} (-v shows which)",
                        "warning in {count:,} files: {message} (-v shows which)",
                        count,
                        message=_(WARNINGS[code]),
                    )
                )
        if report.as_json or report.quiet or (self.only_shows and not self.options.check):
            return
        parts = [_("{count:,} of {total:,} cleaned", count=report.done, total=report.total)]
        kinds = ("added", "written", "recleaned", "unchanged", "not-articles")
        parts += [_(COUNTS[kind], count=report.counts[kind]) for kind in kinds if report.counts.get(kind)]
        if report.different:
            parts.append(_("{count:,} would change", count=report.different))
        if report.failed:
            parts.append(_("{count:,} failed", count=report.failed))
        if self.options.dry_run or self.options.check:
            parts.append(_("nothing was written"))
        report.note(f"{self.report.command}: {_(', ').join(parts)}")
        if collection is not None and not self.options.dry_run:
            report.note(f"{self.report.command}: {_('collection: {path}', path=collection.path)}")


def _line(outcome: CleanOutcome, output: str | None, remark: str, doubts: Sequence[str]) -> str:
    """One line for people: file, what it is, what happened, where it went."""
    cleaned = outcome.cleaned
    assert cleaned is not None
    parts = [outcome.name, *([_(TEXT_DOUBTS[each]) for each in doubts] or [_(STATES[cleaned.state])])]
    if cleaned.markdown is not None:
        count = len(cleaned.ledger.entries) + len(cleaned.ledger.nodes)
        parts.append(
            ngettext("{count} piece removed or rewritten", "{count} pieces removed or rewritten", count)
            if count
            else _("nothing to remove")
        )
    elif cleaned.advice is not None:
        parts.append(_(ADVICES[cleaned.advice]))
    line = "  ".join([*parts, remark] if remark else parts)
    return f"{line}\n  → {output}" if output and cleaned.markdown is not None and not doubts else line
