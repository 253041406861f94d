"""Pipelines: the stages of each kind of source, in order, as literal tables."""

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256

from clean.document import WECHAT_HOSTS, Cleaned, CleanWarning, State
from clean.formats.text import refuse_other
from clean.frontmatter import ARTICLE_KINDS, FrontMatter, Value, read_front_matter, write_front_matter
from clean.learn.apply import apply_learned_rules
from clean.ledger import Entry, Ledger, Removal, Rewrite, SourceEdit, Span, apply_source_edits, compose_edits
from clean.rules import HEAD, NOTICE, Ruleset, built_in
from clean.source import Source, decode
from clean.stages.heads import Head, read_head
from clean.stages.notice import detect_notice, detect_wall
from clean.stages.stage import StageResult
from clean.stages.state import detect_empty, detect_listing, detect_state, unwrap_text_post
from clean.stages.text import (
    detect_cut,
    mark_title,
    mend_emphasis,
    normalise_characters,
    remove_duplicate_titles,
    remove_lines,
    remove_placeholders,
    remove_scraper_head,
    replace_non_breaking_spaces,
    trim_white_space,
    unwrap_layout_tables,
)
from clean.stages.wechat_head import remove_wechat_head
from clean.stages.wechat_tail import remove_anchored_tail, remove_rendered_panel
from clean.version import SNAPSHOT, SOFTWARE, engine_digest
from clean.view import View, first_title

__all__ = ["STAGES", "Stage", "clean", "clean_source", "without_collector"]

Stage = Callable[[View, Ruleset], StageResult]

_TEXT: tuple[tuple[str, Stage], ...] = (
    ("learned", apply_learned_rules),  # before all that looks at how the lines that are left stand together
    ("placeholders", remove_placeholders),
    ("white-space", trim_white_space),  # before the emphasis: what looks blank parts paragraphs from here on
    ("emphasis", mend_emphasis),
    ("characters", replace_non_breaking_spaces),
    ("title", mark_title),  # where something stood above it
)
_END: tuple[tuple[str, Stage], ...] = (("white-space", trim_white_space), ("state", detect_empty))

STAGES: Mapping[str, tuple[tuple[str, Stage], ...]] = {
    "wechat": (
        ("cut-mark", detect_cut),  # it counts the characters that the tool left
        ("characters", normalise_characters),
        ("title", mark_title),
        ("state", detect_state),
        ("notice", detect_wall),
        ("text-post", unwrap_text_post),
        ("anchored-tail", remove_anchored_tail),  # before the head: it names the account, which the byline is known by
        ("rendered-panel", remove_rendered_panel),
        ("scraper-head", remove_scraper_head),
        ("wechat-head", remove_wechat_head),
        ("lines", remove_lines),
        ("layout-tables", unwrap_layout_tables),
        *_TEXT,
        *_END,
    ),
    "wechat-again": (
        ("characters", normalise_characters),
        ("lines", remove_lines),
        ("layout-tables", unwrap_layout_tables),
        *_TEXT,
        *_END,
    ),
    "generic": (
        ("cut-mark", detect_cut),  # it counts the characters that the tool left
        ("characters", normalise_characters),
        ("title", mark_title),
        ("notice", detect_listing),
        ("notice", detect_notice),
        ("lines", remove_lines),
        *_TEXT,
        ("scraper-head", remove_duplicate_titles),  # when the headings are written as they will stay
        *_END,
    ),
}
"""The stages of each kind of source. `wechat-again` is for a text that was cleaned before: its front matter says
one of our kinds, which only cleaning writes, so what looks like interface in it is the author's."""

# A stray byte, as PEP 383 writes it. A single class: linear.
_STRAY = re.compile(r"[\udc80-\udcff]")

# What cleaning may take from within a line, so that it reads the same before and after. Fixed alternatives: linear.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff*]+|!\[\]\(\)")


@contextmanager
def without_collector() -> Iterator[None]:
    """Pause Python's collector of cyclic garbage, as a context or a decorator.

    A cleaning makes hundreds of thousands of small objects that all live until its end, and hardly a cycle. The
    collector would go through them again each time that they have grown by a quarter: half of the time of a text of
    many edits, at sizes that nothing in the text explains.
    """
    if not gc.isenabled():  # by our own caller, or by the program's
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def clean(data: bytes, *, ruleset: Ruleset | None = None, profile: str | None = None) -> Cleaned:
    """Clean one snapshot, given as bytes. A pure function: same bytes and rules, same result.

    `profile` (`wechat` or `generic`) is told from the address in the front matter, or from the text where it has
    none. Raises clean.errors.SourceError where the bytes are no text, or in a format that holds no page.
    """
    refuse_other(data)
    return clean_source(decode(data), ruleset=ruleset, profile=profile)


@without_collector()
def clean_source(
    source: Source, *, ruleset: Ruleset | None = None, profile: str | None = None, rendered: bool = False
) -> Cleaned:
    """Clean one decoded snapshot; see `clean`. `rendered`: this project rendered it, so nothing in it is interface."""
    ruleset = ruleset or built_in()
    head = Head(read_front_matter(source.text)) if rendered else read_head(source.text, ruleset)
    body = source.text[head.front.end :]
    claims = compose_edits([], head.edits, HEAD, len(body))
    view = View(apply_source_edits(body, claims), head.front)
    if head.is_foreign and not head.front.get("title") and (title := first_title(view)):
        head = head._replace(front=head.front._replace(values={**head.front.values, "title": title}))
    front = head.front
    if profile is None:
        profile = _profile(front, body)
    given = {key: _readable(value) for key, value in front.values.items()}
    facts: dict[str, Value] = {}
    done: set[str] = set()
    withheld: Mapping[str, int] = {}
    view = View(view.text, front)
    is_rendered = profile == "wechat" and (rendered or given.get("kind") in ARTICLE_KINDS)
    table = STAGES["wechat-again" if is_rendered else profile]
    if profile == "wechat":
        facts["kind"] = "article"
    for name, stage in table:
        if rendered and name == NOTICE:
            continue  # the page was asked before it was rendered, and says more than its text
        view.facts = {**given, **facts}
        found = stage(view, ruleset)
        facts.update(found.facts)
        withheld = found.withheld or withheld
        if found.state is not None:
            claims = compose_edits(claims, found.edits, name, len(body))
            return _not_an_article(source, head, given, ruleset, profile, found, claims)
        if found.edits:
            claims = compose_edits(claims, found.edits, name, len(body))
            done.add(name)
            view = View(apply_source_edits(body, claims), front, view.facts, frozenset(done))
    facts = {**given, **{key: value for key, value in facts.items() if value and not given.get(key)}}
    if head.is_foreign and not facts.get("source") and (site := facts.get("account") or _host(front.get("url"))):
        facts["source"] = site  # it is what an article stands under
    written = write_front_matter(facts) if facts else ""
    claims = _shifted(claims, front.end)
    if written != source.text[: front.end]:
        claims.insert(0, SourceEdit(0, front.end, written, HEAD, head.rule))
    markdown = apply_source_edits(source.text, claims)
    entries = _entries(source.text, claims)
    ledger = _ledger(source, markdown, ruleset, State.LIVE, entries)
    warnings = _warnings(source, head, facts)
    return Cleaned(State.LIVE, profile, markdown, facts, ledger, "", warnings, withheld=withheld)


def _profile(front: FrontMatter, body: str) -> str:
    url = front.get("url").lower()
    if url:
        return "wechat" if _host(url) in WECHAT_HOSTS else "generic"
    if front.get("kind") in ARTICLE_KINDS:
        return "wechat"
    return "wechat" if _shows_interface(body) else "generic"


def _shows_interface(body: str) -> bool:
    """Whether a text without an address has words that no other site shows in its own interface."""
    text = _UNSEEN.sub("", body)
    if "，轻点两下取消赞" in text:
        return True
    return "预览时标签不可点" in text and any(line.strip() == "预览时标签不可点" for line in re.split(r"[\r\n]", text))


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0].partition("?")[0].lower()


def _readable(value: Value) -> Value:
    """A value without stray bytes, which no YAML can hold."""
    if isinstance(value, tuple):
        return tuple(str(_readable(item)) for item in value)
    return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _not_an_article(
    source: Source,
    head: Head,
    given: Mapping[str, Value],
    ruleset: Ruleset,
    profile: str,
    found: StageResult,
    claims: Sequence[SourceEdit],
) -> Cleaned:
    assert found.state is not None
    end = head.front.end
    whole = SourceEdit(0, end, "", "state", found.edits[0].rule)
    claims = _shifted(claims, end)
    if claims and claims[0][:1] + claims[0][2:] == (end, *whole[2:]):
        whole = whole._replace(end=claims.pop(0).end)
    ledger = _ledger(source, "", ruleset, found.state, _entries(source.text, [whole, *claims]))
    warnings = _warnings(source, head, given)
    rule = found.edits[0].rule
    return Cleaned(
        found.state,
        profile,
        None,
        given,
        ledger,
        found.notice,
        warnings,
        advice=ruleset.advice(found.state, rule),
        maker=ruleset.maker(rule),
    )


def _shifted(claims: Iterable[SourceEdit], by: int) -> list[SourceEdit]:
    """Claims on the body as claims on the whole source, which begins with the front matter."""
    return [SourceEdit(start + by, end + by, *rest) for start, end, *rest in claims]


def _ledger(source: Source, markdown: str, ruleset: Ruleset, value: State, entries: tuple[Entry, ...]) -> Ledger:
    digest = sha256(markdown.encode()).hexdigest()
    return Ledger(
        source.sha256,
        digest,
        ruleset.sha256,
        SOFTWARE,
        value.value,
        source.encoding,
        entries,
        engine=engine_digest(SNAPSHOT),
    )


def _entries(text: str, claims: list[SourceEdit]) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    position, line = 0, 1
    for start, end, replacement, stage, rule in claims:
        line += text.count("\n", position, start)
        position = start
        piece = text[start:end]
        if replacement == piece:
            continue  # a later stage wrote again what an earlier one had taken
        if replacement:
            entries.append(Rewrite(Span(start, end), stage, rule, line, piece, replacement))
        else:
            entries.append(Removal(Span(start, end), stage, rule, line, piece))
    return tuple(entries)


def _is_utf8(text: str) -> bool:
    """Whether a text holds no stray byte; much faster than looking for one."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _warnings(source: Source, head: Head, facts: Mapping[str, Value]) -> tuple[CleanWarning, ...]:
    warnings: list[CleanWarning] = []
    front = head.front
    if head.is_missing:
        hint = "Begin the file with ---, title, url, source, date and fetch_date, one on a line, and ---."
        warnings.append(CleanWarning("no-front-matter", "there is no front matter, so the source is unknown", 1, hint))
    elif front.end and not front.closed:
        hint = "Put a line of three hyphens below the last of its keys."
        warnings.append(CleanWarning("open-front-matter", "the front matter is not closed by ---", front.line, hint))
    elif not front.values.get("url"):
        hint = "Add a line `url: …`; without it captures of one article cannot be brought together."
        warnings.append(CleanWarning("no-url", "the front matter has no url", 1, hint))
    if not _is_utf8(source.text) and (stray := [match.start() for match in _STRAY.finditer(source.text)]):
        number = "1 byte is" if len(stray) == 1 else f"{len(stray):,} bytes are"
        message = f"{number} no {source.encoding.name.upper()} and read as U+FFFD now"
        line = source.text.count("\n", 0, stray[0]) + 1
        warnings.append(CleanWarning("stray-bytes", message, line, "The source keeps them; the ledger shows where."))
    if facts.get("kind") == "image":
        hint = "A script loads them; keep the page itself as well."
        warnings.append(
            CleanWarning("pictures-missing", "the pictures of this picture post are not in the snapshot", 0, hint)
        )
    if facts.get("truncated"):
        hint = "Fetch the page again with a tool that keeps all of it."
        warnings.append(CleanWarning("truncated", "the tool that made this snapshot cut it", 0, hint))
    return tuple(warnings)
