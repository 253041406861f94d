"""The job of `clean --shards`: inputs are shared out, and the folder of shards is sealed; or both are compared."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archive.storage import make_folder
from clean.version import SOFTWARE
from xuanzhi.jobs.inputs import STDIN, expand, unreadable
from xuanzhi.jobs.rules import read_rules
from xuanzhi.jobs.workers import LimitOptions
from xuanzhi.messages import _, ngettext
from xuanzhi.output.failures import CommandError, Failure, InputError, OutputError, UsageError, failure
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.shards.manifest import SEAL, claim_folder, describe_damages, read_manifest, seal, seal_of, wrong_files
from xuanzhi.shards.naming import ShardSettings, cleaning_engine, shard_name
from xuanzhi.shards.store import FixityFile, input_file, is_remote, list_inputs, open_input, open_store
from xuanzhi.shards.work import ShardJob, ShardOutcome

if TYPE_CHECKING:
    from xuanzhi.shards.store import ShardStore

__all__ = ["ENGINES", "FORMATS", "ShardOptions", "ShardRun"]

ENGINES = ("pool", "ray")
FORMATS = ("parquet", "warc", "jsonl")


@dataclass(frozen=True)
class ShardOptions:
    """What to clean into shards, and where."""

    output: OutputOptions
    shards: str
    """A folder or `s3://bucket/prefix`."""
    inputs: tuple[str, ...] = ()
    """Files of records: paths, globs, `s3://bucket/prefix` or a glob of such."""
    files_from: tuple[str, ...] = ()
    """Files that list inputs, one a line."""
    rules: tuple[str, ...] = ()
    engine: str = "pool"
    address: str = ""
    """Of a cluster of Ray; empty for one on this machine."""
    formats: str = "parquet"
    """Names, parted by commas."""
    check: bool = False
    """Compare instead of clean."""
    jobs: int = 0
    """Shards at once on this machine; 0 for as many as there are processors."""
    max_megabytes: int = 64
    limits: LimitOptions = field(default_factory=LimitOptions)


class ShardRun:
    """One run of `clean --shards`."""

    def __init__(self, options: ShardOptions) -> None:
        """Check what can be wrong with the options. Raises UsageError, RuleError."""
        self.options = options
        self.report = Report.of("clean", options.output)
        if not options.inputs and not options.files_from:
            raise UsageError("no-input", _("no input given"), _("For example: clean --shards out crawl/*.warc.gz"))
        ruleset = read_rules(options.rules)
        settings = ShardSettings(
            ruleset.sha256,
            SOFTWARE,
            cleaning_engine(),
            options.max_megabytes * 1024 * 1024,
            _formats(options.formats),
        )
        if "parquet" in settings.formats:
            from xuanzhi.shards.formats.parquet import require

            require()
        self.job = ShardJob(options.shards, ruleset, settings, options.limits.in_use(None))
        self.rows = 0

    def run(self) -> int:
        """Make all shards, or check them; return the exit code."""
        if not is_remote(self.options.shards) and not self.options.check:
            _make(self.options.shards)
        store = open_store(self.options.shards)
        if self.options.check:
            return self._check(store)
        claim_folder(store, self.job.settings)
        store.sweep()
        for outcome in self._engine():
            self._finish(outcome)
        store.sweep()  # of processes that were lost meanwhile
        self._seal(store)
        return self.report.exit_code()

    def _uris(self) -> Iterator[str]:
        """Yield the inputs; report those that are none."""
        for argument in self.options.inputs:
            if is_remote(argument):
                try:
                    for uri in list_inputs(argument):
                        self.report.total += 1
                        yield uri
                except InputError as error:
                    self.report.total += 1
                    self.report.fail(argument, failure(error))
            else:
                yield from self._files([argument], ())
        yield from self._files((), self.options.files_from)

    def _files(self, arguments: "list[str] | tuple[str, ...]", lists: tuple[str, ...]) -> Iterator[str]:
        for item in expand(arguments, lists):
            self.report.total += 1
            if item.error is not None:
                self.report.fail(item.name, failure(item.error))
            elif item.name == STDIN:
                hint = _("A shard has the name of its file.")
                self.report.fail(STDIN, Failure("not-a-file", _("standard input has no name"), hint))
            else:
                yield item.path

    def _engine(self) -> Iterator[ShardOutcome]:
        jobs = self.options.jobs or os.cpu_count() or 1
        if self.options.engine == "ray":
            from xuanzhi.shards.engines.ray import run_ray

            return run_ray(self.job, self._uris(), jobs, self.options.address)
        from xuanzhi.shards.engines.pool import run_pool

        return run_pool(self.job, self._uris(), jobs)

    def _finish(self, outcome: ShardOutcome) -> None:
        report = self.report
        self.rows += outcome.rows
        if report.as_json and outcome.name:
            report.event(event="shard", file=outcome.uri, **outcome._replace(failure=None)._asdict())
        if outcome.failure is not None:
            report.fail(outcome.uri, outcome.failure)
            report.count("unsealed" if not outcome.name else "refused")
            return
        if outcome.damaged:
            hint = _("The manifest lists the places. Use an intact copy if there is one.")
            report.fail(outcome.uri, Failure("damaged-warc", describe_damages(outcome.damaged), hint))
        else:
            report.done += 1
        report.count(outcome.status)
        parts = [outcome.uri, ngettext("{count:,} page", "{count:,} pages", outcome.rows)]
        if outcome.errors:
            parts.append(ngettext("{count:,} without a result", "{count:,} without results", outcome.errors))
        if outcome.status == "already":
            parts.append(_("already there"))
        report.say("  ".join(parts))

    def _seal(self, store: "ShardStore") -> None:
        report = self.report
        made = report.counts.get("made", 0) + report.counts.get("already", 0) + report.counts.get("refused", 0)
        complete = made == report.total
        sealed = seal(store, complete=complete)
        if report.as_json:
            report.event(event="sealed" if complete else "unsealed", **sealed._asdict())
            return
        shards = ngettext("{count:,} shard", "{count:,} shards", sealed.shards)
        pages = ngettext("{count:,} page", "{count:,} pages", sealed.rows)
        if complete:
            report.note(f"clean: {shards}{_(', ')}{pages}{_(', ')}" + _("sealed: {digest}", digest=sealed.sha256))
        else:
            missing = ngettext("{count:,} input has no shard", "{count:,} inputs have no shards", report.total - made)
            report.note(f"clean: {shards}{_(', ')}{pages}{_(', ')}" + _("not sealed: {reason}", reason=missing))

    def _check(self, store: "ShardStore") -> int:
        """Compare inputs, manifests and data files with each other; nothing is written."""
        for uri in self._uris():
            try:
                wrong = self._wrong(store, uri)
            except OSError as error:
                self.report.fail(uri, failure(unreadable(error)))
            except CommandError as error:
                self.report.fail(uri, failure(error))
            else:
                self.report.done += 1
                self.report.different += bool(wrong)
                for each in wrong:
                    self.report.say(f"{uri}: {each}")
                if self.report.as_json:
                    self.report.event(event="checked", file=uri, differences=wrong)
        now = seal_of(store)
        import json

        data = store.get(SEAL)
        if data is None or json.loads(data).get("sha256") != now.sha256:
            self.report.different += 1
            self.report.say(f"{SEAL}: {_('the folder is not sealed, or its seal is not that of its manifests')}")
        return self.report.exit_code()

    def _wrong(self, store: "ShardStore", uri: str) -> list[str]:
        with open_input(uri) as file:
            known = input_file(uri, file)
            manifest = read_manifest(store, shard_name(known, self.job.settings))
            if manifest is None:
                return [_("it has no shard, or it has changed since its shard was made")]
            digest = FixityFile(file).finish()
        changed = [] if digest == manifest.input["sha256"] else [_("it has changed since its shard was made")]
        return changed + wrong_files(store, manifest)


def _formats(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        raise UsageError(
            "no-such-format",
            _("{format} is no format of shards", format=", ".join(unknown) or text),
            _("The formats are: {known}.", known=", ".join(FORMATS)),
        )
    return tuple(name for name in FORMATS if name in names)


def _make(path: str) -> None:
    from pathlib import Path

    try:
        make_folder(Path(path))
    except OSError as error:
        raise OutputError(
            "not-writable",
            _("cannot write {path}: {reason}", path=path, reason=error.strerror or error),
            _("Check its permissions and the free space, then run the same command again."),
        ) from error
