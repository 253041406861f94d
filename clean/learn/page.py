"""Pages as learning sees them: lines in normal form, with what is known of the page."""

from enum import IntEnum
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from clean.document import WECHAT_HOSTS
from clean.frontmatter import read_front_matter
from clean.normalise import LineKind, NormalLine, is_date, is_table_row, normalise_line
from clean.view import View, comparable_text, heading_text

__all__ = ["LearnedLine", "LearnedPage", "ListPlace", "learned_lines", "read_learned_page", "scope_of"]


class ListPlace(IntEnum):
    """Whether a line may stand in a list of the source's other articles."""

    NO = 0
    YES = 1
    """A link to one of its own pages, or a day."""
    PICTURE = 2
    """Only with the line below it: a picture above a link."""


class LearnedLine(NamedTuple):
    """One line that counts."""

    at: int
    """Its place in the body, from 0."""
    text: str
    kind: LineKind
    units: int
    listed: ListPlace = ListPlace.NO


class LearnedPage(NamedTuple):
    """One article of a source, cleaned by all rules but learned ones."""

    name: str
    """What people know it by: its address."""
    date: str
    """What orders the pages of a source; sorts as text. A WeChat article is frozen when it is published, the frame of
    a web page is of the day on which it was fetched."""
    lines: tuple[LearnedLine, ...]
    wechat: bool
    cut: bool
    """Whether the tool that made the snapshot cut it, so that its end is not the page's."""
    reposted: bool = False
    """Whether it says that it is another account's article: then its frame is the other's, too."""


def scope_of(url: str, source: str) -> str:
    """Return the name of the source that a page belongs to, empty where nothing tells it.

    `wechat:` and the account's identifier (`__biz`; its display name may change), `source:` and the name where a
    WeChat link does not tell the account, `host:` and the host of any other address, without `www.`.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        host = ""
    if host in WECHAT_HOSTS:
        account = parse_qs(parts.query).get("__biz", [""])[0].replace(" ", "+")
        return f"wechat:{account}" if account else f"source:{source}" if source else ""
    return f"host:{host}" if host else f"source:{source}" if source else ""


def learned_lines(view: View) -> list[LearnedLine]:
    """Return the lines of a text that count, in order: not blank, not symbols alone, not the article's title.

    The title counts for nothing, so that a second one, which another stage removes, changes no line's place. A line
    that touches a table belongs to it.
    """
    title = view.front.get("title")
    wanted = comparable_text(title)
    scope = scope_of(view.front.get("url"), view.front.get("source"))
    lines, found = view.lines, []
    for index in view.solid:
        line = lines[index]
        if index in view.verbatim:
            found.append(LearnedLine(index, line, LineKind.CODE, 0))
            continue
        if title and line.startswith("# ") and comparable_text(heading_text(line, 1)) == wanted:
            continue
        one = normalise_line(line)
        if one.text:
            kind = LineKind.TABLE if _touches_table(lines, index) else one.kind
            found.append(LearnedLine(index, one.text, kind, one.units, _listed(one, scope)))
    return found


def _listed(one: NormalLine, scope: str) -> ListPlace:
    if not one.target:
        is_day = one.kind is LineKind.TEXT and is_date(one.text)
        return ListPlace.YES if is_day else ListPlace.PICTURE if one.kind is LineKind.IMAGE else ListPlace.NO
    # A picture that leads to itself is an illustration.
    own = f"image:{one.target}" not in one.text and _is_own(one.target, scope)
    return ListPlace.YES if own else ListPlace.NO


def _is_own(target: str, scope: str) -> bool:
    """Whether an address is one of the source's own."""
    kind, _, name = scope.partition(":")
    if kind == "host":
        own = target.removeprefix("www.").partition("/")[0] == name
        return own or (target.startswith("/") and target != "/")
    account = str(parse_qs(target.partition("?")[2]).get("__biz", [name])[0]).replace(" ", "+")
    return target.startswith("mp.weixin.qq.com/s") and (kind != "wechat" or account == name)


def _touches_table(lines: list[str], index: int) -> bool:
    return any(0 <= near < len(lines) and is_table_row(lines[near].strip()) for near in (index - 1, index + 1))


def read_learned_page(markdown: str, *, name: str = "", fetched: str = "") -> LearnedPage:
    """Read a clean text with its front matter."""
    front = read_front_matter(markdown)
    view = View(markdown[front.end :], front)
    wechat = scope_of(front.get("url"), "").startswith("wechat:") or bool(front.get("kind"))
    fetched = fetched or front.get("fetch_date")
    date = (front.get("date") or fetched) if wechat else (fetched or front.get("date"))
    return LearnedPage(
        name or front.get("url"),
        date,
        tuple(learned_lines(view)),
        wechat,
        front.get("truncated") == "true",
        bool(front.get("reposted_from")),
    )
