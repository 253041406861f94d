"""Options that name a collection, and articles in it: the same for every part of `archive`."""

import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from xuanzhi.output.failures import UsageError
from xuanzhi.words import word

if TYPE_CHECKING:
    from archive.catalogue.articles import Selection
    from archive.collection.reader import CollectionReader

__all__ = [
    "DEFAULT_COLLECTION",
    "add_collection",
    "add_limit",
    "add_selection",
    "collection_path",
    "limit",
    "opened",
    "selection",
    "typed",
]

DEFAULT_COLLECTION = "collection"

# The beginning of a WARC-Date, from the year on; every part is of fixed length.
_MOMENT = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}(?::\d{2}(?::\d{2}Z?)?)?)?)?)?", re.ASCII)


def add_collection(parser: ArgumentParser) -> None:
    """Add the option that names a collection."""
    parser.add_argument("-c", "--collection", metavar="DIR", default="", help=word("help.collection"))


def add_selection(parser: ArgumentParser, *, days: str = "select", positional: bool = True) -> None:
    """Add the options that say which articles are meant.

    `days` is the family of the words that tell what --since and --until mean; articles are named by --article where
    they are not `positional`.
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


def collection_path(options: Namespace) -> Path:
    """Return the folder that is meant."""
    return Path(options.collection or DEFAULT_COLLECTION)


def selection(options: Namespace) -> "Selection":
    """Return which articles are meant. Raises UsageError for a state or a day that is none."""
    from archive.catalogue.articles import Selection
    from clean.document import State

    for state in options.states:
        if state not in set(State):
            raise UsageError("no-such-state", state=state, known=", ".join(State))
    for day in (options.since, options.until):
        if day and not _MOMENT.fullmatch(day):
            raise UsageError("no-such-day", day=day)
    return Selection(
        tuple(map(typed, options.articles)),
        tuple(map(typed, options.sources)),
        tuple(map(typed, options.hosts)),
        tuple(options.states),
        options.since,
        options.until,
    )


def typed(text: str) -> str:
    """Return what was typed: in the C locale Python takes the bytes of an ideograph for strays (PEP 383)."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def add_limit(parser: ArgumentParser, default: int) -> None:
    """Add the option that says how many results are wanted; 0 is all."""
    parser.add_argument(
        "--limit", type=int, default=default, metavar="N", help=word("help.select.limit", count=default)
    )


def limit(options: Namespace) -> int:
    """Return how many results are wanted, 0 for all. Raises UsageError for a number below that."""
    wanted: int = options.limit
    if wanted < 0:
        raise UsageError("no-such-limit", limit=wanted)
    return wanted


def opened(options: Namespace) -> "CollectionReader":
    """Open the collection that is meant, for reading. Raises what `CollectionReader.open` raises."""
    from archive.collection.reader import CollectionReader

    return CollectionReader.open(collection_path(options))
