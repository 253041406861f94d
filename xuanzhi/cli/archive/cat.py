"""`archive cat`: what is kept of an article, byte for byte."""

import sys
from argparse import ArgumentParser, Namespace

from archive.catalogue.articles import ArticleDetail, Capture, Version
from archive.collection.content import content, message
from archive.collection.reader import CollectionReader
from xuanzhi.cli.options import add_collection, opened, typed
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import InputError
from xuanzhi.words import word

__all__ = ["add_arguments", "print_article", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("article", metavar="ARTICLE", help=word("help.select.article"))
    add_collection(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--version", metavar="N|SHA256", default="", help=word("help.archive.cat.version"))
    which.add_argument("--capture", metavar="N|ID", default="", help=word("help.archive.cat.capture"))
    what = parser.add_argument_group(word("help.group.what")).add_mutually_exclusive_group()
    for name in ("raw", "http", "ledger", "provenance"):
        what.add_argument(
            f"--{name}", action="store_const", const=name, dest="what", default="markdown",
            help=word(f"help.archive.cat.{name}"),
        )  # fmt: skip


def run(options: Namespace) -> int:
    """Print; return the exit code."""
    return print_article(options)


# `archive cat`: what is kept of an article, byte for byte on standard output.


def print_article(options: Namespace) -> int:
    """Write what is asked for. Raises InputError, NoSource, or what opening and selecting raise."""
    with opened(options) as holdings:
        shown = holdings.article_detail(typed(options.article))
        version, capture = _meant(shown, options)
        data = _data(holdings, options.what, version, capture)
    sys.stdout.buffer.write(data)
    return Exit.DONE


def _meant(shown: ArticleDetail, options: Namespace) -> tuple[Version | None, Capture]:
    """Return the version and the capture that are meant: by default the current version, and its latest capture."""
    if options.capture:
        capture = shown.capture(options.capture)
        return next((each for each in shown.versions if each.id == capture.version), None), capture
    if options.version:
        version: Version | None = shown.version(options.version)
    else:
        version = next((each for each in shown.versions if each.current), None)
    having = [each for each in shown.captures if version and each.version == version.id]
    return version, (having or shown.captures)[-1]


def _data(holdings: CollectionReader, what: str, version: Version | None, capture: Capture) -> bytes:
    if what == "raw":
        return content(holdings, capture.record)
    if what == "http":
        return message(holdings, capture.record)
    if what == "provenance":
        return _existing(holdings.provenance(capture), what)
    if version is None:
        raise InputError("no-text", state=capture.state)
    if what == "markdown":
        return holdings.record_at(version.record).block
    return _existing(holdings.ledger(version, capture), what)


def _existing(data: bytes | None, what: str) -> bytes:
    """Return what a record holds. Raises InputError where there is no such record."""
    if data is None:
        raise InputError("no-record", what=what)
    return data
