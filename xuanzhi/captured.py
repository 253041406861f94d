"""What became of one address, told to people and to machines."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from archive.collection.collection import Added
from archive.ingest.state import judge
from capture.page import Page
from xuanzhi.jobs.visits import Visited, is_block
from xuanzhi.output.failures import Failure, InputError, failure
from xuanzhi.output.report import Report
from xuanzhi.output.terminal import size
from xuanzhi.words import describe, word

__all__ = ["Captured", "Teller"]

FEW = 20
"""Up to so many addresses, each one's warnings are told; above, they are counted, unless the user wants them all."""


class Captured(NamedTuple):
    """A visit, and what keeping it gave."""

    visited: Visited
    result: Added | Failure


class Teller:
    """Tells of addresses one after the other, and sums up."""

    def __init__(self, report: Report, collection: Path, *, verbose: bool) -> None:
        """`verbose`: whether each warning is told, however many addresses there are."""
        self._report = report
        self._collection = collection
        self._each = verbose or report.total <= FEW
        self._warned: dict[str, int] = {}

    def tell(self, captured: Captured) -> None:
        """Tell of one address: one event, and the counts from which the exit code follows."""
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
        report.say(self._line(page, result))
        if problem is not None:
            report.problem("label.error", visit.url, 0, problem.message, problem.hint)
        for warning in visit.cleaned.warnings if visit.cleaned else ():
            self._warned[warning.code] = self._warned.get(warning.code, 0) + 1
            if not self._each:
                continue
            report.warn(visit.url, 0, *describe("warning", warning.code, warning.message, warning.hint))

    def _line(self, page: Page, result: Added) -> str:
        """One line for people: the address, what it is, how much came, where it went."""
        parts = [page.url, word(f"state.{result.state}")]
        if page.hops and page.answer.status not in {200, 304}:
            parts.append(word("capture.status", status=page.answer.status))
        exchanges = page.exchanges
        came = size(sum(each.response.size for each in exchanges))
        key = "capture.one-exchange" if len(exchanges) == 1 else "capture.exchanges"
        parts.append(word(key, count=len(exchanges), size=came))
        if page.failures:
            parts.append(word("capture.failures", count=len(page.failures)))
        if result.status in {"unchanged", "not-modified"}:
            parts.append(word(f"capture.{result.status}"))
        elif result.markdown and not result.current and result.state == "live":
            parts.append(word("capture.older"))
        line = "  ".join(parts)
        output = self._output(result)
        return f"{line}\n  → {output}" if output and result.state == "live" else line

    def _fields(self, captured: Captured, page: Page, result: Added, problem: Failure | None) -> dict[str, Any]:
        visit = captured.visited.visit
        cleaned = visit.cleaned
        exchanges = page.exchanges
        return {
            "event": "captured", "url": visit.url, "final_url": page.answer.url if page.hops else None,
            "status": page.answer.status if page.hops else None, "state": result.state,
            "notice": judge(page, cleaned, None).notice or None, "outcome": result.status,
            "output": self._output(result), "article": result.key or None,
            "title": cleaned.fact("title") or None if cleaned else None,
            "exchanges": len(exchanges), "bytes": sum(each.response.size for each in exchanges),
            "requisites": len(page.requisites), "shared": len(page.shared),
            "failures": [{"url": url, "code": code, "message": text} for url, code, text in page.failures],
            "redirects": len(page.hops) - 1 if page.hops else 0, "target": visit.target or None,
            "wall": page.wall or None, "robots": page.robots.decision, "insecure": page.insecure,
            "confidence": cleaned.confidence if cleaned else None,
            "problem": {"code": problem.code, "message": problem.message, "hint": problem.hint} if problem else None,
        }  # fmt: skip

    def _output(self, result: Added) -> str | None:
        return str(self._collection / result.markdown) if result.markdown else None

    def summary(self, done_before: int) -> None:
        """Sum up the run for people."""
        report = self._report
        if report.as_json or report.quiet:
            return
        for code, count in sorted(self._warned.items()) if not self._each else ():
            report.note(f"capture: {word('capture.warned', message=word(f'warning.{code}'), count=count)}")
        parts = [word("summary.captured", count=report.done + done_before, total=report.total)]
        parts += _counted(report, ("added", "unchanged", "not-modified"))
        if report.failed:
            parts.append(word("summary.failed", count=report.failed))
        report.note(f"capture: {word('label.comma').join(parts)}")
        if report.blocked:
            report.note(f"capture: {word('capture.blocked', count=report.blocked)}")
        report.note(f"capture: {word('summary.collection', path=self._collection)}")


def _counted(report: Report, kinds: Iterable[str]) -> list[str]:
    return [word(f"summary.{kind}", count=report.counts[kind]) for kind in kinds if report.counts.get(kind)]


def _problem(visited: Visited) -> Failure | None:
    """Return what is wrong with an answer that was kept: a scheduler must hear of it."""
    page = visited.visit.page
    if page is None or not page.hops:
        return None
    answer = page.answer
    error: Exception | None = None
    if page.wall:
        error = InputError("wall", kind=page.wall)
    elif not answer.whole:
        error = InputError("cut", reason=answer.framing or answer.message or answer.outcome)
    elif answer.status >= 500:
        error = InputError("server-error", status=answer.status)
    elif visited.problem is not None:
        error = InputError("not-cleaned", reason=str(visited.problem) or type(visited.problem).__name__)
    return failure(error) if error is not None else None
