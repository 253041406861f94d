"""Options that name a collection, and articles in it: the same for every part of `archive`."""

import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from xuanzhi.errors import UsageError
from xuanzhi.words import word

if TYPE_CHECKING:
    from archive.selection import Selection

__all__ = ["DEFAULT_COLLECTION", "add_collection", "add_selection", "collection_path", "selection"]

DEFAULT_COLLECTION = "collection"

# The beginning of a WARC-Date, from the year on; every part is of fixed length.
_MOMENT = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}(?::\d{2}(?::\d{2}Z?)?)?)?)?)?", re.ASCII)


def add_collection(parser: ArgumentParser) -> None:
    """Add the option that names a collection."""
    parser.add_argument("-c", "--collection", metavar="DIR", default="", help=word("help.collection"))


def add_selection(parser: ArgumentParser) -> None:
    """Add the options that say which articles are meant."""
    which = parser.add_argument_group(word("help.group.which"))
    which.add_argument("articles", nargs="*", metavar="ARTICLE", help=word("help.select.articles"))
    for name, label in (("source", "NAME"), ("host", "HOST"), ("state", "STATE")):
        which.add_argument(
            f"--{name}", action="append", default=[], metavar=label, help=word(f"help.select.{name}"), dest=f"{name}s"
        )
    for name in ("since", "until"):
        which.add_argument(f"--{name}", default="", metavar="DAY", help=word(f"help.select.{name}"))


def collection_path(options: Namespace) -> Path:
    """Return the folder that is meant."""
    return Path(options.collection or DEFAULT_COLLECTION)


def selection(options: Namespace) -> "Selection":
    """Return which articles are meant. Raises UsageError for a state or a day that is none."""
    from archive.selection import Selection
    from clean.document import State

    for state in options.states:
        if state not in set(State):
            raise UsageError("no-such-state", state=state, known=", ".join(State))
    for day in (options.since, options.until):
        if day and not _MOMENT.fullmatch(day):
            raise UsageError("no-such-day", day=day)
    return Selection(
        tuple(options.articles),
        tuple(options.sources),
        tuple(options.hosts),
        tuple(options.states),
        options.since,
        options.until,
    )
