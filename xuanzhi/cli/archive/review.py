"""`archive review`: the review page, and the same from the command line."""

import sys
from argparse import SUPPRESS, ArgumentParser
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from xuanzhi.cli.options import collection_or_default, user_name
from xuanzhi.cli.parser import add_common, help_format, whole_number
from xuanzhi.jobs.rules import ReloadingRules, read_rules
from xuanzhi.messages import N_, _, reason
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.labels import CHANGES, REASONS, REVIEW_STATES, RISKS
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.terminal import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clean.rules import Ruleset
    from xuanzhi.review.queue import ReviewItem, ReviewQueue
    from xuanzhi.review.request import ReviewApp
    from xuanzhi.review.traits import ItemTexts
__all__ = ["ReviewOptions", "add_arguments", "run"]

_ACTION_HELP = {
    "list": N_("list changes to review, the riskiest first"),
    "show": N_("show one item: what changed, what was removed and why"),
    "accept": N_("accept items"),
    "reject": N_("reject items"),
    "needs-work": N_("mark items as needing work"),
    "undo": N_("undo the last decision about items"),
}

_ACTIONS = ("list", "show", "accept", "reject", "needs-work", "undo")
_VERDICTS = {"accept": "accepted", "reject": "rejected", "needs-work": "needs-work"}
"""Actions that decide, which take a note, and what they put on record."""


@dataclass(frozen=True)
class ReviewOptions:
    """How to start the review page, or which of its actions to do from the command line."""

    action: str
    """One of `list show accept reject needs-work undo`; empty for the page."""
    collection: Path
    output: OutputOptions
    reviewer: str
    """Whose decisions they are; empty for the user of this machine."""
    rules: tuple[str, ...]
    """Files of rules that hold beside the built-in ones and the collection's."""

    port: int
    """Of the page; 0 for any that is free."""
    open_browser: bool
    no_keys: bool
    """Without shortcuts of single keys (WCAG 2.1.4)."""
    replay: str
    """Where a replay of the collection answers; empty for none."""
    allow_hosts: tuple[str, ...]
    """Names by which the page may be asked for, beside this machine's own."""

    items: tuple[str, ...] = ()
    """What an action is about: ids, or beginnings of ids that one item alone has."""
    note: str = ""
    """With a decision."""
    state: str = "pending"
    """Which items to list."""
    kind: str = ""
    source: str = ""


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options of the page, and the actions with theirs."""
    _add_shared(parser, "", [])
    parser.add_argument("--port", type=whole_number(), default=0, help=_("the port (default: any free port)"))
    parser.add_argument("--open", action="store_true", dest="open_browser", help=_("open it in the browser"))
    parser.add_argument(
        "--no-keys", action="store_true", help=_("disable single-key shortcuts unless a browser enables them")
    )
    parser.add_argument(
        "--replay",
        metavar="URL",
        default="",
        help=_("address of the collection in a replay tool, for links, such as http://127.0.0.1:8080/collection"),
    )
    parser.add_argument(
        "--allow-host",
        metavar="NAME",
        action="append",
        default=[],
        dest="allow_hosts",
        help=_("another host name by which the page may be reached, such as a proxy's"),
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    parser.set_defaults(action="")
    for name in _ACTIONS:
        text = _(_ACTION_HELP[name])
        action = actions.add_parser(name, help=text, description=text, formatter_class=help_format, allow_abbrev=False)
        if name == "list":
            action.add_argument(
                "--state", default="pending", help=_("only items in this state (default: pending; any for all)")
            )
            action.add_argument("--kind", default="", help=_("only items with this in the change"))
            action.add_argument(
                "--source", metavar="NAME", default="", help=_("only articles from this account or source")
            )
        else:
            count = 1 if name == "show" else "+"
            action.add_argument("items", nargs=count, metavar="ITEM", help=_("items: identifiers, or their beginning"))
        if name in _VERDICTS:
            action.add_argument("--note", default="", help=_("a note stored with the decision"))
        # What is given before the action stands, unless it is given after it once more.
        _add_shared(action, SUPPRESS, SUPPRESS)
        add_common(action)


def _add_shared(parser: ArgumentParser, text: str, texts: Any) -> None:
    """Add the options of the page and of every action, with their defaults."""
    parser.add_argument(
        "-c",
        "--collection",
        metavar="DIR",
        default=text,
        type=collection_or_default,
        help=_("the collection (default: ./collection)"),
    )
    parser.add_argument(
        "--reviewer",
        metavar="NAME",
        default=text,
        help=_("the name shown beside your decisions (default: your user name)"),
    )
    parser.add_argument(
        "--rules",
        metavar="TOML",
        action="append",
        default=texts,
        help=_("use the rules in a TOML file in addition to the built-in ones"),
    )


def run(options: ReviewOptions) -> int:
    """Start the page, or do the action; return the exit code."""
    if not options.action:
        return _serve(options)
    if options.action == "list":
        return _list_items(options)
    if options.action == "show":
        return _show_item(options)
    return _decide(options)


def _serve(options: ReviewOptions) -> int:
    """Start the review page and serve it until the user ends it. Raises UsageError."""
    try:
        from xuanzhi.review.app import build, listening_socket, serve
        from xuanzhi.review.request import ReviewApp
        from xuanzhi.review.security import HOSTS, AccessPolicy
    except ModuleNotFoundError as error:
        raise UsageError(
            "review-missing",
            _("the review page needs packages that are not installed: {name}", name=error.name),
            _("pip install 'xuanzhi[review]'"),
        ) from error
    import secrets

    path = _readable_collection(options)
    rules = ReloadingRules(options.rules, path)
    rules.read()  # what is wrong with them is reported here, not in the browser
    try:
        at = listening_socket(options.port)
    except (OSError, OverflowError) as error:
        raise UsageError(
            "no-port",
            _("port {port} cannot be used: {reason}", port=options.port, reason=error),
            _("Choose another one with --port, or leave it out."),
        ) from error
    port = at.getsockname()[1]
    token = secrets.token_urlsafe(24)
    app = ReviewApp(
        path, rules, reviewer=_reviewer(options), clock=_now, keys=not options.no_keys,
        replay=options.replay,
    )  # fmt: skip
    policy = AccessPolicy(token, (*HOSTS, *(name.lower() for name in options.allow_hosts)))
    address = f"http://127.0.0.1:{port}{policy.root}/"
    report = _report(options)
    if options.output.as_json:
        report.event(event="started", address=address, collection=str(path))
    report.say(_("Review page of {path}: {address}", path=path, address=address))
    report.note(_("Only someone who has this address can open it. Press Ctrl-C to stop."))
    sys.stdout.flush()
    Thread(target=_read_ahead, args=(app,), daemon=True).start()
    with at, _opened(address) if options.open_browser else nullcontext():
        serve(build(app, policy), at, debug=options.output.debug)
    return Exit.DONE


@contextmanager
def _opened(address: str) -> "Iterator[None]":
    """Open the address in the browser, which shows it while this lasts.

    Whoever uses this machine can read the command line of a browser, and the token with it. So the browser gets a file
    that only this user can read, and the file leads on.
    """
    import webbrowser
    from html import escape
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="xuanzhi-review-", ignore_cleanup_errors=True) as folder:
        file = Path(folder, "open.html")
        to = escape(address)
        file.write_text(
            f'<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
            f'<meta http-equiv="refresh" content="0; url={to}"><a href="{to}">{to}</a>\n',
            encoding="utf-8",
        )
        # In a thread, because a browser of the terminal holds it until it ends.
        Thread(target=webbrowser.open, args=(file.as_uri(),), daemon=True).start()
        yield


def _read_ahead(app: "ReviewApp") -> None:
    """Read the queue while the browser opens; what is wrong with it, the page will show."""
    with suppress(Exception):
        app.queue.items()


def _list_items(options: ReviewOptions) -> int:
    """List what needs eyes, the riskiest first."""
    from xuanzhi.review.queue import QueueFilter, filter_items, sort_items

    report, store = _report(options), _store(options)
    wanted = QueueFilter.of({"state": options.state, "kind": options.kind, "source": options.source})
    items = sort_items(filter_items(store.items(), wanted), wanted.order)
    for item in items:
        if options.output.as_json:
            report.event(**_event(item))
        for line in _lines(item):
            report.say(line)
    report.note(_("items: {count:,}", count=len(items)))
    return Exit.DONE


def _show_item(options: ReviewOptions) -> int:
    """Show one item: what it is, what changed, what was removed and why, and what was decided."""
    from archive.collection.reader import CollectionReader
    from xuanzhi.review.traits import ItemTexts

    report, store = _report(options), _store(options)
    item = _item(store, options.items[0])
    path = options.collection
    with CollectionReader.open(path) as collection:
        history = collection.decisions(item.id)
        texts = ItemTexts(collection, item.change)
        lines, events = (
            list(_changes(texts)),
            list(_removals(texts, read_rules(options.rules, path))),
        )
    if options.output.as_json:
        report.event(**_event(item), removals=events, decisions=[each._asdict() for each in history])
        return Exit.DONE
    for line in [*_lines(item), "", *lines]:
        report.say(line)
    for each in events:
        report.say(f"{_('line {line}', line=each['line'])}  {each['text']}")
        report.say("    " + _("by rule {rule} (stage {stage})", rule=each["rule"], stage=each["stage"]))
        report.say(f"    {each['reason']}")
    for decision in history:
        report.say(f"{decision.at}  {decision.reviewer}  {_(REVIEW_STATES[decision.verdict])}  {decision.note}")
    return Exit.DONE


def _decide(options: ReviewOptions) -> int:
    """Record a decision about items, or take the last ones back."""
    from uuid import uuid4

    from archive.collection.decisions import UNDONE, record_decision

    report, store = _report(options), _store(options)
    items = [_item(store, name) for name in options.items]
    undoing = options.action == "undo"
    for item in items if undoing else ():
        if item.decision is None or item.decision.verdict == UNDONE:
            raise UsageError(
                "nothing-to-undo",
                _("there is no decision about {item}", item=item.id),
                _("`archive review show` lists the decisions."),
            )
    decisions = record_decision(
        options.collection,
        [item.as_seen for item in items],
        UNDONE if undoing else _VERDICTS[options.action],
        note="" if undoing else options.note,
        reviewer=_reviewer(options),
        at=_now(),
        batch=f"urn:uuid:{uuid4()}" if len(items) > 1 else "",
    )
    for decision in decisions:
        if options.output.as_json:
            report.event(event="decided", **decision._asdict())
        report.say(_("{item}: {verdict}", item=decision.item, verdict=_(REVIEW_STATES[decision.verdict])))
    return Exit.DONE


def _readable_collection(options: ReviewOptions) -> Path:
    """Return the collection's folder, once it is certain that it can be read.

    Raises what `CollectionReader.open` raises.
    """
    from archive.collection.reader import CollectionReader

    path = options.collection
    CollectionReader.open(path).close()
    return path


def _store(options: ReviewOptions) -> "ReviewQueue":
    """Return the queue with everything compared."""
    from xuanzhi.review.queue import ReviewQueue

    store = ReviewQueue(_readable_collection(options))
    with Progress(store.waiting(), enabled=options.output.shows_progress, unit="changes") as progress:
        store.complete(progress.advance)
    return store


def _item(store: "ReviewQueue", name: str) -> "ReviewItem":
    matches = [item for item in store.items() if item.id.startswith(name)]
    if not matches:
        raise UsageError(
            "no-such-item",
            _("no item begins with {item}", item=name),
            _("`archive review list --state any` lists all items."),
        )
    if len(matches) > 1:
        raise UsageError(
            "many-items",
            _("{count:,} items begin with {item}", item=name, count=len(matches)),
            _("Give more of the identifier."),
        )
    return matches[0]


def _lines(item: "ReviewItem") -> "Iterator[str]":
    change, facts = item.change, item.facts
    level, state = _(RISKS[item.level]), _(REVIEW_STATES[item.state])
    yield f"{item.id}  {level}  {state}  {change.title or change.key}"
    reasons = _(", ").join(_(REASONS[reason]) for reason in item.reasons)
    yield (
        f"  {change.source}  {change.fetched_at[:10]}  {_(CHANGES[change.kind])}"
        f"  +{facts.added:,} −{facts.removed:,}  {_('Share removed')} {facts.share:.0%}  {reasons}"
    )


def _event(item: "ReviewItem") -> dict[str, Any]:
    change, facts = item.change, item.facts
    return {
        "event": "item", "item": item.id, "state": item.state, "risk": item.risk, "reasons": item.reasons,
        "article": change.key, "title": change.title, "source": change.source, "came": change.kind,
        "fetched_at": change.fetched_at, "before": change.before or None, "after": change.after,
        "added": facts.added, "removed": facts.removed, "share": round(facts.share, 4), "rules": facts.rules,
        "confidence": facts.confidence,
        "signature": facts.signature, "diff_sha256": facts.diff_sha256, "ruleset_sha256": change.ruleset_sha256,
    }  # fmt: skip


def _changes(texts: "ItemTexts") -> "Iterator[str]":
    """Yield what changed, block by block."""
    from xuanzhi.review.rows import difference_rows
    from xuanzhi.review.traits import difference_of

    difference = difference_of(texts)
    for field in difference.fields:
        yield f"{field.key}: [-{field.old or ''}-]{{+{field.new or ''}+}}"
    for row in difference_rows(difference):
        if row.kind == "fold":
            yield f"… {_('paragraphs unchanged: {count:,}', count=row.blocks)}"
            continue
        text = "".join(
            f"[-{span.text}-]"
            if span.kind == "delete"
            else f"{{+{span.text}+}}"
            if span.kind == "insert"
            else span.text
            for span in row.spans
        )
        inside = text.replace("\n", "\n  ")
        yield f"{row.mark or ' '} {inside}"


def _removals(texts: "ItemTexts", ruleset: "Ruleset") -> "Iterator[dict[str, Any]]":
    """Yield what cleaning removed, as plain data."""
    ledger = texts.ledger
    for each in (*ledger.nodes, *ledger.entries) if ledger is not None else ():
        rule = ruleset.by_id.get(each.rule)
        yield {
            "line": each.line, "rule": each.rule, "stage": each.stage, "text": each.text,
            "reason": reason(rule) if rule else "",
        }  # fmt: skip


def _reviewer(options: ReviewOptions) -> str:
    """Return the name that decisions get: the one given, else the user's on this machine."""
    return options.reviewer.strip() or user_name()


def _report(options: ReviewOptions) -> Report:
    return Report.of("archive", options.output)


def _now() -> datetime:
    return datetime.now(UTC)
