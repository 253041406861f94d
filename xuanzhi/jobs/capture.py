"""The job of `capture`: addresses are fetched, committed and cleaned, with one event for each."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple, TypedDict

from archive.collection.collection import Collection, CommitResult
from archive.collection.reader import CollectionReader
from archive.ingest.prepared import Visit
from archive.ingest.state import judge
from archive.storage import CATALOGUE
from capture.client import AsyncClient, Fetched
from capture.errors import NotAWebAddress
from capture.identity import identify
from capture.page import Page
from capture.settings import Settings
from capture.visit import Validators
from clean.document import ADVICE, Advice, Cleaned, State
from xuanzhi.jobs.rules import read_rules
from xuanzhi.jobs.stopping import Stopper, run_stoppable
from xuanzhi.jobs.visits import (
    WALL_LIMITS,
    PageWork,
    VisitReport,
    addresses,
    block_kind,
    is_block,
    keep_visits,
    visit_report,
    wall_reader,
    without_login,
)
from xuanzhi.jobs.workers import Companion, LimitOptions
from xuanzhi.messages import N_, _, ngettext
from xuanzhi.output.explain import page_kind_fields
from xuanzhi.output.failures import Failure, InputError, UsageError, describe, failure, warning_fields
from xuanzhi.output.labels import ADVICES, COUNTS, STATES, TEXT_DOUBTS, WARNINGS, notice_words
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.signals import Ended
from xuanzhi.output.terminal import Progress, size

__all__ = ["HERE", "OPEN_PLATFORMS", "CaptureOptions", "CaptureReporter", "CaptureResult", "CaptureRun"]

_REMARKS = {
    "unchanged": N_("same as at an earlier visit"),
    "not-modified": N_("not modified since an earlier visit"),
    "already": N_("already done in the interrupted run"),
    "would": N_("would be captured"),
}

FEW = 20
"""Up to so many addresses, each one's warnings are shown; above, they are counted, unless the user wants them all."""


@dataclass(frozen=True)
class CaptureOptions:
    """Which addresses to capture, into which collection, within which limits and with which manners."""

    output: OutputOptions
    collection: Path
    urls: tuple[str, ...] = ()
    """`-` stands for standard input."""
    files_from: tuple[str, ...] = ()
    """Files that list addresses, one a line."""
    rules: tuple[str, ...] = ()
    """Files of rules that hold beside the built-in ones."""
    dry_run: bool = False
    no_requisites: bool = False
    again: bool = False
    """Begin a list anew, where an earlier run of it was interrupted."""
    unconditional: bool = False
    """Without `If-None-Match` and `If-Modified-Since` (RFC 9110 §13.1)."""
    max_megabytes: int = 256
    """Of one page (1 MB = 1,048,576 bytes)."""
    max_seconds: float = 600
    """For one page."""
    max_redirects: int = 20
    tries: int = 3
    contact: str | None = None
    """For the User-Agent and the WARC; None for the collection's own, empty for none."""
    pace: float | None = None
    """Seconds from one request to a host to the next; None for the usual."""
    at_once: int = 8
    """Pages that are under way at the same time."""
    ignore_robots: tuple[str, ...] = ()
    """Hosts whose robots.txt is not asked for."""
    allow_private: bool = False
    insecure: bool = False
    cookies: bool = False
    record_secrets: bool = False
    limits: LimitOptions = field(default_factory=LimitOptions)
    """What cleaning one page may cost."""


class CaptureResult(NamedTuple):
    """A visit, and what its commit gave."""

    visited: VisitReport
    result: CommitResult | Failure


class CaptureReporter:
    """Reports addresses one after the other, and sums up."""

    def __init__(self, report: Report, collection: Path, *, verbose: bool) -> None:
        """`verbose`: whether each warning is shown, however many addresses there are."""
        self._report = report
        self._collection = collection
        self._each = verbose or report.total <= FEW
        self._warnings: dict[str, int] = {}

    def add(self, captured: CaptureResult) -> None:
        """Report one address: one event, and the counts from which the exit code follows."""
        visit, result = captured.visited.visit, captured.result
        report = self._report
        blocked = is_block(visit)
        report.blocked += blocked
        if isinstance(result, Failure):
            report.fail(visit.url, result)
            return
        if visit.error is not None:
            report.fail(visit.url, failure(visit.error))
            return
        page = visit.page
        assert page is not None  # for the type checker: what has no page has an error
        report.count(result.status)
        problem = _problem(captured.visited)
        if problem is not None:
            report.failed += 1
        else:
            report.done += 1
        if report.as_json:
            report.event(**self._fields(captured, page, result, problem))
            return
        report.say(self._line(page, result, visit))
        if problem is not None:
            report.problem(N_("error"), visit.url, 0, problem.message, problem.hint)
        for warning in visit.cleaned.warnings if visit.cleaned else ():
            self._warnings[warning.code] = self._warnings.get(warning.code, 0) + 1
            if not self._each:
                continue
            report.warn(visit.url, 0, *describe(warning.code, warning.message, warning.hint))

    def _line(self, page: Page, result: CommitResult, visit: Visit) -> str:
        """One line for people: the address, what it is, how much came, where it went."""
        parts = [page.url, _(STATES[result.state]), *(_(TEXT_DOUBTS[each]) for each in result.doubts)]
        advice = advice_of(page, visit.cleaned, result.state)
        if advice is not None:
            parts.append(_(ADVICES[advice]))
        if visit.refused:
            parts.append(notice_words(result.state, visit.refused))
        if page.hops and page.answer.status not in {200, 304}:
            parts.append(_("status {status}", status=page.answer.status))
        exchanges = page.exchanges
        came = size(sum(each.response.size for each in exchanges))
        parts.append(ngettext("{count:,} exchange, {size}", "{count:,} exchanges, {size}", len(exchanges), size=came))
        if page.failures:
            parts.append(
                ngettext(
                    "{count:,} image or other file missing",
                    "{count:,} images or other files missing",
                    len(page.failures),
                )
            )
        if result.status in {"unchanged", "not-modified"}:
            parts.append(_(_REMARKS[result.status]))
        elif result.markdown and not result.current and result.state == "live":
            parts.append(_("older than the current version"))
        line = "  ".join(parts)
        output = self._output(result)
        return f"{line}\n  → {output}" if output and result.state == "live" else line

    def _fields(
        self, captured: CaptureResult, page: Page, result: CommitResult, problem: Failure | None
    ) -> dict[str, Any]:
        visit = captured.visited.visit
        cleaned = visit.cleaned
        exchanges = page.exchanges
        return {
            "event": "captured", "url": visit.url, "final_url": page.answer.url if page.hops else None,
            "status": page.answer.status if page.hops else None, "state": result.state, "doubts": result.doubts,
            "notice": judge(page, cleaned, None, visit.uncleaned, visit.refused).notice or None,
            "outcome": result.status, "output": self._output(result), "article": result.key or None,
            "title": cleaned.fact("title") or None if cleaned else None,
            "exchanges": len(exchanges), "bytes": sum(each.response.size for each in exchanges),
            "requisites": len(page.requisites), "shared": len(page.shared),
            "failures": [{"url": url, "code": code, "message": text} for url, code, text in page.failures],
            "redirects": len(page.hops) - 1 if page.hops else 0, "target": visit.target or None,
            "wall": block_kind(visit) or None, "advice": advice_of(page, cleaned, result.state),
            "robots": page.robots.decision, "insecure": page.insecure,
            "confidence": cleaned.confidence if cleaned else None,
            "page_kind": page_kind_fields(cleaned.page_kind) if cleaned else None,
            **(cleaned.ledger.makers if cleaned else {}),
            "warnings": warning_fields(cleaned.warnings) if cleaned else [],
            "problem": {"code": problem.code, "message": problem.message, "hint": problem.hint} if problem else None,
        }  # fmt: skip

    def _output(self, result: CommitResult) -> str | None:
        return str(self._collection / result.markdown) if result.markdown else None

    def summary(self, done_before: int) -> None:
        """Sum up the run for people."""
        report = self._report
        if report.as_json or report.quiet:
            return
        for code, count in sorted(self._warnings.items()) if not self._each else ():
            report.note(
                "capture: "
                + ngettext(
                    "warning about {count:,} page: {message} (-v shows which)",
                    "warning about {count:,} pages: {message} (-v shows which)",
                    count,
                    message=_(WARNINGS[code]),
                )
            )
        parts = [_("{count:,} of {total:,} captured", count=report.done + done_before, total=report.total)]
        parts += _counted(report, ("added", "unchanged", "not-modified"))
        if report.failed:
            parts.append(_("{count:,} failed", count=report.failed))
        report.note(f"capture: {_(', ').join(parts)}")
        if report.blocked:
            report.note(
                "capture: "
                + ngettext(
                    "{count:,} address met a verification wall or was skipped because of one; run the same "
                    "command again later",
                    "{count:,} addresses met a verification wall or were skipped because of one; run the "
                    "same command again later",
                    report.blocked,
                )
            )
        report.note(f"capture: {_('collection: {path}', path=self._collection)}")


def advice_of(page: Page, cleaned: Cleaned | None, state: str | None) -> Advice | None:
    """Return what to do about an answer that is no article; None where nothing helps, and for an article."""
    if cleaned is not None or not state:
        return cleaned.advice if cleaned else None
    if page.hops and page.answer.status in {404, 410}:
        return Advice.GONE
    return ADVICE.get(State(state))


def _counted(report: Report, kinds: Iterable[str]) -> list[str]:
    return [_(COUNTS[kind], count=report.counts[kind]) for kind in kinds if report.counts.get(kind)]


def _problem(visited: VisitReport) -> Failure | None:
    """Return what is wrong with an answer that was committed: a scheduler must hear of it."""
    page = visited.visit.page
    if page is None or not page.hops:
        return None
    answer = page.answer
    error: Exception | None = None
    if wall := block_kind(visited.visit):
        error = InputError(
            "wall",
            _("a verification wall stands before the page: {kind}", kind=wall),
            _("The site wants proof of a human visitor. Run the same command again later, and more slowly."),
        )
    elif not answer.whole:
        error = InputError(
            "cut",
            _("the response is incomplete: {reason}", reason=answer.framing or answer.message or answer.outcome),
            _("What was received has been stored; run the same command again later."),
        )
    elif answer.status >= 500:
        error = InputError(
            "server-error",
            _("the server failed with status {status}", status=answer.status),
            _("Its response has been stored; run the same command again later."),
        )
    elif visited.visit.uncleaned:
        error = visited.problem
    elif visited.problem is not None:
        error = InputError(
            "not-cleaned",
            _(
                "stored, but it could not be cleaned: {reason}",
                reason=str(visited.problem) or type(visited.problem).__name__,
            ),
            _("The bytes are in the collection; `archive reclean` with a newer version can clean them."),
        )
    return failure(error) if error is not None else None


BATCH = 64
"""Visits that are committed together at most."""

BATCH_SECONDS = 1.0
"""After this time what is there is committed: an interrupted run loses little, a slow one reports as it goes."""

MOVES = 3
"""Times that an article which went elsewhere, and went on from there, is followed."""

OPEN_PLATFORMS = frozenset(("mp.weixin.qq.com",))
"""Hosts whose robots.txt is not asked for. It keeps search engines away from articles that the platform serves to
whoever has their link; an archive is given the link by a person, goes at a person's pace, and records that it did not
ask."""

HERE = ("localhost", "127.0.0.1", "::1", "[::1]")
"""Hosts that are this machine: they need not be spared."""


class _Place(TypedDict):
    """Where an address stands in a run."""

    run: str
    item: int


class _VisitList(NamedTuple):
    """What of a list is to be visited still."""

    run: str
    """Empty for a single address, which needs no resuming."""
    items: Mapping[str, int]
    """Place in the list by address as given, of those that are not done."""
    done: int

    def place_of(self, url: str) -> _Place:
        """Return where an address stands in the run; one that an article went to stands nowhere."""
        return {"run": self.run, "item": self.items[url]} if url in self.items else {"run": "", "item": 0}


class CaptureRun:
    """One run of `capture`."""

    def __init__(self, options: CaptureOptions) -> None:
        """Check what can be wrong with the options before anything is requested. Raises UsageError, RuleError."""
        self.options = options
        self.report = Report.of("capture", options.output)
        for name, value, least in (
            ("at-once", options.at_once, 1),
            ("max-megabytes", options.max_megabytes, 1),
            ("max-seconds", options.max_seconds, 0.001),
            ("max-redirects", options.max_redirects, 0),
            ("tries", options.tries, 1),
        ):
            _require_at_least(name, value, least)
        if options.pace is not None:
            _require_at_least("pace", options.pace, 0)
        self.path = options.collection
        self.ruleset = read_rules(options.rules, self.path)
        self.limits = options.limits.in_use(self.path)
        given = addresses(options.urls, options.files_from)
        given.report_broken(self.report)
        self.urls = given.urls
        if not self.urls and not given.broken:
            raise UsageError(
                "no-address", _("no address given"), _("For example: capture https://paper.example/bamboo.html")
            )
        self.recorded = [without_login(url) for url in self.urls]
        self.report.total = len(self.urls) + len(given.broken)

    def run(self) -> int:
        """Capture all addresses; return the exit code."""
        if not self.urls:  # all that was given cannot be an address, and that is reported
            return self.report.exit_code()
        if self.options.dry_run:
            return self._dry_run()
        # Before everything that is open, and before any thread.
        with (
            Companion(PageWork(self.ruleset), self.limits) as cleaner,
            Companion(PageWork(self.ruleset), WALL_LIMITS) as walls,
            Collection.open(self.path, told=self.report.recovered) as collection,
        ):
            settings = self._settings(collection.config.contact)
            todo = self._todo(collection)
            reporter = CaptureReporter(self.report, collection.path, verbose=self.options.output.verbose)
            with Progress(len(todo.items), enabled=self.options.output.shows_progress, unit="pages") as progress:
                try:
                    self._cleaner, self._walls = cleaner, walls
                    ended = run_stoppable(
                        lambda stopper: self._visit_all(stopper, collection, settings, todo, reporter, progress)
                    )
                    if ended:
                        raise Ended(ended)
                except KeyboardInterrupt:
                    progress.close()
                    done = self.report.done + self.report.failed + todo.done
                    self.report.note(
                        "capture: "
                        + _("stopped; {count:,} done and saved, run the same command again to continue", count=done)
                    )
                    raise
        reporter.summary(todo.done)
        return self.report.exit_code()

    def _settings(self, contact: str) -> Settings:
        options = self.options
        contact = options.contact if options.contact is not None else contact
        if not contact:
            message = _("sites are not told how to reach you")
            self.report.warn(
                "",
                0,
                f"{_('warning')}: {message}",
                _('Use --contact archive@library.example, or write contact = "…" in collection.toml.'),
            )
        usual = Settings()
        pace = options.pace
        return Settings(
            contact=contact,
            requisites=not options.no_requisites,
            largest=options.max_megabytes * 1024 * 1024,
            longest=options.max_seconds,
            redirects=options.max_redirects,
            tries=options.tries,
            requisite_tries=min(options.tries, usual.requisite_tries),
            ignore_robots_of=OPEN_PLATFORMS | frozenset(options.ignore_robots),
            allow_private=options.allow_private,
            insecure=options.insecure,
            cookies=options.cookies,
            interval=usual.interval if pace is None else pace,
            requisite_interval=usual.requisite_interval if pace is None else min(usual.requisite_interval, pace),
            intervals={**usual.intervals, **dict.fromkeys(HERE, 0.0)} if pace is None else {},
            redacted=frozenset() if options.record_secrets else usual.redacted,
        )

    def _todo(self, collection: Collection) -> _VisitList:
        if len(self.urls) == 1:
            return _VisitList("", {self.urls[0]: 0}, 0)
        run = collection.begin_run(self.recorded, restart=self.options.again)
        items = collection.lookups.items(run)
        left = {self.urls[item.position]: item.position for item in items if not item.outcome}
        done = len(items) - len(left)
        if done:
            self.report.note(
                "capture: "
                + _(
                    "resuming an interrupted run: {done:,} of {total:,} already done (--again starts over)",
                    done=done,
                    total=len(items),
                )
            )
        return _VisitList(run, left, done)

    async def _visit_all(
        self,
        stopper: Stopper,
        collection: Collection,
        settings: Settings,
        todo: _VisitList,
        reporter: CaptureReporter,
        progress: Progress,
    ) -> None:
        def validators_of(url: str) -> Validators:
            known = None if self.options.unconditional else collection.lookups.validators(url)
            return Validators(*known) if known is not None else Validators()

        batch: list[VisitReport] = []
        moved: dict[str, None] = {}
        seen: set[str] = set()

        def commit() -> None:
            visits, batch[:] = list(batch), []
            progress.hide()
            moved.update(dict.fromkeys(self._commit(visits, collection, reporter)))
            for _ in visits:
                progress.advance()

        async def visit(client: AsyncClient, urls: list[str]) -> None:
            seen.update(urls)
            due = monotonic() + BATCH_SECONDS
            fetched = client.fetch_all(urls, at_once=self.options.at_once, validators_of=validators_of)
            try:
                async with aclosing(fetched):
                    async for each in _with_pauses(fetched, BATCH_SECONDS):
                        if stopper.signal and each is not None and not _came(each):
                            continue
                        if each is not None:
                            batch.append(await self._report(each, stopper, settings, todo))
                        if batch and (len(batch) >= BATCH or monotonic() > due):
                            commit()
                            due = monotonic() + BATCH_SECONDS
            finally:  # also when we are interrupted: what has come is committed
                if batch:
                    commit()

        async with AsyncClient(settings, wall_in=wall_reader(self._walls)) as client:
            stopper.begin_nothing(client.stop)
            stopper.end(self._cleaner.close)
            stopper.end(self._walls.close)
            await visit(client, list(todo.items))
            for _ in range(MOVES):
                went = [url for url in moved if url not in seen]
                if not went or stopper.signal:
                    break
                self.report.total += len(went)
                await visit(client, went)

    async def _report(self, fetched: Fetched, stopper: Stopper, settings: Settings, todo: _VisitList) -> VisitReport:
        """Clean what was fetched."""
        place = todo.place_of(fetched.url)
        url = without_login(fetched.url)
        report = await visit_report(fetched, self._cleaner, settings.largest_content, url=url, **place)
        # What met a wall or was cut short by us is not done: the same command goes on with it.
        if is_block(report.visit) or stopper.signal:
            return report._replace(visit=report.visit._replace(run=""))
        return report

    def _commit(self, visits: list[VisitReport], collection: Collection, reporter: CaptureReporter) -> list[str]:
        """Commit visits, then report them: what is reported done is done. Return where migrated articles went."""
        try:
            for each, result in zip(visits, keep_visits(visits, collection), strict=True):
                reporter.add(CaptureResult(each, result))
        finally:
            for each in visits:
                if each.visit.page is not None:
                    each.visit.page.close()
        return [each.visit.target for each in visits if each.visit.target]

    def _dry_run(self) -> int:
        """Report what would be done, without a request and without a file."""
        done: set[str] = set()
        opened = CollectionReader.open(self.path) if (self.path / CATALOGUE).exists() else nullcontext()
        with opened as collection:
            if collection is not None and len(self.urls) > 1 and not self.options.again:
                run = collection.unfinished_run(self.recorded)
                done = {item.url for item in collection.lookups.items(run) if item.outcome} if run else set()
        for url in self.recorded:
            try:
                identity = identify(url)
            except NotAWebAddress as error:
                self.report.fail(url, failure(error))
                continue
            self.report.done += 1
            remark = "already" if url in done else "would"
            if self.options.output.as_json:
                self.report.event(event="would-capture", url=url, key=identity.key, done=url in done)
            self.report.say(f"{url}  {_(_REMARKS[remark])}")
        self.report.note(f"capture: {_('nothing was written')}")
        return self.report.exit_code()


def _came(fetched: Fetched) -> bool:
    """Whether the page was asked for."""
    page = fetched.page if fetched.error is None else fetched.error.page
    return page is not None and bool(page.hops or page.attempts)


async def _with_pauses(fetched: AsyncIterator[Fetched], seconds: float) -> AsyncIterator[Fetched | None]:
    """Yield what comes, and None where nothing came for so long."""
    coming = asyncio.ensure_future(anext(fetched))
    try:
        while True:
            await asyncio.wait({coming}, timeout=seconds)
            if not coming.done():
                yield None
                continue
            try:
                each = coming.result()
            except StopAsyncIteration:
                return
            coming = asyncio.ensure_future(anext(fetched))
            yield each
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


def _require_at_least(name: str, value: float, least: float) -> None:
    if not value >= least:  # also where it is no number
        raise UsageError(
            "bad-option",
            _("{option} must be {wanted}", option=f"--{name}", wanted=f">= {least:g}"),
            _("For example: {option} {example}", option=f"--{name}", example=f"{max(least, 1):g}"),
        )
