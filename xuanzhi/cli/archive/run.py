"""`archive run`: the visits that are due."""

import signal
import sys
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from time import time

from archive.collection.collection import Collection
from archive.dates import warc_date_at
from archive.schedule.outbox import Outbox
from archive.schedule.outcomes import changed_share_of
from archive.schedule.report import log_run, schedule_health
from archive.schedule.settings import ScheduleSettings
from archive.schedule.table import Schedule
from capture.settings import Settings
from xuanzhi.cli.options import add_collection
from xuanzhi.cli.parser import add_rules, add_work_limits
from xuanzhi.jobs.capture import HERE, OPEN_PLATFORMS
from xuanzhi.jobs.rules import read_rules
from xuanzhi.jobs.stopping import Stopper, run_stoppable
from xuanzhi.jobs.visits import WALL_LIMITS, PageWork, wall_reader
from xuanzhi.jobs.workers import Companion, LimitOptions
from xuanzhi.messages import _, ngettext
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import ended_by
from xuanzhi.output.labels import EVENTS, OUTCOMES
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.signals import Ended
from xuanzhi.output.terminal import Progress, percent
from xuanzhi.runner.hooks import HookNotifier
from xuanzhi.runner.runner import Runner, RunOutcome

__all__ = ["ScheduledRun", "ScheduledRunOptions", "add_arguments", "run"]


@dataclass(frozen=True)
class ScheduledRunOptions:
    """Which collection's due visits to make, once or for good."""

    loop: bool
    """Go on until a signal ends it."""
    rules: tuple[str, ...]
    """Files of rules that hold beside the built-in ones and the collection's."""
    limits: LimitOptions
    """What cleaning one page may cost."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--loop", action="store_true", help=_("keep running until stopped, instead of once"))
    add_rules(parser)
    add_work_limits(parser)
    add_collection(parser)


def run(options: ScheduledRunOptions) -> int:
    """Make the visits that are due; return the exit code. Raises what `ScheduledRun` raises."""
    return ScheduledRun(options).run()


class ScheduledRun:
    """One run, from its options to its exit code: sets the runner up, reports its visits, and logs how it ended."""

    def __init__(self, options: ScheduledRunOptions) -> None:
        """Read the rules before anything is requested. Raises UsageError, RuleError."""
        self.options = options
        self.report = Report.of("archive", options.output)
        self.ruleset = read_rules(options.rules, options.collection)
        self.path = options.collection
        self.limits = options.limits.in_use(self.path)
        self._begin_round()

    def run(self) -> int:
        """Visit what is due; return the exit code."""
        options = self.options
        # Before everything that is open, and before any thread.
        with (
            Companion(PageWork(self.ruleset), self.limits) as self._cleaner,
            Companion(PageWork(self.ruleset), WALL_LIMITS) as self._walls,
            Collection.open(self.path, create=False, told=self.report.recovered) as collection,
            Schedule.open(self.path) as schedule,
        ):
            self._collection = collection
            self._schedule = schedule
            schedule_settings = schedule.settings
            self._outbox = Outbox(schedule)
            self._schedule.sync()
            self._note_news()  # from here on there is news; and what a killed run had not written down
            due = schedule_health(schedule, time()).due
            enabled = not (options.output.quiet or options.output.as_json or options.loop)
            settings = _capture_settings(schedule_settings, collection.config.contact)
            if not settings.contact:
                self.report.warn(
                    "",
                    0,
                    f"{_('warning')}: {_('sites are not told how to reach you')}",
                    _('Write contact = "…" in collection.toml.'),
                )
            with (
                Progress(due, enabled=enabled, unit="pages") as self._progress,
                HookNotifier(self.path, schedule_settings.hooks, self._warn_of_hook) as self._notifier,
            ):
                idle = self._end_round if options.loop else lambda: None
                walls = wall_reader(self._walls)
                parts = collection, self._schedule, settings, self._cleaner, self._report_visits
                runner = Runner(*parts, idle=idle, wall_in=walls)
                try:
                    self._run_until_stopped(runner)
                except KeyboardInterrupt:
                    self._notifier.hurry()
                    self._end_round(Exit.INTERRUPTED)
                    raise
                except Exception as error:
                    self._end_round(ended_by(error))
                    raise
                self._end_round()
        self._summary()
        # A loop ends because it was stopped; how its rounds ended is in the log, and was reported as it came.
        return Exit.DONE if options.loop else self.report.exit_code()

    def _run_until_stopped(self, runner: Runner) -> None:
        """Run; raise Ended where a signal ended it, other than SIGTERM, which systemd sends."""

        async def work(stopper: Stopper) -> None:
            stopper.begin_nothing(runner.stop)
            stopper.cut(runner.cut)
            stopper.end(self._cleaner.close)
            stopper.end(self._walls.close)
            stopper.end(self._notifier.hurry)
            await runner.run(forever=self.options.loop)

        ended = run_stoppable(work)
        if ended:
            self._notifier.hurry()
        if ended not in {0, signal.SIGTERM}:
            raise Ended(ended)

    def _note_news(self) -> None:
        self._outbox.add_events(lambda event: changed_share_of(self._collection, event.before, event.after))

    def _report_visits(self, outcomes: list[RunOutcome]) -> None:
        self._note_news()
        self._notifier.wake()
        self._progress.hide()
        for each in outcomes:
            self._report_visit(each)
            self._progress.advance()
        sys.stdout.flush()  # a log is read while it grows

    def _report_visit(self, outcome: RunOutcome) -> None:
        report, result, claim = self.report, outcome.result, outcome.claim
        kind = result.outcome if result else "blocked" if outcome.blocked else "refused"
        self._tally[kind] = self._tally.get(kind, 0) + 1
        failed = kind in {"error", "interrupted", "refused"} or outcome.failure is not None
        for counts in (report, self._round):
            for event in result.events if result else ():
                counts.count(event)
            counts.blocked += outcome.blocked
            counts.failed += failed
            counts.done += not failed and not outcome.blocked
        amount = self._amount(outcome)
        if report.as_json:
            reason = outcome.failure
            report.event(
                event="visited", url=claim.url, source=claim.source, kind=claim.kind, outcome=kind,
                at=result.visit.at if result else None, state=result.visit.state if result else None,
                status=result.visit.status if result else None, news=list(result.events) if result else [],
                amount=None if amount is None else round(amount, 4), found=outcome.found,
                error={"code": reason.code, "message": reason.message} if reason else None,
            )  # fmt: skip
            return
        is_news = bool(result and result.events) or outcome.found
        if not (
            is_news or failed or outcome.blocked or (result and result.gone_in_a_row) or self.options.output.verbose
        ):
            return
        parts = [warc_date_at(time())[:19] + "Z", _(OUTCOMES[kind]), claim.url]
        if amount is not None:
            parts.append(percent(amount))
        parts += [_(EVENTS[event]) for event in (result.events if result else ()) if event != kind]
        if outcome.found:
            parts.append(ngettext("{count:,} new entry", "{count:,} new entries", outcome.found))
        if result and result.gone_in_a_row and not result.counts_as_gone:
            confirmations = self._schedule.settings.defaults.confirmations
            parts.append(_("found gone {count} of {wanted} times", count=result.gone_in_a_row, wanted=confirmations))
        if outcome.failure is not None:
            parts.append(outcome.failure.message)
        report.say("  ".join(parts))

    def _amount(self, outcome: RunOutcome) -> float | None:
        result = outcome.result
        return changed_share_of(self._collection, result.before, result.visit.version) if result is not None else None

    def _warn_of_hook(self, hook: str, reason: str) -> None:
        self.report.warn("", 0, f"{_('warning')}: {_('hook {hook}: {reason}', hook=hook, reason=reason)}", "")

    def _begin_round(self) -> None:
        """Count anew: a loop has a round each time that something is due; any other run is one round."""
        self._round = Report.of("archive", self.options.output)
        self._tally: dict[str, int] = {}
        self._began = time()

    def _end_round(self, exit_code: Exit | None = None) -> None:
        """Log what this round did; `exit_code` is how it ended, if not by itself."""
        if self._tally or not self.options.loop:
            line = {
                "began": warc_date_at(self._began),
                "ended": warc_date_at(time()),
                "loop": self.options.loop,
                "outcomes": self._tally,
                "news": self._round.counts,
                "exit": int(self._round.exit_code() if exit_code is None else exit_code),
            }
            log_run(self._schedule, line)
        self._begin_round()

    def _summary(self) -> None:
        report = self.report
        if report.as_json or report.quiet:
            return
        parts = [_("{count:,} visited", count=report.done + report.failed)]
        parts += [f"{_(EVENTS[event])} {count:,}" for event, count in sorted(report.counts.items())]
        if report.failed:
            parts.append(_("{count:,} failed", count=report.failed))
        report.note(f"archive: {_(', ').join(parts)}")
        if report.blocked:
            report.note(
                "archive: "
                + ngettext(
                    "{count:,} visit met a verification wall or waited because of one; it will be made later "
                    "automatically",
                    "{count:,} visits met a verification wall or waited because of one; they will be made "
                    "later automatically",
                    report.blocked,
                )
            )


def _capture_settings(schedule: ScheduleSettings, contact: str) -> Settings:
    """Return the settings of capturing for scheduled visits. Raises CaptureError."""
    usual = Settings()
    interval = usual.interval if schedule.pace is None else schedule.pace
    return Settings(
        contact=contact,
        requisites=schedule.requisites,
        interval=interval,
        intervals={
            **usual.intervals,
            **dict.fromkeys(HERE, 0.0 if schedule.pace is None else interval),
            **schedule.hosts,
        },
        ignore_robots_of=OPEN_PLATFORMS | frozenset(schedule.ignore_robots),
        allow_private=schedule.allow_private,
        tries=2,  # the schedule tries again by itself
        walls=1,  # nobody waits for a scheduled visit, so the first wall is enough
        rest=schedule.rest,
    )
