"""`archive diff`: which two texts are meant, and their difference in the form that is asked for."""

import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from archive import versions
from archive.diff.engine import compare
from archive.diff.model import Difference
from archive.diff.ruled import by_ledger, removed_lines, with_rules
from archive.files import write_atomically
from archive.selection import find
from clean.ledger import Ledger, restore
from clean.source import decode
from xuanzhi.difference import Paint, inline, unified
from xuanzhi.errors import InputError, UsageError
from xuanzhi.exits import Exit
from xuanzhi.report import Report, writable
from xuanzhi.selecting import collection_path
from xuanzhi.words import language, word

if TYPE_CHECKING:
    from archive.collection import Collection

__all__ = ["Text", "compare_versions", "compared", "lines", "page"]


class Text(NamedTuple):
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


def compared(old: Text, new: Text) -> Difference:
    """Return the difference of two clean texts; what a ledger of either has is explained by its rule."""
    found = compare(old.text, new.text, old_payloads=old.payloads, new_payloads=new.payloads)
    if old.ledger is None and new.ledger is None:
        return found
    removed, restored = (removed_lines(each.ledger) if each.ledger else {} for each in (new, old))
    return with_rules(found, removed, restored)


def lines(old: Text, new: Text, difference: Difference, paint: Paint, *, as_patch: bool = False) -> Iterator[str]:
    """Yield a difference ready to print, with the texts' names above; nothing where there is none."""
    if not difference:
        return
    if as_patch:
        yield from unified(old.text, new.text, old.name, new.name, paint)
        return
    yield paint.quiet(f"── {old.name} → {new.name} ──")
    yield from inline(difference, paint)


def page(old: Text, new: Text, difference: Difference, title: str) -> str:
    """Return a difference as one HTML file."""
    from archive.diff.as_html import Side, as_html

    def side(text: Text) -> Side:
        facts = [(word(f"version.{key}"), str(value)) for key, value in text.facts.items() if key != "number"]
        return Side(text.name, facts)

    return as_html(difference, title, side(old), side(new), word, "zh-CN" if language() == "zh" else "en")


def compare_versions(options: Namespace) -> int:
    """Compare what the options name; return the exit code."""
    report = Report("archive", as_json=options.json, quiet=options.quiet, debug=options.debug)
    if options.files:
        if options.source or not options.old or options.new:
            raise UsageError("two-files")
        title, (old, new) = f"{options.article} → {options.old}", (_file(options.article), _file(options.old))
        difference = compared(old, new)
    else:
        title, old, new, difference = _of_article(options, report)
    _tell(options, report, title, old, new, difference)
    return Exit.DIFFERENT if difference and options.exit_code else Exit.DONE


def _tell(options: Namespace, report: Report, title: str, old: Text, new: Text, difference: Difference) -> None:
    if options.html:
        write_atomically(Path(options.html), page(old, new, difference, title).encode())
    if options.json:
        from archive.diff.as_json import as_json

        sides = {side: {"name": each.name, **each.facts} for side, each in (("old", old), ("new", new))}
        report.event(event="difference", title=title, **sides, **as_json(difference))
    elif options.html:
        report.say(options.html)
    else:
        for line in lines(old, new, difference, Paint(sys.stdout), as_patch=options.unified):
            print(writable(line, sys.stdout))
        if not difference:
            report.note(f"archive: {word('diff.equal')}")


def _file(path: str) -> Text:
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError("missing") from None
    except IsADirectoryError:
        raise InputError("directory", pattern=f"{path}/*.md") from None
    except OSError as error:
        raise InputError("unreadable", reason=error.strerror or error) from error
    return Text(path, decode(data).text)


def _of_article(options: Namespace, report: Report) -> tuple[str, Text, Text, Difference]:
    from archive.collection import Collection

    with Collection.open(collection_path(options), create=False) as collection:
        article = find(collection.catalogue, options.article)
        (title,) = collection.catalogue.one("SELECT title FROM article WHERE id = ?", article)
        found = versions.versions(collection, article)
        if not found:
            raise UsageError("no-versions", article=options.article)
        if options.source:
            if options.new:
                raise UsageError("together", one="--source", other="B")
            version = versions.pick(found, options.old) if options.old else found[-1]
            return title, *_source(collection, version)
        names = [options.old, options.new] if options.new else [options.old]
        chosen = [versions.pick(found, name) for name in names if name]
        # One name means the version that came after it; none, the last two.
        if not chosen:
            chosen = found[-2:] if len(found) > 1 else found * 2
        elif len(chosen) == 1:
            chosen.append(found[min(chosen[0].number, len(found) - 1)])
        if len(found) == 1:
            report.note(f"archive: {word('diff.one-version')}")
        old, new = (_version(collection, each) for each in chosen)
        return title, old, new, compared(old, new)


def _version(collection: "Collection", version: versions.Version) -> Text:
    return Text(
        word("version.name", number=version.number, day=version.seen[0][:10]),
        versions.text_of(collection, version),
        _facts(version),
        versions.ledger_of(collection, version),
        versions.payloads_of(collection, version),
    )


def _facts(version: versions.Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "first_seen": version.seen[0],
        "last_seen": version.seen[-1],
        "sha256": version.clean_sha256,
        "ruleset_sha256": version.ruleset_sha256,
        "software": version.software,
    }


def _source(collection: "Collection", version: versions.Version) -> tuple[Text, Text, Difference]:
    """The text that cleaning read, against the version that it gave: the ledger is the difference."""
    ledger = versions.ledger_of(collection, version)
    if ledger is None:
        raise UsageError("no-ledger", number=version.number)
    new = _version(collection, version)
    old = Text(word("version.source"), restore(new.text, ledger), {"sha256": ledger.source_sha256})
    return old, new, by_ledger(old.text, ledger.entries)
