"""`archive verify`: whether everything is as it was written, and follows from the sources."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from archive import settings as configs
from archive.catalogue.captures import StoredCapture
from archive.errors import ArchiveError, BadConfig, Damaged, DiskFull, NotACollection, StorageError, SystemLimit
from archive.ingest.reclean import RecleanResult, reclean_capture
from archive.maintenance.check import Finding, Grade, verify_collection
from archive.maintenance.check_file import verify_file
from archive.maintenance.check_manifest import check_beside
from archive.maintenance.check_texts import DerivedCheck, TextCheck, check_catalogue, check_text
from archive.maintenance.repair import HEALABLE, repair
from archive.maintenance.restore import is_restorable
from archive.storage import CATALOGUE
from clean.rules import Ruleset
from xuanzhi.cli.options import add_collection
from xuanzhi.cli.parser import add_jobs, add_rules, add_work_limits
from xuanzhi.jobs.batch import run_batch
from xuanzhi.jobs.inputs import MAX_BYTES, unreadable
from xuanzhi.jobs.rules import read_sound_rules
from xuanzhi.jobs.workers import Companion, LimitOptions, Loss
from xuanzhi.messages import N_, N_plural, _, ngettext
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import Failure, InputError, failure
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.terminal import Progress

__all__ = ["VerifyOptions", "VerifyRun", "add_arguments", "run"]

_REPAIRS = {
    "reindexed": N_plural("the catalogue was rebuilt", "the catalogue was rebuilt"),
    "rewritten": N_plural("{count:,} derived record was rewritten", "{count:,} derived records were rewritten"),
    "markdown": N_plural("{count:,} Markdown file was rewritten", "{count:,} Markdown files were rewritten"),
    "restored": N_plural(
        "{count:,} file of rules or settings was restored from its record",
        "{count:,} files of rules or settings were restored from their records",
    ),
    "removed": N_plural("{count:,} leftover file was removed", "{count:,} leftover files were removed"),
}

TOO_COSTLY = "too-costly"
"""A comparison that a limit of this machine ended. It says nothing about the capture, so it is no finding."""

NOT_CHECKED = "not-checked"
"""Likewise, where not even the ledger could be checked."""

_COMPARISONS = {
    "yes": N_plural("{count:,} capture cleaned again and compared", "{count:,} captures cleaned again and compared"),
    "other-rules": N_plural(
        "{count:,} not compared: other rules produced another text (name them with --rules, or "
        "apply the current ones with `archive reclean`)",
        "{count:,} not compared: other rules produced another text (name them with --rules, or "
        "apply the current ones with `archive reclean`)",
    ),
    "other-software": N_plural(
        "{count:,} not compared: another version of this software produced another text",
        "{count:,} not compared: another version of this software produced another text",
    ),
    "other-engine": N_plural(
        "{count:,} not compared: another engine, that is other versions of Python or of libraries, produced another "
        "text, which is no damage (apply the present one with `archive reclean`)",
        "{count:,} not compared: another engine, that is other versions of Python or of libraries, produced another "
        "text, which is no damage (apply the present one with `archive reclean`)",
    ),
    "nothing": N_plural("{count:,} capture without anything to clean", "{count:,} captures without anything to clean"),
    TOO_COSTLY: N_plural(
        "{count:,} not compared: cleaning it again met a limit of this machine (--cpu-seconds, --memory-megabytes)",
        "{count:,} not compared: cleaning them again met a limit of this machine (--cpu-seconds, --memory-megabytes)",
    ),
    NOT_CHECKED: N_plural(
        "{count:,} not checked: the process that checked it was ended (use fewer --jobs, or close other programs)",
        "{count:,} not checked: the process that checked them was ended (use fewer --jobs, or close other programs)",
    ),
    "unreadable": N_plural("{count:,} could not be read", "{count:,} could not be read"),
}

_GRADES = {
    Grade.DAMAGE: N_plural("{count:,} place is damaged", "{count:,} places are damaged"),
    Grade.BREACH: N_plural("{count:,} breach of the standard", "{count:,} breaches of the standard"),
    Grade.REMARK: N_plural("{count:,} remark", "{count:,} remarks"),
}

_GRADE_NAMES = {Grade.DAMAGE: N_("damage"), Grade.BREACH: N_("breach"), Grade.REMARK: N_("remark")}

DERIVED = "xuanzhi-derived-"


@dataclass(frozen=True)
class VerifyOptions:
    """What to check, and whether to repair it."""

    files: tuple[str, ...]
    """Single WARC, ARC or WACZ files, of anybody; none for the whole collection."""
    strict: bool
    """In single files, breaches of the standard count like damage."""
    quick: bool
    """Only the files, not what follows from them."""
    repair: bool
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
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help=_("WARC, ARC or WACZ files from any source (default: the collection)")
    )
    parser.add_argument(
        "--strict", action="store_true", help=_("of files: a breach of the standard counts like damage (exit code)")
    )
    add_collection(parser)
    parser.add_argument("--quick", action="store_true", help=_("bytes and digests only"))
    parser.add_argument("--repair", action="store_true", help=_("repair derived data; capture files are never touched"))
    add_rules(parser)
    add_jobs(parser)
    add_work_limits(parser)


def run(options: VerifyOptions) -> int:
    """Check a collection or single files; return the exit code. Raises what `VerifyRun` raises."""
    return VerifyRun(options).run()


class VerifyWork(NamedTuple):
    """Checks one capture's ledger and text; can be sent to another process."""

    root: Path
    ruleset: Ruleset

    def do(self, capture: StoredCapture) -> TextCheck:
        """Check one."""
        try:
            return check_text(self.root, capture, self.ruleset, MAX_BYTES)
        except MemoryError:
            raise
        except Exception as error:
            return self._unreadable(capture, failure(error))

    def keep(self, capture: StoredCapture, loss: Loss) -> TextCheck:
        """Check one that cannot be cleaned again here: its ledger and its text all the same."""
        return self.do(capture._replace(ruleset_sha256=""))._replace(compared=TOO_COSTLY)

    def lost(self, capture: StoredCapture, loss: Loss) -> TextCheck:
        """Return that a capture could not be checked here, which says nothing about it."""
        return TextCheck((), NOT_CHECKED)

    @staticmethod
    def _unreadable(capture: StoredCapture, reason: Failure) -> TextCheck:
        place = capture.answer
        finding = Finding(place.name, place.offset, capture.capture, "unreadable", f"{capture.name}: {reason.message}")
        return TextCheck((finding,), "unreadable")


class RepairWork(NamedTuple):
    """Cleans a capture again, of which a derived record is to be rewritten; can be sent to another process."""

    root: Path
    ruleset: Ruleset

    def do(self, capture: StoredCapture) -> RecleanResult | Exception | None:
        """Clean one; return what `reclean_capture` raises."""
        try:
            return reclean_capture(self.root, capture, self.ruleset, MAX_BYTES)
        except MemoryError:
            raise
        except Exception as error:
            return error

    def keep(self, capture: StoredCapture, loss: Loss) -> Damaged:
        """Return that it could not be cleaned here: its derived records stay as they are."""
        return self.lost(capture, loss)

    def lost(self, capture: StoredCapture, loss: Loss) -> Damaged:
        """Return the same."""
        return Damaged(f"{capture.name} cannot be cleaned again on this machine: {loss.notice}")


class VerifyRun:
    """One run of `archive verify`."""

    def __init__(self, options: VerifyOptions) -> None:
        """Check what can be wrong with the options before anything is done. Raises UsageError, RuleError."""
        self.options = options
        self.report = Report.of("archive verify", options.output)
        self.root = options.collection
        self.ruleset, self.skipped = read_sound_rules(options.rules, self.root)
        try:
            self.limits = options.limits.in_use(self.root)
        except (BadConfig, StorageError):  # a finding like others
            self.limits = options.limits.in_use(None)
        self.compared: Counter[str] = Counter()
        self.unchecked = ""
        """Why the catalogue was not compared with the files; empty where it was."""

    def run(self) -> int:
        """Check the collection, or the files that were named; return the exit code.

        Raises NotACollection, and what opening raises.
        """
        if self.options.files:
            return self._files()
        if not any((self.root / each).is_file() for each in (configs.FILE, CATALOGUE)):
            raise NotACollection(f"{self.root} is not a collection: it has no {configs.FILE}")
        findings = self._report(self._all())
        if self.options.repair and findings:
            self._repair(findings)
            self.report.note(f"archive verify: {_('verified again:')}")
            self.compared.clear()
            findings = self._report(self._all())
        # What is left after healing is not healed by another time.
        lost = len(findings) if self.options.repair else sum(not is_healable(each) for each in findings)
        self._summary(findings, lost)
        if lost:
            return Exit.SOME_FAILED
        if self.compared[NOT_CHECKED]:
            return Exit.ALL_FAILED
        return Exit.DIFFERENT if findings else Exit.DONE

    def _files(self) -> int:
        """Check single files, of anybody."""
        for name in self.options.files:
            try:
                _require_file(Path(name))
                with self._progress([Path(name)]) as progress:
                    findings = self._report(verify_file(name, progress.advance))
            except (ArchiveError, InputError) as error:
                self.report.fail(name, failure(error))
                continue
            self._report_file(name, Counter(each.grade for each in findings))
        return self.report.exit_code()

    def _report_file(self, name: str, counts: Counter[Grade]) -> None:
        """Report how many findings of each grade a file has."""
        is_bad = bool(counts[Grade.DAMAGE] or (self.options.strict and counts[Grade.BREACH]))
        self.report.done += not is_bad
        self.report.failed += is_bad
        if self.options.output.as_json:
            worst = next((grade.value for grade in Grade if counts[grade]), None)
            self.report.event(event="verified", file=name, grade=worst, **{grade: counts[grade] for grade in Grade})
            return
        found = [ngettext(*_GRADES[grade], counts[grade]) for grade in Grade if counts[grade]]
        if not counts[Grade.DAMAGE]:
            found.insert(0, _("no damage") if found else _("sound"))
        if counts[Grade.REMARK] and not self.options.output.verbose:
            found.append(_("-v shows the remarks"))
        self.report.say(f"{name}  {_(', ').join(found)}")

    def _report(self, findings: Iterator[Finding]) -> list[Finding]:
        """Report findings as they come; return those that are faults, without what came damaged from elsewhere."""
        of_files, verbose = bool(self.options.files), self.options.output.verbose
        faults = []
        came_so = settled = 0
        for each in findings:
            if each.came_so and not of_files:
                came_so += 1
            elif each.is_settled and not of_files:
                settled += 1
            else:
                faults.append(each)
            if self.options.output.as_json:
                what: dict[str, Any] = {"grade": each.grade}
                if not of_files:
                    what = {"healable": is_healable(each), "came_so": each.came_so, "settled": each.is_settled}
                self.report.event(event="finding", **each._asdict(), **what)
            elif verbose or (each.grade is not Grade.REMARK if of_files else not (each.came_so or each.is_settled)):
                place = f"{each.file} @ {each.offset:,}" if each.offset else each.file
                grade = f"{_(_GRADE_NAMES[each.grade])}: " if of_files else ""
                self.report.say(f"{place}: {grade}{each.code}: {each.message}")
        if came_so:
            self.report.note(
                "archive verify: "
                + ngettext(
                    "{count:,} finding concerns imported records, which arrived that way (-v shows it)",
                    "{count:,} findings concern imported records, which arrived that way (-v shows them)",
                    came_so,
                )
            )
        if settled:
            self.report.note(
                "archive verify: "
                + ngettext(
                    "{count:,} remark concerns a loss that is settled (-v shows it)",
                    "{count:,} remarks concern losses that are settled (-v shows them)",
                    settled,
                )
            )
        return faults

    def _progress(self, files: list[Path], times: int = 1) -> Progress:
        total = times * sum(each.stat().st_size for each in files if each.is_file())
        return Progress(total, enabled=self.options.output.shows_progress, unit="bytes")

    def _all(self) -> Iterator[Finding]:
        files = [each for folder in ("warc", "derived") for each in (self.root / folder).glob("*.warc.gz")]
        with self._progress(files, 1 if self.options.quick else 2) as progress:
            yield from verify_collection(self.root, progress.advance)
            told = set()
            for each in check_beside(self.root):
                if each.code == "bad-rules":
                    told.add(each.file)
                yield each
            for path, reason in self.skipped:
                file = Path(path).relative_to(self.root).as_posix()
                if file not in told:
                    yield Finding(file, 0, "", "bad-rules", reason)
            if self.options.quick:
                return
            broken = False
            try:
                for each in check_catalogue(self.root, progress.advance):
                    broken = broken or each.code == "catalogue-damaged"
                    yield each
            except DiskFull as error:
                self.unchecked = str(error)
        if broken:
            return
        try:
            with DerivedCheck(self.root) as derived:
                yield from derived.files()
                yield from self._texts(derived)
        except (DiskFull, SystemLimit):  # of this machine: they say nothing about the catalogue
            raise
        except (
            Damaged,
            StorageError,
            ValueError,
            TypeError,
        ) as error:  # of a damaged row
            yield Finding(CATALOGUE, 0, "", "catalogue-damaged", f"{type(error).__name__}: {error}")

    def _texts(self, derived: DerivedCheck) -> Iterator[Finding]:
        total = derived.count_captures()
        with Progress(total, enabled=self.options.output.shows_progress, unit="captures") as progress:
            work = VerifyWork(self.root, self.ruleset)
            for text in run_batch(progress.over(derived.captures()), work, total, self.options.jobs, self.limits):
                self.compared[text.compared] += 1
                yield from text.findings

    def _repair(self, findings: list[Finding]) -> None:
        with Companion(RepairWork(self.root, self.ruleset), self.limits) as cleaner:  # before the catalogue is open

            def reclean(capture: StoredCapture) -> RecleanResult | None:
                result = cleaner.do(capture)
                if isinstance(result, Exception):
                    raise result
                return result

            done = repair(self.root, findings, self.ruleset, reclean=reclean)
        if self.options.output.as_json:
            self.report.event(event="repaired", **done._asdict())
            return
        for key, count in (
            ("reindexed", done.reindexed),
            ("rewritten", done.records),
            ("markdown", done.markdown),
            ("restored", done.restored),
            ("removed", done.removed),
        ):
            if count:
                self.report.say(ngettext(*_REPAIRS[key], int(count)))
        for problem in done.problems:
            self.report.say(_("not repaired: {reason}", reason=problem))

    def _summary(self, findings: list[Finding], lost: int) -> None:
        report = self.report
        if self.options.output.as_json:
            unchecked = {"unchecked": self.unchecked} if self.unchecked else {}
            report.event(event="summary", findings=len(findings), healable=len(findings) - lost,
                         compared=dict(sorted(self.compared.items())), **unchecked)  # fmt: skip
            return
        for kind, count in sorted(self.compared.items()):
            report.note(f"archive verify: {ngettext(*_COMPARISONS[kind], count)}")
        if self.unchecked:
            report.note(
                "archive verify: "
                + _("not checked: the catalogue against the files, for want of room ({reason})", reason=self.unchecked)
            )
        if not findings:
            sound = (
                _("what was checked is as it was written") if self.unchecked else _("everything is as it was written")
            )
            if not self.compared[NOT_CHECKED]:
                report.note(f"archive verify: {sound}")
            return
        report.note(
            "archive verify: "
            + ngettext(
                "{count:,} finding, {healable:,} can be repaired",
                "{count:,} findings, {healable:,} of them can be repaired",
                len(findings),
                healable=len(findings) - lost,
            )
        )
        report.note(
            "archive verify: "
            + (
                _("restore damaged files from a backup; what is not named above is sound")
                if lost
                else _("the WARC files have records that are not listed; `archive reindex` brings them in")
                if any(each.code == "not-indexed" for each in findings)
                else _("no captured data are affected; `archive verify --repair` repairs this")
            )
        )


def _require_file(path: Path) -> None:
    """Raise InputError unless this is something that `verify_file` can open."""
    if path.is_dir():
        hint = _("Name the files in it; `archive verify -c DIR` verifies a collection.")
        raise InputError("directory", _("this is a folder"), hint)
    if not path.exists():
        raise unreadable(FileNotFoundError())


def is_healable(finding: Finding) -> bool:
    """Whether nothing that was captured is concerned, so that healing, or another reading, brings it back."""
    return finding.code in HEALABLE or finding.file.startswith(DERIVED) or is_restorable(finding)
