"""`archive cat`: a record of an article, byte for byte on standard output."""

import sys
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

from archive.catalogue.articles import ArticleDetail, Capture, Version
from archive.collection.content import content, message
from archive.collection.reader import CollectionReader
from xuanzhi.cli.options import add_collection, decode_argument
from xuanzhi.messages import N_, _
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import InputError
from xuanzhi.output.report import OutputOptions

__all__ = ["CatOptions", "add_arguments", "run"]

_HELP = {
    "raw": N_("the source: the original snapshot, or the content of the response"),
    "http": N_("the response as it crossed the wire, including its header"),
    "ledger": N_("what cleaning removed and rewrote"),
    "provenance": N_("where it came from and how it was processed"),
}


@dataclass(frozen=True)
class CatOptions:
    """Which record of which article to print."""

    article: str
    """Key, address or title."""
    version: str
    """Number or digest; empty for the current one."""
    capture: str
    """Number or id; empty for the latest of the version."""
    what: str
    """`markdown`, `raw`, `http`, `ledger` or `provenance`."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "article", metavar="ARTICLE", help=_("an address, a key, a Markdown file, or words from a title")
    )
    add_collection(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--version",
        metavar="N|SHA256",
        default="",
        help=_("this version: its number, or the beginning of its digest (default: the current one)"),
    )
    which.add_argument(
        "--capture",
        metavar="N|ID",
        default="",
        help=_(
            "this capture: its number, or the beginning of its record's identifier (default: the latest of the version)"
        ),
    )
    what = parser.add_argument_group(_("what to print")).add_mutually_exclusive_group()
    for name in ("raw", "http", "ledger", "provenance"):
        what.add_argument(
            f"--{name}", action="store_const", const=name, dest="what", default="markdown",
            help=_(_HELP[name]),
        )  # fmt: skip


def run(options: CatOptions) -> int:
    """Write the record to standard output; return the exit code.

    Raises InputError, NoSource, and what opening the collection and selecting raise.
    """
    with CollectionReader.open(options.collection) as collection:
        shown = collection.article_detail(decode_argument(options.article))
        version, capture = _choose(shown, options)
        data = _data(collection, options.what, version, capture)
    sys.stdout.buffer.write(data)
    return Exit.DONE


def _choose(shown: ArticleDetail, options: CatOptions) -> tuple[Version | None, Capture]:
    """Return the version and the capture to print: by default the current version, and its latest capture."""
    if options.capture:
        capture = shown.capture(options.capture)
        return next((each for each in shown.versions if each.id == capture.version), None), capture
    if options.version:
        version: Version | None = shown.version(options.version)
    else:
        version = next((each for each in shown.versions if each.current), None)
    having = [each for each in shown.captures if version and each.version == version.id]
    return version, (having or shown.captures)[-1]


def _data(collection: CollectionReader, what: str, version: Version | None, capture: Capture) -> bytes:
    if what == "raw":
        return content(collection, capture.record)
    if what == "http":
        return message(collection, capture.record)
    if what == "provenance":
        return _existing(collection.provenance(capture), what)
    if version is None:
        raise InputError(
            "no-text",
            _("it has no text: its state is {state}", state=capture.state),
            _("--raw prints what was captured; `archive show ARTICLE` describes each capture."),
        )
    if what == "markdown":
        return collection.record_at(version.record).block
    return _existing(collection.ledger(version, capture), what)


def _existing(data: bytes | None, what: str) -> bytes:
    """Return what a record holds. Raises InputError where there is no such record."""
    if data is None:
        raise InputError("no-record", _("it has no {what}", what=what), _("`archive show ARTICLE` lists its captures."))
    return data
