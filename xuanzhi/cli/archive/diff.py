"""`archive diff`: two versions of an article, or two files."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from archive.catalogue.articles import Version
from archive.collection import content
from archive.collection.reader import CollectionReader
from archive.diff.compare import compare
from archive.diff.ledger import by_ledger, removed_lines, with_rules
from archive.diff.model import Difference
from archive.storage import write_atomically
from clean.ledger import Ledger, restore
from clean.source import decode
from xuanzhi.cli.options import add_collection, opened, typed
from xuanzhi.output.difference import Paint, inline, unified
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import InputError, UsageError
from xuanzhi.output.report import Report, writable
from xuanzhi.words import language, word

__all__ = ["ComparedText", "add_arguments", "compare_versions", "compared", "lines", "page", "run"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add what is compared, and how it is shown."""
    parser.add_argument("article", metavar="ARTICLE", help=word("help.select.article"))
    parser.add_argument("old", metavar="A", nargs="?", default="", help=word("help.archive.diff.version"))
    parser.add_argument("new", metavar="B", nargs="?", default="", help=word("help.archive.diff.second"))
    add_collection(parser)
    parser.add_argument("--source", action="store_true", help=word("help.archive.diff.source"))
    parser.add_argument("--files", action="store_true", help=word("help.archive.diff.files"))
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--inline", action="store_true", help=word("help.archive.diff.inline"))
    way.add_argument("--unified", action="store_true", help=word("help.archive.diff.unified"))
    way.add_argument("--html", metavar="FILE", default="", help=word("help.archive.diff.html"))
    parser.add_argument("--exit-code", action="store_true", help=word("help.archive.diff.exit-code"))


def run(options: Namespace) -> int:
    """Compare; return the exit code."""
    return compare_versions(options)


# `archive diff`: which two texts are meant, and their difference in the form that is asked for.


class ComparedText(NamedTuple):
    """One of the two texts that are compared."""

    name: str
    """What it is called to people: a file, or a version's number and day."""
    text: str
    facts: Mapping[str, Any] = {}
    """What else is said of it, by the keys of `--json`."""
    ledger: Ledger | None = None
    """Of the cleaning that gave it, where it is known: rules then explain what it lacks."""
    payloads: Mapping[str, str] = {}
    """The sha256 of its images, by address, as far as they are known."""


def compared(old: ComparedText, new: ComparedText) -> Difference:
    """Return the difference of two clean texts; what a ledger of either has is explained by its rule."""
    found = compare(old.text, new.text, old_payloads=old.payloads, new_payloads=new.payloads)
    if old.ledger is None and new.ledger is None:
        return found
    removed, restored = (removed_lines(each.ledger) if each.ledger else {} for each in (new, old))
    return with_rules(found, removed, restored)


def lines(
    old: ComparedText, new: ComparedText, difference: Difference, paint: Paint, *, as_patch: bool = False
) -> Iterator[str]:
    """Yield a difference ready to print, with the texts' names above; nothing where there is none."""
    if not difference:
        return
    if as_patch:
        yield from unified(old.text, new.text, old.name, new.name, paint)
        return
    yield paint.quiet(f"── {old.name} → {new.name} ──")
    yield from inline(difference, paint)


def page(old: ComparedText, new: ComparedText, difference: Difference, title: str) -> str:
    """Return a difference as one HTML file."""
    from archive.diff.html import Side, as_html

    def side(text: ComparedText) -> Side:
        facts = [(word(f"version.{key}"), str(value)) for key, value in text.facts.items() if key != "number"]
        return Side(text.name, facts)

    return as_html(difference, title, side(old), side(new), word, "zh-CN" if language() == "zh" else "en")


def compare_versions(options: Namespace) -> int:
    """Compare what the options name; return the exit code."""
    report = Report.of("archive", options)
    if options.files:
        if options.source or not options.old or options.new:
            raise UsageError("two-files")
        title, (old, new) = f"{options.article} → {options.old}", (_file(options.article), _file(options.old))
        difference = compared(old, new)
    else:
        title, old, new, difference = _of_article(options)
    _tell(options, report, title, old, new, difference)
    return Exit.DIFFERENT if difference and options.exit_code else Exit.DONE


def _tell(
    options: Namespace, report: Report, title: str, old: ComparedText, new: ComparedText, difference: Difference
) -> None:
    if options.html:
        write_atomically(Path(options.html), page(old, new, difference, title).encode())
    if options.json:
        from archive.diff.summary import as_json

        sides = {side: {"name": each.name, **each.facts} for side, each in (("old", old), ("new", new))}
        report.event(event="difference", title=title, **sides, **as_json(difference))
    elif options.html:
        report.say(options.html)
    else:
        for line in lines(old, new, difference, Paint(sys.stdout), as_patch=options.unified):
            print(writable(line, sys.stdout))
        if not difference:
            report.note(f"archive: {word('diff.equal')}")


def _file(path: str) -> ComparedText:
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError("missing") from None
    except IsADirectoryError:
        raise InputError("directory", pattern=f"{path}/*.md") from None
    except OSError as error:
        raise InputError("unreadable", reason=error.strerror or error) from error
    return ComparedText(path, decode(data).text)


def _of_article(options: Namespace) -> tuple[str, ComparedText, ComparedText, Difference]:
    with opened(options) as holdings:
        shown = holdings.article_detail(typed(options.article))
        before, current = content.last_change(holdings, shown)
        if options.source:
            if options.new:
                raise UsageError("together", one="--source", other="B")
            version = content.version_named(shown, options.old) if options.old else current
            return shown.row.title, *_source(holdings, version)
        if options.old:
            before = content.version_named(shown, options.old)
            current = content.version_named(shown, options.new) if options.new else current
        old, new = (_version(holdings, each) for each in (before, current))
        if old.text != new.text:  # the digest of each image is in a record of its own
            old = old._replace(payloads=content.payloads_of(holdings, before))
            new = new._replace(payloads=content.payloads_of(holdings, current))
        return shown.row.title, old, new, compared(old, new)


def _version(holdings: CollectionReader, version: Version) -> ComparedText:
    name = word("version.name", number=version.number)
    facts = {
        "number": version.number,
        "first": version.first,
        "last": version.last,
        "sha256": version.clean_sha256,
        "ruleset_sha256": version.ruleset_sha256,
        "software": version.software,
    }
    return ComparedText(
        f"{name} ({version.first[:10]})" if version.first else name,
        content.version_text(holdings, version),
        facts,
        content.ledger_of(holdings, version),
    )


def _source(holdings: CollectionReader, version: Version) -> tuple[ComparedText, ComparedText, Difference]:
    """The text that cleaning read, against the version that it gave: the ledger is the difference."""
    new = _version(holdings, version)
    if new.ledger is None:
        raise UsageError("no-ledger", number=version.number)
    old = ComparedText(word("version.source"), restore(new.text, new.ledger), {"sha256": new.ledger.source_sha256})
    return old, new, by_ledger(old.text, new.ledger.entries)
