"""`archive reclean`: stored captures, cleaned with the rules at hand; what changes becomes a version."""

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest
from pathlib import Path
from typing import NamedTuple

from archive.catalogue.captures import StoredCapture
from archive.collection.collection import Collection, CommitResult, Context, PreparedReclean
from archive.ingest.reclean import (
    OTHER_ENGINE,
    OTHER_RULES,
    OTHER_SOFTWARE,
    RecleanResult,
    other_maker,
    prepare_reclean,
    reclean_capture,
)
from archive.warc.reader import read_at
from clean.ledger import Ledger
from clean.rules import Ruleset
from xuanzhi.cli.options import SelectionOptions, add_collection, add_selection
from xuanzhi.cli.parser import add_jobs, add_rules, add_work_limits
from xuanzhi.jobs.batch import commit, in_batches, run_batch
from xuanzhi.jobs.inputs import MAX_BYTES
from xuanzhi.jobs.rules import read_rules
from xuanzhi.jobs.workers import LimitOptions, Loss
from xuanzhi.messages import N_, N_plural, _, ngettext
from xuanzhi.output.failures import Failure, failure
from xuanzhi.output.labels import STATES
from xuanzhi.output.report import OutputOptions, Report, writable
from xuanzhi.output.terminal import Progress

__all__ = ["CaptureChange", "RecleanOptions", "RecleanRun", "add_arguments", "removed_characters", "run"]

_COUNTS = {
    "unchanged": N_("{count:,} unchanged"),
    "versions": N_("{count:,} changed"),
    "states": N_("{count:,} of them in their state"),
    "uncleanable": N_("{count:,} without anything to clean"),
    "failed": N_("{count:,} failed"),
}

UNEXPLAINED = "unexplained"
"""Cause of a change for which there is no reason: rules, software and engine are those that gave the other text."""

LOST = "lost"
"""Cause of a change where no judgement was there before, because it could not be cleaned, or its records are lost."""

_CAUSES = {
    OTHER_RULES: N_plural("{count:,} because the rules changed", "{count:,} because the rules changed"),
    OTHER_SOFTWARE: N_plural(
        "{count:,} because this is another version of this software",
        "{count:,} because this is another version of this software",
    ),
    OTHER_ENGINE: N_plural(
        "{count:,} because the engine changed, that is versions of Python or of libraries",
        "{count:,} because the engine changed, that is versions of Python or of libraries",
    ),
    LOST: N_plural("{count:,} had no text before", "{count:,} had no text before"),
    UNEXPLAINED: N_plural(
        "{count:,} although rules, software and engine are the same: something is damaged, run `archive verify`",
        "{count:,} although rules, software and engine are the same: something is damaged, run `archive verify`",
    ),
}
"""Why captures came out different, in the order in which it is said."""

LARGEST = 10
"""Changes that the summary names."""

FEW = 20
"""Up to so many changes, each gets a line of its own; above, they are counted, unless the user wants them all."""


@dataclass(frozen=True)
class RecleanOptions:
    """Which captures to reclean, and with which rules."""

    selection: SelectionOptions
    dry_run: bool
    diff: bool
    """Show what changes, line by line."""
    rules: tuple[str, ...]
    """Files of rules that hold beside the built-in ones and the collection's."""
    jobs: int
    """Worker processes; 0 for as many as fit."""
    limits: LimitOptions
    """What cleaning one page may cost."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments."""
    add_collection(parser)
    add_selection(parser)
    how = parser.add_argument_group(_("processing"))
    how.add_argument("-n", "--dry-run", action="store_true", help=_("do everything except write"))
    how.add_argument(
        "--diff", action="store_true", help=_("show the changes line by line, with the rules that explain them")
    )
    add_rules(how)
    add_jobs(how)
    add_work_limits(how)


def run(options: RecleanOptions) -> int:
    """Reclean the captures that match; return the exit code. Raises what `RecleanRun` raises."""
    return RecleanRun(options).run()


class CaptureChange(NamedTuple):
    """One capture before and after: texts, ledgers, and how far they are apart. Can be sent to another process."""

    name: str
    """The snapshot's file, or the address as given."""
    article: str
    """Key of its article."""
    markdown: str | None
    """The article's Markdown file, relative to the collection."""
    state_before: str
    state_after: str
    before: str
    """The clean text; empty where there was no article."""
    after: str
    rules_before: dict[str, int]
    """Entries of each rule in the ledger."""
    rules_after: dict[str, int]
    removed_before: int
    """Characters that the ledger names as removed."""
    removed_after: int
    cause: str
    """Why it came out different: OTHER_RULES, OTHER_SOFTWARE, OTHER_ENGINE, LOST or UNEXPLAINED."""
    ledgers: tuple[Ledger | None, Ledger | None] = (None, None)
    """Before and after, where a difference is to be shown."""

    @property
    def size(self) -> int:
        """Characters of the lines that stand in one of the two texts and not in the other."""
        before, after = (Counter(text.split("\n")) for text in (self.before, self.after))
        return sum(len(line) * count for line, count in ((before - after) + (after - before)).items())

    @property
    def rules(self) -> dict[str, int]:
        """By how many entries each rule has more now, or fewer where it is negative; none that has as many."""
        names = sorted({*self.rules_before, *self.rules_after})
        moved = {name: self.rules_after.get(name, 0) - self.rules_before.get(name, 0) for name in names}
        return {name: count for name, count in moved.items() if count}


def removed_characters(ledger: Ledger) -> int:
    """Return how many characters a ledger takes away, 0 or more.

    What is rewritten counts by what it became shorter. What became longer, such as a front matter that gained facts,
    was not removed, and makes up for nothing that was removed elsewhere.
    """
    of_text = sum(max(0, len(entry.text) - len(entry.replacement)) for entry in ledger.entries)
    return of_text + sum(len(node.text) for node in ledger.nodes if node.kind == "text")


class RecleanOutcome(NamedTuple):
    """The outcome of recleaning one capture."""

    capture: StoredCapture
    failure: Failure | None = None
    cleanable: bool = True
    """False where nothing of it can be cleaned: an error, a wall, a picture."""
    change: CaptureChange | None = None
    """None where state and text are as they were."""
    prepared: PreparedReclean | None = None


class RecleanWork(NamedTuple):
    """Recleans a capture; can be sent to another process."""

    root: Path
    ruleset: Ruleset
    context: Context
    with_ledgers: bool

    def do(self, capture: StoredCapture) -> RecleanOutcome:
        """Clean one."""
        try:
            recleaned = reclean_capture(self.root, capture, self.ruleset, MAX_BYTES)
            if recleaned is None:
                return RecleanOutcome(capture, cleanable=False)
            if (recleaned.state, recleaned.clean_sha256) == (capture.state, capture.clean_sha256):
                return RecleanOutcome(capture)
            change = self._change(capture, recleaned)
            return RecleanOutcome(
                capture, change=change, prepared=prepare_reclean(self.root, capture, recleaned, self.context)
            )
        except MemoryError:
            raise
        except Exception as error:
            return RecleanOutcome(capture, failure(error))

    def keep(self, capture: StoredCapture, loss: Loss) -> RecleanOutcome:
        """Return the outcome of a capture that could not be cleaned; it stays as it was."""
        return self.lost(capture, loss)

    def lost(self, capture: StoredCapture, loss: Loss) -> RecleanOutcome:
        """Return the outcome of a capture whose worker process died."""
        return RecleanOutcome(capture, loss.failure(kept=False))

    def _change(self, capture: StoredCapture, recleaned: RecleanResult) -> CaptureChange:
        before = read_at(self.root, capture.conversion).block.decode() if capture.conversion else ""
        old = Ledger.from_json_lines(read_at(self.root, capture.ledger).block.decode()) if capture.ledger else None
        new = recleaned.cleaned.ledger if recleaned.cleaned is not None and recleaned.clean_sha256 is not None else None
        return CaptureChange(
            capture.name,
            capture.article,
            capture.markdown,
            capture.state,
            recleaned.state,
            before,
            (recleaned.cleaned.markdown or "") if recleaned.cleaned is not None and new else "",
            old.counts() if old else {},
            new.counts() if new else {},
            removed_characters(old) if old else 0,
            removed_characters(new) if new else 0,
            self._cause(capture),
            (old, new) if self.with_ledgers else (None, None),
        )

    def _cause(self, capture: StoredCapture) -> str:
        if not capture.ruleset_sha256:
            return LOST
        maker = capture.ruleset_sha256, capture.software, capture.engine
        return other_maker(*maker, self.ruleset) or UNEXPLAINED


class RecleanRun:
    """One run of `archive reclean`."""

    def __init__(self, options: RecleanOptions) -> None:
        """Check what can be wrong with the options before anything is done. Raises UsageError, RuleError."""
        self.options = options
        self.report = Report.of("archive reclean", options.output)
        self.path = options.collection
        self.ruleset = read_rules(options.rules, self.path)
        self.limits = options.limits.in_use(self.path)
        self.selection = options.selection.to_selection()
        self.rules: Counter[str] = Counter()
        self.causes: Counter[str] = Counter()
        self.removed = [0, 0]
        self.states = 0
        self.largest: list[tuple[int, str, str]] = []  # size, article, name
        self.shown = 0

    def run(self) -> int:
        """Clean the captures that match; return the exit code. Raises what opening and selecting raise."""
        with Collection.open(self.path, create=False, told=self.report.recovered) as collection:
            articles = collection.article_rows(self.selection)
            total = collection.count_captures(articles)
            self.report.total = total
            work = RecleanWork(collection.path, self.ruleset, collection.context(), self.options.diff)
            outcomes = run_batch(collection.captures(articles), work, total, self.options.jobs, self.limits)
            with Progress(total, enabled=self.options.output.shows_progress, unit="captures") as progress:
                try:
                    for batch in in_batches(progress.over(outcomes)):
                        progress.hide()
                        self._finish(batch, collection)
                except KeyboardInterrupt:
                    progress.close()
                    self.report.note(
                        "archive reclean: "
                        + _(
                            "stopped; {count:,} done and saved, run the same command again to continue",
                            count=self.report.done,
                        )
                    )
                    raise
        self._summary()
        return self.report.exit_code()

    def _finish(self, batch: Sequence[RecleanOutcome], collection: Collection) -> None:
        """Commit a batch, then report it: what is reported done is done."""
        changed = [each for each in batch if each.prepared is not None]
        prepared = [each.prepared for each in changed if each.prepared is not None]
        results: dict[str, CommitResult | Failure] = {}
        if not self.options.dry_run:
            committed = commit(prepared, collection.commit)
            results = {each.capture.capture: result for each, result in zip(changed, committed, strict=True)}
        for each in batch:
            result = results.get(each.capture.capture)
            if each.failure is not None or isinstance(result, Failure):
                reason = each.failure or result
                assert isinstance(reason, Failure)
                self.report.fail(each.capture.name, reason)
                continue
            self.report.done += 1
            if each.change is None or (result is not None and result.status == "unchanged"):
                self.report.count("unchanged" if each.cleanable else "uncleanable")
            else:
                self._changed(each.change, result)

    def _changed(self, change: CaptureChange, result: CommitResult | None) -> None:
        self.report.count("changed")
        moved = change.state_before != change.state_after
        self.states += moved
        self.rules.update(change.rules)
        self.causes[change.cause] += 1
        self.removed[0] += change.removed_before
        self.removed[1] += change.removed_after
        size = change.size
        self.largest = nlargest(LARGEST, [*self.largest, (size, change.article, change.name)])
        markdown = result.markdown if result is not None else change.markdown
        output = str(self.path / markdown) if markdown else None
        if self.options.diff and not self.options.output.as_json:
            self._show(change)
            return
        if self.options.output.as_json:
            self.report.event(
                event="recleaned", file=change.name, article=change.article, state=change.state_after,
                state_before=change.state_before, output=output, changed=size, removed_before=change.removed_before,
                removed=change.removed_after, rules=change.rules, cause=change.cause,
            )  # fmt: skip
            return
        self.shown += 1
        if self.shown <= FEW or self.options.output.verbose:
            parts = [change.name]
            if moved:
                parts.append(f"{_state(change.state_before)} → {_state(change.state_after)}")
            parts.append(ngettext("{count:,} character differs", "{count:,} characters differ", size))
            self.report.say("  ".join(parts) + (f"\n  → {output}" if output and result is not None else ""))

    def _show(self, change: CaptureChange) -> None:
        """Show what changed, line by line, each piece with the rule that explains it."""
        from xuanzhi.output.difference import ComparedText, Paint, compare_texts, difference_lines

        old = ComparedText(change.name, change.before, ledger=change.ledgers[0])
        new = ComparedText(_state(change.state_after), change.after, ledger=change.ledgers[1])
        for line in difference_lines(old, new, compare_texts(old, new), Paint(sys.stdout)):
            print(writable(line, sys.stdout))

    def _summary(self) -> None:
        report, counts = self.report, self.report.counts
        if self.options.output.as_json:
            report.event(
                event="summary", captures=report.total, unchanged=counts.get("unchanged", 0),
                uncleanable=counts.get("uncleanable", 0), changed=counts.get("changed", 0), states=self.states,
                failed=report.failed, removed_before=self.removed[0], removed=self.removed[1],
                rules=dict(sorted(self.rules.items())), ruleset=self.ruleset.sha256,
                causes=dict(sorted(self.causes.items())), dry_run=self.options.dry_run,
                largest=[{"changed": size, "article": article, "file": name} for size, article, name in self.largest],
            )  # fmt: skip
            return
        parts = [_("{count:,} of {total:,} captures cleaned again", count=report.done, total=report.total)]
        for kind, count in (
            ("unchanged", counts.get("unchanged", 0)),
            ("versions", counts.get("changed", 0)),
            ("states", self.states),
            ("uncleanable", counts.get("uncleanable", 0)),
            ("failed", report.failed),
        ):
            if count or kind == "versions":
                parts.append(_(_COUNTS[kind], count=count))
        lines = [_(", ").join(parts)]
        if set(self.causes) - {OTHER_RULES}:  # what one expects of other rules goes without saying
            lines += [ngettext(*said, self.causes[cause]) for cause, said in _CAUSES.items() if self.causes[cause]]
        if counts.get("changed"):
            lines.append(
                _(
                    "removed from the changed texts: {before:,} characters before, {after:,} now",
                    before=self.removed[0],
                    after=self.removed[1],
                )
            )
            lines += [f"{count:+,}  {rule}" for rule, count in sorted(self.rules.items(), key=lambda one: one[::-1])]
        if counts.get("changed", 0) > 1:
            lines.append(_("largest changes, in characters:"))
            lines += [f"{size:,}  {name}" for size, _, name in self.largest]
        if self.options.dry_run:
            lines.append(_("nothing was written"))
        for line in lines:
            report.note(f"archive reclean: {line}")


def _state(state: str) -> str:
    return _(STATES[state]) if state else "–"
