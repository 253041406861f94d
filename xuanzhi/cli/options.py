"""From the command line to a command's options: what argparse parsed becomes one frozen dataclass.

Here are also the options that many commands share: the collection, a selection of its articles, a limit.
"""

import re
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_origin, get_type_hints

from xuanzhi.output.failures import UsageError
from xuanzhi.words import word

if TYPE_CHECKING:
    from archive.catalogue.articles import Selection

__all__ = [
    "DEFAULT_COLLECTION",
    "SelectionOptions",
    "add_collection",
    "add_limit",
    "add_selection",
    "check_limit",
    "collection_or_default",
    "decode_argument",
    "options_from",
    "run_parsed",
]

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
    code: int = run(options_from(get_type_hints(run)["options"], namespace))
    return code


def add_collection(parser: ArgumentParser) -> None:
    """Add the option that names a collection: the field `collection`, a path."""
    parser.add_argument(
        "-c", "--collection", metavar="DIR", default="", type=collection_or_default, help=word("help.collection")
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
                raise UsageError("no-such-state", state=state, known=", ".join(State))
        for day in (self.since, self.until):
            if day and not _MOMENT.fullmatch(day):
                raise UsageError("no-such-day", day=day)
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
    which = parser.add_argument_group(word("help.group.which"))
    if positional:
        which.add_argument("articles", nargs="*", metavar="ARTICLE", help=word("help.select.articles"))
    else:
        which.add_argument(
            "--article", action="append", default=[], metavar="ARTICLE", help=word("help.select.articles"),
            dest="articles",
        )  # fmt: skip
    for name, label in (("source", "NAME"), ("host", "HOST"), ("state", "STATE")):
        which.add_argument(
            f"--{name}", action="append", default=[], metavar=label, help=word(f"help.select.{name}"), dest=f"{name}s"
        )
    for name in ("since", "until"):
        which.add_argument(f"--{name}", default="", metavar="DAY", help=word(f"help.{days}.{name}"))


def decode_argument(text: str) -> str:
    """Return what was typed: in the C locale Python takes the bytes of an ideograph for strays (PEP 383)."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def add_limit(parser: ArgumentParser, default: int) -> None:
    """Add the option that limits the number of results: the field `limit`, 0 for all."""
    parser.add_argument(
        "--limit", type=int, default=default, metavar="N", help=word("help.select.limit", count=default)
    )


def check_limit(limit: int) -> int:
    """Return the limit of the number of results, 0 for all. Raises UsageError for a number below that."""
    if limit < 0:
        raise UsageError("no-such-limit", limit=limit)
    return limit
