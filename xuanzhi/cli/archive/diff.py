"""`archive diff`: two versions of an article, or two files."""

import sys
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.catalogue.articles import Version
from archive.collection import content
from archive.collection.reader import CollectionReader
from archive.diff.ledger import by_ledger
from archive.diff.model import Difference
from archive.storage import write_atomically
from clean.ledger import Ledger, restore
from clean.source import decode
from xuanzhi.cli.options import add_collection, decode_argument
from xuanzhi.messages import N_, _, language
from xuanzhi.output.difference import ComparedText, Paint, compare_texts, difference_lines
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import InputError, UsageError
from xuanzhi.output.report import OutputOptions, Report, writable
from xuanzhi.output.terminal import readable_day

__all__ = ["DiffOptions", "add_arguments", "run"]

_FACTS = {
    "source": N_("source"),
    "first": N_("first fetched"),
    "last": N_("last fetched"),
    "sha256": N_("SHA-256"),
    "ruleset_sha256": N_("ruleset"),
    "software": N_("software"),
    "engine": N_("engine"),
}


@dataclass(frozen=True)
class DiffOptions:
    """Which two texts to compare, and how to show their difference."""

    article: str
    """Key, address or title; with `files` the first file."""
    old: str
    """Number or digest of a version; empty for the one before the last change; with `files` the second file."""
    new: str
    """Likewise; empty for the current one."""
    source: bool
    """Compare the text that cleaning read with its result."""
    files: bool
    """Compare two files instead of two versions."""
    inline: bool
    """As is usual: changes within their lines."""
    unified: bool
    """As a patch."""
    html: str
    """A file to write the difference to; empty for none."""
    exit_code: bool
    """A difference is an exit code of its own."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add what is compared, and how it is shown."""
    parser.add_argument(
        "article", metavar="ARTICLE", help=_("an address, a key, a Markdown file, or words from a title")
    )
    parser.add_argument(
        "old",
        metavar="A",
        nargs="?",
        default="",
        help=_("a version: its number, a day on which it was current, or the beginning of its sha256"),
    )
    parser.add_argument("new", metavar="B", nargs="?", default="", help=_("the version to compare with"))
    add_collection(parser)
    parser.add_argument(
        "--source",
        action="store_true",
        help=_(
            "compare the text before cleaning with version A (default: the current one), showing the "
            "rule behind each removal"
        ),
    )
    parser.add_argument("--files", action="store_true", help=_("compare two files, given in place of ARTICLE and A"))
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--inline", action="store_true", help=_("mark changes within the lines, fold unchanged lines (default)")
    )
    way.add_argument("--unified", action="store_true", help=_("the format that `patch` and `git apply` read"))
    way.add_argument(
        "--html", metavar="FILE", default="", help=_("write the comparison to a single HTML file, for sharing")
    )
    parser.add_argument("--exit-code", action="store_true", help=_("exit with 1 if they differ"))


def run(options: DiffOptions) -> int:
    """Compare two texts; return the exit code.

    Raises UsageError, InputError, and what opening the collection and selecting raise.
    """
    report = Report.of("archive", options.output)
    if options.files:
        if options.source or not options.old or options.new:
            raise UsageError(
                "two-files",
                _("--files takes exactly two files and nothing else"),
                _("archive diff --files OLD.md NEW.md"),
            )
        title, (old, new) = f"{options.article} → {options.old}", (_file(options.article), _file(options.old))
        difference = compare_texts(old, new)
    else:
        title, old, new, difference = _versions(options)
    _report(options, report, title, old, new, difference)
    return Exit.DIFFERENT if difference and options.exit_code else Exit.DONE


def _report(
    options: DiffOptions, report: Report, title: str, old: ComparedText, new: ComparedText, difference: Difference
) -> None:
    if options.html:
        write_atomically(Path(options.html), _page(old, new, difference, title).encode())
    if options.output.as_json:
        from archive.diff.summary import as_json

        sides = {side: {"name": each.name, **each.facts} for side, each in (("old", old), ("new", new))}
        only_engine = _differ_by_engine(old.ledger, new.ledger)
        report.event(event="difference", title=title, **sides, only_engine=only_engine, **as_json(difference))
    elif options.html:
        report.say(options.html)
    else:
        for line in difference_lines(old, new, difference, Paint(sys.stdout), as_patch=options.unified):
            print(writable(line, sys.stdout))
        if not difference:
            report.note(f"archive: {_('the two texts are the same')}")
        elif _differ_by_engine(old.ledger, new.ledger):
            report.note(f"archive: {_engines_differ(old, new)}")


def _differ_by_engine(old: Ledger | None, new: Ledger | None) -> bool:
    """Whether two texts come from one source, and nothing but the engine of their cleanings differs."""
    if old is None or new is None or old.engine == new.engine:
        return False
    made = (new.source_sha256, new.ruleset_sha256, new.software)
    return (old.source_sha256, old.ruleset_sha256, old.software) == made


def _engines_differ(old: ComparedText, new: ComparedText) -> str:
    """Say that nothing but the engine differs, and in which versions, as far as they were noted."""
    before, after = old.facts.get("engine_versions", {}), new.facts.get("engine_versions", {})
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    parts = [f"{name} {before.get(name, '–')} → {after.get(name, '–')}" for name in names]
    if not before or not after:
        parts = [_("nobody noted in which versions")]
    return _(
        "both were made from the same source by the same rules and software; only the engine differs ({parts})",
        parts=_(", ").join(parts),
    )


def _page(old: ComparedText, new: ComparedText, difference: Difference, title: str) -> str:
    """Return a difference as one HTML file."""
    from archive.diff.html import Side, as_html

    def side(text: ComparedText) -> Side:
        facts = [(_(_FACTS[key]), str(value)) for key, value in text.facts.items() if key in _FACTS]
        return Side(text.name, facts)

    return as_html(difference, title, side(old), side(new), _, "zh-CN" if language() == "zh" else "en")


def _file(path: str) -> ComparedText:
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError(
            "missing", _("no such file"), _("Check the path; put patterns in quotes if the shell expands them.")
        ) from None
    except IsADirectoryError:
        raise InputError(
            "directory", _("this is a folder"), _("Name the files in it: '{pattern}'", pattern=f"{path}/*.md")
        ) from None
    except OSError as error:
        raise InputError(
            "unreadable", _("cannot be read: {reason}", reason=error.strerror or error), _("Check its permissions.")
        ) from error
    return ComparedText(path, decode(data).text)


def _versions(options: DiffOptions) -> tuple[str, ComparedText, ComparedText, Difference]:
    with CollectionReader.open(options.collection) as collection:
        shown = collection.article_detail(decode_argument(options.article))
        before, current = content.last_change(collection, shown)
        if options.source:
            if options.new:
                raise UsageError(
                    "together",
                    _("{one} and {other} cannot be used together", one="--source", other="B"),
                    _("Run the command once with each."),
                )
            version = content.version_named(shown, options.old) if options.old else current
            return shown.row.title, *_source(collection, version)
        if options.old:
            before = content.version_named(shown, options.old)
            current = content.version_named(shown, options.new) if options.new else current
        old, new = (_version(collection, each) for each in (before, current))
        if old.text != new.text:  # the digest of each image is in a record of its own
            old = old._replace(payloads=content.payloads_of(collection, before))
            new = new._replace(payloads=content.payloads_of(collection, current))
        return shown.row.title, old, new, compare_texts(old, new)


def _version(collection: CollectionReader, version: Version) -> ComparedText:
    name = _("version {number}", number=version.number)
    facts: dict[str, Any] = {
        "number": version.number,
        "first": version.first,
        "last": version.last,
        "sha256": version.clean_sha256,
        "ruleset_sha256": version.ruleset_sha256,
        "software": version.software,
    }
    ledger = content.ledger_of(collection, version)
    if ledger is not None and ledger.engine:
        facts["engine"] = ledger.engine
        facts["engine_versions"] = content.engine_versions(collection, version, ledger.engine)
    return ComparedText(
        f"{name} ({readable_day(version.first)})" if version.first else name,
        content.version_text(collection, version),
        facts,
        ledger,
    )


def _source(collection: CollectionReader, version: Version) -> tuple[ComparedText, ComparedText, Difference]:
    """The text that cleaning read, against the version that it gave: the ledger is the difference."""
    new = _version(collection, version)
    if new.ledger is None:
        raise UsageError("no-ledger", _("version {number} has no ledger", number=version.number))
    old = ComparedText(_("source"), restore(new.text, new.ledger), {"sha256": new.ledger.source_sha256})
    return old, new, by_ledger(old.text, new.ledger.entries)
