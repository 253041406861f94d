"""`archive export`: a collection, or some of it, in a format that others read; and whether an export is whole."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from archive.collection.reader import CollectionReader
from archive.export.selection import ExportSelection, choose
from xuanzhi.cli.options import SelectionOptions, add_collection, add_selection
from xuanzhi.messages import N_, _
from xuanzhi.output.exits import Exit
from xuanzhi.output.failures import UsageError
from xuanzhi.output.report import OutputOptions, Report
from xuanzhi.output.terminal import Progress, megabytes

if TYPE_CHECKING:
    from archive.export.package import ManifestFault

__all__ = ["FORMATS", "ExportOptions", "add_arguments", "run"]

_SUMMARIES = {
    "wacz": N_("{path}: captured responses: {count:,}, articles: {articles:,}"),
    "cdxj": N_("{path}: captured responses: {count:,}, articles: {articles:,}"),
    "bagit": N_("{path}: files: {count:,}, articles: {articles:,}"),
    "ro-crate": N_("{path}: files: {count:,}, articles: {articles:,}"),
    "markdown": N_("{path}: articles: {articles:,}, files written: {count:,}"),
}

_FAULTS = {
    "missing": N_("missing"),
    "differs": N_("does not match its digest"),
    "unlisted": N_("not listed in any manifest"),
    "compressed": N_("compressed again, so single records cannot be read"),
    "not-a-wacz": N_("not a WACZ file"),
    "manifest-differs": N_("the manifest does not match its digest"),
    "signature-wrong": N_("the signature does not match this manifest"),
    "signature-unknown": N_("signed, but not anonymously; this kind of signature cannot be checked here"),
}

FORMATS = ("wacz", "cdxj", "bagit", "ro-crate", "markdown")

Advance = Callable[[int], None]
"""Takes a number of bytes that are done."""


class _ExportResult(NamedTuple):
    """What an export came to."""

    number: int
    """Of captures in an index or a WACZ, of files in the others."""
    skipped: tuple[str, ...] = ()
    """Files that stay as they are, because somebody else wrote or changed them."""


@dataclass(frozen=True)
class ExportOptions:
    """What to export, in which format, to where; or which export to check."""

    format: str
    """One of `FORMATS`."""
    out: str
    """The file or folder that is written, or checked."""
    selection: SelectionOptions
    force: bool
    """Overwrite what is there."""
    sign: str
    """File of the key that signs a WACZ; empty for none."""
    new_key: bool
    """Make the key."""
    check: bool
    """Check an export instead."""
    collection: Path
    output: OutputOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("format", choices=FORMATS, metavar="FORMAT", help=_("wacz, cdxj, bagit, ro-crate or markdown"))
    parser.add_argument("out", metavar="OUT", help=_("the file or folder to write"))
    add_collection(parser)
    add_selection(parser)
    how = parser.add_argument_group(_("processing"))
    how.add_argument(
        "--force",
        action="store_true",
        help=_("replace an older export in the same format; with markdown, also overwrite files changed by others"),
    )
    how.add_argument("--sign", metavar="KEY", default="", help=_("sign a WACZ file with this private key"))
    how.add_argument("--new-key", action="store_true", help=_("create that key first; the file must not exist yet"))
    how.add_argument(
        "--check",
        action="store_true",
        help=_("write nothing: check whether the export OUT is complete; exit code 1 if it is not"),
    )


def run(options: ExportOptions) -> int:
    """Export, or check an export; return the exit code. Raises what writing and checking raise."""
    return _check(options) if options.check else _export(options)


def _export(options: ExportOptions) -> int:
    """Write an export. Raises UsageError, and what the exports of `archive.export` raise."""
    report = Report.of("archive", options.output)
    if (options.sign or options.new_key) and options.format != "wacz":
        raise UsageError("sign-wacz-only", _("only a WACZ file can be signed, not {format}", format=options.format))
    if options.new_key and not options.sign:
        raise UsageError(
            "new-key-where",
            _("--new-key needs to know where to write the key"),
            _("Name the file: --sign KEY.pem --new-key"),
        )
    with CollectionReader.open(options.collection) as collection:
        chosen = choose(collection, options.selection.to_selection())
        total = collection.committed_bytes()
        with Progress(total // 1_000_000, enabled=options.output.shows_progress, unit="megabytes") as progress:
            result = _WRITERS[options.format](chosen, options, megabytes(progress))
        articles = len(chosen.articles)
    report.done += 1
    if options.output.as_json:
        report.event(
            event="exported", format=options.format, output=options.out, articles=articles, count=result.number,
            kept=list(result.skipped),
        )  # fmt: skip
    report.say(_(_SUMMARIES[options.format], articles=articles, count=result.number, path=options.out))
    for path in result.skipped:
        report.warn(
            path,
            0,
            _("written or changed by someone else; left as it is"),
            _("Move it away, or overwrite it with --force."),
        )
    return report.exit_code()


def _wacz(chosen: ExportSelection, options: ExportOptions, advance: Advance) -> _ExportResult:
    from archive.export.signature import Signer, new_key
    from archive.export.wacz import export_wacz

    if options.new_key:
        new_key(Path(options.sign))
    signer = Signer(Path(options.sign)) if options.sign else None
    return _ExportResult(export_wacz(chosen, Path(options.out), force=options.force, signer=signer, advance=advance))


def _cdxj(chosen: ExportSelection, options: ExportOptions, advance: Advance) -> _ExportResult:
    from archive.export.cdxj import export_cdxj

    return _ExportResult(export_cdxj(chosen, Path(options.out), force=options.force, advance=advance))


def _bagit(chosen: ExportSelection, options: ExportOptions, advance: Advance) -> _ExportResult:
    from archive.export.bagit import export_bagit

    return _ExportResult(export_bagit(chosen, Path(options.out), force=options.force, advance=advance))


def _ro_crate(chosen: ExportSelection, options: ExportOptions, advance: Advance) -> _ExportResult:
    from archive.export.ro_crate import export_ro_crate

    return _ExportResult(export_ro_crate(chosen, Path(options.out), force=options.force, advance=advance))


def _markdown(chosen: ExportSelection, options: ExportOptions, advance: Advance) -> _ExportResult:
    from archive.export.markdown import export_markdown

    tree = export_markdown(chosen, Path(options.out), force=options.force, advance=advance)
    return _ExportResult(tree.written, tree.foreign)


_WRITERS: dict[str, Callable[[ExportSelection, ExportOptions, Advance], _ExportResult]] = {
    "wacz": _wacz,
    "cdxj": _cdxj,
    "bagit": _bagit,
    "ro-crate": _ro_crate,
    "markdown": _markdown,
}


def _check(options: ExportOptions) -> int:
    """Check an export and report its faults; the exit code tells whether it is whole.

    Raises UsageError for a format that has no digests or a path where nothing is, MissingLibrary or StorageError.
    """
    report = Report.of("archive", options.output)
    path, key = Path(options.out), ""
    if not path.exists():
        raise UsageError("nothing-to-check", _("{path} does not exist", path=path))
    faults: Iterable[ManifestFault]
    if options.format == "wacz":
        from archive.export.wacz import check_wacz

        faults, key = check_wacz(path)
    elif options.format == "bagit":
        from archive.export.bagit import check_bagit

        faults = check_bagit(path)
    elif options.format == "markdown":
        from archive.export.markdown import check_markdown

        faults = check_markdown(path)
    else:
        raise UsageError(
            "no-digests",
            _("an export in the format {format} has no digests to check", format=options.format),
            _("wacz, bagit and markdown have digests; `archive verify` verifies the collection."),
        )
    for fault in faults:
        report.different += 1
        if options.output.as_json:
            report.event(event="fault", path=fault.path, code=fault.code, message=_(_FAULTS[fault.code]))
        else:
            report.problem(N_("error"), fault.path, 0, _(_FAULTS[fault.code]), "")
    if options.output.as_json:
        report.event(event="checked", file=options.out, whole=not report.different, public_key=key or None)
    if not report.different:
        report.say(_("{path} is complete: every file matches its digest", path=path))
        if options.format == "wacz":
            report.say(
                _(
                    "signed with the key {public_key}\n  compare it with the key that the sender gave you",
                    public_key=key,
                )
                if key
                else _("not signed")
            )
    return Exit.DIFFERENT if report.different else Exit.DONE
