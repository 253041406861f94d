"""Visits made of fetched pages, and the addresses that a command is to visit."""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from archive.collection.collection import Collection, CommitResult
from archive.errors import storage_errors
from archive.ingest.prepared import Visit
from archive.warc.pages import is_page
from capture.client import Fetched
from capture.content import whole_content
from capture.errors import CaptureError, Stopped
from capture.page import Exchange
from clean.document import Cleaned, State
from clean.errors import NotAPage, NotText
from clean.rules import Ruleset
from xuanzhi.jobs.batch import commit
from xuanzhi.jobs.lists import STDIN, line_error, list_lines
from xuanzhi.jobs.workers import Companion, Loss, WorkLimits
from xuanzhi.output.failures import Failure, InputError, failure
from xuanzhi.output.report import Report

__all__ = [
    "WALL_LIMITS",
    "Addresses",
    "PageCleaner",
    "PageWork",
    "VisitReport",
    "addresses",
    "block_kind",
    "is_block",
    "keep_visits",
    "own_names",
    "visit_report",
    "wall_reader",
    "without_login",
]

# A remark at the end of a line: a `#` after a blank, because one within an address begins its fragment. One blank
# before the sign, the rest is a single run: linear.
_REMARK = re.compile(r"\s#.*")

# What stands between `//` and the last @ before the path (RFC 3986 §3.2.1). One class up to one sign: linear.
_LOGIN = re.compile(r"^((?:[A-Za-z][A-Za-z0-9+.-]*:)?//)[^/?#]*@")


class PageToClean(NamedTuple):
    """The content of an answer."""

    data: bytes
    url: str
    content_type: str


class CleanedPage(NamedTuple):
    """The result of cleaning the content of an answer: one of the four."""

    cleaned: Cleaned | None = None
    problem: Failure | None = None
    """What went wrong."""
    refused: str = ""
    """What it is, where it is no page after all."""
    loss: Loss | None = None
    """Why this machine could not clean it."""


class PageWork(NamedTuple):
    """The work on each captured page; can be sent to another process."""

    ruleset: Ruleset

    def do(self, item: PageToClean) -> CleanedPage:
        """Clean one page."""
        from clean.page import clean_page

        try:
            kind = item.content_type or None
            return CleanedPage(clean_page(item.data, url=item.url, charset=kind, ruleset=self.ruleset))
        except MemoryError:
            raise
        except (NotAPage, NotText) as error:
            return CleanedPage(refused=str(error))
        except Exception as error:
            return CleanedPage(problem=failure(error))

    def keep(self, item: PageToClean, loss: Loss) -> CleanedPage:
        """Return why a page could not be cleaned; its bytes are kept with the visit."""
        return CleanedPage(loss=loss)

    def lost(self, item: PageToClean, loss: Loss) -> CleanedPage:
        """Return the same."""
        return CleanedPage(loss=loss)


PageCleaner: TypeAlias = Companion[PageToClean, CleanedPage]
"""Cleans what a program with threads captures; of `PageWork`."""


class VisitReport(NamedTuple):
    """A visit, and what is reported of it beside its state."""

    visit: Visit
    problem: Exception | None = None
    """Why the content could not be cleaned; its bytes are stored all the same."""


async def visit_report(
    fetched: Fetched, cleaner: PageCleaner, limit: int, *, url: str, run: str = "", item: int = 0
) -> VisitReport:
    """Clean what was fetched. Waits for `cleaner`, which is asked for one page after the other.

    `limit` is in bytes of content; `url` is the address as it is written down; `run` and `item` say where in a list it
    stands.
    """
    error = fetched.error
    page = fetched.page if error is None else error.page
    if error is None and page is not None and page.hops and page.answer.outcome == Stopped.code:
        error = Stopped(page.answer.message)  # it broke off because we end, which says nothing about the page
    visit = Visit(url, page, None, error, run=run, item=item)
    if page is None or error is not None or not page.hops or page.wall or not _has_page(page.answer):
        return VisitReport(visit)
    answer = page.answer
    kind = answer.head.get("Content-Type") if answer.head else ""
    try:
        content = whole_content(answer, limit)
    except CaptureError as broken:  # half a text is none: the visit has no page
        return VisitReport(visit._replace(error=broken))
    except Exception as mistake:  # of ours: it costs a text, never the bytes
        return VisitReport(visit, mistake)
    cleaned, problem, refused, loss = await asyncio.to_thread(cleaner.do, PageToClean(content, answer.url, kind))
    if refused:
        return VisitReport(visit._replace(refused=refused))
    if loss is not None:
        reason = loss.failure(kept=True)
        return VisitReport(visit._replace(uncleaned=loss.notice), InputError(reason.code, reason.message, reason.hint))
    if cleaned is None:
        assert problem is not None  # for the type checker
        return VisitReport(visit, InputError(problem.code, problem.message, problem.hint))
    return VisitReport(visit._replace(cleaned=cleaned, aliases=own_names(cleaned, answer.url), target=cleaned.target))


LARGEST_WALL = 64 * 1024
"""Bytes of the largest page that is read for a wall while the visit goes on: a wall is a few words and a script."""


WALL_LIMITS = WorkLimits(cpu_seconds=4.0, memory_megabytes=512)
"""What reading one for a wall may cost, with the libraries that the first one needs: all visits wait for it. One that
costs more is taken for none; what it is shows when it is cleaned."""


def wall_reader(cleaner: PageCleaner) -> Callable[[Exchange], str]:
    """Return what tells a visit under way whether an answer is a wall, by the rules of cleaning.

    `cleaner` is one of its own, with `WALL_LIMITS`. What is returned says who made the wall, or `page` where the rule
    does not say; empty where it is none. Never fails.
    """

    def wall_in(answer: Exchange) -> str:
        if not _may_be_wall(answer):
            return ""
        kind = answer.head.get("Content-Type") if answer.head else ""
        try:
            content = whole_content(answer, LARGEST_WALL)
        except CaptureError:  # whatever is wrong with the page shows when it is cleaned; it is no wall
            return ""
        cleaned = cleaner.do(PageToClean(content, answer.url, kind)).cleaned
        return (cleaned.maker or "page") if cleaned is not None and cleaned.state is State.VERIFICATION else ""

    return wall_in


def _may_be_wall(answer: Exchange) -> bool:
    if answer.head is None or not answer.whole or not 0 < answer.payload_size <= LARGEST_WALL:
        return False
    status = 200 if answer.status >= 400 else answer.status  # an error page is no page, but it may be a wall
    return is_page(answer.url, status, answer.head.get("Content-Type"))


def block_kind(visit: Visit) -> str:
    """Return what stands before the page: the kind of a wall, or who made it; empty where nothing does."""
    if visit.page is not None and visit.page.wall:
        return visit.page.wall
    if visit.cleaned is not None and visit.cleaned.state is State.VERIFICATION:
        return visit.cleaned.maker or "page"
    return ""


def is_block(visit: Visit) -> bool:
    """Whether the site wants us to come back later: a wall, or a host that is left alone because of one."""
    if block_kind(visit):
        return True
    return visit.error is not None and visit.error.code == "host-blocks"


def _has_page(answer: Exchange) -> bool:
    """Whether there is a whole page to clean."""
    if answer.head is None or not answer.whole or not answer.payload_size:
        return False
    return is_page(answer.url, answer.status, answer.head.get("Content-Type"))


def own_names(cleaned: Cleaned, url: str) -> tuple[str, ...]:
    """Return the names that the page at an address gives its article: a site speaks for its own addresses only."""
    own = cleaned.own_url
    return (own,) if own and _host(own) == _host(url) else ()


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def keep_visits(visits: Sequence[VisitReport], collection: Collection) -> list[CommitResult | Failure]:
    """Commit visits together; where that fails for a reason that may lie in one of them, commit them one by one."""

    def keep(some: Sequence[VisitReport]) -> list[CommitResult]:
        with storage_errors(collection.path):
            return collection.keep([each.visit for each in some])

    return commit(visits, keep)


class Addresses(NamedTuple):
    """The addresses that a command is about."""

    urls: list[str]
    """In order, each once."""
    broken: list[tuple[str, InputError]]
    """Lines of lists that cannot be an address, each with its place, such as `list.txt:3`."""

    def report_broken(self, report: Report) -> None:
        """Report each line that cannot be an address; the rest goes on."""
        for place, error in self.broken:
            report.fail(place, failure(error))


def addresses(arguments: Iterable[str], lists: Iterable[str] = ()) -> Addresses:
    """Return the addresses that were given; the argument `-` stands for standard input.

    A list has one address a line, see `list_lines`. Raises UsageError where a list cannot be read.
    """
    found = Addresses([], [])
    urls: dict[str, None] = {}
    for is_list, name in (*((each == STDIN, each) for each in arguments), *((True, each) for each in lists)):
        if not is_list:
            urls[name] = None
            continue
        for line in list_lines(name):
            address = _REMARK.sub("", line.text).strip()
            error = line_error(address)
            if error is not None:
                found.broken.append((line.place, error))
            elif address and not address.startswith("#"):
                urls[address] = None
    found.urls.extend(urls)
    return found


def without_login(url: str) -> str:
    """Return an address as it may be written down: without `user:password@`. What is no address stays as it is."""
    return _LOGIN.sub(r"\1", url.strip())
