"""Options of commands: parsed arguments as frozen dataclasses, and options that commands share.

Here are also the options that many commands share: the collection, a selection of its articles, a limit.
"""

import re
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_origin, get_type_hints

from xuanzhi.cli.parser import whole_number
from xuanzhi.messages import N_, _
from xuanzhi.output.failures import UsageError
from xuanzhi.output.signals import interruptible

if TYPE_CHECKING:
    from archive.catalogue.articles import Selection

__all__ = [
    "DEFAULT_COLLECTION",
    "SelectionOptions",
    "add_collection",
    "add_limit",
    "add_selection",
    "add_sources",
    "check_limit",
    "collection_or_default",
    "decode_argument",
    "options_from",
    "run_parsed",
    "user_name",
]

_HELP = {
    "source": N_("only articles from this account or source"),
    "host": N_("only articles from this host and its subdomains"),
    "state": N_("only articles whose latest capture has this state"),
}

_DAYS = {
    "select.since": N_("only articles fetched on or after this day (UTC)"),
    "select.until": N_("only articles fetched before this day (UTC)"),
    "archive.log.since": N_("only events on or after this day (UTC)"),
    "archive.log.until": N_("only events before this day (UTC)"),
}

T = TypeVar("T")

DEFAULT_COLLECTION = "collection"

# The beginning of a WARC-Date, from the year on; every part is of fixed length.
_MOMENT = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}(?::\d{2}(?::\d{2}Z?)?)?)?)?)?", re.ASCII)


def options_from(kind: type[T], namespace: Namespace, **values: Any) -> T:
    """Return a command's options dataclass, filled by the names of its fields with what argparse parsed.

    A field that is itself an options dataclass is filled from the same namespace. Lists become tuples, and texts
    become paths, where the field's type says so. A field that the namespace lacks keeps its default. `values` are
    fields that the caller has worked out.
    """
    hints = get_type_hints(kind)
    for field in fields(kind):  # type: ignore[arg-type]  # every `kind` is a dataclass
        hint = hints[field.name]
        if field.name in values:
            continue
        if isinstance(hint, type) and is_dataclass(hint):
            values[field.name] = options_from(hint, namespace)
        elif hasattr(namespace, field.name):
            value = getattr(namespace, field.name)
            values[field.name] = tuple(value) if get_origin(hint) is tuple else Path(value) if hint is Path else value
    return kind(**values)


def run_parsed(namespace: Namespace) -> int:
    """Run the command that was parsed, with the options dataclass that its `run` takes; return the exit code.

    `namespace.module` is the command's module: its parser sets it.
    """
    run = namespace.module.run
    with interruptible():
        code: int = run(options_from(get_type_hints(run)["options"], namespace))
    return code


def add_collection(parser: ArgumentParser) -> None:
    """Add the option that names a collection: the field `collection`, a path."""
    parser.add_argument(
        "-c",
        "--collection",
        metavar="DIR",
        default="",
        type=collection_or_default,
        help=_("the collection (default: ./collection)"),
    )


def collection_or_default(text: str | None) -> str:
    """Return the folder of the collection that was named; where none was, that of the default one."""
    return text or DEFAULT_COLLECTION


@dataclass(frozen=True)
class SelectionOptions:
    """The options that select articles, as they were typed."""

    articles: tuple[str, ...]
    sources: tuple[str, ...]
    hosts: tuple[str, ...]
    states: tuple[str, ...]
    since: str
    """A day, or any beginning of a WARC-Date; empty for no bound."""
    until: str
    """The same."""

    def to_selection(self) -> "Selection":
        """Return what the catalogue is asked for. Raises UsageError for a state or a day that is none."""
        from archive.catalogue.articles import Selection
        from clean.document import State

        for state in self.states:
            if state not in set(State):
                raise UsageError(
                    "no-such-state",
                    _("{state} is not a state", state=state),
                    _("The states are: {known}.", known=", ".join(State)),
                )
        for day in (self.since, self.until):
            if day and not _MOMENT.fullmatch(day):
                raise UsageError(
                    "no-such-day",
                    _("{day} is not a date", day=day),
                    _("Write it as 2026-01-31; 2026 or 2026-01-31T08:00:00Z are accepted as well."),
                )
        return Selection(
            articles=tuple(map(decode_argument, self.articles)),
            sources=tuple(map(decode_argument, self.sources)),
            hosts=tuple(map(decode_argument, self.hosts)),
            states=self.states,
            since=self.since,
            until=self.until,
        )


def add_selection(parser: ArgumentParser, *, days: str = "select", positional: bool = True) -> None:
    """Add the options that select articles: the fields of `SelectionOptions`.

    `days` names the help texts of --since and --until; articles are named by --article where they are not
    `positional`.
    """
    which = parser.add_argument_group(_("which articles"))
    if positional:
        which.add_argument(
            "articles",
            nargs="*",
            metavar="ARTICLE",
            help=_("articles: an address, a key, a Markdown file, or words from a title (default: all)"),
        )
    else:
        which.add_argument(
            "--article",
            action="append",
            default=[],
            metavar="ARTICLE",
            help=_("articles: an address, a key, a Markdown file, or words from a title (default: all)"),
            dest="articles",
        )
    for name, label in (("source", "NAME"), ("host", "HOST"), ("state", "STATE")):
        which.add_argument(
            f"--{name}", action="append", default=[], metavar=label, help=_(_HELP[name]), dest=f"{name}s"
        )
    for name in ("since", "until"):
        which.add_argument(f"--{name}", default="", metavar="DAY", help=_(_DAYS[f"{days}.{name}"]))


def add_sources(parser: ArgumentParser) -> None:
    """Add the argument that names sources of a collection: the field `sources`, none for all."""
    parser.add_argument(
        "sources", nargs="*", metavar="SOURCE", help=_("a source's name, account or host (default: all)")
    )


def decode_argument(text: str) -> str:
    """Return what was typed: in the C locale Python takes the bytes of an ideograph for strays (PEP 383)."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def add_limit(parser: ArgumentParser, default: int) -> None:
    """Add the option that limits the number of results: the field `limit`, 0 for all."""
    parser.add_argument(
        "--limit",
        type=whole_number(),
        default=default,
        metavar="N",
        help=_("show at most this many, 0 for all (default: {count})", count=default),
    )


def check_limit(limit: int) -> int:
    """Return the limit of the number of results, 0 for all. Raises UsageError for a number below that."""
    if limit < 0:
        raise UsageError(
            "no-such-limit", _("--limit {limit} is not a number of results", limit=limit), _("Use 0 for all.")
        )
    return limit


def user_name() -> str:
    """Return the user's name on this machine, for what people decide."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a user without a name
        return _("unnamed")
